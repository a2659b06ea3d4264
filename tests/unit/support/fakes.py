# SPDX-License-Identifier: Apache-2.0

"""Builders of what lives in clouds, manifests and journals."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from osc_hwmt.compatibility.rules.definition import Concern, Rule, Severity
from osc_hwmt.journal import format as journal_format
from osc_hwmt.manifest import entry as entries
from osc_hwmt.manifest import resource as manifest_entry
from osc_hwmt.model import inventory
from osc_hwmt.model.changes import Change, Write
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.model.machine_type import Family

PC = 'pc-i440fx-rhel7.6.0'
Q35 = 'pc-q35-rhel9.4.0'
OWN = inventory.Project('project-own', 'erp', 'Default')


def server(
    name: str = 'web',
    id: str = 'server-1',
    volumes: Sequence[str] = ('volume-1',),
    image_id: str | None = None,
    project_id: str = OWN.id,
    root_device: str | None = None,
    recorded: str | None = None,
    created: datetime.datetime | None = None,
    deleted_with: Sequence[str] = (),
) -> inventory.Server:
    """Return a server, volume-backed unless it has an image.

    ``recorded`` is the machine type that Nova shows of the image.
    """
    return inventory.Server(
        id=id,
        name=name,
        project_id=project_id,
        status='ACTIVE',
        image_id=image_id,
        volume_ids=() if image_id else tuple(volumes),
        root_device=root_device,
        image_properties={MACHINE_TYPE: recorded} if recorded else None,
        created=created,
        deleted_with=tuple(deleted_with),
    )


def volume(
    id: str = 'volume-1',
    name: str = 'web-boot',
    image_metadata: Mapping[str, str] | None = None,
    *,
    size: int = 10,
    bootable: bool = True,
    attached_to: str | None = None,
    device: str | None = '/dev/vda',
    project_id: str | None = OWN.id,
    known: bool = True,
    status: str | None = None,
    created: datetime.datetime | None = None,
) -> inventory.Volume:
    """Return a volume; its metadata is empty if not said otherwise."""
    attachments: tuple[inventory.Attachment, ...] = ()
    if attached_to:
        attachments = (inventory.Attachment(attached_to, device),)
    return inventory.Volume(
        id=id,
        name=name,
        project_id=project_id,
        size=size,
        bootable=bootable,
        status=status or ('in-use' if attached_to else 'available'),
        attachments=attachments,
        image_metadata=(image_metadata or {}) if known else None,
        created=created,
    )


def image(
    id: str = 'image-1', name: str = 'rhel', **properties: str
) -> inventory.Image:
    """Return an image with some properties."""
    return inventory.Image(id, name, properties)


def holding(
    *,
    servers: Iterable[inventory.Server] = (),
    volumes: Iterable[inventory.Volume] = (),
    images: Iterable[inventory.Image] = (),
    projects: Iterable[inventory.Project] = (OWN,),
) -> inventory.Inventory:
    """Return an inventory of these things."""
    return inventory.Inventory(
        own_project=OWN,
        servers=tuple(servers),
        volumes={one.id: one for one in volumes},
        images={one.id: one for one in images},
        projects={one.id: one for one in projects},
    )


def recorded(
    value: str | None = PC,
    project: tuple[str | None, str | None] = (None, None),
    **differing: Any,
) -> entries.Recorded:
    """Return what an export found on a server's volume."""
    plain = entries.Recorded(
        value=value,
        unknown=None,
        evidence=Evidence.VOLUME_IMAGE_METADATA if value else Evidence.NONE,
        on_volume=value,
        project_name=project[0],
        project_domain_name=project[1],
    )
    return dataclasses.replace(plain, **differing)


def undecided(
    name: str = 'web', server_id: str = 'source-1', **differing: Any
) -> entries.Entry:
    """Return an entry of which nothing is known and nobody decided."""
    return entry(
        name,
        server_id,
        entries.Wanted.of(None),
        **{
            'recorded': recorded(
                None, (OWN.name, OWN.domain_name), presumed=Family.I440FX
            ),
            **differing,
        },
    )


