# SPDX-License-Identifier: Apache-2.0

"""A proxy in front of a real service that lets requests come to grief.

It speaks as much HTTP/1.1 as an OpenStack client and service need: requests
with a length, connections that stay open.
"""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import http.server
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Union
from urllib.parse import urlsplit

_HOP_BY_HOP = frozenset(('connection', 'keep-alive', 'transfer-encoding'))


@dataclasses.dataclass(frozen=True)
class Request:
    """What a client sent; ``number`` counts those of its kind from 1.

    ``volume_id`` and ``action`` are those of an action on a volume.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    volume_id: str | None
    action: str | None
    number: int


@dataclasses.dataclass(frozen=True)
class Answer:
    """The proxy answers itself, and the service hears of nothing."""

    status: int
    message: str = 'because the test wants it'
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """An error in the form of Cinder's own."""
        error = {'code': self.status, 'message': self.message}
        return json.dumps({'fault': error}).encode()


@dataclasses.dataclass(frozen=True)
class CutOff:
    """The connection is reset, before or after the service did its work."""

    done: bool


@dataclasses.dataclass(frozen=True)
class Half:
    """The service does its work, and half of its answer arrives."""


@dataclasses.dataclass(frozen=True)
class Slow:
    """The answer takes so many seconds more."""

    seconds: float


@dataclasses.dataclass(frozen=True)
class Edited:
    """The answer arrives with some bytes in the place of others."""

    old: bytes
    new: bytes


Fault = Union[Answer, CutOff, Edited, Half, Slow, None]
Rule = Callable[[Request], Fault]


@dataclasses.dataclass(frozen=True)
class Seen:
    """A request and the status that the service answered, if it was asked."""

    request: Request
    status: int | None


class FaultyProxy:
    """Listens on loopback, as a context manager.

    ``rule`` says what becomes of each request, before it is forwarded;
    ``seen`` has them all. ``after`` is told of each once it was forwarded and
    before its answer is sent.
    """

    def __init__(self, target: str, rule: Rule = lambda request: None) -> None:
        self.rule = rule
        self.after: Callable[[Seen], None] = lambda seen: None
        self.seen: list[Seen] = []
        self._target = urlsplit(target)
        self._lock = threading.Lock()
        self._counts: dict[tuple[str | None, ...], int] = {}
        self._connections: set[socket.socket] = set()
        self._server: _Server | None = None
        self._port = 0

    def __enter__(self) -> FaultyProxy:
        self.listen()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.cut()

    @property
    def url(self) -> str:
        """The address that stands for the target's."""
        return f'http://127.0.0.1:{self._port}{self._target.path}'

    def listen(self) -> None:
        """Listen, again on the same port after a cut."""
        handler = type('Handler', (_Handler,), {'proxy': self})
        self._server = _Server(('127.0.0.1', self._port), handler)
        self._port = self._server.server_address[1]
        threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        ).start()

    def cut(self) -> None:
        """Stop listening and reset every connection."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            will_be_reset(connection)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def writes(self) -> dict[str, list[int]]:
        """Return the statuses of each volume's set and unset actions."""
        found: dict[str, list[int]] = {}
        for seen in list(self.seen):
            request = seen.request
            if request.volume_id and request.action in (
                'os-set_image_metadata',
                'os-unset_image_metadata',
            ):
                if seen.status is not None:
                    found.setdefault(request.volume_id, []).append(seen.status)
        return found

    # What handlers use.

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection, which a cut resets."""
        with self._lock:
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._connections.discard(connection)

    def numbered(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Request:
        """Return a request with its number."""
        volume_id = action = None
        parts = urlsplit(path).path.split('/')
        if method == 'POST' and parts[-1] == 'action':
            volume_id, (action,) = parts[-2], json.loads(body)
        kind = (method, parts[-1] if volume_id is None else volume_id, action)
        with self._lock:
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
        return Request(method, path, headers, body, volume_id, action, number)

    def backend(self) -> http.client.HTTPConnection:
        """Return a new connection to the service."""
        return http.client.HTTPConnection(
            self._target.hostname or '', self._target.port, timeout=120
        )


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def shutdown_request(self, request: Any) -> None:
        """Close a connection without a farewell, which would be no reset."""
        self.close_request(request)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    proxy: FaultyProxy
    # Else headers and body go in two packets, and the second one waits.
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self._backend = self.proxy.backend()
        self.proxy.opened(self.connection)

    def finish(self) -> None:
        self.proxy.closed(self.connection)
        self._backend.close()
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def handle(self) -> None:
        """Serve a connection until either side has enough of it."""
        with contextlib.suppress(OSError):
            super().handle()

    def handle_any(self) -> None:
        """Let a request have its fate."""
        length = int(self.headers.get('Content-Length') or 0)
        request = self.proxy.numbered(
            self.command,
            self.path,
            dict(self.headers.items()),
            self.rfile.read(length),
        )
        fault = self.proxy.rule(request)
        if isinstance(fault, Answer):
            self.proxy.seen.append(Seen(request, None))
            self._send(fault.status, fault.headers, fault.body)
            return
        if isinstance(fault, CutOff) and not fault.done:
            self.proxy.seen.append(Seen(request, None))
            self._reset()
            return
        status, headers, body = self._forward(request)
        seen = Seen(request, status)
        self.proxy.seen.append(seen)
        self.proxy.after(seen)
        if isinstance(fault, CutOff):
            self._reset()
            return
        if isinstance(fault, Slow):
            time.sleep(fault.seconds)
        if isinstance(fault, Edited):
            body = body.replace(fault.old, fault.new)
        self._send(status, headers, body, half=isinstance(fault, Half))

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def _forward(
        self, request: Request
    ) -> tuple[int, Mapping[str, str], bytes]:
        headers = {
            key: value
            for key, value in request.headers.items()
            if key.lower() not in _HOP_BY_HOP
        }
        self._backend.request(
            request.method, request.path, request.body or None, headers
        )
        answer = self._backend.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()

    def _send(
        self,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        half: bool = False,
    ) -> None:
        self.send_response_only(status)
        for key, value in headers.items():
            if key.lower() not in (*_HOP_BY_HOP, 'content-length'):
                self.send_header(key, value)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if half else body)
        self.wfile.flush()
        if half:
            self.close_connection = True

    def _reset(self) -> None:
        will_be_reset(self.connection)
        self.close_connection = True


def will_be_reset(connection: socket.socket) -> None:
    """Let the other side get an error when a connection is closed."""
    with contextlib.suppress(OSError):
        connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)
        )
