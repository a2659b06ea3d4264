# SPDX-License-Identifier: Apache-2.0

"""One resource of a manifest: from its nodes to its entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from osc_hwmt.manifest import volume_metadata
from osc_hwmt.manifest.entry import (
    Entry,
    Kind,
    Proposal,
    Recorded,
    RecordedProperty,
    SourceVolume,
    Wanted,
)
from osc_hwmt.model import properties
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.model.memory import intern_mapping, intern_record, intern_value
from osc_hwmt.yaml_text.listing import Element
from osc_hwmt.yaml_text.nodes import (
    MappingNode,
    Node,
    child,
    integer_of,
    is_true,
    items,
    scalar_of,
)

SERVER_TYPE = 'openstack.compute.Server'
VOLUME_TYPE = 'openstack.network.ServerVolume'


def read_entry(element: Element, path: str) -> Entry:
    """Return the entry of a valid resource: a server, or a volume."""
    if scalar_of(child(element.node, 'type')) == VOLUME_TYPE:
        return _volume_entry(element, path)
    return _server_entry(element, path)


def _volume_entry(element: Element, path: str) -> Entry:
    node = element.node
    recorded = _recorded(child(node, '_info'))
    volume = _source_volume(node)
    written = _said(child(node, 'params'))
    return Entry(
        path=path,
        line=element.line + node.start_mark.line + 1,
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


def _server_entry(element: Element, path: str) -> Entry:
    node = element.node
    params = child(node, 'params')
    recorded = _recorded(child(node, '_info'))
    volumes = [_source_volume(one) for one in items(child(params, 'volumes'))]
    boot_volume = _boot_volume(volumes, child(node, '_info', MACHINE_TYPE))
    migration = child(node, '_migration_params')
    return Entry(
        path=path,
        line=element.line + node.start_mark.line + 1,
        server_id=_text(node, '_info', 'id') or '',
        name=_text(params, 'name') or '',
        project_id=_text(node, '_info', 'project_id'),
        wanted_properties=_wanted(_said(params), recorded, boot_volume),
        recorded=recorded,
        boot_volume=boot_volume,
        image_name=_text(params, 'image_ref', 'name'),
        copies_image=is_true(child(migration, 'boot_disk_copy')),
        destination_volume_id=_text(migration, 'boot_volume', 'uuid'),
        destination_volume_name=_text(migration, 'boot_volume_params', 'name'),
        trapped_volumes=tuple(
            volumes[move.number].id for move in volume_metadata.trapped(node)
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


def _text(node: Node | None, *keys: str) -> str | None:
    """Return a scalar below a node, kept once of many that are alike."""
    text = scalar_of(child(node, *keys))
    return text and intern_value(text)


def _said(mapping: Node | None) -> dict[str, Wanted]:
    """Return the properties of hardware that a mapping of the file has."""
    if not isinstance(mapping, MappingNode):
        return {}
    return {
        key.value: Wanted.of(scalar_of(value))
        for key, value in mapping.value
        if properties.is_property(key.value)
    }


def _recorded(info: Node | None) -> Recorded | None:
    facts = child(info, MACHINE_TYPE)
    if not isinstance(facts, MappingNode) or not isinstance(info, MappingNode):
        return None
    found = _recorded_property(facts)
    recorded = Recorded(
        value=found.value,
        unknown=found.unknown,
        evidence=found.evidence,
        on_volume=found.on_volume,
        project_name=_text(facts, 'project_name'),
        project_domain_name=_text(facts, 'project_domain_name'),
        properties=intern_mapping(
            {
                key.value: _recorded_property(value)
                for key, value in info.value
                if properties.is_property(key.value)
                and key.value != MACHINE_TYPE
                and isinstance(value, MappingNode)
            }
        ),
        context=intern_mapping(
            {
                key: value
                for key in properties.ALWAYS_RECORDED
                for value in (_text(facts, key),)
                if value
            }
        ),
        proposal=_proposal(facts),
        architecture=_text(facts, 'architecture'),
        vcpus=integer_of(child(facts, 'vcpus')),
        devices=integer_of(child(facts, 'devices')),
    )
    return intern_record(recorded)


def _proposal(facts: MappingNode) -> Proposal | None:
    for kind in Kind:
        machine_type = scalar_of(child(facts, kind.value))
        if machine_type:
            return Proposal(kind, machine_type)
    return None


def _recorded_property(node: MappingNode) -> RecordedProperty:
    evidence = Evidence(scalar_of(child(node, 'evidence')) or 'none')
    value = _text(node, 'value')
    return RecordedProperty(
        value=value,
        unknown=child(node, 'unknown') is not None,
        evidence=evidence,
        on_volume=_word_of_volume(node, evidence, value),
    )


def _word_of_volume(
    node: MappingNode, evidence: Evidence, value: str | None
) -> str | None:
    if evidence is Evidence.VOLUME_IMAGE_METADATA:
        return value
    for others in ('contradicted_by', 'confirmed_by'):
        for other in items(child(node, others)):
            spoken = scalar_of(child(other, 'evidence'))
            if spoken == Evidence.VOLUME_IMAGE_METADATA.value:
                return scalar_of(child(other, 'value'))
    return None


def _source_volume(node: Node) -> SourceVolume:
    said = _said(volume_metadata.metadata_of(node))
    return SourceVolume(
        id=_text(node, '_info', 'id') or '',
        name=_text(node, 'params', 'name') or '',
        size=integer_of(child(node, '_info', 'size')),
        bootable=is_true(child(node, '_info', 'is_bootable')),
        said=intern_mapping(
            {
                key: wanted
                for key, wanted in said.items()
                if wanted.written is not None
            }
        ),
    )


def _boot_volume(
    volumes: Sequence[SourceVolume], facts: Node | None
) -> SourceVolume | None:
    """Return the boot volume: that which export found, else the only one."""
    known = _text(facts, 'boot_volume_id')
    if known:
        listed = [volume for volume in volumes if volume.id == known]
        return listed[0] if listed else _recorded_volume(known, facts)
    bootable = [volume for volume in volumes if volume.bootable]
    for candidates in (volumes, bootable):
        if len(candidates) == 1:
            return candidates[0]
    return None


def _recorded_volume(id: str, facts: Node | None) -> SourceVolume:
    return SourceVolume(
        id=id,
        name=_text(facts, 'boot_volume_name') or '',
        size=integer_of(child(facts, 'boot_volume_size')),
        bootable=True,
    )
