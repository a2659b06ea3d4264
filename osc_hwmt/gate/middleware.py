# SPDX-License-Identifier: Apache-2.0

"""The gate as WSGI: what it does not know it lets pass untouched.

Only an order for a server is read, and an action on one. Everything else goes
through as it is.
"""

from __future__ import annotations

import collections
import dataclasses
import enum
import http
import io
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from osc_hwmt.display import printable
from osc_hwmt.exceptions import FileError
from osc_hwmt.gate import decision, request
from osc_hwmt.gate.decision import Caller, Verdict, Word
from osc_hwmt.gate.manifests import Manifests
from osc_hwmt.i18n import _

LOG = logging.getLogger(__name__)

#: Nine times what Nova takes (oslo.middleware, sizelimit: 114,688).
MAX_BODY = 1 << 20
#: Orders that are looked after at once; more wait for their turn.
AT_ONCE = 64
#: Seconds for which an order may be held: clients and proxies give up after a
#: minute, and os-migrate's volumes are deleted then.
LONGEST = 30
#: Seconds after which a client may try again what could not be done now.
RETRY_AFTER = 10
#: nova/api/openstack/wsgi.py, Fault.
_FAULTS = {
    400: 'badRequest',
    404: 'itemNotFound',
    409: 'conflictingRequest',
    502: 'computeFault',
    503: 'serviceUnavailable',
}

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]


class Mode(enum.Enum):
    """Whether the gate acts, or only says what it would do."""

    ENFORCE = 'enforce'
    AUDIT = 'audit'


class Missing(enum.Enum):
    """What becomes of an order that cannot be judged."""

    REFUSE = 'refuse'
    WARN = 'warn'


class Rebuild(enum.Enum):
    """What becomes of the rebuild of a listed server.

    Nova then takes the image's properties for those that it recorded.
    """

    IGNORE = 'ignore'
    WARN = 'warn'
    REFUSE = 'refuse'


@dataclasses.dataclass(frozen=True)
class Settings:
    """How a gate decides; ``timeout`` is how many seconds it may take."""

    mode: Mode = Mode.ENFORCE
    missing: Missing = Missing.REFUSE
    rebuild: Rebuild = Rebuild.WARN
    strict: bool = False
    timeout: float = 25.0


#: Hears of each order: the server's name, what became of it, and whether the
#: request goes on to Nova.
Told = Callable[[str, Verdict, bool], None]


