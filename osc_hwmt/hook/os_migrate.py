# SPDX-License-Identifier: Apache-2.0

"""What os-migrate's playbooks say of a workload while they import it.

Names and shapes are those of os-migrate 1.0.5, roles/import_workloads,
roles/import_detached_volumes and the modules that they call.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any

COLLECTION = 'os_migrate.os_migrate'
#: Where the roles find what to import, in os_migrate_data_dir.
WORKLOADS = 'workloads.yml'
DETACHED_VOLUMES = 'detached_volumes.yml'
CLOUDS = 'clouds.yaml'
#: The device that os-migrate boots every server from that it creates.
BOOT_DEVICE = '/dev/vda'


class Module(enum.Enum):
    """The modules whose results tell what there is to do."""

    #: Says whether a workload is going to be imported, or is there already.
    PRELIMINARY = 'import_workload_prelim'
    #: Creates and fills a workload's volumes. Its server comes next.
    TRANSFER = 'import_workload_transfer_volumes'
    #: The same for volumes that belong to no server.
    TRANSFER_DETACHED = 'import_volumes_transfer'


def module_of(action: str) -> Module | None:
    """Return which of these modules a task runs, None for any other."""
    collection, _dot, name = action.rpartition('.')
    if collection not in ('', COLLECTION):
        return None
    try:
        return Module(name)
    except ValueError:
        return None


@dataclasses.dataclass(frozen=True)
class Workload:
    """A server on its way, as its resource in workloads.yml says.

    ``server_id`` is the source server's, None where it is not said. Without
    ``copies_data`` nothing is transferred: its volumes were put there by
    other means, and named in the resource.
    """

    server_id: str | None
    name: str
    copies_data: bool


def workload(resource: object) -> Workload | None:
    """Return the workload that a resource describes, None if it is none."""
    if not isinstance(resource, Mapping):
        return None
    name = _member(resource, 'params', 'name')
    if not isinstance(name, str):
        return None
    server_id = _member(resource, '_info', 'id')
    copies = _member(resource, '_migration_params', 'data_copy')
    return Workload(
        server_id if isinstance(server_id, str) else None,
        name,
        copies is not False,
    )


def boot_volume_id(result: Mapping[str, Any]) -> str | None:
    """Return the volume that a transferred workload's server boots from.

    None means that it boots from an image. What counts is the mapping that
    Nova gets. In volume_map the boot volume's source_id is a temporary
    copy's and not the server's volume, so nothing is looked up by that.
    """
    mappings = result.get('block_device_mapping')
    if isinstance(mappings, list):
        for one in mappings:
            if str(_member(one, 'boot_index')) == '0':
                return _text(_member(one, 'uuid'))
        return None
    return _text(_member(result, 'volume_map', BOOT_DEVICE, 'dest_id'))


def volumes(result: Mapping[str, Any]) -> dict[str, str]:
    """Return source volume id → destination volume id, of detached volumes."""
    found = result.get('volume_map')
    if not isinstance(found, Mapping):
        return {}
    pairs = (
        (_text(_member(one, 'source_id')), _text(_member(one, 'dest_id')))
        for one in found.values()
    )
    return {source: target for source, target in pairs if source and target}


def _member(node: object, *path: str) -> object:
    for key in path:
        if not isinstance(node, Mapping):
            return None
        node = node.get(key)
    return node


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
