# SPDX-License-Identifier: Apache-2.0

"""Writes carried out, each in the journal before and after.

Cinder has no compare-and-swap. So every volume is looked at right before the
writes begin, and again when that was too long ago; what is not as the plan
knew it is left alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic
from typing import TypeVar, Union

from osc_hwmt.cloud import contents
from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.cloud.retry import RetryGate, RetryPolicy
from osc_hwmt.destination import refusals
from osc_hwmt.destination.approved import changed
from osc_hwmt.destination.plan import Set, Step
from osc_hwmt.destination.plan_file import Planned
from osc_hwmt.destination.volume_write import VolumeWrite
from osc_hwmt.display import printable
from osc_hwmt.exceptions import CloudError, FileError
from osc_hwmt.i18n import _
from osc_hwmt.journal.file import Journal
from osc_hwmt.local.locks import Turns
from osc_hwmt.local.parallel import in_parallel
from osc_hwmt.model.changes import Change, Write, WriteResult
from osc_hwmt.model.inventory import Volume
from osc_hwmt.model.memory import slotted

_Item = TypeVar('_Item')

#: What volumes are now, by their ids: a text says why one is not what was
#: approved, and one that is not there is not in it.
Seen = Mapping[str, Union[Volume, str]]
LookAgain = Callable[[Sequence[Write]], Seen]

#: A volume that Cinder is at work on (400) is tried again after all others.
WRITING = RetryPolicy(attempts=8, fewer={400: 1, 401: 3, 500: 3})
#: After so many seconds each.
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)
#: A look is good for so many seconds, or so many times those that it took:
#: that is the least that costs no more than a tenth of a long run.
_FRESH, _SHARE = 30.0, 10.0
_TURNS = Turns()


@slotted
@dataclasses.dataclass(frozen=True)
class Written:
    """What became of a write; ``detail`` is for a human."""

    write: Write
    result: WriteResult
    detail: str = ''

    @property
    def is_well(self) -> bool:
        """Tell whether the volume has what it was to have."""
        return self.result in (WriteResult.DONE, WriteResult.ALREADY)


@dataclasses.dataclass(frozen=True)
class Run:
    """What became of the writes, in their order, and what stopped the run.

    ``stopped`` is None where it came to its end: KeyboardInterrupt,
    FileError of the journal, or CloudError of a cloud that answers nobody.
    """

    written: tuple[Written, ...]
    stopped: BaseException | None


@slotted
@dataclasses.dataclass(frozen=True)
class Result:
    """A step of a plan, and what became of its write if it has one."""

    step: Step
    written: Written | None = None


def results(plan: Iterable[Step], written: Iterable[Written]) -> list[Result]:
    """Return the steps of a plan with what became of their writes.

    ``written`` is that of carry_out(), for the plan's Set steps.
    """
    left = iter(written)
    return [
        Result(step, next(left) if isinstance(step, Set) else None)
        for step in plan
    ]


def to_write(results: Iterable[Result]) -> list[Set]:
    """Return the steps that have a write of which nothing became yet."""
    return [
        one.step
        for one in results
        if isinstance(one.step, Set) and one.written is None
    ]


def with_written(
    results: Iterable[Result], written: Iterable[Written]
) -> list[Result]:
    """Return the results with what became of to_write()."""
    done = iter(written)
    return [
        Result(one.step, next(done))
        if isinstance(one.step, Set) and one.written is None
        else one
        for one in results
    ]


def held_to(
    planned: Iterable[Planned],
    steps: Iterable[Step],
    now: Mapping[str, Volume],
) -> list[Result]:
    """Return the steps of a plan as it is now, held to what was approved.

    Both are of the same entries. What is to be written now and was not
    approved, or is no longer as it was, has a result already; the other Set
    steps have none. ``now`` has all volumes.
    """
    by_id = {one.server_id: one for one in planned}
    return [_held_to(by_id[one.entry.server_id], one, now) for one in steps]


def _held_to(
    planned: Planned, step: Step, now: Mapping[str, Volume]
) -> Result:
    approved = planned.approved
    if approved:
        write = approved.write
        difference = changed(approved, step, now.get(write.volume_id))
    elif isinstance(step, Set):
        write = step.write
        difference = _(
            'it was %s when the plan was approved, and would now be set'
        ) % printable(planned.word)
    else:
        return Result(step)
    if not difference:
        return Result(step)
    return Result(
        step, Written(write, WriteResult.CHANGED, _again(difference))
    )


def carry_out(
    writes: Sequence[Write],
    cloud: Cloud,
    journal: Journal,
    concurrency: int,
    told: Callable[[Written], None] = lambda written: None,
    stopping: Callable[[], None] = lambda: None,
    turns: Turns = _TURNS,
    look: LookAgain | None = None,
) -> Run:
    """Carry out some writes, at most one for each volume.

    One volume's failure stops no other. ``told`` hears of each write as it
    ends, from several threads; ``stopping`` is called when an interrupt
    lets no further write begin. ``turns`` is how runs take turns at the
    projects. ``look`` tells what the volumes of some writes are now, and what
    of it was not approved; without it they are only read.
    """

    def read(some: Sequence[Write]) -> Seen:
        return contents.current(cloud, some, concurrency)

    runner = _Runner(cloud, journal, concurrency, told, stopping, look or read)
    stopped: BaseException | None = None
    try:
        own = cloud.identity.own_project().id
        projects = {one.project_id or own for one in writes}
        with turns.held(projects, journal.path):
            runner.run(writes)
    except (CloudError, FileError, KeyboardInterrupt) as exc:
        stopped = exc
    try:
        stopped = _ended(journal, stopped)
    except KeyboardInterrupt as exc:
        # So late it ends nothing here, but what was written must be told.
        stopped = stopped or exc
    return Run(tuple(map(runner.written, writes)), stopped)


def _ended(
    journal: Journal, stopped: BaseException | None
) -> BaseException | None:
    """Put the end into the journal; return what stopped the run, if any."""
    try:
        journal.end('stopped' if stopped else 'finished')
    except FileError as exc:
        return stopped or exc
    return stopped


class _Runner:
    """Carries out one run's writes and keeps what became of each."""

    def __init__(
        self,
        cloud: Cloud,
        journal: Journal,
        concurrency: int,
        told: Callable[[Written], None],
        stopping: Callable[[], None],
        look: LookAgain,
    ) -> None:
        # All by volume id.
        self._written: dict[str, Written] = {}
        self._begun: dict[str, VolumeWrite] = {}
        #: To volumes that Cinder is at work on, with what it said.
        self._put_off: dict[str, str] = {}
        self._stopping = stopping
        self._cloud = cloud
        self._journal = journal
        self._concurrency = concurrency
        self._told = told
        self._look = look
        self._gate = RetryGate(WRITING, concurrency)
        #: Until when what was looked at counts, and the writes after that.
        self._good_until = 0.0
        self._outdated: list[Write] = []

    def written(self, write: Write) -> Written:
        """Return what became of a write."""
        return self._written.get(write.volume_id) or Written(
            write,
            WriteResult.UNKNOWN
            if write.volume_id in self._begun
            else WriteResult.NOT_BEGUN,
        )

    def run(self, writes: Sequence[Write]) -> None:
        """Carry out the writes; raises what stops the run."""
        by_volume = {one.volume_id: one for one in writes}
        try:
            self._look_and_write(_witnesses(writes))
            done = {*self._written, *self._put_off}
            self._look_and_write(
                [one for one in writes if one.volume_id not in done]
            )
            for pause in PAUSES:
                if not self._put_off or self._gate.rest(pause):
                    break
                self._look_and_write([by_volume[one] for one in self._put_off])
        finally:
            for volume_id, why in list(self._put_off.items()):
                self._give_up(put_off(by_volume[volume_id], why))

    def _look_and_write(self, writes: Sequence[Write]) -> None:
        """Write what is as it was approved, and look anew where it ages."""
        while writes:
            began = monotonic()
            seen = self._look(writes)
            took = monotonic() - began
            self._good_until = monotonic() + max(_FRESH, _SHARE * took)
            self._outdated = []
            todo = []
            for write in writes:
                found = seen.get(write.volume_id)
                if isinstance(found, Volume) and found.is_busy:
                    busy = refusals.still_busy(found)
                    self._put_off[write.volume_id] = busy
                elif write.volume_id in self._begun and _is_left(write, found):
                    todo.append(write)
                else:
                    left = _left_to_do(write, found)
                    if isinstance(left, Write):
                        todo.append(left)
                    else:
                        self._give_up(left)
            self._each(self._begin, todo)
            writes = self._outdated

    def _each(
        self, function: Callable[[_Item], None], items: Sequence[_Item]
    ) -> None:
        in_parallel(function, items, self._concurrency, self._stop)

    def _stop(self) -> None:
        self._gate.stop()
        self._stopping()

    def _begin(self, write: Write) -> None:
        if monotonic() > self._good_until:
            self._outdated.append(write)
            return
        begun = self._begun.get(write.volume_id)
        if begun is None:
            self._journal.intend(write)
            begun = VolumeWrite(self._cloud.block_storage, write)
            self._begun[write.volume_id] = begun
        self._try(begun)

    def _try(self, volume_write: VolumeWrite) -> None:
        write = volume_write.write
        try:
            self._gate.call(volume_write.make)
        except CloudError as exc:
            if exc.code == 400 and exc.transient:
                self._put_off[write.volume_id] = str(exc)
                return
            self._give_up(Written(write, WriteResult.FAILED, str(exc)))
            if self._gate.lost:
                self._gate.stop()
                raise self._gate.lost from exc
        else:
            self._record(Written(write, WriteResult.DONE))
            self._journal.ended(write.volume_id, WriteResult.DONE)

    def _give_up(self, written: Written) -> None:
        """Record what was not written, or not for certain."""
        volume_id = written.write.volume_id
        begun = self._begun.get(volume_id)
        result = WriteResult.FAILED
        if begun and begun.maybe_done:
            result = WriteResult.UNKNOWN
            written = dataclasses.replace(written, result=result)
        self._record(written)
        if begun:
            self._journal.ended(volume_id, result, written.detail)

    def _record(self, written: Written) -> None:
        self._written[written.write.volume_id] = written
        self._put_off.pop(written.write.volume_id, None)
        self._told(written)


