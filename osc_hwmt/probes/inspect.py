# SPDX-License-Identifier: Apache-2.0

"""What Nova recorded of servers, read from images that it makes of them.

No API shows what Nova recorded of a server that boots from a volume. But the
image that createImage makes of one has it as its properties (nova/compute/
utils.py, initialize_instance_snapshot_metadata): the machine type since
Wallaby, the buses and models that Nova chose since Yoga. Such an image has
no data; what it costs is a snapshot of each volume, which is deleted again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Union

from osc_hwmt.cloud.interface import (
    Cloud,
    QuotaLeft,
    ResourceKind,
    TemporaryResource,
)
from osc_hwmt.cloud.mark import Purpose, RunMark
from osc_hwmt.exceptions import CloudError, Error
from osc_hwmt.i18n import _
from osc_hwmt.local.parallel import in_parallel
from osc_hwmt.model import properties as image_properties
from osc_hwmt.model.boot_volume import block_devices
from osc_hwmt.model.evidence import Evidence, Guest
from osc_hwmt.model.inventory import MACHINE_TYPE, Server, Volume
from osc_hwmt.probes.cleanup import REMOVAL_LIMIT, Run

#: The newest microversion of Wallaby, which is the first that records.
WALLABY = (2, 88)
KINDS = (ResourceKind.IMAGE, ResourceKind.SNAPSHOT)
#: createImage refuses servers in any other state (nova/compute/api.py,
#: snapshot_volume_backed).
STATUSES = frozenset(('ACTIVE', 'SHUTOFF', 'PAUSED', 'SUSPENDED'))
#: Seconds that an image may take to be made, and that clocks may differ.
_IMAGE_LIMIT = 120.0
_CLOCKS = 600.0
#: What Nova answers before it makes anything: no such server, wrong state.
#: After anything else some of the snapshots may be there.
_BEFORE_ANYTHING = (404, 409)


@dataclasses.dataclass(frozen=True)
class Target:
    """A server to inspect, and all of its volumes."""

    server: Server
    volumes: tuple[Volume, ...]

    @property
    def gigabytes(self) -> int:
        """The GiB that snapshots of its volumes count as."""
        return sum(volume.size for volume in self.volumes)


@dataclasses.dataclass(frozen=True)
class NotInspected:
    """A server of which nothing was learned, and why."""

    server: Server
    reason: str


Answer = Union[Guest, NotInspected]


def require_records(cloud: Cloud) -> None:
    """Raise Error where Nova recorded nothing, and CloudError."""
    newest = cloud.compute.newest_microversion()
    if newest < WALLABY:
        raise Error(
            _(
                'cloud %(cloud)s: --inspect needs Nova of Wallaby or later '
                '(API 2.88), this one has %(major)d.%(minor)d and records no '
                'machine types. Collect the libvirt domains of its hosts '
                'instead'
            )
            % {'cloud': cloud.name, 'major': newest[0], 'minor': newest[1]}
        )


def choose(
    servers: Iterable[Server], volumes: Mapping[str, Volume]
) -> tuple[list[Target], list[NotInspected]]:
    """Return which of these servers can be inspected, and which can't.

    One that boots from an image never is: there createImage copies the disk.
    """
    targets, not_inspected = [], []
    for server in servers:
        reason = _obstacle(server, volumes)
        if reason:
            not_inspected.append(NotInspected(server, reason))
        else:
            of_server = tuple(volumes[one] for one in server.volume_ids)
            targets.append(Target(server, of_server))
    return targets, not_inspected


def _obstacle(server: Server, volumes: Mapping[str, Volume]) -> str | None:
    if server.image_id:
        return _(
            'it boots from an image, and inspecting it would copy its disk'
        )
    if server.status not in STATUSES:
        return (
            _('Nova does not create images of servers in status %s')
            % server.status
        )
    if not server.volume_ids or not volumes.keys() >= set(server.volume_ids):
        return _('not all of its volumes are visible')
    return None


def mark(targets: Sequence[Target], concurrency: int) -> RunMark:
    """Return the mark of a run that inspects these servers."""
    rounds = -(-len(targets) // concurrency) + 1
    limit = rounds * (_IMAGE_LIMIT + 2 * REMOVAL_LIMIT) + _CLOCKS
    return RunMark.new(Purpose.INSPECT, limit)


def inspect(
    cloud: Cloud, run: Run, targets: Sequence[Target], concurrency: int
) -> list[Answer]:
    """Return what each server's image tells, in the servers' order.

    Everything that is made belongs to the run, which has to be entered. No
    more snapshots exist at once than the quota of the session's project
    allows; where it is used up otherwise, no further server is inspected.
    Raises CloudError where the quota can't be read.
    """
    quota = _Quota(cloud.inspecting.quota_left())

    def answer(target: Target) -> Answer:
        reason = quota.take(target, run.stop)
        if reason:
            return NotInspected(target.server, reason)
        try:
            return _inspected(cloud, run, target)
        except CloudError as exc:
            if exc.code == 403:
                quota.close(str(exc))
            return NotInspected(target.server, str(exc))
        finally:
            quota.give_back(target)

    return in_parallel(answer, targets, concurrency)


class _Quota:
    """What the snapshots that exist at once may add up to."""

    def __init__(self, room: QuotaLeft) -> None:
        self._snapshots = room.snapshots
        self._gigabytes = room.gigabytes
        self._taken: list[Target] = []
        self._closed: str | None = None
        self._changed = threading.Condition()

    def take(self, target: Target, stop: threading.Event) -> str | None:
        """Return once there is room for a server, or why there is none."""
        with self._changed:
            while not stop.is_set() and not self._closed:
                if self._fits([*self._taken, target]):
                    self._taken.append(target)
                    return None
                if not self._fits([target]):
                    return _(
                        "the project's quota has no room for %(n)d "
                        'snapshot(s) of %(gigabytes)d GiB'
                    ) % {
                        'n': len(target.volumes),
                        'gigabytes': target.gigabytes,
                    }
                self._changed.wait(1.0)
            return self._closed or _('interrupted')

    def give_back(self, target: Target) -> None:
        """Free the room of a server whose snapshots are gone."""
        with self._changed:
            self._taken.remove(target)
            self._changed.notify_all()

    def close(self, reason: str) -> None:
        """Let no further server in."""
        with self._changed:
            self._closed = (
                _('not started because another one was refused: %s') % reason
            )
            self._changed.notify_all()

    def _fits(self, targets: Sequence[Target]) -> bool:
        snapshots = sum(len(target.volumes) for target in targets)
        gigabytes = sum(target.gigabytes for target in targets)
        return (self._snapshots is None or snapshots <= self._snapshots) and (
            self._gigabytes is None or gigabytes <= self._gigabytes
        )


def _inspected(cloud: Cloud, run: Run, target: Target) -> Answer:
    server = target.server
    name = f'{run.mark.name}-{server.id}'
    resources: list[TemporaryResource] = []
    try:
        image_id = cloud.inspecting.create_image(server.id, name, run.mark)
        resources.append(run.add(ResourceKind.IMAGE, image_id, name))
        image = cloud.images.image(image_id)
        if image is None:
            raise CloudError(_('its image cannot be read'))
        devices = block_devices(image.properties.get('block_device_mapping'))
        for device in devices:
            snapshot_id = str(device['snapshot_id'])
            resources.append(run.add(ResourceKind.SNAPSHOT, snapshot_id, name))
        return _guest(cloud, target, image.properties, devices)
    except CloudError as exc:
        if exc.code not in _BEFORE_ANYTHING:
            with contextlib.suppress(CloudError):
                run.sweep(server.id)
        raise
    finally:
        run.remove(resources)


def _guest(
    cloud: Cloud,
    target: Target,
    properties: Mapping[str, str],
    devices: Sequence[Mapping[str, Any]],
) -> Guest:
    return Guest(
        server_id=target.server.id,
        evidence=Evidence.NOVA_RECORD,
        machine_type=properties.get(MACHINE_TYPE) or None,
        origin=_('inspected on cloud %s') % cloud.name,
        architecture=properties.get('hw_architecture')
        or properties.get('architecture'),
        properties={
            key: value
            for key, value in properties.items()
            if image_properties.is_property(key) and key != MACHINE_TYPE
        },
        boot_volume_id=_boot_volume_id(cloud, target, devices),
    )


def _boot_volume_id(
    cloud: Cloud, target: Target, devices: Sequence[Mapping[str, Any]]
) -> str | None:
    """Return the volume with boot index 0, which no other API shows."""
    if len(target.volumes) == 1:
        return target.volumes[0].id
    for device in devices:
        if device.get('boot_index') == 0:
            return cloud.inspecting.volume_of(str(device['snapshot_id']))
    return None
