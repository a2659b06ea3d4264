# SPDX-License-Identifier: Apache-2.0

"""Writes carried out, each in the journal before and after.

Cinder has no compare-and-swap. So every volume is looked at right before the
writes begin, and what is not as the plan knew it is left alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from osc_hwmt.cloud import contents
from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.cloud.retry import RetryGate, RetryPolicy
from osc_hwmt.destination.plan import Set, Step
from osc_hwmt.destination.volume_write import VolumeWrite
from osc_hwmt.exceptions import CloudError, FileError
from osc_hwmt.i18n import _
from osc_hwmt.journal.file import Journal
from osc_hwmt.local import locks
from osc_hwmt.local.parallel import in_parallel
from osc_hwmt.model.changes import Change, Write, WriteResult
from osc_hwmt.model.memory import slotted

_Item = TypeVar('_Item')

#: A volume that is being copied (400) is tried again after all others.
WRITING = RetryPolicy(attempts=8, fewer={400: 1, 401: 3, 500: 3})
WRITING_LAST = RetryPolicy(
    attempts=8, fewer={400: 6, 401: 3, 500: 3}, pause=1.0
)


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


def carry_out(
    writes: Sequence[Write],
    cloud: Cloud,
    journal: Journal,
    concurrency: int,
    told: Callable[[Written], None] = lambda written: None,
    stopping: Callable[[], None] = lambda: None,
    waiting: Callable[[], None] = lambda: None,
) -> Run:
    """Carry out some writes, at most one for each volume.

    One volume's failure stops no other. ``told`` hears of each write as it
    ends, from several threads; ``stopping`` is called when an interrupt
    lets no further write begin, ``waiting`` before it is another run's turn
    to end.
    """
    runner = _Runner(cloud, journal, concurrency, told, stopping)
    stopped: BaseException | None = None
    try:
        own = cloud.identity.own_project().id
        projects = {one.project_id or own for one in writes}
        with locks.held_projects(projects, waiting):
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
    if isinstance(stopped, FileError):
        return stopped
    try:
        journal.end('stopped' if stopped else 'finished')
    except FileError as exc:
        return exc
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
    ) -> None:
        # Both by volume id.
        self._written: dict[str, Written] = {}
        self._begun: set[str] = set()
        self._stopping = stopping
        self._cloud = cloud
        self._journal = journal
        self._concurrency = concurrency
        self._told = told
        self._gate = RetryGate(WRITING, concurrency)
        #: To volumes that are busy with something else, with what Cinder said.
        self._put_off: dict[str, tuple[VolumeWrite, CloudError]] = {}

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
        try:
            self._look_and_write(_witnesses(writes))
            self._look_and_write(
                [one for one in writes if one.volume_id not in self._written]
            )
            self._gate = RetryGate(WRITING_LAST, self._concurrency)
            self._each(
                self._try, [one for one, _error in self._put_off.values()]
            )
        finally:
            for volume_id, put_off in self._put_off.items():
                if volume_id not in self._written:
                    self._fail(*put_off)

    def _look_and_write(self, writes: Sequence[Write]) -> None:
        now = contents.held(self._cloud, writes, self._concurrency)
        todo = []
        for write in writes:
            left = _left_to_do(write, now)
            if isinstance(left, Write):
                todo.append(left)
            else:
                self._record(left)
        self._each(self._begin, todo)

    def _each(
        self, function: Callable[[_Item], None], items: Sequence[_Item]
    ) -> None:
        in_parallel(function, items, self._concurrency, self._stop)

    def _stop(self) -> None:
        self._gate.stop()
        self._stopping()

    def _begin(self, write: Write) -> None:
        self._journal.intend(write)
        self._begun.add(write.volume_id)
        self._try(VolumeWrite(self._cloud.block_storage, write))

    def _try(self, volume_write: VolumeWrite) -> None:
        write = volume_write.write
        try:
            self._gate.call(volume_write.make)
        except CloudError as exc:
            if exc.code == 400 and exc.transient:
                self._put_off[write.volume_id] = volume_write, exc
                return
            self._fail(volume_write, exc)
            if self._gate.lost:
                self._gate.stop()
                raise self._gate.lost from exc
        else:
            self._record(Written(write, WriteResult.DONE))
            self._journal.ended(write.volume_id, WriteResult.DONE)

    def _fail(self, volume_write: VolumeWrite, error: CloudError) -> None:
        write, result = volume_write.write, WriteResult.FAILED
        if volume_write.maybe_done:
            result = WriteResult.UNKNOWN
        self._record(Written(write, result, str(error)))
        self._journal.ended(write.volume_id, result, str(error))

    def _record(self, written: Written) -> None:
        self._written[written.write.volume_id] = written
        self._told(written)


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


def _left_to_do(
    write: Write, now: Mapping[str, Mapping[str, str] | None]
) -> Write | Written:
    """Return what is to be written, or what became of a write before it."""
    if write.volume_id not in now:
        return Written(
            write, WriteResult.FAILED, _('the volume is not there any more')
        )
    held = now[write.volume_id]
    if held is None:
        return Written(
            write,
            WriteResult.FAILED,
            _('not allowed to see its image metadata'),
        )
    missing = write.missing(held)
    if missing is None:
        return Written(write, WriteResult.ALREADY, _('written since the plan'))
    surprised = missing.surprises(held)
    if surprised:
        return Written(write, WriteResult.CHANGED, _changed(surprised, held))
    return missing


def _changed(changes: Iterable[Change], now: Mapping[str, str]) -> str:
    return _('changed since the plan: %s; run again') % ', '.join(
        _('%(key)s is %(now)s and was %(old)s')
        % {
            'key': change.key,
            'now': now.get(change.key) or '-',
            'old': change.old or '-',
        }
        for change in changes
    )
