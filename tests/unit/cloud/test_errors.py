# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import requests

from osc_hwmt.cloud.errors import translated
from osc_hwmt.cloud.interface import Scope
from osc_hwmt.exceptions import CloudError
from tests.unit.support import cases, http

_HTML = '<html>\r\n<h1>502 Bad Gateway</h1>\x1b[31m\r\n</html>'
_REQUEST = {'x-openstack-request-id': 'req-7'}


class TranslationTestCase(http.CloudTestCase):
    """The same answers from Cinder and from Nova, through their clients."""

    def setUp(self) -> None:
        super().setUp()
        cloud = self.connect()
        storage, compute = cloud.block_storage, cloud.compute
        self.attempts: tuple[tuple[Callable[[], Any], str, str], ...] = (
            (
                lambda: storage.volumes(Scope()),
                f'{http.CINDER}/volumes/detail',
                'cannot list volumes',
            ),
            (
                lambda: compute.servers(Scope()),
                f'{http.NOVA}/servers/detail',
                'cannot list servers',
            ),
        )

    def each(self, **answer: Any) -> list[CloudError]:
        """Return how every service's failure with this answer is told."""
        errors = []
        for attempt, url, what in self.attempts:
            self.wire.get(url, **answer)
            error = self.expect(
                CloudError, self.assertRaises(CloudError, attempt)
            )
            self.assertIn(f'cloud dst: {what}', str(error))
            self.assertTrue(str(error).isprintable(), str(error))
            for secret in (http.TOKEN, http.PASSWORD):
                self.assertNotIn(secret, str(error))
            errors.append(error)
        return errors


class TranslationTest(TranslationTestCase):
    def test_a_password_in_an_address_is_left_out(self) -> None:
        message = 'ask http://admin:s3cret@proxy/ instead'
        for error in self.each(
            status_code=403, json={'forbidden': {'message': message}}
        ):
            self.assertIn('ask http://proxy/ instead', str(error))

    def test_json_that_is_nested_too_deep_is_not_asked_for_again(self) -> None:
        for error in self.each(text='[' * 200_000):
            self.assertIn('not a valid response', str(error))
            self.assertFalse(error.transient)
        self.assertEqual([], self.naps)

    def test_an_error_that_is_nested_too_deep_is_one_line(self) -> None:
        for error in self.each(status_code=400, text='[' * 200_000):
            self.assertEqual(1, len(str(error).splitlines()))

    def test_no_header_of_any_length_is_repeated(self) -> None:
        for error in self.each(
            status_code=404,
            json={'fault': {'message': 'x' * 100_000}},
            headers={'x-openstack-request-id': 'y' * 60_000},
        ):
            self.assertLess(len(str(error)), 1000)

    def test_every_status_is_one_line_with_code_and_request(self) -> None:
        for code in (400, 401, 403, 404, 409, 413, 429, 500, 503):
            body = {'fault': {'code': code, 'message': 'because\nof \x1b[0m'}}
            for error in self.each(
                status_code=code, json=body, headers=_REQUEST
            ):
                self.assertEqual(code, error.code)
                # cinderclient keeps neither the answer nor Cinder's header.
                self.assertEqual('req-7', error.request_id)
                self.assertIn(f'HTTP {code}, req-7', str(error))

    def test_the_services_own_words_are_kept_for_their_request(self) -> None:
        body = {'badRequest': {'code': 400, 'message': 'no such filter'}}
        for error in self.each(status_code=400, json=body, headers=_REQUEST):
            self.assertIn('no such filter', str(error))
        for error in self.each(exc=requests.exceptions.ReadTimeout('slow')):
            self.assertNotIn('no such filter', str(error))
            self.assertFalse(error.request_id)

    def test_a_request_id_reaches_no_terminal_raw(self) -> None:
        self.each(
            status_code=500,
            json={},
            headers={'x-openstack-request-id': 'req-\x1b[31m'},
        )

    def test_a_page_in_place_of_an_answer_is_a_cloud_error(self) -> None:
        # What a captive proxy sends: 200 and HTML.
        for error in self.each(
            status_code=200, text='<html>Please log in</html>'
        ):
            self.assertIn('not a valid response', str(error))

    def test_an_answer_of_another_shape_is_a_cloud_error(self) -> None:
        bodies: Any = ({}, [], None, {'volumes': None, 'servers': None})
        for body in bodies:
            self.each(status_code=200, json=body)

    def test_a_proxys_page_or_nothing_is_told_as_its_status(self) -> None:
        headers = {'Content-Type': 'text/html', **_REQUEST}
        for answer in ({'text': _HTML, 'headers': headers}, {}):
            for error in self.each(status_code=502, **answer):
                self.assertEqual(502, error.code)

    def test_a_long_page_is_cut(self) -> None:
        body = {'fault': {'code': 500, 'message': 'x' * 5000}}
        for error in self.each(status_code=500, json=body):
            self.assertLess(len(str(error)), 700)


