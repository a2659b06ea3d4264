# SPDX-License-Identifier: Apache-2.0

"""The client libraries' exceptions, told as one line about one cloud."""

from __future__ import annotations

import contextlib
import dataclasses
import email.utils
import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from keystoneauth1 import exceptions as keystone_exceptions

from osc_hwmt.cloud.paging import Bounds, page_of, pages
from osc_hwmt.cloud.retry import RetryGate
from osc_hwmt.cloud.transport import RefusedError
from osc_hwmt.display import printable, without_login
from osc_hwmt.exceptions import CloudError
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    import requests

_Answer = TypeVar('_Answer')

_LONGEST_REASON = 500
_LONGEST_REQUEST_ID = 100
#: Seconds that a cloud's clock may differ from ours, and still be one: no
#: token would be valid any more.
_CLOCK_RANGE = 365 * 86400
#: What the libraries add to a message and CloudError says by itself.
_SUFFIX = re.compile(r'( \((HTTP \d+|Request-ID: [^)]*)\))+$')

#: Where the connection pool's representation begins in a message, and what
#: of it says why.
_POOL = ': HTTP'
_SYSTEM_ERROR = re.compile(r'\[Errno -?\d+\] [^\'")]+')

#: To which the same request may well get another answer next time. 401: a
#: token that was revoked, where keystoneauth could not get another at once.
_TRANSIENT = frozenset((401, 408, 429, 500, 502, 503, 504))
#: Where a service did not begin what was asked for.
_NOT_BEGUN = frozenset((429, 503))
_NOT_CONNECTED = keystone_exceptions.RetriableConnectionFailure
#: What Cinder answers to a write while it copies a volume to an image or to
#: another backend (cinder/volume/api.py, Queens to master).
_BUSY = re.compile('not allowed for volumes in (uploading|maintenance) status')
#: What the libraries meet an answer with that is none: AttributeError comes
#: out of cinderclient for an error body in a form that no OpenStack service
#: sends but proxies do, AssertionError out of keystoneauth when several
#: threads meet an expired token at once, the others out of an answer that is
#: no answer of that service, such as a proxy's login page.
_ODD_ANSWER = (
    AssertionError,
    AttributeError,
    LookupError,
    OverflowError,
    TypeError,
    ValueError,
)
#: Of an answer that would be no better next time: JSON that is nested too
#: deep or takes too much memory.
_TOO_MUCH = {
    MemoryError: _('it does not fit in memory'),
    RecursionError: _('it is nested too deeply'),
}
#: Whose own exceptions tell of a cloud and of no mistake of ours.
_LIBRARIES = ('cinderclient', 'openstack', 'requests', 'urllib3')
#: Of no HTTP answer, or of one that is none.
_NO_ANSWER = (
    keystone_exceptions.ConnectionError,
    keystone_exceptions.DiscoveryFailure,
    *_ODD_ANSWER,
)

#: cinderclient keeps neither the answer nor Cinder's request id of a failure.
_answers = threading.local()


def keep_last_response(
    response: requests.Response, **_options: object
) -> None:
    """Keep a thread's last answer, as a response hook of requests."""
    _answers.last = response
    _answers.at = time.time()


def clock_ahead() -> float | None:
    """Return how many seconds ahead of ours the last answerer's clock is.

    It is right within a second, because HTTP dates have no fractions. None
    where the answer had no date, or an absurd one.
    """
    response = getattr(_answers, 'last', None)
    if response is None:
        return None
    date = _date(response.headers.get('Date') or '')
    if date is None or abs(date - _answers.at) > _CLOCK_RANGE:
        return None
    return float(date + 0.5 - _answers.at)


