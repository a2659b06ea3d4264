# SPDX-License-Identifier: Apache-2.0

"""A gateway's own server, which ends in order."""

from __future__ import annotations

import contextlib
import ipaddress
import sys
import threading
import time
from collections.abc import Iterator

from osc_hwmt.exceptions import Error
from osc_hwmt.gate.gateway import Gateway
from osc_hwmt.gate.middleware import MAX_BODY
from osc_hwmt.i18n import _

#: Requests that are answered at once; others wait.
THREADS = 32
#: Clients that may be connected, and seconds that one may be silent.
_CONNECTIONS, _SILENCE = 1000, 60
#: Seconds for the last answers to be sent.
_SENDING = 0.5


def is_loopback(host: str) -> bool:
    """Tell whether nobody beyond this machine reaches an address."""
    if host == 'localhost':
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_without_waitress() -> None:
    """Raise Error where the gateway's server is not installed."""
    try:
        import waitress  # noqa: F401  # only the gateway needs it
    except ImportError as exc:
        raise Error(
            _(
                'the gateway needs waitress, which %(python)s does not have: '
                "install it with: pip install 'osc-hwmt[gate]'"
            )
            % {'python': sys.executable}
        ) from exc


@contextlib.contextmanager
def serving(gateway: Gateway, host: str, port: int) -> Iterator[None]:
    """Serve until the end of the block; raises Error where it cannot be."""
    import waitress

    try:
        server = waitress.create_server(
            gateway,
            host=host,
            port=port,
            threads=THREADS,
            connection_limit=_CONNECTIONS,
            channel_timeout=_SILENCE,
            max_request_body_size=MAX_BODY,
            ident=None,
            clear_untrusted_proxy_headers=False,
        )
    except OSError as exc:
        raise Error(
            _('cannot listen on %(host)s:%(port)d: %(why)s')
            % {'host': host, 'port': port, 'why': exc.strerror or exc}
        ) from exc
    threading.Thread(target=server.run, daemon=True).start()
    try:
        yield
    finally:
        gateway.end()
        time.sleep(_SENDING)
        server.close()
