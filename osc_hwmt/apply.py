# SPDX-License-Identifier: Apache-2.0

"""A plan carried out, every write in the journal before and after."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from osc_hwmt.cloud.interface import BlockStorage
from osc_hwmt.exceptions import CloudError
from osc_hwmt.i18n import _
from osc_hwmt.journal import Journal
from osc_hwmt.plan import Change, Set, Step
from osc_hwmt.pool import in_parallel


@dataclasses.dataclass(frozen=True)
class Result:
    """What became of a step; ``error`` is set where a write failed."""

    step: Step
    error: str | None = None


def run(
    plan: Sequence[Step],
    block_storage: BlockStorage,
    journal: Journal,
    concurrency: int,
) -> list[Result]:
    """Write what the plan says, return a result for each of its steps.

    One volume's failure stops no other. Raises FileError when the journal
    can't be written; then no further write begins.
    """

    def carry_out(step: Set) -> Result:
        volume_id = step.match.volume.id
        journal.intend(
            volume_id, step.entry.server_id, step.entry.name, step.changes
        )
        try:
            _write(block_storage, volume_id, step.changes)
        except CloudError as exc:
            journal.failed(volume_id, str(exc))
            return Result(step, str(exc))
        journal.succeeded(volume_id)
        return Result(step)

    steps = [step for step in plan if isinstance(step, Set)]
    written = iter(in_parallel(carry_out, steps, concurrency))
    return [
        next(written) if isinstance(step, Set) else Result(step)
        for step in plan
    ]


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
