# SPDX-License-Identifier: Apache-2.0

"""What can be wrong with a manifest, each with its place."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from osc_hwmt.display import printable
from osc_hwmt.entry import Entry, Intent, Wanted
from osc_hwmt.exceptions import Problem
from osc_hwmt.i18n import _
from osc_hwmt.inventory import MACHINE_TYPE
from osc_hwmt.machine_type import MEANT_AS_NULL, is_machine_type
from osc_hwmt.observation import Evidence
from osc_hwmt.yaml_document import (
    MappingNode,
    Node,
    ScalarNode,
    child,
    is_null,
    items,
    kind_of,
    problem_at,
    scalar_of,
)


def entry_problems(node: MappingNode, path: str) -> Iterator[Problem]:
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


def contradictions(entries: Sequence[Entry]) -> Iterator[Problem]:
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


def repeated_servers(entries: Sequence[Entry]) -> Iterator[Problem]:
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


def _spelled(wanted: Wanted) -> str | None:
    return '' if wanted.intent is Intent.REMOVE else wanted.value
