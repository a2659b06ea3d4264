# SPDX-License-Identifier: Apache-2.0

"""Cinder: volumes and their image metadata, through python-cinderclient.

Everything here is in v3 without a microversion, Queens to master
(cinder/api/contrib/volume_image_metadata.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from osc_hwmt.cloud import answers
from osc_hwmt.cloud.answers import identifier
from osc_hwmt.cloud.errors import Caller
from osc_hwmt.cloud.ids import segment
from osc_hwmt.cloud.interface import Scope
from osc_hwmt.exceptions import CloudError
from osc_hwmt.model.inventory import Attachment, Volume
from osc_hwmt.model.memory import intern_mapping, intern_value

#: The 404 of a volume that is there and has no image metadata; that of one
#: that is not there reads otherwise (cinder/exception.py, Queens to master).
_HAS_NONE = 'Glance metadata for volume/snapshot'


class CinderBlockStorage:
    """interface.BlockStorage over HTTP; the protocol describes the methods."""

    def __init__(self, client: Any, caller: Caller) -> None:
        self._volumes = client.volumes
        self._http = client.client
        self._caller = caller

    def volumes(self, scope: Scope) -> list[Volume]:
        return self._caller.listed(
            'list volumes',
            lambda path: self._http.get(path)[1],
            '/volumes/detail',
            scope.query,
            _page,
        )

    def volume(self, volume_id: str) -> Volume | None:
        try:
            return self._caller.retrying(
                f'read volume {volume_id}', lambda: self._get(volume_id)
            )
        except CloudError as exc:
            if exc.code == 404:
                return None
            raise

    def image_metadata(
        self, volume_id: str, *, retrying: bool = True
    ) -> Mapping[str, str] | None:
        # Cinder answers 404 for a volume that has none, and for a volume
        # that does not exist.
        ask = self._caller.retrying if retrying else self._caller.once
        what = f'read volume {volume_id}'
        try:
            return ask(what, lambda: self._shown(volume_id))
        except CloudError as exc:
            if exc.code == 403:
                return None
            if exc.code != 404:
                raise
            if _HAS_NONE in str(exc):
                return {}
        ask(what, lambda: self._get(volume_id))
        return {}

    def set_image_metadata(
        self, volume_id: str, values: Mapping[str, str]
    ) -> Mapping[str, str]:
        return self._caller.once(
            f'set image metadata of volume {volume_id}',
            lambda: _metadata(
                self._volumes.set_image_metadata(
                    segment(volume_id), dict(values)
                )
            ),
        )

    def unset_image_metadata(
        self, volume_id: str, keys: Sequence[str]
    ) -> None:
        for key in keys:
            self._unset(volume_id, key)

    def _unset(self, volume_id: str, key: str) -> None:
        try:
            self._caller.once(
                f'remove image metadata of volume {volume_id}',
                lambda: self._volumes.delete_image_metadata(
                    segment(volume_id), [key]
                ),
            )
        except CloudError as exc:
            if exc.code != 404:
                raise
            left = self.image_metadata(volume_id, retrying=False)
            if key in (left or {}):
                raise

    def _shown(self, volume_id: str) -> dict[str, str]:
        return _metadata(self._volumes.show_image_metadata(segment(volume_id)))

    def _get(self, volume_id: str) -> Volume:
        body = self._http.get(f'/volumes/{segment(volume_id)}')[1]
        return _volume(body['volume'])


def _metadata(answer: tuple[Any, Any]) -> dict[str, str]:
    """Return the image metadata in an answer of cinderclient's."""
    return answers.texts({**answer[1]}, 'metadata') or {}


def _page(rows: list[dict[str, Any]]) -> list[Volume]:
    """Return a page's volumes, with what its metadata's absence proves.

    Policy hides the member for a whole request, and Cinder's own failed query
    drops it for a whole page. So one row that has it vouches for the page.
    """
    vouched = any(row.get('volume_image_metadata') for row in rows)
    return [
        _volume(row, vouched, None if vouched else rows[0]['id'])
        for row in rows
        if not str(row.get('migration_status') or '').startswith('target:')
    ]


def _volume(
    row: dict[str, Any],
    vouched: bool = False,
    unproven_page: str | None = None,
) -> Volume:
    metadata = answers.texts(row, 'volume_image_metadata')
    if metadata is None and vouched:
        metadata = {}
    project_id = answers.text_if_any(row, 'os-vol-tenant-attr:tenant_id')
    # Of many volumes, what most have alike is kept once.
    return Volume(
        id=intern_value(identifier(row)),
        name=intern_value(answers.text_if_any(row, 'name') or ''),
        project_id=project_id and intern_value(project_id),
        size=answers.number(row, 'size'),
        bootable=row['bootable'] == 'true',
        status=intern_value(answers.text(row, 'status')),
        attachments=tuple(
            Attachment(
                intern_value(answers.text(one, 'server_id')), _device(one)
            )
            for one in answers.rows(row, 'attachments')
        ),
        image_metadata=None if metadata is None else intern_mapping(metadata),
        unproven_page=unproven_page,
        created=answers.time(row, 'created_at'),
    )


def _device(attachment: Mapping[str, Any]) -> str | None:
    device = answers.text_if_any(attachment, 'device')
    return device and intern_value(device)
