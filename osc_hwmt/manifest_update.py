# SPDX-License-Identifier: Apache-2.0

"""What export does to a manifest: refresh the facts, keep the edits."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from osc_hwmt.entry import Entry, Wanted
from osc_hwmt.evidence import Fact
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _
from osc_hwmt.inventory import MACHINE_TYPE, Server
from osc_hwmt.manifest import SERVER_TYPE, Manifest, parse
from osc_hwmt.yaml_document import (
    MappingNode,
    Node,
    child,
    data_of,
    scalar_of,
)
from osc_hwmt.yaml_edit import Splice, append_items, apply_splices, set_key

#: The key under which os-migrate keeps its resources.
_LIST = 'resources'
_HEADER = """\
# Machine types of servers that move to another cloud.
#
# params.hw_machine_type        what the destination shall use. Edit me:
#                               null leaves it to the destination, '' removes
# _info.hw_machine_type         what was found at the source, and how it is
#                               known. Written by export, never edited
# _migration_params.boot_volume the destination's boot volume, where name and
#                               size do not tell it
"""


class Effect(enum.Enum):
    """What export did to one server's entry."""

    ADDED = 'added'
    REFRESHED = 'refreshed'
    UNCHANGED = 'unchanged'
    #: An operator's wish differs from what was found, and stays.
    EDIT_KEPT = 'edit kept'
    #: Today's look tells less than an earlier one; that one stays.
    EARLIER_KEPT = 'earlier fact kept'
    #: In the manifest, but not among the servers that were looked at.
    NOT_FOUND = 'not found'


@dataclasses.dataclass(frozen=True)
class Found:
    """A source server and what is known of its machine type."""

    server: Server
    fact: Fact


@dataclasses.dataclass(frozen=True)
class Line:
    """One server's line in export's answer; ``fact`` None if not found."""

    server_id: str
    name: str
    fact: Fact | None
    wanted: Wanted
    effect: Effect


@dataclasses.dataclass(frozen=True)
class Update:
    """A manifest's new text, and what became of each server.

    ``passed_over`` counts the entries that were not looked at.
    """

    text: str
    lines: tuple[Line, ...]
    passed_over: int


def create(found: Sequence[Found], path: str) -> Update:
    """Return a new standalone manifest with those servers."""
    empty = parse(_HEADER + 'resources: []\n', path)
    by_id = {one.server.id: one for one in found}
    return update(empty, by_id, extend=True)


def update(
    manifest: Manifest,
    found: Mapping[str, Found],
    *,
    extend: bool,
    looked_at: Callable[[Entry], bool] = lambda _entry: True,
) -> Update:
    """Return the manifest with refreshed facts and every edit kept.

    ``found`` goes by server id. With ``extend``, servers that the manifest
    lacks are added at its end. Entries that were not ``looked_at`` stay as
    they are and get no line. Raises Error if the text can't be edited in
    place without touching anything else, which a form of YAML that nobody
    uses for manifests could bring about.
    """
    splices: list[Splice] = []
    touched = set()
    for entry, node in manifest.resources():
        seen = found.get(entry.server_id)
        if seen is None or _tells_less(seen.fact, entry):
            continue
        edits = _refresh(manifest.text, entry, node, seen.fact)
        if edits:
            touched.add(entry.server_id)
        splices += edits
    known = {entry.server_id: entry for entry in manifest.entries}
    new = [
        _resource(one)
        for one in found.values()
        if extend and one.server.id not in known
    ]
    if new:
        splices.append(append_items(manifest.text, manifest.root, _LIST, new))
    text = apply_splices(manifest.text, splices)
    after = parse(text, manifest.path) if splices else manifest
    if _without_our_keys(after, len(manifest.entries)) != _without_our_keys(
        manifest, len(manifest.entries)
    ):
        raise Error(
            _('%s is written in a way that can not be edited in place')
            % manifest.path
        )
    lines = tuple(
        _line(
            entry,
            known.get(entry.server_id),
            found.get(entry.server_id),
            entry.server_id in touched,
        )
        for entry in after.entries
        if entry.server_id in found or looked_at(entry)
    )
    return Update(text, lines, len(after.entries) - len(lines))


