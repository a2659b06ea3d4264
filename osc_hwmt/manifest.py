# SPDX-License-Identifier: Apache-2.0

"""The manifest: os-migrate's YAML, and what it says of machine types.

``params.hw_machine_type`` is what an operator wants at the destination,
``_info.hw_machine_type`` what was found at the source.
"""

from __future__ import annotations

import dataclasses
import difflib
import enum
from collections.abc import Iterator, Sequence

from osc_hwmt.display import printable
from osc_hwmt.evidence import Evidence
from osc_hwmt.exceptions import ManifestError, Problem
from osc_hwmt.i18n import _
from osc_hwmt.inventory import MACHINE_TYPE
from osc_hwmt.machine_type import MEANT_AS_NULL, is_machine_type
from osc_hwmt.yaml_document import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    child,
    compose,
    integer_of,
    is_null,
    is_true,
    items,
    kind_of,
    problem_at,
    scalar_of,
)

SERVER_TYPE = 'openstack.compute.Server'


class Intent(enum.Enum):
    """What is wanted of a server's machine type at the destination."""

    SET = 'set'
    REMOVE = 'remove'
    LEAVE = 'leave'
    #: The manifest does not say: os-migrate's export drops our keys.
    MISSING = 'missing'


@dataclasses.dataclass(frozen=True)
class Wanted:
    """An intent, with the machine type where it is to be set."""

    intent: Intent
    value: str | None = None

    @classmethod
    def of(cls, value: str | None) -> Wanted:
        """Return what a value in a manifest means: null leaves, '' removes."""
        if value is None:
            return cls(Intent.LEAVE)
        return cls(Intent.SET, value) if value else cls(Intent.REMOVE)


@dataclasses.dataclass(frozen=True)
class SourceVolume:
    """A source volume as a manifest describes it; ``size`` is in GiB."""

    id: str
    name: str
    size: int | None
    bootable: bool = False
    machine_type: str | None = None
    line: int = 0


@dataclasses.dataclass(frozen=True)
class Recorded:
    """What an earlier export found.

    ``value`` None means nothing, or, with ``unknown``, that it could not be
    read; then export wrote no wish either.
    """

    value: str | None
    unknown: bool
    evidence: Evidence
    #: The boot volume's own word, None where it has none or was not read.
    on_volume: str | None
    boot_volume: SourceVolume | None
    project_name: str | None
    project_domain_name: str | None


@dataclasses.dataclass(frozen=True)
class Entry:
    """One server of a manifest.

    ``line`` is where its resource begins, ``wanted_line`` where its machine
    type stands or should stand. ``destination_volume_id`` is what
    an operator wrote into ``_migration_params.boot_volume.uuid``.
    ``copies_image`` tells that os-migrate copies the boot disk of an
    image-backed server to a volume.
    """

    path: str
    line: int
    wanted_line: int
    server_id: str
    name: str
    project_id: str | None
    wanted: Wanted
    recorded: Recorded | None
    boot_volume: SourceVolume | None
    image_name: str | None
    copies_image: bool
    destination_volume_id: str | None
    destination_volume_name: str | None

    @property
    def image_backed(self) -> bool:
        """Tell whether the server boots from an image, not from a volume."""
        return self.image_name is not None


@dataclasses.dataclass(frozen=True)
class Manifest:
    """One manifest file as text, as nodes, and as entries in file order.

    ``other_resources`` counts resources that are no servers.
    """

    path: str
    text: str
    root: MappingNode
    entries: tuple[Entry, ...]
    other_resources: int

    def resources(self) -> Iterator[tuple[Entry, MappingNode]]:
        """Yield each entry with the node of its resource."""
        nodes = [
            node
            for node in items(child(self.root, 'resources'))
            if isinstance(node, MappingNode)
            and scalar_of(child(node, 'type')) == SERVER_TYPE
        ]
        yield from zip(self.entries, nodes)


def parse(text: str, path: str) -> Manifest:
    """Return the manifest in a text; ``path`` is for messages.

    Raises ManifestError with every problem of the text at once.
    """
    root = compose(text, path)
    problems: list[Problem] = []
    if not isinstance(root, MappingNode):
        found = kind_of(root) if root else _('an empty file')
        raise ManifestError(
            [
                Problem(
                    path,
                    1,
                    1,
                    _('expected a mapping with the key resources, found %s')
                    % found,
                )
            ]
        )
    resources = child(root, 'resources')
    if not isinstance(resources, SequenceNode):
        raise ManifestError(
            [
                problem_at(
                    resources or root,
                    path,
                    _('expected a list under the key resources, found %s')
                    % (kind_of(resources) if resources else _('no such key')),
                )
            ]
        )
    entries = []
    others = 0
    for node in resources.value:
        if not isinstance(node, MappingNode):
            problems.append(
                problem_at(
                    node,
                    path,
                    _('expected a resource (a mapping), found %s')
                    % kind_of(node),
                )
            )
        elif scalar_of(child(node, 'type')) != SERVER_TYPE:
            others += 1
        else:
            found_problems = list(_entry_problems(node, path))
            problems += found_problems
            if not found_problems:
                entries.append(_entry(node, path))
    problems += _repeated_servers(entries)
    problems += _contradictions(entries)
    if problems:
        raise ManifestError(sorted(problems))
    return Manifest(path, text, root, tuple(entries), others)


