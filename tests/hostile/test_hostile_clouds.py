# SPDX-License-Identifier: Apache-2.0

"""Hostile clouds."""

from __future__ import annotations

import gzip
import itertools
import resource
import time
from collections.abc import Callable
from typing import Any

from tests.functional.base import Answer, FunctionalTest
from tests.hostile import cloud
from tests.hostile.attacks import attack
from tests.hostile.cloud import Handler, HostileCloud, Scenario

NEXT = {'rel': 'next', 'href': 'unused'}
SERVERS, VOLUMES = '/servers/detail', '/volumes/detail'
EXPORT = ('migrate', 'machine-type', 'export', '--source-cloud', 'src')
#: MB of memory that a command takes at most, whatever is answered.
MEMORY = 600


class HostileCloudTest(FunctionalTest):
    """The openstack command, against a cloud with a scenario."""

    def serve(self, scenario: Scenario, **options: Any) -> HostileCloud:
        """Return the cloud, which is served until the end of the test."""
        serving = cloud.serving(scenario, **options)
        served = serving.__enter__()
        self.addCleanup(serving.__exit__, None, None, None)
        self.configuration = served.configuration
        return served

    def export(self, code: int = 0) -> Answer:
        """Return what an export into a new manifest answers."""
        return self.openstack(*EXPORT, 'vms.yml', code=code)

    def refused(self) -> str:
        """Return in what line an export ends that writes nothing."""
        return self.nothing_written(self.export(code=1))

    def nothing_written(self, said: Answer) -> str:
        """Return the only line of an answer, which has to name the cloud."""
        self.assertEqual('', said.out)
        self.assertEqual([], list(self.directory.iterdir()))
        self.assertEqual(1, len(said.err.splitlines()), said.err)
        self.assertIn('cloud src: cannot ', said.err)
        return said.err.strip()


def answering(
    path: str, answer: Callable[[Handler], object], **options: Any
) -> Scenario:
    """Return the scenario in which one path is answered so."""

    def given(handler: Handler) -> bool:
        if not handler.is_for(path):
            return False
        answer(handler)
        return True

    return Scenario(answer=given, **options)


class RecordedTest(HostileCloudTest):
    def test_the_cloud_without_a_scenario_is_one_like_any_other(self) -> None:
        self.serve(Scenario())
        self.export()
        self.assertIn(
            'hw_machine_type: pc-i440fx-rhel7.6.0',
            (self.directory / 'vms.yml').read_text(),
        )


class ListingTest(HostileCloudTest):
    @attack(
        'a listing whose every page is the first one again',
        'the command stops and says that the listing repeats itself',
    )
    def test_a_listing_that_repeats_itself(self) -> None:
        first: dict[str, Any] = {}

        def repeat(_path: str, body: Any) -> Any:
            if 'servers' not in body:
                return body
            first.update({'servers_links': [NEXT], **body, **first})
            return first

        self.serve(Scenario(body=repeat))
        self.assertIn('the listing of servers repeats itself', self.refused())


class SlowTest(HostileCloudTest):
    """Each packet is soon enough, and all of them never end."""

    def _given_up(self, answer: Callable[[Handler], None]) -> None:
        self.serve(answering(SERVERS, answer, timeout=0.4))
        began = time.monotonic()
        said = self.refused()
        self.assertIn(
            'cannot list servers: the response was not complete after 2 s, 5 '
            'times api_timeout',
            said,
        )
        self.assertLess(time.monotonic() - began, 10)

    @attack(
        'a response that arrives in small pieces, each within api_timeout',
        'abandoned after five times api_timeout',
    )
    def test_a_body_in_drips(self) -> None:
        def drip(handler: Handler) -> None:
            handler.begin('Content-Length: 1000000')
            _for_ever(lambda: handler.write(' '))

        self._given_up(drip)

    @attack(
        'response headers that arrive in small pieces',
        'abandoned after five times api_timeout',
    )
    def test_headers_in_drips(self) -> None:
        def drip(handler: Handler) -> None:
            handler.write('HTTP/1.1 200 OK', 'X-Drip: ')
            _for_ever(lambda: handler.write('.'))

        self._given_up(drip)

    @attack(
        'an endless sequence of "100 Continue" without a response',
        'abandoned after five times api_timeout',
    )
    def test_a_storm_of_interim_answers(self) -> None:
        self._given_up(
            lambda handler: _for_ever(
                lambda: handler.write('HTTP/1.1 100 Continue', '', '')
            )
        )


