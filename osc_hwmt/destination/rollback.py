# SPDX-License-Identifier: Apache-2.0

"""What undoes journals: the inverse of their writes, as a plan.

Only what a journal announced is undone, and only where the volume still has
what was written: what someone else wrote since then is theirs.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Optional, Union

from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.journal.format import Announced, Record
from osc_hwmt.model.changes import Change, Write, WriteResult
from osc_hwmt.model.inventory import Volume
from osc_hwmt.model.server_patterns import ServerPatterns

#: The image metadata of a volume; None where it is gone or hidden.
Held = Optional[Mapping[str, str]]


@dataclasses.dataclass(frozen=True)
class Restore:
    """The volume gets back what it had.

    ``held`` is what it has now. ``overridden`` tells that this is something
    else than was written, and that it is restored all the same.
    """

    write: Write
    held: Held
    overridden: bool = False


@dataclasses.dataclass(frozen=True)
class AsBefore:
    """The volume has what it had before; ``reason`` says why."""

    write: Write
    held: Held
    reason: str


@dataclasses.dataclass(frozen=True)
class Kept:
    """The volume is left alone, which is not what was asked for."""

    write: Write
    held: Held
    reason: str


Step = Union[Restore, AsBefore, Kept]

#: Seconds by which two measurements of one clock may differ: the dates of
#: HTTP have no fractions, and answers may be slow.
_ONE_CLOCK = 10


def chosen(records: Iterable[Record], servers: ServerPatterns) -> list[Record]:
    """Return the journals with the writes for some servers alone.

    Those without any are left out. Raises Error for a pattern that fits no
    server of theirs.
    """
    records = list(records)
    servers.refuse_idle(
        (
            (one.write.server, one.write.server_id)
            for record in records
            for one in record.announced
        ),
        _('in the journal')
        if len(records) == 1
        else _('in these %d journals') % len(records),
    )
    some = (
        dataclasses.replace(
            record,
            announced=tuple(
                one
                for one in record.announced
                if servers.fit(one.write.server, one.write.server_id)
            ),
        )
        for record in records
    )
    return [one for one in some if one.announced or not servers]


def written(records: Iterable[Record]) -> list[Write]:
    """Return one write, the newest, of each volume that journals announced."""
    return [some[-1].write for some in _by_volume(records).values()]


def build(
    records: Iterable[Record],
    now: Mapping[str, Volume],
    own_project_id: str,
    overwrite_changed: bool,
) -> tuple[Step, ...]:
    """Return one step for each volume that some journals announced.

    The newest write of a volume is undone first, so that it gets back what
    it had before the oldest. ``now`` has the volumes that are there, by their
    ids. ``own_project_id`` is the session's. ``overwrite_changed`` also
    restores what another run or tool changed since, or in between.
    """
    return tuple(
        _step(some, now.get(volume_id), own_project_id, overwrite_changed)
        for volume_id, some in _by_volume(records).items()
    )


def _by_volume(records: Iterable[Record]) -> dict[str, list[Announced]]:
    """Return what was announced of each volume, oldest first.

    Journals of several machines are compared by the cloud's clock, and one
    journal's lines have their order whatever its clock did.
    """
    records = list(records)
    measured = [record.header.clock_ahead or 0 for record in records]
    clocks = _clocks(measured)
    every: list[tuple[datetime.datetime, Announced]] = []
    for record, one_clock in zip(records, measured):
        ahead = clocks[one_clock]
        latest = record.begun
        for one in record.announced:
            latest = max(latest, one.begun or latest)
            every.append((latest + ahead, one))
    volumes: dict[str, list[Announced]] = {}
    for _time, one in sorted(every, key=lambda pair: pair[0]):
        volumes.setdefault(one.write.volume_id, []).append(one)
    return volumes


def _clocks(ahead: Iterable[float]) -> dict[float, datetime.timedelta]:
    """Return by how much each clock was behind the cloud's, as measured.

    The keys are the seconds of ``ahead``. Those that are nearly the same are
    taken for one clock, whose own order is exact.
    """
    found: dict[float, datetime.timedelta] = {}
    least = -math.inf
    for one in sorted(ahead):
        if one - least > _ONE_CLOCK:
            least = one
        found[one] = datetime.timedelta(seconds=least)
    return found


def _step(
    announced: Sequence[Announced],
    volume: Volume | None,
    own_project_id: str,
    overwrite_changed: bool,
) -> Step:
    done = [one for one in announced if one.result is not WriteResult.FAILED]
    write = _inverse([one.write for one in done or announced])
    held = volume.image_metadata if volume else None
    if not done:
        return AsBefore(write, held, _('nothing was written to it'))
    stranger = _stranger(write, volume, own_project_id)
    if stranger:
        return Kept(write, None, stranger)
    if held is None:
        return Kept(write, None, _('not allowed to see its image metadata'))
    missing = write.missing(held)
    if missing is None:
        return AsBefore(write, held, _('it already has what it had before'))
    foreign = list(_foreign(done, held))
    if foreign and not overwrite_changed:
        return Kept(write, held, ', '.join(foreign))
    return Restore(
        dataclasses.replace(
            missing,
            changes=tuple(
                dataclasses.replace(change, old=held.get(change.key))
                for change in missing.changes
            ),
        ),
        held,
        bool(foreign),
    )


def _inverse(writes: Sequence[Write]) -> Write:
    """Return what undoes some writes to one volume, oldest first.

    It is the newest for a human, and gives each key what it had at first.
    """
    changes: dict[str, Change] = {}
    for write in writes:
        for one in write.changes:
            first = changes.get(one.key)
            changes[one.key] = Change(
                one.key, old=one.new, new=first.new if first else one.old
            )
    return dataclasses.replace(writes[-1], changes=tuple(changes.values()))


def _stranger(
    write: Write, volume: Volume | None, own_project_id: str
) -> str | None:
    """Return why a volume is not the one that a journal wrote to."""
    said = write.project_id or own_project_id
    if volume is None:
        return _(
            'project %s has no such volume: it was deleted, or belongs to '
            'another project'
        ) % printable(said)
    # Cinder leaves the project out for those who see only their own.
    if (volume.project_id or own_project_id) != said:
        return _(
            'the volume belongs to project %(found)s, but the journal says '
            '%(said)s'
        ) % {
            'found': printable(volume.project_id or own_project_id),
            'said': printable(said),
        }
    return None


def _foreign(
    done: Sequence[Announced], held: Mapping[str, str]
) -> Iterator[str]:
    """Yield what was not written by the run that is undone.

    The writes are undone in mind, newest first: each has to find what it
    wrote, or what was there before it.
    """
    undone: dict[str, str | None] = dict(held)
    begun: set[str] = set()
    for one in reversed(done):
        for change in one.write.changes:
            found = undone.get(change.key)
            if found not in (change.new, change.old):
                text = (
                    _(
                        'changed in between by another run or tool: %(key)s '
                        'was set to %(set)s, and was %(found)s later'
                    )
                    if change.key in begun
                    else _(
                        'changed since by another run or tool: %(key)s is '
                        '%(found)s, was set to %(set)s'
                    )
                )
                yield text % {
                    'key': change.key,
                    'found': _('not set') if found is None else found,
                    'set': _('nothing') if change.new is None else change.new,
                }
            undone[change.key] = change.old
            begun.add(change.key)
