# SPDX-License-Identifier: Apache-2.0

"""A service over HTTP, on this machine, that answers as a test says."""

from __future__ import annotations

import dataclasses
import http.server
import threading
from collections.abc import Mapping
from typing import Any

from tests.unit.support import cases


@dataclasses.dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class RecordingService:
    """``asked`` is what came; each is answered with ``answer``."""

    def __init__(self, test: cases.TestCase) -> None:
        self.asked: list[Asked] = []
        self.status = 200
        self.headers: dict[str, str] = {'Content-Type': 'application/json'}
        self.body = b'{}'
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'

            def answer(self) -> None:
                length = int(self.headers.get('Content-Length') or 0)
                body = self.rfile.read(length)
                headers = dict(self.headers.items())
                owner.asked.append(
                    Asked(self.command, self.path, headers, body)
                )
                self.send_response(owner.status)
                for name, value in owner.headers.items():
                    self.send_header(name, value)
                self.send_header('Content-Length', str(len(owner.body)))
                self.end_headers()
                if self.command != 'HEAD':
                    self.wfile.write(owner.body)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

            def log_message(self, *_any: Any) -> None:
                """Say nothing."""

        server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        server.daemon_threads = True
        test.addCleanup(server.server_close)
        test.addCleanup(server.shutdown)
        threading.Thread(
            target=server.serve_forever, args=[0.01], daemon=True
        ).start()
        self.url = f'http://127.0.0.1:{server.server_port}'