def _tells_less(fact: Fact, entry: Entry) -> bool:
    earlier = entry.recorded
    return bool(fact.unknown and earlier and not earlier.unknown)


def _refresh(
    text: str, entry: Entry, node: MappingNode, fact: Fact
) -> list[Splice]:
    params, info = child(node, 'params'), child(node, '_info')
    facts = _facts(fact)
    recorded = child(info, MACHINE_TYPE)
    wanted = child(params, MACHINE_TYPE)
    earlier = entry.recorded
    edited = wanted is not None and (
        earlier is None
        or earlier.unknown
        or scalar_of(wanted) != earlier.value
    )
    splices = []
    if recorded is None or data_of(recorded) != _as_text(facts):
        splices.append(_set(text, info, facts))
    if not (edited or fact.unknown) and (
        wanted is None or scalar_of(wanted) != fact.value
    ):
        splices.append(_set(text, params, fact.value))
    return splices


def _line(
    entry: Entry, before: Entry | None, found: Found | None, touched: bool
) -> Line:
    fact = found.fact if found else None
    if fact is None:
        effect = Effect.NOT_FOUND
    elif before and _tells_less(fact, before):
        effect = Effect.EARLIER_KEPT
    elif before is None or before.recorded is None:
        effect = Effect.ADDED
    elif not fact.unknown and entry.wanted != Wanted.of(fact.value):
        effect = Effect.EDIT_KEPT
    else:
        effect = Effect.REFRESHED if touched else Effect.UNCHANGED
    return Line(entry.server_id, entry.name, fact, entry.wanted, effect)


def _set(text: str, mapping: Node | None, value: Any) -> Splice:
    if not isinstance(mapping, MappingNode):
        raise TypeError('an entry without params or _info was accepted')
    return set_key(text, mapping, MACHINE_TYPE, value)


def _resource(found: Found) -> dict[str, Any]:
    """Return a server as os-migrate would lay it out, with our keys."""
    server, fact = found.server, found.fact
    params: dict[str, Any] = {'name': server.name}
    if not fact.unknown:
        params[MACHINE_TYPE] = fact.value
    if server.image_id:
        name = fact.image.name if fact.image else None
        params['image_ref'] = {'name': name or server.image_id}
    return {
        'type': SERVER_TYPE,
        'params': params,
        '_info': {
            'id': server.id,
            'project_id': server.project_id,
            MACHINE_TYPE: _facts(fact),
        },
        '_migration_params': {
            'boot_disk_copy': not server.image_id,
            'boot_volume': {'uuid': None},
        },
    }


def _facts(fact: Fact) -> dict[str, Any]:
    """Return what is recorded under _info.hw_machine_type."""
    facts: dict[str, Any] = {
        'value': fact.value,
        'evidence': fact.evidence.value,
    }
    if fact.unknown:
        facts['unknown'] = fact.unknown
    if fact.contradicted_by:
        facts['contradicted_by'] = [
            {'evidence': other.evidence.value, 'value': other.value}
            for other in fact.contradicted_by
        ]
    if fact.boot_volume:
        facts['boot_volume_id'] = fact.boot_volume.id
        facts['boot_volume_name'] = fact.boot_volume.name
        facts['boot_volume_size'] = fact.boot_volume.size
        facts['boot_volume_rule'] = fact.boot_volume_rule
    if fact.image:
        facts['image_id'] = fact.image.id
    if fact.architecture:
        facts['architecture'] = fact.architecture
    if fact.project:
        facts['project_name'] = fact.project.name
        facts['project_domain_name'] = fact.project.domain_name
    return facts


def _as_text(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _as_text(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_as_text(element) for element in data]
    return data if data is None else str(data)


def _without_our_keys(manifest: Manifest, first: int) -> Any:
    """Return a manifest's data less our keys and all but its first servers."""
    data = data_of(manifest.root)
    kept = []
    servers = 0
    for resource in data[_LIST]:
        if isinstance(resource, dict) and resource.get('type') == SERVER_TYPE:
            servers += 1
            if servers > first:
                continue
            for section in ('params', '_info'):
                resource[section].pop(MACHINE_TYPE, None)
        kept.append(resource)
    return {**data, _LIST: kept}
