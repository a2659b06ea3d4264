# SPDX-License-Identifier: Apache-2.0

"""What can be wrong with a manifest, each with its place."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from osc_hwmt.display import printable
from osc_hwmt.exceptions import Problem
from osc_hwmt.i18n import _
from osc_hwmt.manifest import volume_metadata
from osc_hwmt.manifest.entry import Entry, Wanted
from osc_hwmt.model import properties
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.model.machine_type import MEANT_AS_NULL
from osc_hwmt.yaml_text.listing import Element
from osc_hwmt.yaml_text.nodes import (
    TEXT_TAG,
    MappingNode,
    Node,
    ScalarNode,
    child,
    is_null,
    items,
    kind_of,
    scalar_of,
    tag_of,
)

#: What our keys begin with. os-migrate has others under _info.
_PREFIXES = ('hw_', 'os_')

_Problems = Iterator[tuple[Node, str]]


def server_problems(node: MappingNode) -> _Problems:
    """Yield what is wrong with a server's resource, each with its place."""
    yield from _labelled(node, _problems(node, _('server'), named=True))


def volume_problems(node: MappingNode) -> _Problems:
    """Yield what is wrong with a volume's resource, each with its place."""
    yield from _labelled(node, _problems(node, _('volume'), named=False))


def _labelled(node: MappingNode, problems: _Problems) -> _Problems:
    """Yield the problems with the resource's name and id before each."""
    name, id = (
        scalar_of(child(node, *place)) or '?'
        for place in (('params', 'name'), ('_info', 'id'))
    )
    for place, text in problems:
        yield place, f'{printable(name)} ({printable(id)}): {text}'


def _problems(node: MappingNode, what: str, *, named: bool) -> _Problems:
    sections = [child(node, key) for key in ('params', '_info')]
    for section, key in zip(sections, ('params', '_info')):
        if not isinstance(section, MappingNode):
            found = kind_of(section) if section else _('no such key')
            yield (
                section or node,
                _('expected a mapping under %(key)s, found %(found)s')
                % {'key': key, 'found': found},
            )
            return
    params, info = sections
    if named and not scalar_of(child(params, 'name')):
        yield params or node, _('expected a name in params.name')
    if not scalar_of(child(info, 'id')):
        yield info or node, _('expected the %s id in _info.id') % what
    yield from _wanted_problems(node)
    yield from _fact_problems(node)


@dataclasses.dataclass(frozen=True)
class Contradiction:
    """Both places of a property were edited, differently.

    ``number`` is the entry's among those that were compared. ``here`` is
    ours, under params; ``there`` is the boot volume's.
    """

    number: int
    entry: Entry
    key: str
    here: Wanted
    there: Wanted

    def problem(self, element: Element) -> Problem:
        """Return it as a problem of the manifest, with both lines."""
        params = child(element.node, 'params')
        return Problem(
            self.entry.path,
            _line(element, child(params, self.key)),
            1,
            _(
                '%(server)s: params.%(key)s says %(here)s, but '
                'volume_image_metadata of its boot volume on line %(line)d '
                'says %(there)s; expected one of them, or both alike'
            )
            % {
                'server': printable(self.entry.name),
                'key': self.key,
                'here': printable(self.here.spelled),
                'line': self.line_there(element),
                'there': printable(self.there.spelled),
            },
        )

    def line_there(self, element: Element) -> int:
        """Return the line of the volume's word, or where its server begins."""
        boot_volume = self.entry.boot_volume
        params = child(element.node, 'params')
        for volume in (element.node, *items(child(params, 'volumes'))):
            volume_id = scalar_of(child(volume, '_info', 'id'))
            if boot_volume and volume_id == boot_volume.id:
                metadata = volume_metadata.metadata_of(volume)
                return _line(element, child(metadata, self.key))
        return self.entry.line


def _line(element: Element, node: Node | None) -> int:
    """Return the line of a node, or where its resource begins."""
    return element.line + (node or element.node).start_mark.line + 1


def contradictions(entries: Sequence[Entry]) -> Iterator[Contradiction]:
    """Yield where a server's two places were both edited, differently."""
    for number, entry in enumerate(entries):
        recorded, volume = entry.recorded, entry.boot_volume
        if recorded is None or volume is None:
            continue
        for key, there in volume.said.items():
            here, found = entry.wanted_properties.get(key), recorded.of(key)
            if (
                here
                and found
                and here != there
                and here.written != found.wanted
                and there.written != found.on_volume
            ):
                yield Contradiction(number, entry, key, here, there)