class TransienceTest(TranslationTestCase):
    """What may well succeed next time."""

    def transient(self, **answer: Any) -> bool:
        first, second = self.each(**answer)
        self.assertEqual(first.transient, second.transient)
        return first.transient

    def test_codes_of_the_service_are_transient(self) -> None:
        for code in (401, 408, 429, 500, 502, 503, 504):
            self.assertTrue(self.transient(status_code=code, json={}), code)

    def test_a_refusal_is_not_transient(self) -> None:
        for code in (400, 403, 404, 405, 406, 409, 413, 501):
            self.assertFalse(self.transient(status_code=code, json={}), code)
        answer = {'status_code': 413, 'json': {}}
        self.assertTrue(self.transient(headers={'Retry-After': '3'}, **answer))

    def test_a_volume_that_is_being_copied_is_transient(self) -> None:
        for verb in ('Updating', 'Deleting'):
            for status, expected in (
                ('uploading', True),
                ('maintenance', True),
                ('deleting', False),
            ):
                text = (
                    f'Invalid volume: {verb} volume metadata is not allowed '
                    f'for volumes in {status} status.'
                )
                body = {'badRequest': {'code': 400, 'message': text}}
                self.assertEqual(
                    expected, self.transient(status_code=400, json=body)
                )

    def test_no_answer_and_half_an_answer_are_transient(self) -> None:
        for answer in (
            {'exc': requests.exceptions.ConnectionError('refused')},
            {'exc': requests.exceptions.ReadTimeout('slow')},
            {'exc': requests.exceptions.ChunkedEncodingError('cut')},
            {'exc': requests.exceptions.SSLError('EOF in violation')},
            {'text': '{"volumes": [{"id": "7'},
        ):
            for error in self.each(**answer):
                self.assertTrue(error.transient, answer)
                self.assertIsNone(error.code, answer)

    def test_a_certificate_that_is_not_trusted_is_not_transient(self) -> None:
        fault = requests.exceptions.SSLError(
            '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed'
        )
        self.assertFalse(self.transient(exc=fault))

    def test_a_service_may_say_how_long(self) -> None:
        for written, seconds in (
            ('17', 17.0),
            ('Tue, 24 Nov 2026 12:00:30 GMT', 30.0),
            ('Tue, 24 Nov 2026 11:00:00 GMT', 0.0),
            ('soon', None),
            ('-1', None),
            ('', None),
        ):
            headers = {
                'Retry-After': written,
                'Date': 'Tue, 24 Nov 2026 12:00:00 GMT',
            }
            for error in self.each(status_code=503, json={}, headers=headers):
                self.assertEqual(seconds, error.retry_after, written)

    def test_a_proxys_form_of_a_body_keeps_its_code(self) -> None:
        self.assertTrue(self.transient(status_code=503, json={'error': 'x'}))
        self.assertFalse(self.transient(status_code=403, json={'error': 'x'}))


class TranslatedTest(cases.TestCase):
    def test_what_is_no_clients_error_is_not_hidden(self) -> None:
        def fail() -> None:
            with translated('dst', 'list'):
                raise ZeroDivisionError

        self.assertRaises(ZeroDivisionError, fail)

    def test_an_assertion_of_the_session_is_a_cloud_error(self) -> None:
        def fail() -> None:
            with translated('dst', 'list'):
                raise AssertionError

        error = self.assertRaises(CloudError, fail)
        self.assertIn('AssertionError', str(error))
        self.assertIsInstance(error.__cause__, AssertionError)
