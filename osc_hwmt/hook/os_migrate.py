# SPDX-License-Identifier: Apache-2.0

"""What os-migrate's playbooks say of a workload while they import it.

Names and shapes are those of os-migrate 1.0.5, roles/import_workloads,
roles/import_detached_volumes and the modules that they call.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable, Mapping
from typing import Any

from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _

COLLECTION = 'os_migrate.os_migrate'
#: Where the roles find what to import, in os_migrate_data_dir.
WORKLOADS = 'workloads.yml'
DETACHED_VOLUMES = 'detached_volumes.yml'
CLOUDS = 'clouds.yaml'
#: The device that os-migrate boots every server from that it creates.
BOOT_DEVICE = '/dev/vda'


class Module(enum.Enum):
    """The modules that tell what there is to do, or have to wait for it."""

    #: Says whether a workload is going to be imported, or is there already.
    PRELIMINARY = 'import_workload_prelim'
    #: Creates and fills a workload's volumes. Its server comes next.
    TRANSFER = 'import_workload_transfer_volumes'
    #: Creates the server.
    CREATE = 'import_workload_create_instance'
    #: Deletes the volumes of a workload whose import failed.
    CLEAN_UP = 'import_workload_dst_failure_cleanup'
    #: The first that is done with volumes that belong to no server.
    EXPORT_DETACHED = 'import_volumes_export'
    TRANSFER_DETACHED = 'import_volumes_transfer'
    #: Gives the source back what it was before them.
    CLEAN_UP_DETACHED = 'import_volumes_src_cleanup'


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
    other means, and ``placed`` is the one that it boots from, None where
    that is an image.
    """

    server_id: str | None
    name: str
    copies_data: bool
    placed: str | None = None

    @property
    def key(self) -> str:
        """What tells it from the others of its play."""
        return self.server_id or f'name {self.name}'


@dataclasses.dataclass(frozen=True)
class Transferred:
    """The volumes that were made for a workload, by their ids.

    ``boot`` is None where its server boots from an image; ``others`` are in
    the order of their devices.
    """

    boot: str | None
    others: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """All of them, the one that is booted from first."""
        return (self.boot, *self.others) if self.boot else self.others


def workload(resource: object) -> Workload | None:
    """Return the workload that a resource describes, None if it is none."""
    if not isinstance(resource, Mapping):
        return None
    name = _member(resource, 'params', 'name')
    if not isinstance(name, str):
        return None
    migration = '_migration_params'
    copies = _member(resource, migration, 'data_copy') is not False
    placed = _text(_member(resource, migration, 'boot_volume', 'uuid'))
    return Workload(
        _text(_member(resource, '_info', 'id')),
        name,
        copies,
        None if copies else placed,
    )


def transferred(result: Mapping[str, Any]) -> Transferred:
    """Return the volumes that the transfer of a workload made.

    What counts is the mapping that Nova gets. In volume_map the boot
    volume's source_id is a temporary copy's and not the server's volume, so
    nothing is looked up by that. Raises Error for a result in any other form
    than os-migrate's.
    """
    _refuse_hidden(result)
    mappings = result.get('block_device_mapping')
    made = result.get('volume_map')
    by_device = sorted(made.items()) if isinstance(made, Mapping) else None
    if isinstance(mappings, list):
        devices = [
            (str(_member(one, 'boot_index')) == '0', _member(one, 'uuid'))
            for one in mappings
        ]
    elif by_device is not None:
        devices = [
            (device == BOOT_DEVICE, _member(one, 'dest_id'))
            for device, one in by_device
        ]
    else:
        raise _unknown('block_device_mapping')
    ids = [(boots, _text(one)) for boots, one in devices]
    boot = [one for boots, one in ids if boots and one]
    others = tuple(one for boots, one in ids if not boots and one)
    if len(boot) > 1 or len(boot) + len(others) < len(ids):
        raise _unknown('block_device_mapping')
    found = Transferred(boot[0] if boot else None, others)
    if by_device is not None and sorted(found.ids) != sorted(
        str(_member(one, 'dest_id')) for _device, one in by_device
    ):
        raise _unknown('volume_map')
    return found


def detached(resources: object) -> dict[str, bool]:
    """Return which of these volumes can be booted from, by their ids.

    Raises Error for what is no list of os-migrate's resources.
    """
    if not isinstance(resources, Iterable) or isinstance(resources, str):
        raise _unknown('data')
    found = {}
    for one in resources:
        volume_id = _text(_member(one, '_info', 'id'))
        if volume_id is None:
            raise _unknown('data')
        said = (
            _member(one, '_info', 'is_bootable'),
            _member(one, '_info', 'bootable'),
        )
        found[volume_id] = any(str(word).lower() == 'true' for word in said)
    return found


def volumes(result: Mapping[str, Any]) -> dict[str, str]:
    """Return source volume id → destination volume id, of detached volumes.

    Raises Error for a result in any other form than os-migrate's.
    """
    _refuse_hidden(result)
    found = result.get('volume_map')
    if not isinstance(found, Mapping):
        raise _unknown('volume_map')
    pairs = {}
    for one in found.values():
        source = _text(_member(one, 'source_id'))
        target = _text(_member(one, 'dest_id'))
        if source is None or target is None:
            raise _unknown('volume_map')
        pairs[source] = target
    return pairs


def _refuse_hidden(result: Mapping[str, Any]) -> None:
    if 'censored' in result:
        raise Error(_('no_log hides which volumes were created'))


def _unknown(name: str) -> Error:
    return Error(
        _('cannot interpret %s of this os-migrate, which differs from 1.0.5')
        % name
    )


def _member(node: object, *path: str) -> object:
    for key in path:
        if not isinstance(node, Mapping):
            return None
        node = node.get(key)
    return node


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
