# SPDX-License-Identifier: Apache-2.0

"""What an export did to each entry of a manifest."""

from __future__ import annotations

import dataclasses
import enum

from osc_hwmt.manifest.entry import Entry, Wanted
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.model.memory import slotted
from osc_hwmt.source.facts import Fact, ServerFacts
from osc_hwmt.source.refresh import tells_less, with_earlier_proposal


class Effect(enum.Enum):
    """What export did to one server's entry."""

    ADDED = 'added'
    REFRESHED = 'refreshed'
    UNCHANGED = 'unchanged'
    #: What is wanted was changed by an option of this run.
    EDITED = 'edited'
    #: What an operator wants differs from what was found, and stays.
    EDIT_KEPT = 'edit kept'
    #: Today's look tells less than an earlier one; that one stays.
    EARLIER_KEPT = 'earlier fact kept'
    #: In the manifest, but not among the servers that were looked at.
    NOT_FOUND = 'not found'


@slotted
@dataclasses.dataclass(frozen=True)
class Line:
    """One server's line in export's answer; ``fact`` None if not found.

    ``renamed`` is its name on the source where the manifest has another.
    """

    entry: Entry
    fact: Fact | None
    effect: Effect
    renamed: str | None = None


def line_of(
    entry: Entry,
    before: Entry | None,
    found: ServerFacts | None,
    touched: bool,
) -> Line:
    """Return the line of an entry, given what it was before."""
    fact = found.fact if found else None
    if fact and before:
        fact = with_earlier_proposal(fact, before.recorded)
    if fact is None:
        effect = Effect.NOT_FOUND
    elif before and tells_less(fact, before.recorded):
        effect = Effect.EARLIER_KEPT
    elif before is None or (before.recorded is None and touched):
        effect = Effect.ADDED
    elif found and _edited_now(entry, before, found):
        effect = Effect.EDITED
    elif _edited(entry, fact):
        effect = Effect.EDIT_KEPT
    else:
        effect = Effect.REFRESHED if touched else Effect.UNCHANGED
    name = found.origin.name if found and found.origin else entry.name
    return Line(entry, fact, effect, None if name == entry.name else name)


def _edited_now(entry: Entry, before: Entry, found: ServerFacts) -> bool:
    """Tell whether --set or --rules changed what is wanted."""
    return any(
        entry.wanted_properties.get(key) != before.wanted_properties.get(key)
        for key in found.wanted
    )


def _edited(entry: Entry, fact: Fact) -> bool:
    """Tell whether any wanted value differs from what was found."""
    return any(
        not found.unknown and wanted != Wanted.of(found.wanted)
        for key, wanted in entry.wanted_properties.items()
        for found in (
            fact if key == MACHINE_TYPE else fact.properties.get(key),
        )
        if found
    )
