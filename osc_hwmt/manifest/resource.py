# SPDX-License-Identifier: Apache-2.0

"""One resource of a manifest: from its nodes to its entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from osc_hwmt.display import printable
from osc_hwmt.exceptions import Problem
from osc_hwmt.i18n import _
from osc_hwmt.manifest import volume_metadata
from osc_hwmt.manifest.check import resource_problems
from osc_hwmt.manifest.entry import (
    Entry,
    Kind,
    Proposal,
    Recorded,
    RecordedProperty,
    SourceVolume,
    Wanted,
)
from osc_hwmt.manifest.sections import LEFT, PRESUMED, Resource, Section
from osc_hwmt.model import properties
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.model.machine_type import Family
from osc_hwmt.model.memory import intern_mapping, intern_record
from osc_hwmt.yaml_text.listing import Element
from osc_hwmt.yaml_text.nodes import (
    MappingNode,
    child,
    kind_of,
    scalar_of,
)

SERVER_TYPE = 'openstack.compute.Server'
VOLUME_TYPE = 'openstack.network.ServerVolume'


def read_resource(element: Element) -> Entry | list[Problem] | None:
    """Return a server's or a volume's entry, or all that is wrong with it.

    None for a resource of another type. Its structure was checked before.
    """
    node = element.node
    if not isinstance(node, MappingNode):
        found = kind_of(node)
        why = _('expected a resource (a mapping), found %s') % found
        return [element.problem(None, why)]
    kind = scalar_of(child(node, 'type'))
    if kind not in (SERVER_TYPE, VOLUME_TYPE):
        return None
    resource, detached = Resource(node), kind == VOLUME_TYPE
    name = printable(resource.params.scalar('name') or '?')
    id = printable(resource.info.scalar('id') or '?')
    problems = [
        element.problem(place, f'{name} ({id}): {why}')
        for place, why in resource_problems(resource, detached=detached)
    ]
    if problems:
        return problems
    read = _volume_entry if detached else _server_entry
    return read(resource, element.path, element.line_of(None))


def _volume_entry(resource: Resource, path: str, line: int) -> Entry:
    recorded = _recorded(resource.info)
    volume = _source_volume(resource)
    written = _said(resource.params)
    return Entry(
        path=path,
        line=line,
        server_id=volume.id,
        name=volume.name,
        project_id=None,
        wanted_properties=_wanted(written, recorded, volume),
        recorded=recorded,
        boot_volume=volume,
        image_name=None,
        copies_image=False,
        destination_volume_id=None,
        destination_volume_name=None,
        detached=True,
    )


def _server_entry(resource: Resource, path: str, line: int) -> Entry:
    params, info = resource.params, resource.info
    migration = resource.section('_migration_params')
    recorded = _recorded(info)
    volumes = [_source_volume(volume) for volume in resource.volumes]
    boot_volume = _boot_volume(volumes, info.section(MACHINE_TYPE))
    return Entry(
        path=path,
        line=line,
        server_id=info.scalar('id') or '',
        name=params.scalar('name') or '',
        project_id=info.scalar('project_id'),
        wanted_properties=_wanted(_said(params), recorded, boot_volume),
        recorded=recorded,
        boot_volume=boot_volume,
        image_name=params.section('image_ref').scalar('name'),
        copies_image=migration.is_true('boot_disk_copy'),
        destination_volume_id=migration.section('boot_volume').scalar('uuid'),
        destination_volume_name=migration.section('boot_volume_params').scalar(
            'name'
        ),
        trapped_volumes=tuple(
            volumes[number].id for number in volume_metadata.trapped(resource)
        ),
    )


def _wanted(
    written: Mapping[str, Wanted],
    recorded: Recorded | None,
    boot_volume: SourceVolume | None,
) -> Mapping[str, Wanted]:
    """Return what is wanted: an operator's edit, else what was found.

    os-migrate 1.0.2 and later write the boot volume's own metadata into the
    file, and an operator may edit that as well. It counts where it differs
    from what export saw there, and, for the machine type, where our own key
    is missing. Before an export it does not count: os-migrate replaces a
    server's whole resource when it exports it again, and with it whatever was
    wanted (os-migrate 1.0.5, plugins/module_utils/serialization.py).
    """
    said = boot_volume.said if boot_volume else {}
    wanted = dict(written)
    for key, here in written.items():
        found = recorded.of(key) if recorded else None
        other = said.get(key)
        if (
            found
            and other
            and other.written != found.on_volume
            and here.written == found.wanted
        ):
            wanted[key] = other
    if recorded and MACHINE_TYPE in said:
        wanted.setdefault(MACHINE_TYPE, said[MACHINE_TYPE])
    return intern_mapping(wanted)


def _said(section: Section) -> dict[str, Wanted]:
    """Return the properties of hardware that a mapping of the file has."""
    return {
        key: Wanted.of(scalar_of(value))
        for key, value in section.members.items()
        if properties.is_property(key)
    }


def _recorded(info: Section) -> Recorded | None:
    facts = info.section(MACHINE_TYPE)
    if not facts.is_mapping:
        return None
    found = _recorded_property(facts)
    recorded = Recorded(
        value=found.value,
        unknown=found.unknown,
        evidence=found.evidence,
        on_volume=found.on_volume,
        project_name=facts.scalar('project_name'),
        project_domain_name=facts.scalar('project_domain_name'),
        properties=intern_mapping(
            {
                key: _recorded_property(Section(value))
                for key, value in info.members.items()
                if properties.is_property(key)
                and key != MACHINE_TYPE
                and isinstance(value, MappingNode)
            }
        ),
        context=intern_mapping(
            {
                key: value
                for key in properties.ALWAYS_RECORDED
                for value in (facts.scalar(key),)
                if value
            }
        ),
        proposal=_proposal(facts),
        architecture=facts.scalar('architecture'),
        vcpus=facts.integer('vcpus'),
        devices=facts.integer('devices'),
        presumed=_presumed(facts),
        left_to_destination=facts.is_true(LEFT),
    )
    return intern_record(recorded)


def _presumed(facts: Section) -> Family | None:
    name = facts.scalar(PRESUMED)
    return Family(name) if name else None


def _proposal(facts: Section) -> Proposal | None:
    for kind in Kind:
        machine_type = facts.scalar(kind.value)
        if machine_type:
            return Proposal(kind, machine_type)
    return None


def _recorded_property(facts: Section) -> RecordedProperty:
    evidence = Evidence(facts.scalar('evidence') or 'none')
    value = facts.scalar('value')
    return RecordedProperty(
        value=value,
        unknown=(
            None
            if facts.get('unknown') is None
            else facts.scalar('unknown') or '?'
        ),
        evidence=evidence,
        on_volume=_on_volume(facts, evidence, value),
    )


def _on_volume(
    facts: Section, evidence: Evidence, value: str | None
) -> str | None:
    if evidence is Evidence.VOLUME_IMAGE_METADATA:
        return value
    for key in ('contradicted_by', 'confirmed_by'):
        for other in map(Section, facts.items(key)):
            spoken = other.scalar('evidence')
            if spoken == Evidence.VOLUME_IMAGE_METADATA.value:
                return other.scalar('value')
    return None


def _source_volume(volume: Resource) -> SourceVolume:
    return SourceVolume(
        id=volume.info.scalar('id') or '',
        name=volume.params.scalar('name') or '',
        size=volume.info.integer('size'),
        bootable=volume.info.is_true('is_bootable'),
        said=intern_mapping(
            {
                key: wanted
                for key, wanted in _said(volume.metadata()).items()
                if wanted.written is not None
            }
        ),
    )


def _boot_volume(
    volumes: Sequence[SourceVolume], facts: Section
) -> SourceVolume | None:
    """Return the boot volume: that which export found, else the only one."""
    known = facts.scalar('boot_volume_id')
    if known:
        listed = [volume for volume in volumes if volume.id == known]
        return listed[0] if listed else _recorded_volume(known, facts)
    bootable = [volume for volume in volumes if volume.bootable]
    for candidates in (volumes, bootable):
        if len(candidates) == 1:
            return candidates[0]
    return None


def _recorded_volume(id: str, facts: Section) -> SourceVolume:
    return SourceVolume(
        id=id,
        name=facts.scalar('boot_volume_name') or '',
        size=facts.integer('boot_volume_size'),
        bootable=True,
    )
