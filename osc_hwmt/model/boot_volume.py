# SPDX-License-Identifier: Apache-2.0

"""Which of a server's volumes it boots from.

Nova's truth is the block device mapping with boot index 0, which no API
shows. These rules follow from what the APIs do show; each says which one
decided, and none picks by position, because Nova lists volumes unordered.
"""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Mapping, Sequence
from typing import Any

from osc_hwmt.model.inventory import Server, Volume

ROOT_DEVICES = frozenset(('/dev/vda', '/dev/sda', '/dev/hda', '/dev/xvda'))


class Rule(enum.Enum):
    """How a boot volume was recognised, most certain first."""

    ROOT_DEVICE = 'root-device'
    ONLY_VOLUME = 'only-volume'
    ONLY_BOOTABLE = 'only-bootable'
    FIRST_DISK = 'first-disk'


@dataclasses.dataclass(frozen=True)
class BootVolume:
    """The volume that a server boots from, and the rule that tells so."""

    volume: Volume
    rule: Rule


@dataclasses.dataclass(frozen=True)
class Unclear:
    """The boot volume can't be told; ``candidates`` may be empty."""

    candidates: tuple[Volume, ...]


def boot_volume(
    server: Server, volumes: Mapping[str, Volume]
) -> BootVolume | Unclear:
    """Return the boot volume of a volume-backed server, or why there is none.

    ``volumes`` goes by id. A volume that Nova names and that is not in it
    can't be judged, so then the answer is Unclear with those that are.
    """
    attached = tuple(
        volumes[volume_id]
        for volume_id in server.volume_ids
        if volume_id in volumes
    )
    if len(attached) < len(server.volume_ids):
        return Unclear(attached)
    by_root_device = [
        volume
        for volume in attached
        if server.root_device
        and _device(volume, server.id) == server.root_device
    ]
    bootable = [volume for volume in attached if volume.bootable]
    on_first_disk = [
        volume
        for volume in bootable
        if _device(volume, server.id) in ROOT_DEVICES
    ]
    found: Sequence[tuple[Sequence[Volume], Rule]] = (
        (by_root_device, Rule.ROOT_DEVICE),
        (attached, Rule.ONLY_VOLUME),
        (bootable, Rule.ONLY_BOOTABLE),
        (on_first_disk, Rule.FIRST_DISK),
    )
    for candidates, rule in found:
        if len(candidates) == 1:
            return BootVolume(candidates[0], rule)
    return Unclear(attached)


def block_devices(mapping: object) -> list[dict[str, Any]]:
    """Return the snapshots that an image is made of, with their boot index.

    ``mapping`` is its property block_device_mapping. What has another form
    than Nova's has none.
    """
    try:
        devices = json.loads(mapping) if isinstance(mapping, str) else ()
    except (RecursionError, ValueError):
        return []
    return [
        one
        for one in (devices if isinstance(devices, list) else ())
        if isinstance(one, dict) and one.get('snapshot_id')
    ]


def _device(volume: Volume, server_id: str) -> str | None:
    for attachment in volume.attachments:
        if attachment.server_id == server_id:
            return attachment.device
    return None