@dataclasses.dataclass(frozen=True)
class Caller:
    """Makes requests of one cloud; ``cloud`` is its name, for messages."""

    cloud: str
    gate: RetryGate

    def once(self, what: str, call: Callable[[], _Answer]) -> _Answer:
        """Return a call's answer; ``what`` names the attempt.

        Raises CloudError, and does not try again.
        """
        with translated(self.cloud, what):
            return call()

    def retrying(self, what: str, call: Callable[[], _Answer]) -> _Answer:
        """Return a call's answer, made again after a transient failure.

        Raises CloudError.
        """
        return self.gate.call(lambda: self.once(what, call))

    def creating(self, what: str, call: Callable[[], _Answer]) -> _Answer:
        """Return a call's answer, made again only where nothing was begun.

        Raises CloudError.
        """

        def create() -> _Answer:
            try:
                return self.once(what, call)
            except CloudError as exc:
                exc.transient = exc.transient and (
                    exc.code in _NOT_BEGUN
                    or isinstance(exc.__cause__, _NOT_CONNECTED)
                )
                raise

        return self.gate.call(create)

    def listed(
        self,
        what: str,
        fetch: Callable[[str], Any],
        path: str,
        query: Mapping[str, str],
        read: Callable[[list[dict[str, Any]]], Iterable[_Answer]],
        is_marker: Callable[[Mapping[str, Any]], bool] = lambda row: True,
    ) -> list[_Answer]:
        """Return what ``read`` makes of each page of a listing.

        ``fetch`` gets a path with its query and returns the decoded answer,
        whose member is called like the first part of the path. Raises
        CloudError.
        """
        key = path.split('/')[1].removeprefix('os-')
        bounds = Bounds(time.monotonic)

        def page(path: str) -> Any:
            body = self.retrying(what, lambda: page_of(fetch(path), key))
            last = getattr(_answers, 'last', None)
            bounds.add(0 if last is None else len(last.content))
            return body

        with translated(self.cloud, what):
            return [
                one
                for rows in pages(page, path, key, query, is_marker)
                for one in read(rows)
            ]


@contextlib.contextmanager
def translated(cloud: str, what: str) -> Iterator[None]:
    """Raise whatever a request raises as CloudError.

    ``what`` names the attempt, such as "list servers".
    """
    _answers.last = None
    try:
        yield
    except Exception as exc:
        if not (
            isinstance(
                exc,
                (
                    keystone_exceptions.ClientException,
                    RefusedError,
                    *_ODD_ANSWER,
                    *_TOO_MUCH,
                ),
            )
            or type(exc).__module__.startswith(_LIBRARIES)
        ):
            raise
        raise _error(cloud, what, exc) from exc


def _error(cloud: str, what: str, exc: Exception) -> CloudError:
    code = getattr(exc, 'http_status', None) or getattr(exc, 'code', None)
    response = getattr(exc, 'response', None)
    if isinstance(exc, AttributeError) and _answers.last is not None:
        status = _answers.last.status_code
        code = status if status >= 400 else None
    if response is None and code and _answers.last is not None:
        response = _answers.last
    headers = getattr(response, 'headers', None) or {}
    reason = ' '.join(_reason(exc, response).split())
    retry_after = _retry_after(headers)
    request_id = headers.get('x-openstack-request-id') or ''
    return CloudError(
        _('cloud %(cloud)s: cannot %(what)s: %(reason)s')
        % {
            'cloud': cloud,
            'what': printable(what),
            'reason': printable(without_login(reason)[:_LONGEST_REASON])[
                :_LONGEST_REASON
            ],
        },
        code,
        printable(request_id[:_LONGEST_REQUEST_ID]),
        transient=_is_transient(exc, code, reason, retry_after),
        retry_after=retry_after,
    )


def _is_transient(
    exc: Exception, code: int | None, reason: str, retry_after: float | None
) -> bool:
    if code is None:
        return (
            isinstance(exc, _NO_ANSWER) and 'CERTIFICATE_VERIFY' not in reason
        )
    if code == 413:  # too large, or what other services call 429
        return retry_after is not None
    return code in _TRANSIENT or (
        code == 400 and _BUSY.search(reason) is not None
    )


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait that a service asks for, None if it doesn't.

    It gives seconds, or a date, which is by its own clock.
    """
    written = headers.get('Retry-After') or ''
    if written.isdecimal():
        return float(written)
    date, now = _date(written), _date(headers.get('Date') or '')
    if date is None:
        return None
    return max(0.0, date - (time.time() if now is None else now))


def _date(text: str) -> float | None:
    """Return an HTTP date as seconds since 1970, None if it is none."""
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (OverflowError, TypeError, ValueError):
        return None


def _reason(exc: Exception, response: Any) -> str:
    """Return the service's own words where it answered with any.

    Both libraries wrap them, keystoneauth loses those of Nova.
    """
    try:
        body = response.json()
        (answer,) = body.values()
        return str(answer['message'])
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        text = _SUFFIX.sub('', str(getattr(exc, 'message', None) or exc))
    cause = _SYSTEM_ERROR.search(text)
    if cause and isinstance(exc, keystone_exceptions.ConnectFailure):
        return f'{text.partition(_POOL)[0]}: {cause[0]}'
    text = _TOO_MUCH.get(type(exc), text)
    if isinstance(exc, (*_ODD_ANSWER, *_TOO_MUCH)):
        return _('not a valid response: %s') % (text or type(exc).__name__)
    return text or type(exc).__name__
