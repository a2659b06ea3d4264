# SPDX-License-Identifier: Apache-2.0

"""Cinder: volumes and their image metadata, through python-cinderclient.

Everything here is in v3 without a microversion, Queens to master
(cinder/api/contrib/volume_image_metadata.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from osc_hwmt.cloud import errors
from osc_hwmt.cloud.interface import Scope
from osc_hwmt.cloud.paging import pages
from osc_hwmt.exceptions import CloudError
from osc_hwmt.inventory import Attachment, Volume


class CinderBlockStorage:
    """The block storage service of one cloud."""

    def __init__(self, client: Any, cloud: str) -> None:
        self._volumes = client.volumes
        self._http = client.client
        self._cloud = cloud

    def volumes(self, scope: Scope) -> list[Volume]:
        """Return the volumes, in pages; raises CloudError."""
        query: dict[str, str] = {}
        if scope.all_projects or scope.project_id:
            query['all_tenants'] = '1'
        if scope.project_id:
            query['project_id'] = scope.project_id
        with errors.translated(self._cloud, 'list volumes'):
            return [
                volume
                for page in pages(
                    lambda path: self._http.get(path)[1],
                    '/volumes/detail',
                    'volumes',
                    query,
                )
                for volume in _page(page)
            ]

    def volume(self, volume_id: str) -> Volume | None:
        """Return a volume, None if there is none; raises CloudError."""
        try:
            with errors.translated(self._cloud, f'read volume {volume_id}'):
                body = self._http.get(f'/volumes/{volume_id}')[1]
                return _volume(body['volume'], vouched=False)
        except CloudError as exc:
            if exc.code == 404:
                return None
            raise

    def image_metadata(self, volume_id: str) -> Mapping[str, str] | None:
        """Return a volume's image metadata; raises CloudError.

        None means that this user may not see it. Cinder answers 404 for a
        volume that has none, and for a volume that does not exist.
        """
        try:
            with errors.translated(self._cloud, f'read volume {volume_id}'):
                _response, body = self._volumes.show_image_metadata(volume_id)
                return dict(body['metadata'])
        except CloudError as exc:
            if exc.code == 403:
                return None
            if exc.code != 404:
                raise
        with errors.translated(self._cloud, f'read volume {volume_id}'):
            self._http.get(f'/volumes/{volume_id}')
        return {}

    def set_image_metadata(
        self, volume_id: str, values: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Set some keys in one request, return all; raises CloudError."""
        with errors.translated(self._cloud, f'set volume {volume_id}'):
            _response, body = self._volumes.set_image_metadata(
                volume_id, dict(values)
            )
            return dict(body['metadata'])

    def unset_image_metadata(
        self, volume_id: str, keys: Sequence[str]
    ) -> None:
        """Remove keys, one request each; raises CloudError."""
        for key in keys:
            try:
                with errors.translated(
                    self._cloud, f'unset volume {volume_id}'
                ):
                    self._volumes.delete_image_metadata(volume_id, [key])
            except CloudError as exc:
                if exc.code != 404 or key in (
                    self.image_metadata(volume_id) or {}
                ):
                    raise


def _page(rows: list[dict[str, Any]]) -> list[Volume]:
    """Return a page's volumes, with what its metadata's absence proves.

    Policy hides the member for a whole request, and Cinder's own failed query
    drops it for a whole page. So one row that has it vouches for the page.
    """
    vouched = any(row.get('volume_image_metadata') for row in rows)
    return [
        _volume(row, vouched)
        for row in rows
        if not str(row.get('migration_status') or '').startswith('target:')
    ]


def _volume(row: dict[str, Any], vouched: bool) -> Volume:
    metadata = row.get('volume_image_metadata')
    if metadata is None and vouched:
        metadata = {}
    return Volume(
        id=row['id'],
        name=row['name'] or '',
        project_id=row.get('os-vol-tenant-attr:tenant_id'),
        size=row['size'],
        bootable=row['bootable'] == 'true',
        status=row['status'],
        attachments=tuple(
            Attachment(one['server_id'], one.get('device'))
            for one in row.get('attachments') or ()
        ),
        image_metadata=metadata,
    )
