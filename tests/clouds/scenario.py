# SPDX-License-Identifier: Apache-2.0

"""What the two clouds hold once they are seeded, as plain data.

It is one example of every way in which a server can be told its machine
type, and of what makes finding the right volume hard.
"""

from __future__ import annotations

import dataclasses
from typing import Any

DEFAULT_DOMAIN = 'Default'
MACHINE_TYPE = 'hw_machine_type'
I440FX = 'pc-i440fx-rhel7.6.0'
Q35 = 'pc-q35-rhel8.4.0'


@dataclasses.dataclass(frozen=True)
class ProjectPlan:
    """A project; ``parent`` is the label of the one it is nested in."""

    label: str
    name: str
    domain: str = DEFAULT_DOMAIN
    parent: str | None = None


@dataclasses.dataclass(frozen=True)
class ImagePlan:
    """An image and its properties."""

    name: str
    properties: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class VolumePlan:
    """A volume: blank, or made by Cinder from an image.

    ``properties`` are written into its image metadata afterwards.
    """

    label: str
    name: str
    project: str = 'demo'
    bootable: bool = True
    properties: dict[str, str] = dataclasses.field(default_factory=dict)
    image: str | None = None


@dataclasses.dataclass(frozen=True)
class ServerPlan:
    """A server; it boots from the first volume, or else from the image.

    With ``image_to_volume`` Nova makes a volume of the image itself.
    """

    label: str
    name: str
    project: str = 'demo'
    volumes: tuple[VolumePlan, ...] = ()
    image: str | None = None
    image_to_volume: bool = False
    boot_device: str | None = None
    shelved: bool = False


def _typed(machine_type: str, **others: str) -> dict[str, str]:
    return {MACHINE_TYPE: machine_type, **others}


def _server(
    name: str,
    boot_volume: str,
    properties: dict[str, str],
    *further: VolumePlan,
    **differing: Any,
) -> ServerPlan:
    """Return a server that boots from a blank volume of its project."""
    plan = ServerPlan(name, name, **differing)
    boot = VolumePlan(
        boot_volume, boot_volume, plan.project, properties=properties
    )
    return dataclasses.replace(plan, volumes=(boot, *further))


PROJECTS = (
    ProjectPlan('demo', 'demo'),
    ProjectPlan('finance', 'finance'),
    ProjectPlan('web', 'web', domain='corp'),
    ProjectPlan('shop', 'shop', domain='corp', parent='web'),
)
MEMBER = 'demo'

IMAGES = (
    ImagePlan('img-typed', _typed(I440FX, hw_disk_bus='virtio')),
    ImagePlan('img-plain'),
)

SERVERS = (
    _server(
        'erp-win2012',
        'erp-boot',
        _typed(I440FX, os_type='windows'),
        VolumePlan('erp-data', 'erp-data', bootable=False),
    ),
    _server('web-q35', 'web-boot', _typed(Q35)),
    _server('plain-linux', 'plain-boot', {}),
    ServerPlan('image-typed', 'image-typed', image='img-typed'),
    ServerPlan('image-plain', 'image-plain', image='img-plain'),
    ServerPlan(
        'nova-unnamed', 'nova-unnamed', image='img-typed', image_to_volume=True
    ),
    _server(
        'scsi-root',
        'scsi-boot',
        _typed(I440FX, hw_disk_bus='scsi', hw_scsi_model='virtio-scsi'),
        boot_device='/dev/sda',
    ),
    _server(
        'two-boot',
        'two-boot-a',
        _typed(I440FX),
        VolumePlan('two-boot-b', 'two-boot-b', properties=_typed(Q35)),
    ),
    ServerPlan(
        'erp-win2012@finance',
        'erp-win2012',
        project='finance',
        volumes=(
            VolumePlan(
                'erp-boot@finance',
                'erp-boot',
                project='finance',
                properties=_typed(Q35),
            ),
        ),
    ),
    _server('shop-db', 'shop-boot', _typed(I440FX), project='shop'),
    ServerPlan(
        'quoted',
        'it\'s "quoted" büro 東京',
        volumes=(
            VolumePlan(
                'quoted-boot',
                'it\'s "quoted" büro 東京 boot',
                properties=_typed(I440FX),
            ),
        ),
    ),
    ServerPlan(
        'evil',
        'evil',
        volumes=(
            VolumePlan(
                'evil-boot', 'evil\x1b[31mboot', properties=_typed(I440FX)
            ),
        ),
    ),
    _server('shelved', 'shelved-boot', _typed(I440FX), shelved=True),
    ServerPlan(
        'glance-born',
        'glance-born',
        volumes=(VolumePlan('glance-boot', 'glance-boot', image='img-typed'),),
    ),
)

# A bootable volume that belongs to no server.
DETACHED = (
    VolumePlan('golden-master', 'golden-master', properties=_typed(I440FX)),
)

# The one image-booted server for which os-migrate has made a volume.
COPIED_IMAGE_SERVER = 'image-typed'
# The server whose boot volume Nova made and gave no name.
UNNAMED_VOLUME_SERVER = 'nova-unnamed'
COPY_PREFIX = 'os-migrate-'