def put_off(write: Write, why: str) -> Written:
    """Return that Cinder is at work on a write's volume, and what to do."""
    return Written(
        write, WriteResult.BUSY, f'{why}; {refusals.once_available()}'
    )


def _witnesses(writes: Sequence[Write]) -> list[Write]:
    """Return one write for each page of a listing that proved nothing.

    Once it is written, the same page of the next listing has metadata to
    show, and proves that its other volumes have none. Where there are few
    writes, each volume is asked for itself.
    """
    if len(writes) <= contents.FEW:
        return []
    pages = {
        one.unproven_page: one
        for one in writes
        if one.unproven_page is not None
    }
    return list(pages.values())


def _is_left(write: Write, found: Volume | str | None) -> bool:
    """Tell whether a write that was begun may go on.

    Some of it may be there already, by its own doing.
    """
    if not isinstance(found, Volume) or found.image_metadata is None:
        return False
    missing = write.missing(found.image_metadata)
    return missing is None or not missing.surprises(found.image_metadata)


def _left_to_do(write: Write, found: Volume | str | None) -> Write | Written:
    """Return what is to be written, or what became of a write before it."""
    if found is None:
        return Written(
            write, WriteResult.FAILED, _('the volume no longer exists')
        )
    if isinstance(found, str):
        return Written(write, WriteResult.CHANGED, _again(found))
    held = found.image_metadata
    if held is None:
        return Written(
            write,
            WriteResult.FAILED,
            _('not allowed to see its image metadata'),
        )
    missing = write.missing(held)
    if missing is None:
        return Written(
            write,
            WriteResult.ALREADY,
            _('already written since the plan was made'),
        )
    surprised = missing.surprises(held)
    if surprised:
        return Written(write, WriteResult.CHANGED, _changed(surprised, held))
    return missing


def _again(difference: str) -> str:
    """Return what is not as it was approved, and what to do."""
    return _('%s; run apply again for a new plan') % difference


def _changed(changes: Iterable[Change], now: Mapping[str, str]) -> str:
    return _(
        'changed since the plan was made: %s; run apply again'
    ) % ', '.join(
        _('%(key)s is now %(now)s, was %(old)s')
        % {
            'key': change.key,
            'now': now.get(change.key) or '-',
            'old': change.old or '-',
        }
        for change in changes
    )
