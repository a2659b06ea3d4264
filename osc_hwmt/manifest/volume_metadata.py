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
from collections.abc import Iterator

from osc_hwmt.yaml_text.nodes import (
    MappingNode,
    Node,
    child,
    is_null,
    is_true,
    items,
    scalar_of,
)
from osc_hwmt.yaml_text.proof import Changes, Moved, Now
from osc_hwmt.yaml_text.splices import Splice, give_other_name

METADATA = 'volume_image_metadata'
PARKED = 'volume_image_metadata_parked'
#: The device of the volume that os-migrate copies through a snapshot.
_COPIED_BOOT_DEVICE = '/dev/vda'


def metadata_of(volume: Node) -> Node | None:
    """Return a volume's image metadata, wherever it stands; None if none."""
    params = child(volume, 'params')
    for key in (METADATA, PARKED):
        metadata = child(params, key)
        if not is_null(metadata):
            return metadata
    return None


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


def trapped(resource: Node) -> list[Park]:
    """Return how to park what makes the import of a server fail."""
    return [
        Park(number)
        for number, volume in _volumes(resource)
        if not is_null(child(volume, 'params', METADATA))
        and child(volume, 'params', PARKED) is None
    ]


def _volumes(resource: Node) -> Iterator[tuple[int, Node]]:
    """Yield the volumes whose parameters reach Cinder, with their numbers."""
    migration = child(resource, '_migration_params')
    data_copy = child(migration, 'data_copy')
    if data_copy is not None and not is_true(data_copy):
        return
    directly = is_true(child(migration, 'use_nbdkit_direct'))
    for number, volume in enumerate(
        items(child(resource, 'params', 'volumes'))
    ):
        devices = [
            scalar_of(child(attachment, 'device'))
            for attachment in items(child(volume, '_info', 'attachments'))
        ]
        if directly or _COPIED_BOOT_DEVICE not in devices:
            yield number, volume
