# SPDX-License-Identifier: Apache-2.0

"""Nova and Cinder, as far as an inspection of servers needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keystoneauth1 import adapter

from osc_hwmt.cloud import answers
from osc_hwmt.cloud.errors import Caller
from osc_hwmt.cloud.ids import segment
from osc_hwmt.cloud.interface import QuotaLeft
from osc_hwmt.cloud.mark import RunMark

#: From 2.45 createImage answers with the image's id.
MICROVERSION = '2.45'


class NovaInspecting:
    """interface.Inspecting over HTTP; the protocol describes the methods."""

    def __init__(
        self, compute: adapter.Adapter, block_storage: Any, caller: Caller
    ) -> None:
        self._compute = compute
        self._block_storage = block_storage
        self._caller = caller

    def quota_left(self) -> QuotaLeft:
        return self._caller.retrying(
            'read the volume limits',
            lambda: _quota_left(self._block_storage.get('/limits')[1]),
        )

    def create_image(self, server_id: str, name: str, mark: RunMark) -> str:
        body = {'createImage': {'name': name, 'metadata': mark.properties}}
        return self._caller.creating(
            f'create an image of server {server_id}',
            lambda: answers.identifier(
                self._compute.post(
                    f'/servers/{segment(server_id)}/action',
                    json=body,
                    microversion=MICROVERSION,
                ).json(),
                'image_id',
            ),
        )

    def volume_of(self, snapshot_id: str) -> str:
        return self._caller.retrying(
            f'read snapshot {snapshot_id}',
            lambda: answers.identifier(
                self._block_storage.get(f'/snapshots/{segment(snapshot_id)}')[
                    1
                ]['snapshot'],
                'volume_id',
            ),
        )


def _quota_left(body: Any) -> QuotaLeft:
    limits = body['limits']['absolute']
    return QuotaLeft(
        _rest(limits, 'maxTotalSnapshots', 'totalSnapshotsUsed'),
        _rest(limits, 'maxTotalVolumeGigabytes', 'totalGigabytesUsed'),
    )


def _rest(limits: Mapping[str, Any], most: str, used: str) -> int | None:
    allowed = answers.number(limits, most)
    return None if allowed < 0 else allowed - answers.number(limits, used)
