# SPDX-License-Identifier: Apache-2.0

"""What a rollback does or did, as rows, one sentence and an exit code."""

from __future__ import annotations

import collections
import dataclasses
import enum
from collections.abc import Iterable, Sequence

from osc_hwmt.destination.apply import Written
from osc_hwmt.destination.rollback import AsBefore, Restore, Step
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.model.changes import WriteResult
from osc_hwmt.tables.cells import PropertiesColumn, Row
from osc_hwmt.tables.summary import ExitCode

COLUMNS = ('Server', 'Volume ID', 'Found', 'Before', 'Result', 'Detail')


class Outcome(enum.Enum):
    """What is said of one volume."""

    TO_RESTORE = 'to restore'
    RESTORED = 'restored'
    AS_BEFORE = 'as before'
    KEPT = 'kept'
    CHANGED = 'changed meanwhile'
    FAILED = 'failed'
    UNKNOWN = 'unknown'
    NOT_BEGUN = 'not begun'


_OUTCOMES = {
    WriteResult.DONE: Outcome.RESTORED,
    WriteResult.ALREADY: Outcome.AS_BEFORE,
    WriteResult.CHANGED: Outcome.CHANGED,
    WriteResult.FAILED: Outcome.FAILED,
    WriteResult.UNKNOWN: Outcome.UNKNOWN,
    WriteResult.NOT_BEGUN: Outcome.NOT_BEGUN,
}
_WELL = (Outcome.TO_RESTORE, Outcome.RESTORED, Outcome.AS_BEFORE)


@dataclasses.dataclass(frozen=True)
class Result:
    """A step, and what became of its write if one was begun."""

    step: Step
    outcome: Written | None = None

    @property
    def word(self) -> Outcome:
        """The one word for it."""
        if isinstance(self.step, AsBefore):
            return Outcome.AS_BEFORE
        if not isinstance(self.step, Restore):
            return Outcome.KEPT
        if self.outcome is None:
            return Outcome.TO_RESTORE
        return _OUTCOMES[self.outcome.result]


def results(
    steps: Iterable[Step], outcomes: Iterable[Written]
) -> list[Result]:
    """Return the steps with what became of those that were carried out."""
    carried_out = {one.write.volume_id: one for one in outcomes}
    return [
        Result(step, carried_out.get(step.write.volume_id)) for step in steps
    ]


def row(result: Result) -> Row:
    """Return what is said of one volume."""
    step = result.step
    changes = step.write.changes
    return (
        printable(step.write.server),
        printable(step.write.volume_id),
        PropertiesColumn({one.key: one.old for one in changes}),
        PropertiesColumn({one.key: one.new for one in changes}),
        result.word.value,
        printable(_detail(result)),
    )


def _detail(result: Result) -> str:
    if result.outcome and result.outcome.detail:
        return result.outcome.detail
    if isinstance(result.step, Restore):
        if result.step.overridden:
            return _('changed by someone else since, and forced')
        return ''
    return result.step.reason


def code(results: Iterable[Result]) -> ExitCode:
    """Return FAILED where a volume does not get back what it had."""
    if all(one.word in _WELL for one in results):
        return ExitCode.WELL
    return ExitCode.FAILED


def summary(results: Sequence[Result]) -> str:
    """Return the results in one sentence."""
    counts = collections.Counter(one.word.value for one in results)
    parts = ', '.join(f'{counts[word]} {word}' for word in sorted(counts))
    total = len(results)
    volumes = _('1 volume') if total == 1 else _('%d volumes') % total
    return f'{volumes}: {parts}' if parts else volumes