def repeated_across(manifests: Sequence[Manifest]) -> None:
    """Raise ManifestError where two manifests describe the same server."""
    if len(manifests) > 1:
        every = [entry for one in manifests for entry in one.entries]
        problems = list(_repeated_servers(every))
        if problems:
            raise ManifestError(problems)


def _entry(node: MappingNode, path: str) -> Entry:
    params = child(node, 'params')
    recorded = _recorded(child(node, '_info', MACHINE_TYPE))
    volumes = [_source_volume(one) for one in items(child(params, 'volumes'))]
    boot_volume = _boot_volume(volumes, recorded)
    migration = child(node, '_migration_params')
    wanted = child(params, MACHINE_TYPE)
    return Entry(
        path=path,
        line=node.start_mark.line + 1,
        wanted_line=(wanted or params or node).start_mark.line + 1,
        server_id=scalar_of(child(node, '_info', 'id')) or '',
        name=scalar_of(child(params, 'name')) or '',
        project_id=scalar_of(child(node, '_info', 'project_id')),
        wanted=_wanted(wanted, recorded, boot_volume),
        recorded=recorded,
        boot_volume=boot_volume,
        image_name=scalar_of(child(params, 'image_ref', 'name')),
        copies_image=is_true(child(migration, 'boot_disk_copy')),
        destination_volume_id=scalar_of(
            child(migration, 'boot_volume', 'uuid')
        ),
        destination_volume_name=scalar_of(
            child(migration, 'boot_volume_params', 'name')
        ),
    )


def _wanted(
    node: Node | None,
    recorded: Recorded | None,
    boot_volume: SourceVolume | None,
) -> Wanted:
    """Return what is wanted: an operator's edit, else what was found.

    os-migrate 1.0.2 and later write the boot volume's own metadata into the
    file, and an operator may edit that as well. It counts where it differs
    from what export saw there, and where our own key is missing.
    """
    on_volume = boot_volume.machine_type if boot_volume else None
    if node is None:
        if on_volume is None:
            return Wanted(Intent.MISSING)
        return Wanted.of(on_volume)
    value = scalar_of(node)
    if (
        recorded
        and on_volume is not None
        and on_volume != recorded.on_volume
        and value == recorded.value
    ):
        return Wanted.of(on_volume)
    return Wanted.of(value)


def _contradictions(entries: Sequence[Entry]) -> Iterator[Problem]:
    """Yield servers whose two places were both edited, differently."""
    for entry in entries:
        recorded, volume = entry.recorded, entry.boot_volume
        if recorded is None or volume is None or volume.machine_type is None:
            continue
        edited_here = entry.wanted.intent is not Intent.MISSING and (
            _spelled(entry.wanted) != recorded.value
        )
        edited_there = volume.machine_type != recorded.on_volume
        if (
            edited_here
            and edited_there
            and _spelled(entry.wanted) != volume.machine_type
        ):
            yield Problem(
                entry.path,
                entry.wanted_line,
                1,
                _(
                    '%(server)s: params.hw_machine_type says %(here)s, but '
                    'volume_image_metadata of its boot volume on line '
                    '%(line)d says %(there)s; expected one of them, or both '
                    'alike'
                )
                % {
                    'server': printable(entry.name),
                    'here': _spelled(entry.wanted) or 'null',
                    'line': volume.line,
                    'there': printable(volume.machine_type),
                },
            )


def _spelled(wanted: Wanted) -> str | None:
    return '' if wanted.intent is Intent.REMOVE else wanted.value


def _recorded(node: Node | None) -> Recorded | None:
    if not isinstance(node, MappingNode):
        return None
    volume_id = scalar_of(child(node, 'boot_volume_id'))
    evidence = Evidence(scalar_of(child(node, 'evidence')) or 'none')
    value = scalar_of(child(node, 'value'))
    return Recorded(
        value=value,
        unknown=child(node, 'unknown') is not None,
        evidence=evidence,
        on_volume=_word_of_volume(node, evidence, value),
        boot_volume=SourceVolume(
            id=volume_id,
            name=scalar_of(child(node, 'boot_volume_name')) or '',
            size=integer_of(child(node, 'boot_volume_size')),
            bootable=True,
        )
        if volume_id
        else None,
        project_name=scalar_of(child(node, 'project_name')),
        project_domain_name=scalar_of(child(node, 'project_domain_name')),
    )


