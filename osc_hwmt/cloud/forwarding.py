# SPDX-License-Identifier: Apache-2.0

"""Requests of others handed on to a service, and its answers handed back."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence

import urllib3

from osc_hwmt.cloud import transport
from osc_hwmt.exceptions import CloudError
from osc_hwmt.i18n import _

#: Of one connection and not of the request (RFC 9110, 7.6.1), and what is
#: counted or chosen anew.
_OWN = frozenset(
    (
        'connection',
        'content-length',
        'host',
        'keep-alive',
        'proxy-authenticate',
        'proxy-authorization',
        'proxy-connection',
        'te',
        'trailer',
        'transfer-encoding',
        'upgrade',
    )
)
#: Where answers of Nova and Keystone have addresses.
_ADDRESS = rb'"(?:href|url|self|next|previous)": ?"'
_VERSION = re.compile(r'/v\d+(\.\d+)?(/.*)?$')


@dataclasses.dataclass(frozen=True)
class Answer:
    """A service's answer; ``headers`` are in its order."""

    status: int
    reason: str
    headers: Sequence[tuple[str, str]]
    body: bytes


def root(address: str) -> str:
    """Return a service's address without version and project."""
    return _VERSION.sub('', address.rstrip('/'))


class Service:
    """A service, reached as clouds.yaml says.

    ``verify`` is False, or True, or a file of certificates; ``certificate``
    is the client's own, with its key. ``timeout`` is in seconds.
    """

    def __init__(
        self,
        root: str,
        verify: bool | str,
        certificate: str | tuple[str, str] | None,
        connections: int,
        timeout: float,
    ) -> None:
        self.root = root
        self._path = urllib3.util.parse_url(root).path or ''
        file, key = (
            (certificate, None)
            if isinstance(certificate, str)
            else certificate or (None, None)
        )
        pools = urllib3.PoolManager(
            maxsize=connections,
            block=True,
            timeout=urllib3.Timeout(connect=10.0, read=timeout),
            cert_reqs='CERT_REQUIRED' if verify else 'CERT_NONE',
            ca_certs=verify if isinstance(verify, str) else None,
            cert_file=file,
            key_file=key,
        )
        pools.pool_classes_by_scheme = transport.POOLS
        self._pool = pools.connection_from_url(root)

    def send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Return the answer to a request; raises CloudError without one.

        ``path`` begins after the root, and has the query. Nothing is sent
        twice.
        """
        try:
            sent = self._pool.urlopen(
                method,
                f'{self._path}{path}',
                body=body or None,
                headers={
                    **_theirs(headers.items()),
                    # What comes back has to be read here.
                    'Accept-Encoding': 'identity',
                },
                retries=False,
                redirect=False,
                assert_same_host=False,
                decode_content=False,
            )
        except (
            urllib3.exceptions.HTTPError,
            transport.RefusedError,
        ) as exc:
            raise CloudError(
                _('%(root)s: cannot be reached: %(why)s')
                % {'root': self.root, 'why': _reason(exc)},
                transient=True,
            ) from exc
        return Answer(
            sent.status,
            sent.reason or '',
            list(_theirs(sent.headers.items()).items()),
            sent.data,
        )


class Addresses:
    """Replaces the addresses of services in their answers.

    ``replaced`` says for each root what to put there. Behind what ends TLS a
    service calls itself http, so both schemes count.
    """

    def __init__(self, replaced: Mapping[str, str]) -> None:
        self._replaced = {
            one.partition('://')[2].encode(): other.encode()
            for one, other in replaced.items()
        }
        # A longer one may begin with a shorter one.
        names = sorted(self._replaced, key=len, reverse=True)
        known = b'|'.join(map(re.escape, names))
        self._pattern = re.compile(
            b'(%s)https?://(%s)(?=[/"?])' % (_ADDRESS, known)
        )
        self._alone = re.compile(b'()https?://(%s)(?=[/?]|$)' % known)

    def body(self, text: bytes) -> bytes:
        """Return a body of JSON with the addresses replaced."""
        return self._pattern.sub(self._other, text)

    def header(self, text: str) -> str:
        """Return the address in a header, such as Location, replaced."""
        return self._alone.sub(self._other, text.encode('latin-1'), 1).decode(
            'latin-1'
        )

    def _other(self, found: re.Match[bytes]) -> bytes:
        return found[1] + self._replaced[found[2]]


def _theirs(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the headers that are handed on."""
    headers = list(headers)
    named = {
        one.strip().lower()
        for name, value in headers
        if name.lower() == 'connection'
        for one in value.split(',')
    }
    return {
        name: value
        for name, value in headers
        if name.lower() not in _OWN | named
    }


def _reason(exc: Exception) -> str:
    """Return why there was no answer, without the library's own names."""
    text = str(exc)
    cause = re.search(r"\[[^\]]*\] [^'\")]+", text)
    return cause[0] if cause else text.rpartition(': ')[2] or text