def concern(code: str, severity: Severity) -> Concern:
    """Return what a rule of that code says, whatever the hardware."""
    rule = Rule(code, severity, 'summary', 'source', lambda *_any: None)
    return Concern(rule, f'{code} speaks', f'mend {code}')


def entry(
    name: str = 'web',
    server_id: str = 'source-1',
    wanted: entries.Wanted | None = None,
    properties: Mapping[str, str | None] | None = None,
    **differing: Any,
) -> entries.Entry:
    """Return a manifest entry that wants i440fx, unless said otherwise.

    ``properties`` are what is written of other hardware.
    """
    wanted_properties = {
        MACHINE_TYPE: wanted or entries.Wanted.of(PC),
        **{
            key: entries.Wanted.of(value)
            for key, value in (properties or {}).items()
        },
    }
    if wanted_properties[MACHINE_TYPE].intent is entries.Intent.MISSING:
        del wanted_properties[MACHINE_TYPE]
    plain = entries.Entry(
        path='workloads.yml',
        line=2,
        server_id=server_id,
        name=name,
        project_id=None,
        wanted_properties=wanted_properties,
        recorded=None,
        boot_volume=entries.SourceVolume(
            'source-volume-1', 'web-boot', 10, True
        ),
        image_name=None,
        copies_image=False,
        destination_volume_id=None,
        destination_volume_name=None,
    )
    return dataclasses.replace(plain, **differing)


def source_volume(
    id: str = 'source-volume-1',
    name: str = 'web-boot',
    machine_type: str | None = None,
    *,
    bootable: bool = True,
    size: int = 10,
) -> dict[str, Any]:
    """Return a volume as os-migrate writes it into a server's resource."""
    return {
        '_info': {'id': id, 'is_bootable': bootable, 'size': size},
        'params': {
            'name': name,
            'volume_image_metadata': {MACHINE_TYPE: machine_type}
            if machine_type is not None
            else None,
        },
        'type': 'openstack.network.ServerVolume',
    }


def resource(
    name: str = 'web',
    server_id: str = 'source-1',
    *,
    params: Mapping[str, Any] | None = None,
    info: Mapping[str, Any] | None = None,
    migration: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return a server's resource, as os-migrate writes it."""
    return {
        '_info': {'id': server_id, 'status': 'ACTIVE', **(info or {})},
        '_migration_params': {
            'boot_volume': {'uuid': None},
            **(migration or {}),
        },
        'params': {
            'image_ref': None,
            'name': name,
            'volumes': [source_volume()],
            **(params or {}),
        },
        'type': manifest_entry.SERVER_TYPE,
    }


def facts(
    value: str | None = PC,
    evidence: str = 'volume-image-metadata',
    **more: Any,
) -> dict[str, Any]:
    """Return what export records under _info.hw_machine_type."""
    return {'value': value, 'evidence': evidence, **more}


def manifest_text(*resources: Mapping[str, Any], **style: Any) -> str:
    """Return a manifest of these resources, as PyYAML would dump it."""
    data = {'os_migrate_version': '1.0.5', 'resources': list(resources)}
    # A copy, because of an object that it meets again PyYAML makes an alias.
    return str(yaml.safe_dump(json.loads(json.dumps(data)), **style))


def header(**differing: Any) -> journal_format.Header:
    """Return the header of a journal that the cloud in memory wrote."""
    plain = journal_format.Header(
        tool='osc-hwmt 1.2.3',
        command='apply',
        cloud='dst',
        auth_url='https://dst.test/v3',
        region='RegionOne',
        project_id=OWN.id,
        inputs=(),
        options={},
    )
    return dataclasses.replace(plain, **differing)


def write(
    volume_id: str = 'volume-1',
    *changes: Change,
    server: str = 'web',
    project_id: str | None = OWN.id,
    unproven_page: str | None = None,
) -> Write:
    """Return a write that sets i440fx where nothing was, or other changes."""
    return Write(
        volume_id=volume_id,
        project_id=project_id,
        server_id=f'source-of-{volume_id}',
        server=server,
        changes=changes or (Change(MACHINE_TYPE, None, PC),),
        unproven_page=unproven_page,
    )
