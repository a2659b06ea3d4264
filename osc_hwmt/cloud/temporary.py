# SPDX-License-Identifier: Apache-2.0

"""The temporary resources of runs, found by their mark and deleted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import quote

from keystoneauth1 import adapter

from osc_hwmt.cloud.errors import Caller
from osc_hwmt.cloud.interface import ResourceKind, TemporaryResource
from osc_hwmt.cloud.mark import PROPERTY, RunMark
from osc_hwmt.cloud.probing import MICROVERSION
from osc_hwmt.exceptions import CloudError

#: A resource, and what repeats its name; a snapshot has nothing that does.
_Row = tuple[dict[str, Any], Any]
_COLLECTIONS = {
    ResourceKind.SERVER: '/servers',
    ResourceKind.IMAGE: '/images',
    ResourceKind.SNAPSHOT: '/snapshots',
    ResourceKind.FLAVOR: '/flavors',
}
#: How Nova is asked for its own kinds, and where they repeat their name.
_OF_NOVA: Mapping[
    ResourceKind, tuple[dict[str, str], Callable[[Mapping[str, Any]], Any]]
] = {
    ResourceKind.SERVER: (
        {'name': '^osc-hwmt-'},
        lambda row: (row.get('metadata') or {}).get(PROPERTY, ''),
    ),
    ResourceKind.FLAVOR: (
        {'is_public': 'none'},
        lambda row: row.get('description') or '',
    ),
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
        found = []
        for kind in kinds:
            for row, repeated in self._rows(kind):
                name = row.get('name') or ''
                mark = RunMark.of(name)
                if mark and repeated in (None, mark.name):
                    found.append(
                        TemporaryResource(kind, row['id'], name, mark)
                    )
        return found

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
        path = f'{_COLLECTIONS[resource.kind]}/{quote(resource.id, safe="")}'
        verb = 'read' if method == 'get' else method
        try:
            self._caller.retrying(
                f'{verb} {resource.kind.value} {resource.id}',
                lambda: getattr(client, method)(path),
            )
        except CloudError as exc:
            if exc.code != 404:
                raise
            return False
        return True

    def _rows(self, kind: ResourceKind) -> list[_Row]:
        what = f'list {kind.value}s'
        if kind is ResourceKind.IMAGE:
            return self._caller.listed(
                what,
                lambda path: self._image.get(path).json(),
                '/images',
                {'owner': self._own_project()},
                lambda rows: [(row, row.get(PROPERTY, '')) for row in rows],
            )
        if kind is ResourceKind.SNAPSHOT:
            return self._caller.listed(
                what,
                lambda path: self._block_storage.get(path)[1],
                '/snapshots/detail',
                {},
                lambda rows: [(row, None) for row in rows],
            )
        query, repeated = _OF_NOVA[kind]
        return self._caller.listed(
            what,
            lambda path: self._compute.get(
                path, microversion=MICROVERSION
            ).json(),
            f'{_COLLECTIONS[kind]}/detail',
            query,
            lambda rows: [(row, repeated(row)) for row in rows],
        )

    def _own_project(self) -> str:
        session: Any = self._image.session
        return self._caller.retrying(
            'log in', lambda: str(session.auth.get_access(session).project_id)
        )
