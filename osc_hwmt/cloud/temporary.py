# SPDX-License-Identifier: Apache-2.0

"""What runs made for a moment, found by their mark and deleted."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import quote, urlencode

from keystoneauth1 import adapter

from osc_hwmt.cloud import errors
from osc_hwmt.cloud.interface import ResourceKind, TemporaryResource
from osc_hwmt.cloud.mark import PROPERTY, RunMark
from osc_hwmt.cloud.paging import PAGE_SIZE, pages
from osc_hwmt.cloud.probing import MICROVERSION
from osc_hwmt.exceptions import CloudError

#: A thing, and what it carries beside its name; a snapshot carries nothing.
_Row = tuple[dict[str, Any], Any]
_COLLECTIONS = {
    ResourceKind.SERVER: '/servers',
    ResourceKind.IMAGE: '/images',
    ResourceKind.SNAPSHOT: '/snapshots',
    ResourceKind.FLAVOR: '/flavors',
}


class TemporaryThings:
    """Servers, images, snapshots and flavors of the session's project.

    A flavor is of no project, so those are the whole cloud's.
    """

    def __init__(
        self,
        compute: adapter.Adapter,
        image: adapter.Adapter,
        block_storage: Any,
        cloud: str,
    ) -> None:
        self._compute = compute
        self._image = image
        self._block_storage = block_storage
        self._cloud = cloud

    def made(self, kinds: Collection[ResourceKind]) -> list[TemporaryResource]:
        """Return all things that have a run's mark; raises CloudError."""
        listings = {
            ResourceKind.SERVER: self._servers,
            ResourceKind.IMAGE: self._images,
            ResourceKind.SNAPSHOT: self._snapshots,
            ResourceKind.FLAVOR: self._flavors,
        }
        found = []
        for kind in kinds:
            with errors.translated(self._cloud, f'list {kind.value}s'):
                rows = list(listings[kind]())
            for row, beside in rows:
                name = row.get('name') or ''
                mark = RunMark.of(name)
                if mark and beside in (None, mark.name):
                    found.append(
                        TemporaryResource(kind, row['id'], name, mark)
                    )
        return found

    def delete(self, thing: TemporaryResource) -> None:
        """Ask for a thing's deletion; raises CloudError."""
        self._reach('delete', thing)

    def is_there(self, thing: TemporaryResource) -> bool:
        """Tell whether a thing still exists; raises CloudError."""
        return self._reach('get', thing)

    def _reach(self, method: str, thing: TemporaryResource) -> bool:
        """Send a request about a thing, return whether it was there."""
        client: Any = {
            ResourceKind.IMAGE: self._image,
            ResourceKind.SNAPSHOT: self._block_storage,
        }.get(thing.kind, self._compute)
        path = f'{_COLLECTIONS[thing.kind]}/{quote(thing.id, safe="")}'
        verb = 'read' if method == 'get' else method
        what = f'{verb} {thing.kind.value} {thing.id}'
        try:
            with errors.translated(self._cloud, what):
                getattr(client, method)(path)
        except CloudError as exc:
            if exc.code != 404:
                raise
            return False
        return True

    def _servers(self) -> Iterator[_Row]:
        query = {'name': '^osc-hwmt-'}
        for page in self._compute_pages('/servers/detail', 'servers', query):
            for row in page:
                yield row, (row.get('metadata') or {}).get(PROPERTY, '')

    def _flavors(self) -> Iterator[_Row]:
        query = {'is_public': 'none'}
        for page in self._compute_pages('/flavors/detail', 'flavors', query):
            for row in page:
                yield row, row.get('description') or ''

    def _compute_pages(
        self, path: str, key: str, query: dict[str, str]
    ) -> Iterator[list[dict[str, Any]]]:
        return pages(
            lambda path: self._compute.get(
                path, microversion=MICROVERSION
            ).json(),
            path,
            key,
            query,
        )

    def _images(self) -> Iterator[_Row]:
        session: Any = self._image.session
        owner = session.auth.get_access(session).project_id
        query = {'owner': owner, 'limit': str(PAGE_SIZE)}
        path: str | None = f'/images?{urlencode(query)}'
        while path:
            body = self._image.get(path).json()
            for row in body['images']:
                yield row, row.get(PROPERTY, '')
            marker = body['images'][-1]['id'] if body.get('next') else None
            path = (
                marker and f'/images?{urlencode({**query, "marker": marker})}'
            )

    def _snapshots(self) -> Iterator[_Row]:
        for page in pages(
            lambda path: self._block_storage.get(path)[1],
            '/snapshots/detail',
            'snapshots',
            {},
        ):
            for row in page:
                yield row, None
