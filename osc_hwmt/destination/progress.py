# SPDX-License-Identifier: Apache-2.0

"""How far a migration is, by project and by wave.

A wave is what has one note: runs of one wave, and the slices of them, have
the same (apply --note). What has none goes by the day: of the run that wrote
to the volume, or else on which the destination's server was created.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import enum
import itertools
from collections.abc import Iterable, Mapping, Sequence

from osc_hwmt.destination.finding_codes import (
    NOT_IMPORTED_YET,
    SERVER_DIFFERS,
    UNDECIDED,
)
from osc_hwmt.destination.verify import Finding
from osc_hwmt.journal.format import Record
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.inventory import Server

#: The journal of a rollback tells of no wave.
_UNDOING = 'rollback'


class State(enum.Enum):
    """Where a server is on its way, in the order of the columns."""

    #: Nobody knows its machine type, and nobody chose one.
    UNDECIDED = 'undecided'
    #: Decided, and not built yet.
    READY = 'ready'
    #: Built, and nothing differs, as far as was found out.
    RIGHT = 'right'
    #: Built before its volume was right.
    TOO_LATE = 'too late'
    #: Something else differs from the manifest.
    WRONG = 'wrong'


@dataclasses.dataclass(frozen=True)
class Wave:
    """A wave by its note or its day, and when it began."""

    name: str
    began: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Standing:
    """Where one server is, and with which wave it came, if it came."""

    entry: Entry
    state: State
    wave: Wave | None = None


Counts = Mapping[State, int]


def standings(
    findings: Iterable[Finding],
    servers: Mapping[str, Server],
    records: Iterable[Record] = (),
) -> list[Standing]:
    """Return where each server is of which there are findings.

    Those about one server follow each other. ``servers`` are those of the
    destination by the ids of the source's, ``records`` all journals.
    """
    written = _written(records)
    found = []
    for id, group in itertools.groupby(
        findings, key=lambda finding: finding.entry.server_id
    ):
        several = tuple(group)
        server = servers.get(id)
        found.append(
            Standing(
                several[0].entry,
                _state(several, server),
                _wave(written.get(id, ()), server),
            )
        )
    return _with_beginnings(found)


def by_project(found: Iterable[Standing]) -> dict[str, Counts]:
    """Return how many servers of each project are where, by its name."""
    counted: dict[str, collections.Counter[State]] = {}
    for one in found:
        project = counted.setdefault(one.entry.project, collections.Counter())
        project[one.state] += 1
    return {name: counted[name] for name in sorted(counted)}


def by_wave(found: Iterable[Standing]) -> dict[Wave, Counts]:
    """Return how many servers of each wave are where, as the waves came."""
    counted: dict[Wave, collections.Counter[State]] = {}
    for one in found:
        if one.wave:
            wave = counted.setdefault(one.wave, collections.Counter())
            wave[one.state] += 1
    return {
        wave: counted[wave]
        for wave in sorted(counted, key=lambda one: (one.began, one.name))
    }


def in_all(found: Iterable[Standing]) -> Counts:
    """Return how many servers are where."""
    return collections.Counter(one.state for one in found)


def _state(findings: Sequence[Finding], server: Server | None) -> State:
    codes = {finding.code for finding in findings}
    if SERVER_DIFFERS in codes:
        return State.TOO_LATE
    if any(
        finding.is_difference
        and finding.code not in (UNDECIDED, NOT_IMPORTED_YET)
        for finding in findings
    ):
        return State.WRONG
    if UNDECIDED in codes:
        return State.UNDECIDED
    return State.RIGHT if server else State.READY


def _written(records: Iterable[Record]) -> dict[str, list[Wave]]:
    """Return the waves of the runs that wrote for a server, oldest first."""
    found: dict[str, list[Wave]] = {}
    for record in sorted(records, key=lambda one: one.begun):
        if record.header.command == _UNDOING:
            continue
        wave = Wave(record.header.note or _day(record.begun), record.begun)
        for id in {one.write.server_id for one in record.announced}:
            found.setdefault(id, []).append(wave)
    return found


def _wave(written: Sequence[Wave], server: Server | None) -> Wave | None:
    """Return the wave of the last run before a server was created.

    A later one mended it.
    """
    if server is None or server.created is None:
        return written[-1] if written else None
    before = [one for one in written if one.began <= server.created]
    if before:
        return before[-1]
    return Wave(_day(server.created), server.created)


def _with_beginnings(found: Sequence[Standing]) -> list[Standing]:
    """Return them with one beginning for all that came with one wave."""
    first: dict[str, Wave] = {}
    for one in found:
        if one.wave:
            known = first.setdefault(one.wave.name, one.wave)
            if one.wave.began < known.began:
                first[one.wave.name] = one.wave
    return [
        dataclasses.replace(one, wave=first[one.wave.name])
        if one.wave
        else one
        for one in found
    ]


def _day(time: datetime.datetime) -> str:
    return time.astimezone(datetime.timezone.utc).date().isoformat()
