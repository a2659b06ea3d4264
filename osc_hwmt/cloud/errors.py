# SPDX-License-Identifier: Apache-2.0

"""The client libraries' exceptions, told as one line about one cloud."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from keystoneauth1 import exceptions as keystone_exceptions

from osc_hwmt.display import printable
from osc_hwmt.exceptions import CloudError
from osc_hwmt.i18n import _


@contextlib.contextmanager
def translated(cloud: str, what: str) -> Iterator[None]:
    """Raise whatever a request raises as CloudError.

    ``what`` names the attempt, such as "list servers". AttributeError comes
    out of cinderclient for an error body in a form that no OpenStack service
    sends but proxies do, AssertionError out of keystoneauth when several
    threads meet an expired token at once.
    """
    try:
        yield
    except keystone_exceptions.HttpError as exc:
        raise _error(
            cloud, what, str(exc.message), exc.http_status, exc.request_id
        ) from exc
    except (
        keystone_exceptions.ClientException,
        AttributeError,
        AssertionError,
    ) as exc:
        raise _error(cloud, what, _reason(exc)) from exc
    except Exception as exc:
        if not type(exc).__module__.startswith(('cinderclient', 'openstack')):
            raise
        raise _error(
            cloud, what, _reason(exc), getattr(exc, 'code', None), _id(exc)
        ) from exc


def _reason(exc: Exception) -> str:
    return str(getattr(exc, 'message', None) or exc or type(exc).__name__)


def _id(exc: Exception) -> str | None:
    response = getattr(exc, 'response', None)
    headers = getattr(response, 'headers', None) or {}
    return headers.get('x-openstack-request-id')


def _error(
    cloud: str,
    what: str,
    reason: str,
    code: int | None = None,
    request_id: str | None = None,
) -> CloudError:
    return CloudError(
        _('cloud %(cloud)s: can not %(what)s: %(reason)s')
        % {
            'cloud': cloud,
            'what': what,
            'reason': printable(' '.join(reason.split()))[:500],
        },
        code,
        request_id,
    )
