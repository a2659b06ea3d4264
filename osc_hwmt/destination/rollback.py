# SPDX-License-Identifier: Apache-2.0

"""What undoes a journal: the inverse of its writes, as a plan.

Only what a journal announced is undone, and only where the volume still has
what was written: what someone else wrote since then is theirs.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Optional, Union

from osc_hwmt.i18n import _
from osc_hwmt.journal.format import Announced, Record
from osc_hwmt.model.changes import Change, Write, WriteResult
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


def chosen(record: Record, servers: ServerPatterns) -> Record:
    """Return the journal with the writes for some servers alone.

    Raises Error for a pattern that fits none of its servers.
    """
    every = [one.write for one in record.announced]
    servers.refuse_idle(
        ((one.server, one.server_id) for one in every), _('in the journal')
    )
    return dataclasses.replace(
        record,
        announced=tuple(
            one
            for one in record.announced
            if servers.fit(one.write.server, one.write.server_id)
        ),
    )


def build(
    record: Record,
    now: Mapping[str, Mapping[str, str] | None],
    overwrite_changed: bool,
) -> tuple[Step, ...]:
    """Return one step for each volume that a journal announced, in its order.

    ``now`` is the image metadata that volumes have, by their ids: volumes
    that are gone are not in it, None means that it is hidden.
    ``overwrite_changed`` also restores what another run or tool changed since.
    """
    return tuple(
        _step(one, now, overwrite_changed) for one in _joined(record.announced)
    )


def _joined(announced: Iterable[Announced]) -> Iterator[Announced]:
    """Yield one write for each volume: what it had first, what it got last.

    A write that was refused has no part in that, unless it is the only one.
    """
    volumes: dict[str, list[Announced]] = collections.defaultdict(list)
    for one in announced:
        volumes[one.write.volume_id].append(one)
    for every in volumes.values():
        some = [one for one in every if one.result is not WriteResult.FAILED]
        changes: dict[str, Change] = {}
        for one in some or every:
            for change in one.write.changes:
                first = changes.get(change.key, change)
                changes[change.key] = dataclasses.replace(
                    change, old=first.old
                )
        last = (some or every)[-1]
        yield dataclasses.replace(
            last,
            write=dataclasses.replace(
                last.write, changes=tuple(changes.values())
            ),
        )


def _step(
    one: Announced,
    now: Mapping[str, Mapping[str, str] | None],
    overwrite_changed: bool,
) -> Step:
    write = _inverse(one.write)
    held = now.get(write.volume_id)
    if one.result is WriteResult.FAILED:
        return AsBefore(write, held, _('nothing was written to it'))
    if write.volume_id not in now:
        return Kept(write, None, _('the volume no longer exists'))
    if held is None:
        return Kept(write, None, _('not allowed to see its image metadata'))
    missing = write.missing(held)
    if missing is None:
        return AsBefore(write, held, _('it has what it had before'))
    foreign = missing.surprises(held)
    if foreign and not overwrite_changed:
        return Kept(write, held, _foreign(foreign, held))
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


def _inverse(write: Write) -> Write:
    return dataclasses.replace(
        write,
        changes=tuple(
            Change(change.key, old=change.new, new=change.old)
            for change in write.changes
        ),
    )


def _foreign(changes: Iterable[Change], now: Mapping[str, str]) -> str:
    return _('changed since by another run or tool: %s') % ', '.join(
        _('%(key)s is %(now)s, was set to %(set)s')
        % {
            'key': change.key,
            'now': now.get(change.key, _('not there')),
            'set': change.old if change.old is not None else _('nothing'),
        }
        for change in changes
    )
