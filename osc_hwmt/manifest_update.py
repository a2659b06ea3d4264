# SPDX-License-Identifier: Apache-2.0

"""What export does to a manifest: refresh the facts, keep the edits."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from osc_hwmt import hardware, manifest_edit
from osc_hwmt.entry import Entry, Recorded, RecordedProperty, Wanted
from osc_hwmt.evidence import Conclusion, Fact
from osc_hwmt.inventory import MACHINE_TYPE, Server
from osc_hwmt.manifest import Manifest, parse
from osc_hwmt.manifest_edit import Put
from osc_hwmt.manifest_entry import SERVER_TYPE
from osc_hwmt.yaml_document import (
    Node,
    child,
    data_of,
    scalar_of,
)

_HEADER = """\
# Machine types of servers that move to another cloud.
#
# params.hw_machine_type        what the destination shall use. Edit me:
#                               null leaves it to the destination, '' removes
# _info.hw_machine_type         what was found at the source, and how it is
#                               known. Written by export, never edited
# hw_..., os_type, os_secure... the same of other hardware, where it was asked
# _migration_params.boot_volume the destination's boot volume, where name and
#                               size do not tell it
"""


class Effect(enum.Enum):
    """What export did to one server's entry."""

    ADDED = 'added'
    #: os-migrate exported it again; what was edited before is lost.
    ADDED_AGAIN = 'added again, os-migrate had dropped it'
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
    """A source server and what is known of its hardware.

    ``server`` is None for a volume that no server has. ``ordered`` is what
    an operator wants with this export, whatever was found or edited before.
    """

    server: Server | None
    fact: Fact
    ordered: Mapping[str, str | None] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Asked:
    """Which properties beside the machine type export writes.

    The ``named`` ones whatever was found, so that a null can be edited;
    with ``hardware`` each shipped one that was found.
    """

    named: frozenset[str] = frozenset()
    hardware: bool = False

    def keys(self, entries: Iterable[Entry] = ()) -> frozenset[str]:
        """Return all keys to look for; what entries have is refreshed."""
        return self.named.union(
            hardware.SHIPPED if self.hardware else (),
            *(entry.other_hardware for entry in entries),
        )

    def of(self, fact: Fact, entry: Entry | None = None) -> list[str]:
        """Return the keys to write into one server's entry, sorted."""
        carried = entry.other_hardware if entry else frozenset()
        return sorted(
            key
            for key, conclusion in fact.properties.items()
            if key in self.named | carried
            or (self.hardware and conclusion.value)
        )


@dataclasses.dataclass(frozen=True)
class Line:
    """One server's line in export's answer; ``fact`` None if not found."""

    entry: Entry
    fact: Fact | None
    effect: Effect


@dataclasses.dataclass(frozen=True)
class Update:
    """A manifest's new text, and what became of each server.

    ``passed_over`` counts the entries that were not looked at, ``recorded``
    are the ids of those that have facts, or lost them.
    """

    text: str
    lines: tuple[Line, ...]
    passed_over: int
    recorded: tuple[str, ...] = ()


#: What is exported where nothing more is asked for.
ONLY_MACHINE_TYPE = Asked()


def create(
    found: Sequence[Found], path: str, asked: Asked = ONLY_MACHINE_TYPE
) -> Update:
    """Return a new standalone manifest with those servers."""
    empty = parse(_HEADER + 'resources: []\n', path)
    by_id = {one.server.id: one for one in found if one.server}
    return update(empty, by_id, extend=True, asked=asked)


