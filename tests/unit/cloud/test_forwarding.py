# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.cloud.forwarding import Addresses, Service, root
from osc_hwmt.exceptions import CloudError
from tests.unit.support import cases
from tests.unit.support.service import RecordingService

OWN = 'http://127.0.0.1:8790'


class RootTest(cases.TestCase):
    def test_version_and_project_are_no_part_of_a_root(self) -> None:
        for address in (
            'https://nova.test:8774/v2.1',
            'https://nova.test:8774/v2.1/',
            'https://nova.test:8774/v2.1/0123abcd',
            'https://nova.test:8774/v2/%(tenant_id)s',
            'https://nova.test:8774',
            'https://nova.test:8774/',
        ):
            self.assertEqual('https://nova.test:8774', root(address), address)
        self.assertEqual('http://h/compute', root('http://h/compute/v2.1'))


class AddressesTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.addresses = Addresses(
            {
                'https://api.test': f'{OWN}/compute',
                'https://api.test/identity': f'{OWN}/identity',
                'https://nova.internal:8774': f'{OWN}/compute',
            }
        )

    def test_links_are_those_of_the_gate_in_both_schemes(self) -> None:
        for before, after in (
            (b'{"href": "https://api.test/v2.1/x"}', b'/compute/v2.1/x'),
            (b'{"href": "http://api.test/v2.1/x"}', b'/compute/v2.1/x'),
            (b'{"url":"https://nova.internal:8774/v2.1"}', b'/compute/v2.1'),
            (b'{"self": "https://api.test/identity/v3"}', b'/identity/v3'),
            (b'{"next": "https://api.test?marker=1"}', b'/compute?marker=1'),
            (b'{"href": "https://api.test"}', b'/compute'),
        ):
            found = self.addresses.body(before)
            self.assertIn(b'"' + OWN.encode() + after + b'"', found)

    def test_everything_else_stays(self) -> None:
        for text in (
            b'{"href": "https://api.test:9696/v2.0"}',
            b'{"href": "https://api.test.evil/v2.1"}',
            b'{"description": "https://api.test/v2.1"}',
            b'{"url": "https://glance.test"}',
            b'',
        ):
            self.assertEqual(text, self.addresses.body(text))

    def test_an_address_in_a_header_is_replaced(self) -> None:
        for before, after in (
            (
                'http://api.test/v2.1/servers/1',
                f'{OWN}/compute/v2.1/servers/1',
            ),
            ('https://api.test', f'{OWN}/compute'),
            ('https://other.test/a', 'https://other.test/a'),
            ('/v2.1/', '/v2.1/'),
        ):
            self.assertEqual(after, self.addresses.header(before))


class ServiceTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.remote = RecordingService(self)

    def service(self, path: str = '') -> Service:
        return Service(f'{self.remote.url}{path}', True, None, 4, 5.0)

    def test_a_request_is_handed_on_as_it_is(self) -> None:
        self.remote.status = 202
        self.remote.headers['X-Openstack-Request-Id'] = 'req-1'
        self.remote.body = b'{"a": 1}'
        got = self.service('/compute').send(
            'POST',
            '/v2.1/servers?a=%20b',
            {
                'X-Auth-Token': 'token',
                'Connection': 'close, X-Hop',
                'X-Hop': 'one',
                'Host': '127.0.0.1:8790',
                'Transfer-Encoding': 'chunked',
                'Accept-Encoding': 'gzip',
            },
            b'{"server": {}}',
        )
        self.assertEqual((202, b'{"a": 1}'), (got.status, got.body))
        self.assertIn(('X-Openstack-Request-Id', 'req-1'), got.headers)
        self.assertNotIn(
            'content-length', [name.lower() for name, _value in got.headers]
        )
        (asked,) = self.remote.asked
        self.assertEqual('/compute/v2.1/servers?a=%20b', asked.path)
        self.assertEqual(b'{"server": {}}', asked.body)
        self.assertEqual('token', asked.headers['X-Auth-Token'])
        self.assertEqual('identity', asked.headers['Accept-Encoding'])
        self.assertIn(asked.headers['Host'], self.remote.url)
        for name in ('X-Hop', 'Transfer-Encoding'):
            self.assertNotIn(name, asked.headers)

    def test_a_redirect_is_the_clients_to_follow(self) -> None:
        self.remote.status = 302
        self.remote.headers['Location'] = 'http://other.test/'
        got = self.service().send('GET', '/', {}, b'')
        self.assertEqual(302, got.status)
        self.assertEqual(1, len(self.remote.asked))

    def test_a_service_that_does_not_answer_is_told_and_asked_once(
        self,
    ) -> None:
        nobody = Service('http://127.0.0.1:1', True, None, 4, 5.0)
        error = self.assertRaises(CloudError, nobody.send, 'GET', '/', {}, b'')
        self.assertIn('http://127.0.0.1:1: cannot be reached', str(error))
        self.assertIn('Connection refused', str(error))
        self.assertTrue(error.transient)
