# SPDX-License-Identifier: Apache-2.0

"""The temporary resources of runs, found by their mark and deleted."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from keystoneauth1 import adapter

from osc_hwmt.cloud import answers
from osc_hwmt.cloud.errors import Caller
from osc_hwmt.cloud.identity import scope_of
from osc_hwmt.cloud.ids import segment
from osc_hwmt.cloud.interface import ResourceKind, TemporaryResource
from osc_hwmt.cloud.mark import PROPERTY, RunMark
from osc_hwmt.cloud.probing import MICROVERSION
from osc_hwmt.exceptions import CloudError
from osc_hwmt.model.boot_volume import block_devices

_COLLECTIONS = {
    ResourceKind.SERVER: '/servers',
    ResourceKind.IMAGE: '/images',
    ResourceKind.SNAPSHOT: '/snapshots',
    ResourceKind.FLAVOR: '/flavors',
}
#: How Nova is asked for its own kinds.
_OF_NOVA: Mapping[ResourceKind, Mapping[str, str]] = {
    ResourceKind.SERVER: {'name': '^osc-hwmt-'},
    ResourceKind.FLAVOR: {'is_public': 'none'},
}
#: Where a resource repeats its name; a snapshot does nowhere.
_REPEATED: Mapping[ResourceKind, Callable[[Mapping[str, Any]], Any]] = {
    ResourceKind.SERVER: lambda row: (
        answers.texts(row, 'metadata') or {}
    ).get(PROPERTY, ''),
    ResourceKind.IMAGE: lambda row: row.get(PROPERTY, ''),
    ResourceKind.FLAVOR: lambda row: row.get('description') or '',
    ResourceKind.SNAPSHOT: lambda row: None,
}


class TemporaryResources:
    """interface.Temporary over HTTP; the protocol describes the methods."""

    def __init__(
        self,
        compute: adapter.Adapter,
        image: adapter.Adapter,
        block_storage: Any,
        caller: Caller,
    ) -> None:
        self._compute = compute
        self._image = image
        self._block_storage = block_storage
        self._caller = caller

    def made(self, kinds: Collection[ResourceKind]) -> list[TemporaryResource]:
        # Images come first: they prove which snapshots were made with them.
        taken: set[str] = set()
        return [
            one
            for kind in sorted(kinds, key=list(_REPEATED).index)
            for one in self._listed(
                kind, functools.partial(_marked, kind, taken)
            )
        ]

    def delete(self, resource: TemporaryResource) -> None:
        self._reach('delete', resource)

    def is_there(self, resource: TemporaryResource) -> bool:
        return self._reach('get', resource)

    def _reach(self, method: str, resource: TemporaryResource) -> bool:
        """Send a request about a resource, return whether it was there."""
        client: Any = {
            ResourceKind.IMAGE: self._image,
            ResourceKind.SNAPSHOT: self._block_storage,
        }.get(resource.kind, self._compute)
        collection = _COLLECTIONS[resource.kind]
        verb = 'read' if method == 'get' else method
        try:
            self._caller.retrying(
                f'{verb} {resource.kind.value} {resource.id}',
                lambda: getattr(client, method)(
                    f'{collection}/{segment(resource.id)}'
                ),
            )
        except CloudError as exc:
            if exc.code != 404:
                raise
            return False
        return True

    def _listed(
        self,
        kind: ResourceKind,
        read: Callable[[list[dict[str, Any]]], list[TemporaryResource]],
    ) -> list[TemporaryResource]:
        what = f'list {kind.value}s'
        if kind is ResourceKind.IMAGE:
            return self._caller.listed(
                what,
                lambda path: self._image.get(path).json(),
                '/images',
                {'owner': self._own_project()},
                read,
            )
        if kind is ResourceKind.SNAPSHOT:
            return self._caller.listed(
                what,
                lambda path: self._block_storage.get(path)[1],
                '/snapshots/detail',
                {},
                read,
            )
        return self._caller.listed(
            what,
            lambda path: self._compute.get(
                path, microversion=MICROVERSION
            ).json(),
            f'{_COLLECTIONS[kind]}/detail',
            _OF_NOVA[kind],
            read,
        )

    def _own_project(self) -> str:
        session: Any = self._image.session
        return self._caller.retrying(
            'log in', lambda: scope_of(session.auth.get_access(session)).id
        )


def _marked(
    kind: ResourceKind, taken: set[str], rows: Iterable[Mapping[str, Any]]
) -> list[TemporaryResource]:
    """Return what has a run's mark, and note the snapshots of its images.

    Whatever is younger than the end of that run is not its, though it may be
    called so.
    """
    found = []
    for row in rows:
        name = answers.text_if_any(row, 'name') or ''
        mark = RunMark.of(name)
        repeated = _REPEATED[kind](row)
        if mark is None or repeated not in (None, mark.name):
            continue
        created = answers.time(row, 'created_at') or answers.time(
            row, 'created'
        )
        if created and created > mark.expires:
            continue
        if kind is ResourceKind.IMAGE:
            devices = block_devices(row.get('block_device_mapping'))
            taken.update(str(one['snapshot_id']) for one in devices)
        id = answers.identifier(row)
        proven = repeated is not None or id in taken
        found.append(TemporaryResource(kind, id, name, mark, proven))
    return found
