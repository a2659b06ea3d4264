# SPDX-License-Identifier: Apache-2.0

"""What one source says of a server's machine type."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping


class Evidence(enum.Enum):
    """Where a machine type is known from; the strongest comes first."""

    LIBVIRT_DOMAIN = 'libvirt-domain'
    NOVA_RECORD = 'nova-record'
    VOLUME_IMAGE_METADATA = 'volume-image-metadata'
    IMAGE_PROPERTY = 'image-property'
    RELEASE_DEFAULT = 'release-default'
    OPERATOR_DEFAULT = 'operator-default'
    NONE = 'none'


@dataclasses.dataclass(frozen=True)
class Observation:
    """One source's word on a machine type; ``value`` None means unset."""

    evidence: Evidence
    value: str | None


@dataclasses.dataclass(frozen=True)
class Guest:
    """One server, as its compute's libvirt or Nova's database shows it.

    ``machine_type`` None means that nothing is recorded there.
    ``properties`` are the image properties, such as ``hw_disk_bus``, that
    would give a server the same hardware; ``hw_machine_type`` is not among
    them. ``origin`` is the file, and the place in it, for messages. The
    counts are None where they were not told.
    """

    server_id: str
    evidence: Evidence
    machine_type: str | None
    origin: str
    architecture: str | None = None
    properties: Mapping[str, str] = dataclasses.field(default_factory=dict)
    boot_volume_id: str | None = None
    host: str | None = None
    vcpus: int | None = None
    disks: int | None = None
    interfaces: int | None = None
