# SPDX-License-Identifier: Apache-2.0

"""The client libraries' exceptions, told as one line about one cloud."""

from __future__ import annotations

import contextlib
import email.utils
import re
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from keystoneauth1 import exceptions as keystone_exceptions

from osc_hwmt.display import printable
from osc_hwmt.exceptions import CloudError
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    import requests

_LONGEST_REASON = 500
#: What the libraries add to a message and CloudError says by itself.
_SUFFIX = re.compile(r'( \((HTTP \d+|Request-ID: [^)]*)\))+$')

#: Where the connection pool's representation begins in a message, and what
#: of it says why.
_POOL = ': HTTP'
_SYSTEM_ERROR = re.compile(r'\[Errno -?\d+\] [^\'")]+')


#: cinderclient keeps neither the answer nor Cinder's request id of a failure.
_answers = threading.local()


def remember(response: requests.Response, **_options: object) -> None:
    """Keep a thread's last answer, as a response hook of requests."""
    _answers.last = response
    _answers.at = time.time()


def clock_ahead() -> float | None:
    """Return how many seconds ahead of ours the last answerer's clock is.

    It is right within a second, because HTTP dates have no fractions. None
    where the answer had no date.
    """
    response = getattr(_answers, 'last', None)
    if response is None:
        return None
    try:
        date = email.utils.parsedate_to_datetime(response.headers['Date'])
    except (LookupError, TypeError, ValueError):
        return None
    return float(date.timestamp() + 0.5 - _answers.at)


@contextlib.contextmanager
def translated(cloud: str, what: str) -> Iterator[None]:
    """Raise whatever a request raises as CloudError.

    ``what`` names the attempt, such as "list servers". AttributeError comes
    out of cinderclient for an error body in a form that no OpenStack service
    sends but proxies do, AssertionError out of keystoneauth when several
    threads meet an expired token at once, the others out of an answer that
    is no answer of that service, such as a proxy's login page.
    """
    _answers.last = None
    try:
        yield
    except (
        keystone_exceptions.ClientException,
        AssertionError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as exc:
        raise _error(cloud, what, exc) from exc
    except Exception as exc:
        if not type(exc).__module__.startswith(('cinderclient', 'openstack')):
            raise
        raise _error(cloud, what, exc) from exc


def _error(cloud: str, what: str, exc: Exception) -> CloudError:
    code = getattr(exc, 'http_status', None) or getattr(exc, 'code', None)
    response = getattr(exc, 'response', None)
    if response is None and code and _answers.last is not None:
        response = _answers.last
    headers = getattr(response, 'headers', None) or {}
    reason = ' '.join(_reason(exc, response).split())
    return CloudError(
        _('cloud %(cloud)s: can not %(what)s: %(reason)s')
        % {
            'cloud': cloud,
            'what': what,
            'reason': printable(reason)[:_LONGEST_REASON],
        },
        code,
        printable(headers.get('x-openstack-request-id') or ''),
    )


def _reason(exc: Exception, response: Any) -> str:
    """Return the service's own words where it answered with any.

    Both libraries wrap them, keystoneauth loses those of Nova.
    """
    try:
        body = response.json()
        (answer,) = body.values()
        return str(answer['message'])
    except (AttributeError, KeyError, TypeError, ValueError):
        text = _SUFFIX.sub('', str(getattr(exc, 'message', None) or exc))
    cause = _SYSTEM_ERROR.search(text)
    if cause and isinstance(exc, keystone_exceptions.ConnectFailure):
        return f'{text.partition(_POOL)[0]}: {cause[0]}'
    if isinstance(exc, (LookupError, TypeError, ValueError)):
        return _('an answer that is none: %s') % (text or type(exc).__name__)
    return text or type(exc).__name__
