# SPDX-License-Identifier: Apache-2.0

"""How an answer reaches us: whole, soon, of one size, from one server.

requests and urllib3 limit the silence between two packets and nothing else.
So an answer may come in drips, begin with "100 Continue" for ever, have no
end, or grow a thousandfold when it is unpacked.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from keystoneauth1 import session as keystone_session

from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _

#: Bytes of one answer. The largest are pages of 1,000 servers or volumes, a
#: few MB, and Keystone's list of all projects, which has no pages: 100,000
#: of them take about 35 MB.
ANSWER_BYTES = 64 << 20
#: Values in one answer: an empty list takes three bytes there and 64 here.
#: 100,000 projects have some 1,200,000.
ANSWER_VALUES = 4_000_000
#: How many times api_timeout, which is the longest silence, one answer may
#: take. A page of 3 MB then takes 10 kB/s.
PATIENCE = 5
#: Redirects of one request, all within the server that was asked: Nova sends
#: those for an address without its last slash.
REDIRECTS = 3
#: Else an answer may be unpacked to a thousand times its size, and several
#: times in a row.
ENCODING = 'identity'

_BUFFER = 1 << 16
#: Seconds; 0 would mean not to wait, and None to wait for ever.
_SHORTEST = 0.001
_BEFORE_VALUES = (b',', b'[', b'{')
_PORTS = {'http': 80, 'https': 443}


class RefusedError(Error):
    """Something that is not asked, or not taken from whoever answered it.

    Asking again would change nothing.
    """


class BoundedAdapter(keystone_session.TCPKeepAliveAdapter):
    """keystoneauth's own, whose answers are bounded in time and size."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Prepare the connections to servers."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Return the connections that go through a proxy."""
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = POOLS
        return manager


def bound(session: keystone_session.Session, connections: int) -> None:
    """Bound the answers to a session, of so many connections at once."""
    for scheme in ('http://', 'https://'):
        session.session.mount(scheme, BoundedAdapter(pool_maxsize=connections))
    session.session.headers['Accept-Encoding'] = ENCODING
    session.session.hooks['response'].append(_checked)
    session.redirect = REDIRECTS


class _Body(io.RawIOBase):
    """What arrives on a connection, until it is too much or too late."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket) -> None:
        self._raw = raw
        self._connection = connection
        self._silence = connection.gettimeout() or 0.0
        self._until = time.monotonic() + PATIENCE * self._silence
        self._left = ANSWER_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read into a buffer; raises RefusedError, and what sockets do."""
        rest = self._until - time.monotonic()
        if self._silence and rest < self._silence:
            self._connection.settimeout(max(rest, _SHORTEST))
        try:
            count = self._raw.readinto(buffer)
        except socket.timeout:
            if rest < self._silence:
                raise self._too_late() from None
            raise
        if self._silence and rest < 0:
            raise self._too_late()
        self._left -= count or 0
        if self._left < 0:
            raise RefusedError(
                _('the response is larger than %d MiB') % (ANSWER_BYTES >> 20)
            )
        return count

    def _too_late(self) -> RefusedError:
        return RefusedError(
            _(
                'the response was not complete after %(seconds)g s, '
                '%(times)d times api_timeout'
            )
            % {'seconds': PATIENCE * self._silence, 'times': PATIENCE}
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer with its bounds, which begin when the request was sent."""

    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        raw: Any = self.fp
        self.fp = io.BufferedReader(_Body(raw.detach(), sock), _BUFFER)


class _HTTPConnection(urllib3.connection.HTTPConnection):
    response_class = _Response


class _HTTPSConnection(urllib3.connection.HTTPSConnection):
    response_class = _Response


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


#: What makes such connections, by scheme.
POOLS = {'http': _HTTPPool, 'https': _HTTPSPool}


def _checked(response: requests.Response, **_options: object) -> None:
    """Raise RefusedError for an answer that is not read or not followed.

    keystoneauth would repeat a request with its token, and a login with its
    password, wherever it is sent to.
    """
    # What JSON is in. Another, or none, may take hours to decode or to guess.
    response.encoding = 'utf-8'
    encoding = response.headers.get('Content-Encoding') or ENCODING
    if encoding != ENCODING:
        raise RefusedError(
            _('the response is compressed, which was not requested: %s')
            % encoding
        )
    location = response.headers.get('Location')
    if location is not None and 301 <= response.status_code <= 308:
        _check_redirect(response.url, urljoin(response.url, location))
    content = response.content
    if len(content) > ANSWER_VALUES < sum(map(content.count, _BEFORE_VALUES)):
        raise RefusedError(
            _('the response has more than %d values') % ANSWER_VALUES
        )


def _check_redirect(url: str, target: str) -> None:
    asked, sent_to = _origin(url), _origin(target)
    if asked != sent_to:
        raise RefusedError(
            _(
                '%(asked)s redirects to %(sent_to)s, to which no token is '
                'sent. If that is its real address, set it in clouds.yaml or '
                "in Keystone's catalog"
            )
            % {'asked': asked, 'sent_to': sent_to}
        )


def _origin(url: str) -> str:
    """Return scheme, host and port; raises ValueError where there are none."""
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme)
    return f'{parts.scheme}://{parts.hostname}:{port}'