def repeated(entries: Sequence[Entry]) -> Iterator[Problem]:
    """Yield servers and volumes that stand in a manifest twice."""
    first_of: dict[str, Entry] = {}
    for entry in entries:
        first = first_of.setdefault(entry.server_id, entry)
        if first is not entry:
            yield Problem(
                entry.path,
                entry.line,
                1,
                _('%(kind)s %(id)s is in %(path)s on line %(line)d already')
                % {
                    'kind': _('volume') if entry.detached else _('server'),
                    'id': printable(entry.server_id),
                    'path': first.path,
                    'line': first.line,
                },
            )


def _wanted_problems(server: MappingNode) -> Iterator[tuple[Node, str]]:
    """Yield what is wrong with what a server is to have, and where."""
    params = child(server, 'params')
    yield from _unknown_keys(server, params)
    asked = {MACHINE_TYPE}
    for key, value in _members(params):
        if properties.is_property(key.value):
            asked.add(key.value)
            complaint = _complaint(key.value, value)
            if complaint:
                yield value, f'params.{key.value}: {complaint}'
    of_volumes = [
        child(one, 'params') for one in items(child(params, 'volumes'))
    ]
    for volume in (params, *of_volumes):
        metadata = child(volume, volume_metadata.METADATA)
        parked = child(volume, volume_metadata.PARKED)
        if parked is not None and not is_null(metadata):
            yield (
                parked,
                _(
                    '%(parked)s: expected null under %(metadata)s beside it: '
                    'which of the two counts?'
                )
                % {
                    'parked': volume_metadata.PARKED,
                    'metadata': volume_metadata.METADATA,
                },
            )
        for key, value in (*_members(metadata), *_members(parked)):
            # What nobody asked for came with the volume and does not matter.
            if key.value not in asked:
                continue
            complaint = _complaint(key.value, value)
            if complaint:
                yield value, f'volume_image_metadata.{key.value}: {complaint}'


def _unknown_keys(
    server: MappingNode, params: Node | None
) -> Iterator[tuple[Node, str]]:
    """Yield keys that were meant as a wanted property and are none."""
    for key, _value in server.value:
        meant = properties.nearest(key.value)
        if meant:
            yield key, _did_you_mean(key.value, meant)
    for key, _value in _members(params):
        name = key.value
        if properties.is_property(name):
            continue
        meant = properties.nearest(name)
        if meant:
            yield key, _did_you_mean(name, meant)
        elif name.startswith('hw_') or properties.is_identity(name):
            yield key, f'params.{printable(name)}: {properties.refusal(name)}'
    for key, _value in _members(child(server, '_info')):
        name = key.value
        meant = name.startswith(_PREFIXES) and properties.nearest(name)
        if meant and not properties.is_property(name):
            yield key, _did_you_mean(f'_info.{name}', meant, '_info')


def _did_you_mean(key: str, meant: str, section: str = 'params') -> str:
    return _('unknown key %(key)s: did you mean %(section)s.%(meant)s') % {
        'key': printable(key),
        'section': section,
        'meant': meant,
    }


def _members(node: Node | None) -> list[tuple[Node, Node]]:
    return list(node.value) if isinstance(node, MappingNode) else []


def _fact_problems(server: MappingNode) -> Iterator[tuple[Node, str]]:
    """Yield what is wrong with the facts of a server, each with its place."""
    known = [evidence.value for evidence in Evidence]
    info = child(server, '_info')
    for key, facts in _members(info):
        if not properties.is_property(key.value) or is_null(facts):
            continue
        if not isinstance(facts, MappingNode):
            yield (
                facts,
                _(
                    '_info.%(key)s: expected what export wrote there (a '
                    'mapping). Wishes belong into params.%(key)s'
                )
                % {'key': key.value},
            )
        elif scalar_of(child(facts, 'evidence')) not in known:
            yield (
                child(facts, 'evidence') or facts,
                _('_info.%(key)s.evidence: expected one of %(known)s')
                % {'key': key.value, 'known': ', '.join(known)},
            )


def _complaint(key: str, node: Node) -> str | None:
    """Return what is wrong with a wanted value in a manifest, or None."""
    if is_null(node):
        return None
    expected = None
    if isinstance(node, ScalarNode):
        value = node.value
        if key == MACHINE_TYPE and value.lower() in MEANT_AS_NULL:
            return _(
                'found %s; to leave the choice to the destination write null, '
                'unquoted'
            ) % repr(value)
        is_text = tag_of(node) == TEXT_TAG
        if is_text and not value:
            return None
        expected = properties.expected(key, value)
        if not expected and (is_text or key != MACHINE_TYPE):
            return None
    return _(
        "expected %(expected)s, null to leave it to the destination, or '' "
        'to remove it; found %(found)s'
    ) % {
        'expected': expected or properties.expected(key, '\0'),
        'found': kind_of(node),
    }
