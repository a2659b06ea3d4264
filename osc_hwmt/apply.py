# SPDX-License-Identifier: Apache-2.0

"""A plan carried out, every write in the journal before and after."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from osc_hwmt.cloud.interface import BlockStorage
from osc_hwmt.exceptions import CloudError
from osc_hwmt.i18n import _
from osc_hwmt.journal import Journal
from osc_hwmt.journal_lines import Ending
from osc_hwmt.plan import Set, Step
from osc_hwmt.pool import in_parallel
from osc_hwmt.write import Change, Write


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of a write; ``error`` is set where it failed."""

    write: Write
    error: str | None = None


@dataclasses.dataclass(frozen=True)
class Result:
    """What became of a step; ``error`` is set where a write failed."""

    step: Step
    error: str | None = None


def results(plan: Iterable[Step], outcomes: Iterable[Outcome]) -> list[Result]:
    """Return the steps of a plan with what became of their writes.

    The outcomes are those of carry_out(), for the plan's Set steps.
    """
    left = iter(outcomes)
    return [
        Result(step, next(left).error)
        if isinstance(step, Set)
        else Result(step)
        for step in plan
    ]


def carry_out(
    writes: Sequence[Write],
    block_storage: BlockStorage,
    journal: Journal,
    concurrency: int,
) -> list[Outcome]:
    """Return what became of each write, in the order of the writes.

    One volume's failure stops no other. Raises FileError when the journal
    can't be written; then no further write begins.
    """

    def one(write: Write) -> Outcome:
        journal.intend(write)
        try:
            _write(block_storage, write.volume_id, write.changes)
        except CloudError as exc:
            journal.ended(write.volume_id, Ending.FAILED, str(exc))
            return Outcome(write, str(exc))
        journal.ended(write.volume_id, Ending.DONE)
        return Outcome(write)

    outcomes = in_parallel(one, writes, concurrency)
    journal.end('finished')
    return outcomes


def _write(
    block_storage: BlockStorage, volume_id: str, changes: Sequence[Change]
) -> None:
    values = {
        change.key: change.new for change in changes if change.new is not None
    }
    if values:
        now = block_storage.set_image_metadata(volume_id, values)
        if any(now.get(key) != value for key, value in values.items()):
            raise CloudError(
                _('volume %(id)s answered %(now)s after setting %(values)s')
                % {'id': volume_id, 'now': dict(now), 'values': values}
            )
    removed = [change.key for change in changes if change.new is None]
    if removed:
        block_storage.unset_image_metadata(volume_id, removed)