def _word_of_volume(
    node: MappingNode, evidence: Evidence, value: str | None
) -> str | None:
    if evidence is Evidence.VOLUME_IMAGE_METADATA:
        return value
    for other in items(child(node, 'contradicted_by')):
        spoken = scalar_of(child(other, 'evidence'))
        if spoken == Evidence.VOLUME_IMAGE_METADATA.value:
            return scalar_of(child(other, 'value'))
    return None


def _source_volume(node: Node) -> SourceVolume:
    image_metadata = child(node, 'params', 'volume_image_metadata')
    machine_type = child(image_metadata, MACHINE_TYPE)
    return SourceVolume(
        id=scalar_of(child(node, '_info', 'id')) or '',
        name=scalar_of(child(node, 'params', 'name')) or '',
        size=integer_of(child(node, '_info', 'size')),
        bootable=is_true(child(node, '_info', 'is_bootable')),
        machine_type=scalar_of(machine_type),
        line=(machine_type or node).start_mark.line + 1,
    )


def _boot_volume(
    volumes: Sequence[SourceVolume], recorded: Recorded | None
) -> SourceVolume | None:
    """Return the boot volume: that which export found, else the only one."""
    known = recorded.boot_volume if recorded else None
    if known:
        listed = [volume for volume in volumes if volume.id == known.id]
        return listed[0] if listed else known
    bootable = [volume for volume in volumes if volume.bootable]
    for candidates in (volumes, bootable):
        if len(candidates) == 1:
            return candidates[0]
    return None


def _entry_problems(node: MappingNode, path: str) -> Iterator[Problem]:
    name = scalar_of(child(node, 'params', 'name'))
    server_id = scalar_of(child(node, '_info', 'id'))
    label = f'{printable(name or "?")} ({printable(server_id or "?")})'

    def problem(place: Node | None, text: str) -> Problem:
        return problem_at(place or node, path, f'{label}: {text}')

    for key in ('params', '_info'):
        if not isinstance(child(node, key), MappingNode):
            yield problem(
                child(node, key), _('expected a mapping under %s') % key
            )
            return
    if not name:
        yield problem(
            child(node, 'params'), _('expected a name in params.name')
        )
    if not server_id:
        yield problem(
            child(node, '_info'), _('expected the server id in _info.id')
        )
    yield from (
        problem(place, text) for place, text in _machine_type_problems(node)
    )
    facts = child(node, '_info', MACHINE_TYPE)
    if isinstance(facts, MappingNode):
        spoken = scalar_of(child(facts, 'evidence'))
        known = [evidence.value for evidence in Evidence]
        if spoken not in known:
            yield problem(
                child(facts, 'evidence') or facts,
                _('_info.hw_machine_type.evidence: expected one of %s')
                % ', '.join(known),
            )
    elif not is_null(facts):
        yield problem(
            facts,
            _(
                '_info.hw_machine_type: expected what export wrote there (a '
                'mapping). Wishes belong into params.hw_machine_type'
            ),
        )


def _machine_type_problems(
    node: MappingNode,
) -> Iterator[tuple[Node, str]]:
    params = child(node, 'params')
    wanted = child(params, MACHINE_TYPE)
    if wanted is not None:
        complaint = _complaint(wanted)
        if complaint:
            yield wanted, f'params.{MACHINE_TYPE}: {complaint}'
    for volume in items(child(params, 'volumes')):
        value = child(volume, 'params', 'volume_image_metadata', MACHINE_TYPE)
        complaint = _complaint(value) if value is not None else None
        if value is not None and complaint:
            yield value, f'volume_image_metadata.{MACHINE_TYPE}: {complaint}'
    for place in (node, params):
        for key, _value in place.value if place else ():
            if 'mach' not in key.value or (
                place is params and key.value == MACHINE_TYPE
            ):
                continue
            if difflib.get_close_matches(key.value, [MACHINE_TYPE]):
                yield (
                    key,
                    _('unknown key %(key)s: did you mean params.%(meant)s')
                    % {'key': printable(key.value), 'meant': MACHINE_TYPE},
                )


def _complaint(node: Node) -> str | None:
    """Return what is wrong with a machine type in a manifest, or None."""
    if is_null(node):
        return None
    if isinstance(node, ScalarNode) and node.tag.endswith(':str'):
        value = node.value
        if value.lower() in MEANT_AS_NULL:
            return _(
                'found %s; to leave the choice to the destination write null, '
                'unquoted'
            ) % repr(value)
        if not value or is_machine_type(value):
            return None
    return _(
        'expected a machine type such as pc-i440fx-rhel7.6.0, null to leave '
        "it to the destination, or '' to remove it; found %s"
    ) % kind_of(node)


def _repeated_servers(entries: Sequence[Entry]) -> Iterator[Problem]:
    first_of: dict[str, Entry] = {}
    for entry in entries:
        first = first_of.setdefault(entry.server_id, entry)
        if first is not entry:
            yield Problem(
                entry.path,
                entry.line,
                1,
                _('server %(id)s stands in %(path)s on line %(line)d already')
                % {
                    'id': printable(entry.server_id),
                    'path': first.path,
                    'line': first.line,
                },
            )
