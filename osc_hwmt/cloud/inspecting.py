# SPDX-License-Identifier: Apache-2.0

"""Nova and Cinder, as far as an inspection of servers needs them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from keystoneauth1 import adapter

from osc_hwmt.cloud import errors
from osc_hwmt.cloud.compute import newest
from osc_hwmt.cloud.interface import QuotaLeft
from osc_hwmt.cloud.mark import RunMark

#: From 2.45 createImage answers with the image's id.
MICROVERSION = '2.45'


class NovaInspecting:
    """What an inspection makes and reads."""

    def __init__(
        self, compute: adapter.Adapter, block_storage: Any, cloud: str
    ) -> None:
        self._compute = compute
        self._block_storage = block_storage
        self._cloud = cloud

    def newest_microversion(self) -> tuple[int, int]:
        """Return Nova's newest microversion; raises CloudError."""
        with errors.translated(self._cloud, 'ask Nova for its version'):
            return newest(self._compute)

    def room(self) -> QuotaLeft:
        """Return what Cinder's quota leaves; raises CloudError."""
        with errors.translated(self._cloud, 'read the volume limits'):
            body = self._block_storage.get('/limits')[1]
            limits = body['limits']['absolute']
            return QuotaLeft(
                _rest(limits, 'maxTotalSnapshots', 'totalSnapshotsUsed'),
                _rest(limits, 'maxTotalVolumeGigabytes', 'totalGigabytesUsed'),
            )

    def create_image(self, server_id: str, name: str, mark: RunMark) -> str:
        """Make an image of a server, return its id; raises CloudError."""
        body = {'createImage': {'name': name, 'metadata': mark.properties}}
        with errors.translated(self._cloud, f'image server {server_id}'):
            answer = self._compute.post(
                f'/servers/{quote(server_id, safe="")}/action',
                json=body,
                microversion=MICROVERSION,
            )
            return str(answer.json()['image_id'])

    def volume_of(self, snapshot_id: str) -> str:
        """Return a snapshot's volume; raises CloudError."""
        path = f'/snapshots/{quote(snapshot_id, safe="")}'
        with errors.translated(self._cloud, f'read snapshot {snapshot_id}'):
            body = self._block_storage.get(path)[1]
            return str(body['snapshot']['volume_id'])


def _rest(limits: Mapping[str, int], most: str, used: str) -> int | None:
    return None if limits[most] < 0 else limits[most] - limits[used]
