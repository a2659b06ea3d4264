# SPDX-License-Identifier: Apache-2.0

"""Results as rows of a table, as one sentence, and as an exit code."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence

from osc_hwmt.destination import too_late
from osc_hwmt.destination.apply import Result
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import (
    LeftToDestination,
    Set,
    Step,
    Unchanged,
    carried,
    holder_of,
    is_too_late,
    server_of,
)
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.model.changes import Write, WriteResult
from osc_hwmt.model.inventory import MACHINE_TYPE, Image, Volume
from osc_hwmt.tables.cells import (
    OptionalColumn,
    Row,
    concern_text,
    project_cell,
    spelled,
    volume_cell,
    wanted_cell,
)
from osc_hwmt.tables.summary import ExitCode, counted

APPLY_COLUMNS = (
    'Server',
    'Project',
    'Volume ID',
    'Before',
    'Wanted',
    'Result',
    'Detail',
)


class Outcome(enum.Enum):
    """What apply says of one server."""

    SET = 'set'
    TO_SET = 'to set'
    REMOVED = 'removed'
    TO_REMOVE = 'to remove'
    UNCHANGED = 'unchanged'
    LEFT = 'left to the destination'
    TOO_LATE = 'too late'
    REFUSED = 'refused'
    CHANGED = 'changed meanwhile'
    FAILED = 'failed'
    UNKNOWN = 'unknown'
    NOT_BEGUN = 'not begun'


def plan_row(step: Step) -> Row:
    """Return what apply would do for one server."""
    return _apply_row(step, _planned(step), _detail(step))


def result_row(result: Result) -> Row:
    """Return what apply did for one server."""
    return _apply_row(result.step, outcome(result), _result_detail(result))


def result_line(result: Result) -> str:
    """Return what became of one server, on a line of its own."""
    step = result.step
    parts = [f'{step.entry.name}: {outcome(result).value}']
    if isinstance(step, Set):
        parts.append(
            _('%(changes)s on volume %(id)s')
            % {
                'changes': ', '.join(map(spelled, step.changes)),
                'id': step.match.volume.id,
            }
        )
    return printable('; '.join((*parts, *map(concern_text, step.concerns))))


def result_detail(result: Result) -> str:
    """Return why one server did not get what is wanted, and the remedy."""
    return printable(_result_detail(result))


def _result_detail(result: Result) -> str:
    said = result.outcome.detail if result.outcome else ''
    return said or _detail(result.step)


def is_well(result: Result) -> bool:
    """Tell whether a server got what is wanted."""
    return outcome(result) not in _NOT_WELL


def outcome(result: Result) -> Outcome:
    """Return the one word for a step that was carried out."""
    step = result.step
    if not isinstance(step, Set) or result.outcome is None:
        return _planned(step)
    if result.outcome.result in _NOT_WRITTEN:
        return _NOT_WRITTEN[result.outcome.result]
    if step.too_late:
        return Outcome.TOO_LATE
    if result.outcome.result is WriteResult.ALREADY:
        return Outcome.UNCHANGED
    return Outcome.REMOVED if step.removes else Outcome.SET


_NOT_WRITTEN = {
    WriteResult.CHANGED: Outcome.CHANGED,
    WriteResult.FAILED: Outcome.FAILED,
    WriteResult.UNKNOWN: Outcome.UNKNOWN,
    WriteResult.NOT_BEGUN: Outcome.NOT_BEGUN,
}


def _planned(step: Step) -> Outcome:
    if isinstance(step, LeftToDestination):
        return Outcome.LEFT
    if isinstance(step, Refused):
        return Outcome.REFUSED
    if step.too_late:
        return Outcome.TOO_LATE
    if isinstance(step, Unchanged):
        return Outcome.UNCHANGED
    return Outcome.TO_REMOVE if step.removes else Outcome.TO_SET


def _apply_row(step: Step, outcome: Outcome, detail: str) -> Row:
    volume: Volume | Image | None = None
    before = None
    if isinstance(step, Set):
        volume = step.match.volume
    elif isinstance(step, Unchanged):
        volume = step.holder
    if volume:
        before = carried(volume).get(MACHINE_TYPE)
    return (
        printable(step.entry.name),
        project_cell(step.entry),
        volume_cell(volume),
        OptionalColumn(before),
        wanted_cell(step.entry.wanted),
        outcome.value,
        printable(detail),
    )


def _detail(step: Step) -> str:
    concerns = map(concern_text, step.concerns)
    if isinstance(step, Refused) and step.refusal is Refusal.UNFIT:
        return '; '.join((*concerns, step.remedy))
    return '; '.join(filter(None, (_own_detail(step), *concerns)))


def _own_detail(step: Step) -> str:
    if isinstance(step, Refused):
        candidates = ', '.join(one.id for one in step.candidates)
        seen = _(' (candidates: %s)') % candidates if candidates else ''
        return f'{step.reason}{seen}; {step.remedy}'
    server, holder = server_of(step), holder_of(step)
    if is_too_late(step) and server and holder:
        return too_late.remedy(step.entry, server, holder.id)
    if isinstance(step, Set):
        return '; '.join(
            (
                _how(step.match),
                *(
                    spelled(change)
                    for change in step.changes
                    if change.key != MACHINE_TYPE
                ),
            )
        )
    if isinstance(step, Unchanged) and isinstance(step.holder, Image):
        return _('on image %s') % step.holder.id
    return ''


def _how(match: Match) -> str:
    """Return how a volume was found."""
    if match.rule is Rule.SERVER and match.server:
        return f'{match.rule.value} {match.server.id}'
    return match.rule.value


def plan_code(plan: Iterable[Step]) -> ExitCode:
    """Return FAILED where a server would not get what is wanted."""
    return _apply_code(_planned(step) for step in plan)


def results_code(results: Iterable[Result]) -> ExitCode:
    """Return FAILED where a server did not get what is wanted."""
    return _apply_code(outcome(result) for result in results)


_NOT_WELL = frozenset(
    (Outcome.REFUSED, Outcome.TOO_LATE, *_NOT_WRITTEN.values())
)


def _apply_code(outcomes: Iterable[Outcome]) -> ExitCode:
    if any(one in _NOT_WELL for one in outcomes):
        return ExitCode.FAILED
    return ExitCode.WELL


def plan_summary(plan: Sequence[Step]) -> str:
    """Return the plan in one sentence."""
    return counted(
        (step.entry for step in plan), (_planned(step).value for step in plan)
    )


def results_summary(results: Sequence[Result]) -> str:
    """Return the results in one sentence."""
    return counted(
        (result.step.entry for result in results),
        (outcome(result).value for result in results),
    )


def change_line(step: Set) -> str:
    """Return one planned write for the question before it."""
    return f'{write_line(step.write)}  [{printable(_how(step.match))}]'


def write_line(write: Write) -> str:
    """Return one write to a volume."""
    changes = ', '.join(map(spelled, write.changes))
    return printable(f'{write.server}  {write.volume_id}  {changes}')
