# SPDX-License-Identifier: Apache-2.0

"""What can be wrong with a manifest, each with its place."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Optional

from osc_hwmt.display import printable
from osc_hwmt.exceptions import Problem
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry, Wanted
from osc_hwmt.manifest.sections import (
    LEFT,
    METADATA,
    PARKED,
    PRESUMED,
    Resource,
    Section,
)
from osc_hwmt.model import properties
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.model.machine_type import MEANT_AS_NULL, Family
from osc_hwmt.yaml_text.listing import Element
from osc_hwmt.yaml_text.nodes import (
    TEXT_TAG,
    Node,
    ScalarNode,
    is_boolean,
    is_null,
    kind_of,
    tag_of,
)

#: What our keys begin with. os-migrate has others under _info.
_PREFIXES = ('hw_', 'os_')
_EVIDENCE = tuple(evidence.value for evidence in Evidence)
#: What a server may be presumed to have run.
FAMILIES = tuple(
    family.value
    for family in Family
    if family not in (Family.NONE, Family.OTHER)
)

#: Of a place that is not there: where the resource begins.
_Problems = Iterator[tuple[Optional[Node], str]]


def resource_problems(resource: Resource, *, detached: bool) -> _Problems:
    """Yield what is wrong with a server or volume, each with its place."""
    sections = {'params': resource.params, '_info': resource.info}
    for key, section in sections.items():
        if not section.is_mapping:
            node = section.node
            yield (
                node,
                _('expected a mapping under %(key)s, found %(found)s')
                % {
                    'key': key,
                    'found': kind_of(node) if node else _('no such key'),
                },
            )
            return
    if not detached and not resource.params.scalar('name'):
        yield resource.params.node, _('expected a name in params.name')
    if not resource.info.scalar('id'):
        what = _('volume') if detached else _('server')
        yield resource.info.node, _('expected the %s ID in _info.id') % what
    yield from _unknown_keys(resource)
    yield from _wanted_problems(resource)
    yield from _fact_problems(resource.info)


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
        params = Resource(element.node).params
        return Problem(
            self.entry.path,
            element.line_of(params.get(self.key)),
            1,
            _(
                '%(server)s: params.%(key)s is %(here)s, but '
                'volume_image_metadata of its boot volume on line %(line)d '
                'has %(there)s; change only one of them, or both to the same '
                'value'
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
        resource = Resource(element.node)
        for volume in (resource, *resource.volumes):
            if boot_volume and volume.info.scalar('id') == boot_volume.id:
                return element.line_of(volume.metadata().get(self.key))
        return self.entry.line


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
                _('%(kind)s %(id)s is already in %(path)s on line %(line)d')
                % {
                    'kind': _('volume') if entry.detached else _('server'),
                    'id': printable(entry.server_id),
                    'path': first.path,
                    'line': first.line,
                },
            )


def _wanted_problems(resource: Resource) -> _Problems:
    """Yield what is wrong with what is to be set, and where."""
    wanted = {MACHINE_TYPE}
    for key, value in resource.params.members.items():
        if properties.is_property(key):
            wanted.add(key)
            problem = _value_problem(key, value)
            if problem:
                yield value, f'params.{key}: {problem}'
    for volume in (resource, *resource.volumes):
        metadata = volume.params.section(METADATA)
        parked = volume.params.section(PARKED)
        if parked.node is not None and not is_null(metadata.node):
            yield (
                parked.node,
                _(
                    '%(parked)s: expected %(metadata)s to be null: it is '
                    'unclear which of the two counts'
                )
                % {'parked': PARKED, 'metadata': METADATA},
            )
        for section in (metadata, parked):
            for key, value in section.members.items():
                # What nobody wants came with the volume and does not matter.
                problem = _value_problem(key, value) if key in wanted else None
                if problem:
                    yield value, f'volume_image_metadata.{key}: {problem}'


def _unknown_keys(resource: Resource) -> _Problems:
    """Yield keys that were meant as a wanted property and are none."""
    for key in resource.names:
        meant = properties.nearest(key.value)
        if meant:
            yield key, _did_you_mean(key.value, meant)
    for key in resource.params.names:
        name = key.value
        if properties.is_property(name):
            continue
        meant = properties.nearest(name)
        if meant:
            yield key, _did_you_mean(name, meant)
        elif name.startswith('hw_') or properties.is_identity(name):
            yield key, f'params.{printable(name)}: {properties.refusal(name)}'
    for key in resource.info.names:
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


def _fact_problems(info: Section) -> _Problems:
    """Yield what is wrong with the facts of a server, each with its place."""
    for key, value in info.members.items():
        if not properties.is_property(key) or is_null(value):
            continue
        facts = Section(value)
        if not facts.is_mapping:
            yield (
                value,
                _(
                    '_info.%(key)s: expected what export wrote there (a '
                    'mapping). Wanted values belong in params.%(key)s'
                )
                % {'key': key},
            )
        elif facts.scalar('evidence') not in _EVIDENCE:
            yield (
                facts.get('evidence') or value,
                _('_info.%(key)s.evidence: expected one of %(known)s')
                % {'key': key, 'known': ', '.join(_EVIDENCE)},
            )
        elif key == MACHINE_TYPE:
            yield from _undecided_problems(facts)


def _undecided_problems(facts: Section) -> _Problems:
    """Yield what is wrong with what stands where nothing was found."""
    presumed, left = facts.get(PRESUMED), facts.get(LEFT)
    if presumed is not None and facts.scalar(PRESUMED) not in FAMILIES:
        yield (
            presumed,
            _('_info.%(key)s.%(name)s: expected one of %(known)s')
            % {
                'key': MACHINE_TYPE,
                'name': PRESUMED,
                'known': ', '.join(FAMILIES),
            },
        )
    if left is not None and not is_boolean(left):
        yield (
            left,
            _('_info.%(key)s.%(name)s: expected true or false')
            % {'key': MACHINE_TYPE, 'name': LEFT},
        )


def _value_problem(key: str, node: Node) -> str | None:
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