class Middleware:
    """Stands in front of Nova. ``counts`` is how many orders became what."""

    def __init__(
        self,
        application: Application,
        manifests: Manifests,
        settings: Settings,
        caller: Callable[[Environ], Caller],
        told: Told,
    ) -> None:
        self.counts: collections.Counter[Word] = collections.Counter()
        self._application = application
        self._manifests = manifests
        self._settings = settings
        self._caller = caller
        self._told = told
        self._slots = threading.BoundedSemaphore(AT_ONCE)
        self._counting = threading.Lock()

    def __call__(
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        stopped = None
        path = f'{environ.get("SCRIPT_NAME", "")}{environ.get("PATH_INFO")}'
        method = environ.get('REQUEST_METHOD', '')
        server_id = request.acted_on(method, path)
        if request.is_creation(method, path):
            stopped = self._safely(environ, self._creation)
        elif server_id and self._settings.rebuild is not Rebuild.IGNORE:
            stopped = self._safely(
                environ,
                lambda environ, body: self._action(environ, body, server_id),
            )
        if stopped is None:
            return self._application(environ, start_response)
        name, verdict = stopped
        status = 503 if verdict.word is Word.NOT_NOW else 409
        text = f'osc-hwmt: {printable(name)}: {printable(verdict.detail)}'
        return answer(environ, start_response, status, text)

    def idle(self, seconds: float) -> bool:
        """Wait until nothing is looked after any more, but not for ever."""
        until = time.monotonic() + seconds
        return all(
            self._slots.acquire(timeout=max(0.0, until - time.monotonic()))
            for _slot in range(AT_ONCE)
        )

    def _safely(
        self,
        environ: Environ,
        judge: Callable[[Environ, bytes], tuple[str, Verdict] | None],
    ) -> tuple[str, Verdict] | None:
        """Return what stops a request and its server's name, None if it goes.

        Whatever fails here of our own must not end Nova.
        """
        judged: tuple[str, Verdict] | None
        try:
            judged = judge(environ, _body(environ))
        except request.Unreadable as exc:
            why = _('the request body cannot be read: %s') % exc
            judged = '?', Verdict(Word.UNKNOWN, why)
        except Exception as exc:
            LOG.exception('osc-hwmt')
            judged = '?', _failed(exc)
        if judged is None:
            return None
        name, verdict = judged
        stops = verdict.stops and self._settings.mode is Mode.ENFORCE
        if verdict.word is Word.UNKNOWN:
            stops = stops and self._settings.missing is Missing.REFUSE
        with self._counting:
            self.counts[verdict.word] += 1
        self._told(name, verdict, not stops)
        return (name, verdict) if stops else None

    def _creation(
        self, environ: Environ, body: bytes
    ) -> tuple[str, Verdict] | None:
        ordered = request.creation(body)
        if ordered is None:
            return None
        try:
            candidates = self._manifests.latest().of(ordered)
        except FileError as exc:
            return ordered.name, Verdict(Word.UNKNOWN, str(exc))
        if not candidates:
            return ordered.name, Verdict(Word.NOT_LISTED)
        caller = self._caller(environ)
        verdict = self._in_time(
            lambda: decision.verdict(
                ordered,
                candidates,
                caller,
                write=self._settings.mode is Mode.ENFORCE,
                strict=self._settings.strict,
            )
        )
        return ordered.name, verdict

    def _action(
        self, environ: Environ, body: bytes, server_id: str
    ) -> tuple[str, Verdict] | None:
        if not request.rebuilds(body):
            return None
        try:
            listed = self._manifests.latest()
        except FileError as exc:
            return server_id, Verdict(Word.UNKNOWN, str(exc))
        caller = self._caller(environ)
        verdict = self._in_time(
            lambda: decision.rebuild_verdict(
                server_id,
                listed,
                caller,
                refuse=self._settings.rebuild is Rebuild.REFUSE,
            )
        )
        if verdict.word is Word.NOT_LISTED:
            return None
        return verdict.entry.name if verdict.entry else server_id, verdict

    def _in_time(self, judge: Callable[[], Verdict]) -> Verdict:
        """Return a verdict, or that there is none in time.

        Clients give up after a minute or so, and what has begun goes on: the
        next attempt finds it done.
        """
        began = time.monotonic()
        found: list[Verdict] = []
        done = threading.Event()

        def work() -> None:
            try:
                found.append(judge())
            except Exception as exc:
                LOG.exception('osc-hwmt')
                found.append(_failed(exc))
            finally:
                self._slots.release()
                done.set()

        limit = self._settings.timeout
        if self._slots.acquire(timeout=limit):
            threading.Thread(target=work, daemon=True).start()
            if done.wait(max(0.0, limit - (time.monotonic() - began))):
                return found[0]
        return Verdict(
            Word.NOT_NOW,
            _('not done within %(n)g s; try again in %(later)d s')
            % {'n': limit, 'later': RETRY_AFTER},
        )


def answer(
    environ: Environ, start_response: StartResponse, status: int, text: str
) -> Iterable[bytes]:
    """Answer with a fault as Nova's are."""
    fault = {_FAULTS[status]: {'code': status, 'message': text}}
    body = json.dumps(fault).encode()
    headers = [
        ('Content-Type', 'application/json; charset=UTF-8'),
        ('Content-Length', str(len(body))),
    ]
    request_id = environ.get('openstack.request_id')
    if request_id:
        headers.append(('x-openstack-request-id', str(request_id)))
    if status == 503:
        headers.append(('Retry-After', str(RETRY_AFTER)))
    start_response(f'{status} {http.HTTPStatus(status).phrase}', headers)
    return [body]


def _failed(exc: Exception) -> Verdict:
    return Verdict(
        Word.UNKNOWN,
        _('the gate itself failed: %s') % f'{type(exc).__name__}: {exc}',
    )


def _body(environ: Environ) -> bytes:
    """Return the body, which is there to be read again; raises Unreadable.

    Nova sees none without a length, unless the server says that it ends
    (webob, BaseRequest.is_body_readable; mod_wsgi says so).
    """
    stream, length = environ.get('wsgi.input'), environ.get('CONTENT_LENGTH')
    if stream is None or not (length or environ.get('wsgi.input_terminated')):
        return b''
    if length and (not length.isdigit() or int(length) > MAX_BODY):
        raise request.Unreadable(
            _('expected at most %(n)d bytes, found %(length)s')
            % {'n': MAX_BODY, 'length': printable(length)}
        )
    body = _read(stream, int(length) if length else MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise request.Unreadable(_('expected at most %d bytes') % MAX_BODY)
    environ['wsgi.input'] = io.BytesIO(body)
    environ['CONTENT_LENGTH'] = str(len(body))
    return body


def _read(stream: Any, length: int) -> bytes:
    pieces = []
    while length > 0:
        piece = stream.read(length)
        if not piece:
            break
        pieces.append(piece)
        length -= len(piece)
    return b''.join(pieces)
