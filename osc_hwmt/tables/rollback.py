# SPDX-License-Identifier: Apache-2.0

"""What a rollback does or did, as rows, one sentence and an exit code."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable, Iterator, Mapping, Sequence

from osc_hwmt.destination.apply import Written
from osc_hwmt.destination.rollback import AsBefore, Restore, Step
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.journal.format import Record
from osc_hwmt.model.changes import WriteResult
from osc_hwmt.model.inventory import Project
from osc_hwmt.tables.cells import PropertiesColumn, Row
from osc_hwmt.tables.summary import ExitCode, counted, of_volumes

COLUMNS = (
    'Server',
    'Project ID',
    'Volume ID',
    'Found',
    'Wanted',
    'Result',
    'Detail',
)
BRIEF = ('Server', 'Wanted', 'Result', 'Detail')


class Outcome(enum.Enum):
    """What rollback says of one volume."""

    TO_RESTORE = 'to restore'
    RESTORED = 'restored'
    AS_BEFORE = 'as before'
    KEPT = 'kept'
    CHANGED = 'changed meanwhile'
    FAILED = 'failed'
    UNKNOWN = 'unknown'
    BUSY = 'not done yet'
    NOT_BEGUN = 'not begun'


_OUTCOMES = {
    WriteResult.DONE: Outcome.RESTORED,
    WriteResult.ALREADY: Outcome.AS_BEFORE,
    WriteResult.CHANGED: Outcome.CHANGED,
    WriteResult.FAILED: Outcome.FAILED,
    WriteResult.UNKNOWN: Outcome.UNKNOWN,
    WriteResult.BUSY: Outcome.BUSY,
    WriteResult.NOT_BEGUN: Outcome.NOT_BEGUN,
}
_WELL = (Outcome.TO_RESTORE, Outcome.RESTORED, Outcome.AS_BEFORE)


@dataclasses.dataclass(frozen=True)
class Result:
    """A step, and what became of its write if one was begun."""

    step: Step
    written: Written | None = None


def results(steps: Iterable[Step], written: Iterable[Written]) -> list[Result]:
    """Return the steps with what became of those that were carried out."""
    by_volume = {one.write.volume_id: one for one in written}
    return [
        Result(step, by_volume.get(step.write.volume_id)) for step in steps
    ]


def outcome(result: Result) -> Outcome:
    """Return the one word for a volume."""
    if isinstance(result.step, AsBefore):
        return Outcome.AS_BEFORE
    if not isinstance(result.step, Restore):
        return Outcome.KEPT
    if result.written is None:
        return Outcome.TO_RESTORE
    return _OUTCOMES[result.written.result]


def row(result: Result, own_project_id: str) -> Row:
    """Return what is said of one volume."""
    write, held = result.step.write, result.step.held
    return (
        write.server,
        write.project_id or own_project_id,
        write.volume_id,
        PropertiesColumn(
            {one.key: held.get(one.key) for one in write.changes}
            if held is not None
            else {}
        ),
        PropertiesColumn({one.key: one.new for one in write.changes}),
        outcome(result).value,
        _detail(result),
    )


def is_problem(result: Result) -> bool:
    """Tell whether a volume needs attention."""
    return outcome(result) not in _WELL


def journal_line(record: Record) -> str:
    """Return which journal is undone, printable."""
    header = record.header
    line = _('To undo: %(command)s of %(time)s, %(volumes)s: %(path)s') % {
        'command': header.command,
        'time': record.begun.isoformat(' ', 'seconds'),
        'volumes': of_volumes(
            len({one.write.volume_id for one in record.announced})
        ),
        'path': record.path,
    }
    return printable(f'{line} ({header.note})' if header.note else line)


def project_ids(results: Iterable[Result], own: str) -> set[str]:
    """Return the projects of the volumes; ``own`` is the session's."""
    return {one.step.write.project_id or own for one in results}


def summary(
    results: Sequence[Result], own: str, projects: Mapping[str, Project]
) -> Iterator[str]:
    """Yield the results in a sentence, after one for each of many projects.

    ``own`` is the session's project; of some the name may not be known.
    """
    of: dict[tuple[str, str], list[Result]] = {}
    for one in results:
        project_id = one.step.write.project_id or own
        known = projects.get(project_id)
        name = (known.name if known else None) or project_id
        of.setdefault((name, project_id), []).append(one)
    for key in sorted(of) if len(of) > 1 else ():
        yield f'{printable(key[0])}: {_counted(of[key])}'
    yield _counted(results)


def _counted(results: Sequence[Result]) -> str:
    return counted(
        of_volumes(len(results)), (outcome(one).value for one in results)
    )


def exit_code(results: Iterable[Result]) -> ExitCode:
    """Return FAILED where a volume does not get back what it had."""
    failed = any(map(is_problem, results))
    return ExitCode.FAILED if failed else ExitCode.WELL


def _detail(result: Result) -> str:
    if result.written and result.written.detail:
        return result.written.detail
    if isinstance(result.step, Restore):
        if result.step.overridden:
            return _('changed since by another run or tool; overwritten')
        return ''
    return result.step.reason
