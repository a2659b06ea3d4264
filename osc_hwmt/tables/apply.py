# SPDX-License-Identifier: Apache-2.0

"""What apply does or did, as rows, one sentence and an exit code.

A result without a write is one that is planned.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence

from osc_hwmt.compatibility.rules.definition import Severity
from osc_hwmt.destination import too_late, undecided
from osc_hwmt.destination.apply import Result
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import (
    LeftToDestination,
    Set,
    Step,
    Unchanged,
    Undecided,
    carried,
    holder_of,
    is_too_late,
    server_of,
)
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.model.changes import Write, WriteResult
from osc_hwmt.model.inventory import MACHINE_TYPE, Image
from osc_hwmt.tables.cells import (
    OptionalColumn,
    Row,
    candidates,
    concern_text,
    project_cell,
    spelled,
    volume_cell,
    wanted_cell,
    with_remedy,
)
from osc_hwmt.tables.summary import ExitCode, by_project

COLUMNS = (
    'Server',
    'Project',
    'Volume ID',
    'Before',
    'Wanted',
    'Result',
    'Detail',
)
BRIEF = ('Server', 'Wanted', 'Result', 'Detail')


class Outcome(enum.Enum):
    """What apply says of one server."""

    SET = 'set'
    TO_SET = 'to set'
    REMOVED = 'removed'
    TO_REMOVE = 'to remove'
    UNCHANGED = 'unchanged'
    LEFT = 'left to the destination'
    UNDECIDED = 'undecided'
    TOO_LATE = 'too late'
    REFUSED = 'refused'
    CHANGED = 'changed meanwhile'
    FAILED = 'failed'
    UNKNOWN = 'unknown'
    BUSY = 'not done yet'
    NOT_BEGUN = 'not begun'


_NOT_WRITTEN = {
    WriteResult.CHANGED: Outcome.CHANGED,
    WriteResult.FAILED: Outcome.FAILED,
    WriteResult.UNKNOWN: Outcome.UNKNOWN,
    WriteResult.BUSY: Outcome.BUSY,
    WriteResult.NOT_BEGUN: Outcome.NOT_BEGUN,
}
_NOT_WELL = frozenset(
    (Outcome.REFUSED, Outcome.TOO_LATE, *_NOT_WRITTEN.values())
)
#: Of which nobody has to think any more.
_SETTLED = frozenset(
    (
        Outcome.SET,
        Outcome.TO_SET,
        Outcome.REMOVED,
        Outcome.TO_REMOVE,
        Outcome.UNCHANGED,
        Outcome.LEFT,
    )
)


def outcome(result: Result) -> Outcome:
    """Return the one word for a server."""
    step, written = result.step, result.written
    if written and written.result in _NOT_WRITTEN:
        return _NOT_WRITTEN[written.result]
    if isinstance(step, LeftToDestination):
        return Outcome.LEFT
    if isinstance(step, Undecided):
        return Outcome.UNDECIDED
    if isinstance(step, Refused):
        return Outcome.REFUSED
    if step.too_late:
        return Outcome.TOO_LATE
    if isinstance(step, Unchanged):
        return Outcome.UNCHANGED
    if written is None:
        return Outcome.TO_REMOVE if step.removes else Outcome.TO_SET
    if written.result is WriteResult.ALREADY:
        return Outcome.UNCHANGED
    return Outcome.REMOVED if step.removes else Outcome.SET


def is_problem(result: Result) -> bool:
    """Tell whether a server needs attention: not well, or with a warning."""
    step = result.step
    return (
        outcome(result) not in _SETTLED
        or step.entry.is_undecided
        or any(one.rule.severity is not Severity.NOTE for one in step.concerns)
    )


def is_well(result: Result) -> bool:
    """Tell whether a server got what is wanted, or would."""
    return outcome(result) not in _NOT_WELL


def row(result: Result, *, brief: bool = False) -> Row:
    """Return what apply did, or would do, for one server."""
    step = result.step
    holder = holder_of(step)
    return (
        step.entry.name,
        project_cell(step.entry),
        volume_cell(holder),
        OptionalColumn(carried(holder).get(MACHINE_TYPE)),
        wanted_cell(step.entry.wanted),
        outcome(result).value,
        detail(result, brief=brief),
    )


def summary(results: Sequence[Result]) -> str:
    """Return the results in one sentence, and in one for each project."""
    return by_project((one.step.entry, _words(one)) for one in results)


def _words(result: Result) -> Iterator[str]:
    """Yield what the summary counts of a server.

    One that is undecided is counted as such whatever else becomes of it.
    """
    word = outcome(result)
    yield word.value
    if result.step.entry.is_undecided and word is not Outcome.UNDECIDED:
        yield Outcome.UNDECIDED.value


def _is_undecided_beside(step: Step) -> bool:
    """Tell whether only other hardware of an undecided server is set."""
    return undecided.is_undecided(step) and not isinstance(step, Undecided)


def exit_code(results: Iterable[Result]) -> ExitCode:
    """Return FAILED where a server does not get what is wanted."""
    return ExitCode.WELL if all(map(is_well, results)) else ExitCode.FAILED


def detail(result: Result, *, brief: bool = False) -> str:
    """Return why a server does not get what is wanted, and the remedy.

    Of one that does, how its volume was found and what to know beside it.
    A ``brief`` one leaves out a remedy that takes many lines.
    """
    if result.written and result.written.detail:
        return printable(result.written.detail)
    step = result.step
    concerns = [*map(concern_text, step.concerns)]
    if _is_undecided_beside(step):
        concerns.append(_undecided_text(step, brief))
    if isinstance(step, Refused) and step.refusal is Refusal.UNFIT:
        return printable('; '.join((*concerns, step.remedy)))
    return printable(
        '; '.join(filter(None, (_own_detail(step, brief), *concerns)))
    )


def line(result: Result) -> str:
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
    if undecided.is_undecided(step):
        parts.append(_undecided_text(step, brief=False))
    return printable('; '.join((*parts, *map(concern_text, step.concerns))))


def change_line(step: Set) -> str:
    """Return one planned write for the question before it."""
    return f'{write_line(step.write)}  [{printable(_how(step.match))}]'


def write_line(write: Write) -> str:
    """Return one write to a volume."""
    changes = ', '.join(map(spelled, write.changes))
    return printable(f'{write.server}  {write.volume_id}  {changes}')


def _own_detail(step: Step, brief: bool) -> str:
    if isinstance(step, Refused):
        if brief and step.refusal is Refusal.UNDECIDED:
            return step.reason
        return with_remedy(
            candidates(step.candidates, step.reason), step.remedy, brief=brief
        )
    server, holder = server_of(step), holder_of(step)
    if is_too_late(step) and server and holder:
        remedy = too_late.remedy(step.entry, server, holder.id)
        if not brief:
            return remedy
        reason = (
            _('server %s was built before its volume was right') % server.id
        )
        return with_remedy(reason, remedy, brief=True)
    if isinstance(step, Set):
        others = (one for one in step.changes if one.key != MACHINE_TYPE)
        return '; '.join((_how(step.match), *map(spelled, others)))
    if isinstance(step, Unchanged) and isinstance(step.holder, Image):
        return _('on image %s') % step.holder.id
    if isinstance(step, Undecided):
        return _undecided_text(step, brief)
    return ''


def _undecided_text(step: Step, brief: bool) -> str:
    """Return what is known of it; the way to decide is told for all."""
    why = undecided.why(step)
    return why if brief else f'{why}; {undecided.remedy(step.entry)}'


def _how(match: Match) -> str:
    """Return how a volume was found."""
    if match.rule is Rule.SERVER and match.server:
        return f'{match.rule.value} {match.server.id}'
    return match.rule.value
