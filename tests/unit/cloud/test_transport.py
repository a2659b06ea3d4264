# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import requests
from keystoneauth1 import exceptions, session

from osc_hwmt.cloud import transport
from osc_hwmt.cloud.interface import Scope
from osc_hwmt.cloud.transport import RefusedError
from osc_hwmt.exceptions import CloudError
from tests.unit.support import cases, http

HEAD = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'


class AnswerTest(cases.TestCase):
    """Answers as they come out of a socket."""

    def ask(
        self, send: Callable[[socket.socket], None], silence: float = 5.0
    ) -> requests.Response:
        """Return the answer that a server sends on its connection."""
        with _served(send) as url:
            opened = session.Session(timeout=silence)
            transport.bound(opened, 1)
            return opened.get(url)

    def test_an_answer_within_the_bounds_is_what_was_sent(self) -> None:
        body = b'{"a": [1, 2]}'
        found = self.ask(lambda client: client.sendall(_whole(body)))
        self.assertEqual({'a': [1, 2]}, found.json())

    def test_an_answer_may_be_as_large_as_the_bound(self) -> None:
        whole = _whole(b'"aaaaaaaaaaa"')
        self.replace('osc_hwmt.cloud.transport.ANSWER_BYTES', len(whole))
        self.ask(lambda client: client.sendall(whole))
        error = self.assertRaises(
            RefusedError,
            self.ask,
            lambda client: client.sendall(_whole(b'"aaaaaaaaaaaa"')),
        )
        self.assertIn('the response is larger than', str(error))

    def test_an_answer_may_take_longer_than_one_silence(self) -> None:
        def slow(client: socket.socket) -> None:
            client.sendall(HEAD + b'Content-Length: 8\r\n\r\n')
            for _number in range(8):
                time.sleep(0.1)
                client.sendall(b' ')

        self.assertEqual(8, len(self.ask(slow, 0.5).content))

    def test_an_answer_may_not_take_longer_than_the_bound(self) -> None:
        def endless(client: socket.socket) -> None:
            client.sendall(HEAD + b'Content-Length: 8000\r\n\r\n')
            while True:
                time.sleep(0.02)
                client.sendall(b' ')

        began = time.monotonic()
        error = self.assertRaises(RefusedError, self.ask, endless, 0.1)
        self.assertIn('0.5 s, 5 times api_timeout', str(error))
        self.assertLess(time.monotonic() - began, 3)

    def test_a_server_that_is_silent_is_given_up_as_before(self) -> None:
        self.assertRaises(
            exceptions.ConnectTimeout,
            self.ask,
            lambda client: time.sleep(1),
            0.1,
        )

    def test_an_answer_of_too_many_values_is_refused(self) -> None:
        self.replace('osc_hwmt.cloud.transport.ANSWER_VALUES', 4)
        self.ask(lambda client: client.sendall(_whole(b'[[],[1]]')))
        error = self.assertRaises(
            RefusedError,
            self.ask,
            lambda client: client.sendall(_whole(b'[[],[1,2]]')),
        )
        self.assertIn('more than 4 values', str(error))

    def test_no_compression_is_asked_for_or_taken(self) -> None:
        asked: list[bytes] = []

        def answer(client: socket.socket) -> None:
            asked.append(client.recv(1 << 16))
            client.sendall(_whole(b'x', b'Content-Encoding: br\r\n'))

        error = self.assertRaises(RefusedError, self.ask, answer)
        self.assertIn('compressed, which was not requested: br', str(error))
        self.assertIn(b'Accept-Encoding: identity\r\n', asked[0])

    def test_the_way_through_a_proxy_is_bounded_as_well(self) -> None:
        adapter = transport.BoundedAdapter()
        self.assertEqual(
            adapter.poolmanager.pool_classes_by_scheme,
            adapter.proxy_manager_for(
                'http://proxy.test:3128'
            ).pool_classes_by_scheme,
        )


class RedirectTest(http.CloudTestCase):
    def redirected(self, target: str) -> str:
        """Return what is said of a redirect of Nova's list of servers."""
        self.wire.get(
            f'{http.NOVA}/servers/detail',
            status_code=302,
            headers={'Location': target},
        )
        compute = self.connect().compute
        return str(self.assertRaises(CloudError, compute.servers, Scope()))

    def test_another_server_is_never_sent_a_token(self) -> None:
        for target in (
            'http://evil.test/v2.1/servers/detail',
            'http://nova.test:8774/v2.1/servers/detail',
            'https://nova.test/v2.1/servers/detail',
            '//evil.test/',
            'http://nova.test@evil.test/',
        ):
            said = self.redirected(target)
            self.assertIn('cannot list servers: http://nova.test:80', said)
            self.assertIn('to which no token is sent', said)
            self.assertNotIn('evil.test', self.hosts())
            self.assertEqual([], self.naps, 'it was tried again')

    def test_the_same_server_may_send_to_another_path(self) -> None:
        moved = 'http://nova.test:80/v2.1/moved'
        self.wire.get(moved, json={'servers': []})
        self.wire.get(
            f'{http.NOVA}/servers/detail',
            status_code=302,
            headers={'Location': moved},
        )
        self.assertEqual((), self.connect().compute.servers(Scope()).readable)


def _whole(body: bytes, more: bytes = b'') -> bytes:
    return HEAD + more + b'Content-Length: %d\r\n\r\n%s' % (len(body), body)


@contextlib.contextmanager
def _served(send: Callable[[socket.socket], None]) -> Iterator[str]:
    """Give the address of a server that sends this on one connection."""
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        listener.listen()

        def serve() -> None:
            client, _address = listener.accept()
            with client, contextlib.suppress(OSError):
                send(client)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f'http://127.0.0.1:{listener.getsockname()[1]}/'
        thread.join(5)
