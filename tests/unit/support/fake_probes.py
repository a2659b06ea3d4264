# SPDX-License-Identifier: Apache-2.0

"""What a cloud in memory does for a probe and for an inspection."""

from __future__ import annotations

import collections
import itertools
import json
import threading
from collections.abc import Callable, Collection

from osc_hwmt.cloud.interface import (
    Build,
    ComputeHost,
    QuotaLeft,
    ResourceKind,
    TemporaryResource,
)
from osc_hwmt.cloud.mark import RunMark
from osc_hwmt.exceptions import CloudError
from osc_hwmt.model import inventory
from osc_hwmt.model.inventory import MACHINE_TYPE

#: A fault as Nova 27.5.1 with libvirt 9.0 gave it, shortened.
TYPES = ('pc-i440fx-7.2', 'pc-q35-7.2', 'pc', 'q35')
REASON = (
    "'osc-hwmt-probe' is not valid/supported machine type, Supported machine "
    f'types are: {[*TYPES, *TYPES]}'
)
REFUSED = Build(
    'ERROR',
    REASON[:90],
    'Traceback (most recent call last):\n'
    '  File "nova/virt/libvirt/host.py", line 1232, in _check_machine_type\n'
    f'nova.exception.InvalidMachineType: {REASON}\n\n'
    'During handling of the above exception, another exception occurred:\n\n'
    f'nova.exception.RescheduledException: Build of instance x: {REASON}\n',
)
_numbers = itertools.count(1)


def host(
    name: str = 'compute-0',
    *,
    zone: str = 'nova',
    up: bool = True,
    enabled: bool = True,
    hypervisor: str | None = 'QEMU',
) -> ComputeHost:
    """Return a compute host that can be asked, unless said otherwise."""
    return ComputeHost(name, zone, up, enabled, hypervisor)


class FakeTemporary:
    """Temporary resources in memory.

    A request for which ``troubles`` has something, such as "delete server",
    "read image" or "list", raises the first of it. What is ``stuck`` stays
    although its deletion was accepted. ``most`` is the largest number of each
    kind that ever existed at once.
    """

    def __init__(self) -> None:
        self.held: dict[str, TemporaryResource] = {}
        self.troubles: dict[str, list[BaseException]] = {}
        self.stuck: set[ResourceKind] = set()
        self.deleted: list[ResourceKind] = []
        self.most: collections.Counter[ResourceKind] = collections.Counter()
        self._lock = threading.Lock()

    def trouble(self, request: str) -> None:
        """Raise what is to go wrong with such a request."""
        with self._lock:
            some = self.troubles.get(request)
            if some:
                raise some.pop(0)

    def put(
        self, kind: ResourceKind, mark: RunMark, name: str | None = None
    ) -> str:
        """Return the id of a new resource."""
        with self._lock:
            resource = TemporaryResource(
                kind, f'{kind.name}-{next(_numbers)}', name or mark.name, mark
            )
            self.held[resource.id] = resource
            now = collections.Counter(one.kind for one in self.held.values())
            self.most |= now
        return resource.id

    def made(self, kinds: Collection[ResourceKind]) -> list[TemporaryResource]:
        self.trouble('list')
        return [one for one in self.held.values() if one.kind in kinds]

    def delete(self, resource: TemporaryResource) -> None:
        self.trouble(f'delete {resource.kind.value}')
        if resource.kind not in self.stuck and resource.id in self.held:
            del self.held[resource.id]
            self.deleted.append(resource.kind)

    def is_there(self, resource: TemporaryResource) -> bool:
        self.trouble(f'read {resource.kind.value}')
        return resource.id in self.held


class FakeProbing:
    """Nova with some hosts; each goes through its ``builds``.

    The last build stays. ``forced`` has the zone and host of each server.
    """

    def __init__(self, temporary: FakeTemporary) -> None:
        self.held: list[ComputeHost] = [host()]
        self.flavors: dict[str, str] = {}
        self.builds: dict[str, list[Build | None]] = {}
        self.forced: list[str] = []
        self.on_build: Callable[[], object] = lambda: None
        self._temporary = temporary
        self._host_of: dict[str, str] = {}

    def hosts(self) -> list[ComputeHost]:
        self._temporary.trouble('list hosts')
        return self.held

    def flavor_id(self, name_or_id: str) -> str | None:
        return self.flavors.get(name_or_id)

    def create_flavor(self, mark: RunMark) -> str:
        self._temporary.trouble('create flavor')
        return self._temporary.put(ResourceKind.FLAVOR, mark)

    def create_image(self, mark: RunMark, machine_type: str) -> str:
        self._temporary.trouble('create image')
        return self._temporary.put(ResourceKind.IMAGE, mark)

    def fill_image(self, image_id: str, content: bytes) -> None:
        self._temporary.trouble('fill image')

    def create_server(
        self, mark: RunMark, host: ComputeHost, flavor_id: str, image_id: str
    ) -> str:
        self._temporary.trouble(f'create server on {host.name}')
        self.forced.append(f'{host.zone}:{host.name}')
        server_id = self._temporary.put(ResourceKind.SERVER, mark)
        self._host_of[server_id] = host.name
        self._temporary.trouble('answer late')
        return server_id

    def build(self, server_id: str) -> Build | None:
        self.on_build()
        self._temporary.trouble('read build')
        builds = self.builds.get(self._host_of[server_id], [REFUSED])
        return builds.pop(0) if len(builds) > 1 else builds[0]


class FakeInspecting:
    """Nova that makes images of servers, and what is recorded of these.

    ``recorded`` goes by server, ``devices`` are its volumes with their boot
    indexes. Servers in ``half_done`` fail after their first snapshot.
    """

    def __init__(
        self, temporary: FakeTemporary, images: dict[str, inventory.Image]
    ) -> None:
        self.left = QuotaLeft(None, None)
        self.recorded: dict[str, dict[str, str]] = {}
        self.devices: dict[str, dict[str, int | None]] = {}
        self.half_done: dict[str, CloudError] = {}
        self.on_image: Callable[[], object] = lambda: None
        self._temporary = temporary
        self._images = images
        self._volume_of: dict[str, str] = {}

    def quota_left(self) -> QuotaLeft:
        self._temporary.trouble('read limits')
        return self.left

    def create_image(self, server_id: str, name: str, mark: RunMark) -> str:
        self._temporary.trouble(f'image {server_id}')
        mapping = []
        devices = self.devices.get(server_id, {'volume-1': 0})
        for volume_id, boot_index in devices.items():
            snapshot_id = self._temporary.put(
                ResourceKind.SNAPSHOT, mark, name
            )
            self._volume_of[snapshot_id] = volume_id
            mapping.append(
                {'snapshot_id': snapshot_id, 'boot_index': boot_index}
            )
            if server_id in self.half_done:
                raise self.half_done[server_id]
        self.on_image()
        image_id = self._temporary.put(ResourceKind.IMAGE, mark, name)
        self._images[image_id] = inventory.Image(
            image_id,
            name,
            {
                'block_device_mapping': json.dumps(mapping),
                'os_hash_algo': 'sha512',
                **self.recorded.get(server_id, {MACHINE_TYPE: 'q35'}),
            },
        )
        return image_id

    def volume_of(self, snapshot_id: str) -> str:
        self._temporary.trouble('read snapshot')
        return self._volume_of[snapshot_id]