def update(
    manifest: Manifest,
    found: Mapping[str, Found],
    *,
    extend: bool,
    asked: Asked = ONLY_MACHINE_TYPE,
    looked_at: Callable[[Entry], bool] = lambda _entry: True,
) -> Update:
    """Return the manifest with refreshed facts and every edit kept.

    ``found`` goes by the id of a server or a volume. With ``extend``,
    servers that the manifest lacks are added at its end. Entries that were
    not ``looked_at`` stay as they are and get no line. Raises Error if the
    text can't be edited in place without touching anything else, which a form
    of YAML that nobody uses for manifests could bring about.
    """
    known = {entry.server_id: entry for entry in manifest.entries}
    new = [
        _resource(one.server, one, asked)
        for one in found.values()
        if extend and one.server and one.server.id not in known
    ]
    after = manifest_edit.edit(
        manifest,
        lambda entry: entry.server_id in found,
        lambda entry, node: _refresh(
            entry, node, found[entry.server_id], asked
        ),
        new,
    )
    lines = tuple(
        _line(
            entry,
            known.get(entry.server_id),
            found.get(entry.server_id),
            entry.server_id in after.touched,
        )
        for entry in after.entries
        if entry.server_id in found or looked_at(entry)
    )
    return Update(
        after.text,
        lines,
        len(after.entries) - len(lines),
        tuple(
            sorted(
                entry.server_id
                for entry in after.entries
                if entry.recorded or entry.lost
            )
        ),
    )


def _tells_less(found: Conclusion, earlier: RecordedProperty | None) -> bool:
    return bool(found.unknown and earlier and not earlier.unknown)


def _refresh(
    entry: Entry, node: Node, found: Found, asked: Asked
) -> list[Put]:
    """Return what is to change in the resource of a server or volume."""
    if _is_no_news(entry, found.fact) and not found.ordered:
        return []
    fact = _with_earlier_proposal(found.fact, entry.recorded)
    puts = _refresh_key(
        entry, node, MACHINE_TYPE, fact, _facts(fact), restored=True
    )
    for key in sorted({*asked.of(fact, entry), *_others(found.ordered)}):
        one = fact.properties[key]
        named = key in asked.named
        puts += _refresh_key(
            entry, node, key, one, _conclusion(one), restored=named
        )
    if not found.ordered:
        return puts
    params = child(node, 'params')
    return [
        *(
            put
            for put in puts
            if put.section != 'params' or put.key not in found.ordered
        ),
        *(
            Put('params', key, value)
            for key, value in found.ordered.items()
            if not _says(child(params, key), value)
        ),
    ]


def _others(ordered: Iterable[str]) -> set[str]:
    return set(ordered) - {MACHINE_TYPE}


def _says(node: Node | None, value: str | None) -> bool:
    return node is not None and scalar_of(node) == value


def _is_no_news(entry: Entry, fact: Fact) -> bool:
    """Tell whether a volume is one of the many that no server boots from."""
    return (
        entry.detached
        and entry.recorded is None
        and not (fact.value or fact.unknown or entry.wishes)
        and not any(one.value for one in fact.properties.values())
    )


def _with_earlier_proposal(fact: Fact, earlier: Recorded | None) -> Fact:
    """Return the fact with what was proposed of the same fact before."""
    if fact.proposal or earlier is None or earlier.value != fact.value:
        return fact
    return dataclasses.replace(fact, proposal=earlier.proposal)


def _refresh_key(
    entry: Entry,
    node: Node,
    key: str,
    found: Conclusion,
    facts: dict[str, Any],
    *,
    restored: bool,
) -> list[Put]:
    """Return what is to change for one property.

    A wish that was deleted is ``restored``, or else stays deleted: nothing
    is asked for then, but of the machine type, which has to be said.
    """
    params, info = child(node, 'params'), child(node, '_info')
    recorded, wanted = child(info, key), child(params, key)
    earlier = entry.recorded.of(key) if entry.recorded else None
    if _tells_less(found, earlier):
        return []
    if wanted is None:
        kept = earlier is not None and not earlier.unknown and not restored
    else:
        kept = (
            earlier is None
            or earlier.unknown
            or scalar_of(wanted) != earlier.wish
        )
    puts = []
    if recorded is None or data_of(recorded) != _as_text(facts):
        puts.append(Put('_info', key, facts))
    if not (kept or found.unknown) and (
        wanted is None or scalar_of(wanted) != found.wish
    ):
        puts.append(Put('params', key, found.wish))
    return puts


