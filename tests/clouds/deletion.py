# SPDX-License-Identifier: Apache-2.0

"""Deletes what was made in a cloud, and waits until it is gone."""

from __future__ import annotations

import time
from typing import Any

from keystoneauth1 import exceptions
from keystoneauth1.adapter import Adapter

from tests.clouds.access import Access
from tests.clouds.created import Created
from tests.clouds.errors import SeedError
from tests.clouds.polling import wait

#: What has to be deleted before what.
ORDER = (
    'server',
    'volume',
    'image',
    'flavor',
    'user',
    'project',
    'domain',
)
#: Of these several may go at once, and they take their time.
SIDE_BY_SIDE = ('server', 'volume')
#: Seconds until Nova is asked again: it may have given up meanwhile.
PATIENCE = 30.0
_SERVICE_TYPES = {
    'server': 'compute',
    'flavor': 'compute',
    'volume': 'volumev3',
    'image': 'image',
}


def delete(access: Access, created: Created, limit: float) -> None:
    """Delete one thing, and return when it is gone; it may be already.

    :raises SeedError: when it does not go within a limit in seconds.
    """
    service_type = _SERVICE_TYPES.get(created.kind, 'identity')
    adapter = access.adapter(service_type, created.project_id)
    path = f'/{created.kind}s/{created.id}'
    try:
        if created.kind == 'domain':
            adapter.patch(path, json={'domain': {'enabled': False}})
        adapter.delete(path)
        if created.kind in SIDE_BY_SIDE:
            _await_absence(adapter, created.kind, path, limit)
    except exceptions.NotFound:
        pass


def _await_absence(
    adapter: Adapter, kind: str, path: str, limit: float
) -> None:
    """Ask until the service answers that there is no such thing.

    :raises NotFound: when that is what it answers.
    :raises SeedError: when it does not within a limit in seconds.
    """
    asked = time.monotonic()

    def look() -> str:
        nonlocal asked
        shown: dict[str, Any] = adapter.get(path).json()[kind]
        status, task = shown['status'], shown.get('OS-EXT-STS:task_state')
        if status == 'error_deleting':
            raise SeedError(f'{kind} {shown["id"]} cannot be deleted.')
        if kind == 'server' and time.monotonic() > asked + PATIENCE:
            adapter.delete(path)
            asked = time.monotonic()
        return f'Status {status}, task {task}, {shown.get("fault")}'

    wait(f'{path} is gone', look, lambda _seen: False, limit)