class LargeTest(HostileCloudTest):
    """Answers that would fill the memory."""

    def _refused(self, answer: Callable[[Handler], None], why: str) -> None:
        self.serve(answering(VOLUMES, answer))
        said = self.end(self.start(*EXPORT, 'vms.yml'), 1)
        self.assertIn(
            f'cannot list volumes: {why}', self.nothing_written(said)
        )
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        self.assertLess(used, MEMORY, f'the command took {used} MB')

    @attack(
        'an endless response body',
        'abandoned at 64 MiB; the command uses less than 600 MB of memory',
    )
    def test_a_body_without_end(self) -> None:
        def answer(handler: Handler) -> None:
            handler.begin('Content-Type: application/json')
            for _number in itertools.count():
                handler.write('[' * (1 << 20))

        self._refused(answer, 'the response is larger than 64 MiB')

    @attack(
        'twenty million empty lists in one response',
        'refused before they are parsed: more than 4,000,000 values',
    )
    def test_a_body_of_many_values(self) -> None:
        def answer(handler: Handler) -> None:
            body = '[' + '[],' * 20_000_000 + '1]'
            handler.begin(f'Content-Length: {len(body)}')
            handler.write(body)

        self._refused(answer, 'the response has more than 4000000 values')

    @attack(
        'a response that is a gzip bomb, although no compression was '
        'requested',
        'refused unread: no response may be compressed',
    )
    def test_a_body_that_grows_a_thousandfold(self) -> None:
        bomb = gzip.compress(bytes(1 << 20)) * 1000

        def answer(handler: Handler) -> None:
            handler.begin('Content-Encoding: gzip')
            handler.wfile.write(bomb)

        self._refused(answer, 'the response is compressed, which was not')

    @attack(
        'lists nested a million levels deep',
        'refused as not a valid response',
    )
    def test_a_body_that_is_nested_too_deep(self) -> None:
        def answer(handler: Handler) -> None:
            handler.begin('Content-Type: application/json')
            handler.write('[' * 1_000_000)

        self._refused(answer, 'not a valid response: it is nested too deeply')


class RedirectTest(HostileCloudTest):
    """A second server, to which the first one sends what it is asked."""

    def setUp(self) -> None:
        super().setUp()
        self.other = self.serve(Scenario())

    def _redirected(self, path: str) -> str:
        def answer(handler: Handler) -> None:
            target = f'{self.other.address}{handler.path}'
            handler.send(307, {}, {'Location': target})

        self.serve(answering(path, answer))
        said = self.refused()
        self.assertEqual([], self.other.asked, 'it was sent elsewhere')
        self.assertIn(
            f'redirects to {self.other.address}, to which no token', said
        )
        return said

    @attack(
        'Nova redirects a request to another server',
        'refused, and the token is not sent there',
    )
    def test_a_token_is_not_sent_to_another_server(self) -> None:
        self.assertIn('cannot list servers', self._redirected(SERVERS))

    @attack(
        'Keystone redirects a login to another server',
        'refused, and the password is not sent there',
    )
    def test_a_password_is_not_sent_to_another_server(self) -> None:
        self.assertIn('cannot log in', self._redirected('/auth/tokens'))

    @attack(
        'Cinder redirects a request to another server',
        'refused, and the token is not sent there',
    )
    def test_a_token_of_cinders_client_stays_as_well(self) -> None:
        self.assertIn('cannot list volumes', self._redirected(VOLUMES))

    @attack(
        'a redirect to the same address, again and again',
        'abandoned after three of them',
    )
    def test_a_redirect_without_end(self) -> None:
        served = self.serve(
            answering(
                SERVERS,
                lambda handler: handler.send(
                    302, {}, {'Location': handler.url(handler.asked()[1])}
                ),
            )
        )
        self.assertIn('cannot list servers', self.refused())
        self.assertGreater(30, len(served.asked))


class HeadersTest(HostileCloudTest):
    @attack(
        'a Date header with the year 1 or 9999, or without a valid date',
        'treated as a cloud that does not send the time',
    )
    def test_a_clock_that_is_absurd(self) -> None:
        for date in (
            'Mon, 01 Jan 0001 00:00:00 GMT',
            'Fri, 31 Dec 9999 23:59:59 -2359',
            'Fri, 31 Dec 9999 23:59:59 GMT',
            '1e999',
        ):
            self.serve(Scenario(headers={'Date': date}))
            self.export()

    @attack(
        'a Retry-After of 30 years, of a negative time, or without a valid '
        'time',
        'waits longer than two minutes, and invalid ones, are ignored',
    )
    def test_a_retry_after_that_is_absurd(self) -> None:
        for asked in ('1000000000', '-5', 'Fri, 31 Dec 9999 23:59:59 GMT'):
            self.serve(
                answering(
                    SERVERS,
                    lambda handler, asked=asked: handler.send(  # type: ignore[misc]
                        503, {}, {'Retry-After': asked}
                    ),
                )
            )
            began = time.monotonic()
            self.assertIn('cannot list servers', self.refused())
            self.assertLess(time.monotonic() - began, 30)


def _for_ever(send: Callable[[], None]) -> None:
    while True:
        send()
        time.sleep(0.1)