def _line(
    entry: Entry, before: Entry | None, found: Found | None, touched: bool
) -> Line:
    fact = found.fact if found else None
    if fact and before:
        fact = _with_earlier_proposal(fact, before.recorded)
    if fact is None:
        effect = Effect.NOT_FOUND
    elif before and _tells_less(fact, before.recorded):
        effect = Effect.EARLIER_KEPT
    elif before is not None and before.lost and touched:
        effect = Effect.ADDED_AGAIN
    elif before is None or (before.recorded is None and touched):
        effect = Effect.ADDED
    elif _edited(entry, fact):
        effect = Effect.EDIT_KEPT
    else:
        effect = Effect.REFRESHED if touched else Effect.UNCHANGED
    return Line(entry, fact, effect)


def _edited(entry: Entry, fact: Fact) -> bool:
    """Tell whether any wish differs from what was found."""
    return any(
        not found.unknown and wish != Wanted.of(found.wish)
        for key, wish in entry.wishes.items()
        for found in (
            fact if key == MACHINE_TYPE else fact.properties.get(key),
        )
        if found
    )


def _resource(server: Server, found: Found, asked: Asked) -> dict[str, Any]:
    """Return a server as os-migrate would lay it out, with our keys."""
    fact = found.fact
    known: dict[str, tuple[Conclusion, dict[str, Any]]] = {
        MACHINE_TYPE: (fact, _facts(fact))
    }
    for key in sorted({*asked.of(fact), *_others(found.ordered)}):
        conclusion = fact.properties[key]
        known[key] = (conclusion, _conclusion(conclusion))
    params: dict[str, Any] = {
        'name': server.name,
        **{
            key: conclusion.wish
            for key, (conclusion, _facts) in known.items()
            if not conclusion.unknown
        },
        **found.ordered,
    }
    if server.image_id:
        name = fact.image.name if fact.image else None
        params['image_ref'] = {'name': name or server.image_id}
    return {
        'type': SERVER_TYPE,
        'params': params,
        '_info': {
            'id': server.id,
            'project_id': server.project_id,
            **{key: facts for key, (_conclusion, facts) in known.items()},
        },
        '_migration_params': {
            'boot_disk_copy': not server.image_id,
            'boot_volume': {'uuid': None},
        },
    }


def _conclusion(found: Conclusion) -> dict[str, Any]:
    """Return what is recorded of any property under _info."""
    facts: dict[str, Any] = {
        'value': found.value,
        'evidence': found.evidence.value,
    }
    if found.unknown:
        facts['unknown'] = found.unknown
    for others in ('contradicted_by', 'confirmed_by'):
        words = getattr(found, others)
        if words:
            facts[others] = [
                {'evidence': other.evidence.value, 'value': other.value}
                for other in words
            ]
    return facts


def _facts(fact: Fact) -> dict[str, Any]:
    """Return what is recorded under _info.hw_machine_type."""
    facts = {**_conclusion(fact), **fact.beside}
    if fact.proposal:
        facts[fact.proposal.kind.value] = fact.proposal.machine_type
    if fact.boot_volume:
        facts['boot_volume_id'] = fact.boot_volume.id
        facts['boot_volume_name'] = fact.boot_volume.name
        facts['boot_volume_size'] = fact.boot_volume.size
        facts['boot_volume_rule'] = fact.boot_volume_rule
    if fact.image:
        facts['image_id'] = fact.image.id
    if fact.architecture:
        facts['architecture'] = fact.architecture
    if fact.vcpus is not None:
        facts['vcpus'] = fact.vcpus
    if fact.devices is not None:
        facts['devices'] = fact.devices
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
