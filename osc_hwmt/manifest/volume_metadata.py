# SPDX-License-Identifier: Apache-2.0

"""Volume image metadata that os-migrate's import would trip over.

os-migrate 1.0.2 and later export it, and hand it to Cinder's create call,
which answers 400 (volume microversion 3.53 and later) or ignores it: of every
volume but the one at /dev/vda, whose parameters are looked up by the id of a
temporary copy, and with use_nbdkit_direct of every volume
(os-migrate 1.0.5, plugins/module_utils/volume_common.py and
plugins/modules/import_workload_export_volume_map.py). It leaves out what is
null. So the metadata can be parked under another name, and null be put in its
place.
"""

from __future__ import annotations

import dataclasses

from osc_hwmt.manifest.sections import METADATA, PARKED, Resource
from osc_hwmt.yaml_text.nodes import (
    MappingNode,
    Node,
    child,
    is_null,
    items,
    scalar_of,
)
from osc_hwmt.yaml_text.proof import Changes, Moved, Now
from osc_hwmt.yaml_text.splices import Splice, give_other_name

#: The device of the volume that os-migrate copies through a snapshot.
_COPIED_BOOT_DEVICE = '/dev/vda'


def trapped(server: Resource) -> list[int]:
    """Return the numbers of the volumes that make a server's import fail."""
    migration = server.section('_migration_params')
    if 'data_copy' in migration.members and not migration.is_true('data_copy'):
        return []
    directly = migration.is_true('use_nbdkit_direct')
    return [
        number
        for number, volume in enumerate(server.volumes)
        if not is_null(volume.params.get(METADATA))
        and volume.params.get(PARKED) is None
        and (directly or not _is_copied(volume))
    ]


def _is_copied(volume: Resource) -> bool:
    return any(
        scalar_of(child(attachment, 'device')) == _COPIED_BOOT_DEVICE
        for attachment in volume.info.items('attachments')
    )


@dataclasses.dataclass(frozen=True)
class Park:
    """Park the metadata of one of a server's volumes."""

    number: int

    def splices(self, text: str, resource: Node) -> list[Splice]:
        """Return what changes in the text of a server's resource."""
        return give_other_name(text, self._params(resource), METADATA, PARKED)

    def changes(self, resource: Node) -> Changes:
        """Return what is to be different in it afterwards."""
        metadata = child(self._params(resource), METADATA)
        if metadata is None:
            raise TypeError('a volume without metadata was chosen')
        moved = {METADATA: Now(None), PARKED: Moved(metadata)}
        return {'params': {'volumes': {self.number: {'params': moved}}}}

    def _params(self, resource: Node) -> MappingNode:
        volume = items(child(resource, 'params', 'volumes'))[self.number]
        params = child(volume, 'params')
        if not isinstance(params, MappingNode):
            raise TypeError('a volume without params has no metadata')
        return params
