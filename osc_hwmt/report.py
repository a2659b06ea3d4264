# SPDX-License-Identifier: Apache-2.0

"""Results as rows of a table, as one sentence, and as an exit code."""

from __future__ import annotations

import collections
import enum
from collections.abc import Iterable, Sequence

from osc_hwmt.columns import OptionalColumn
from osc_hwmt.compatibility.rules.definition import Concern
from osc_hwmt.destination import too_late
from osc_hwmt.destination.apply import Result, State
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import (
    Left,
    Set,
    Step,
    Unchanged,
    carried,
    holder_of,
    is_too_late,
    server_of,
)
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.destination.verify import Finding
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry, Intent, Kind, Wanted
from osc_hwmt.model.changes import Change, Write
from osc_hwmt.model.evidence import Conclusion
from osc_hwmt.model.inventory import MACHINE_TYPE, Image, Volume
from osc_hwmt.source.effect import Line
from osc_hwmt.source.export import Exported
from osc_hwmt.source.facts import Fact

Row = tuple[object, ...]

EXPORT_COLUMNS = (
    'Server',
    'ID',
    'Project',
    'Machine Type',
    'Evidence',
    'Wanted',
    'Note',
)
APPLY_COLUMNS = (
    'Server',
    'Project',
    'Volume ID',
    'Before',
    'Wanted',
    'Result',
    'Detail',
)
VERIFY_COLUMNS = (
    'Server',
    'Project',
    'Question',
    'Finding',
    'Severity',
    'Wanted',
    'Found',
    'Volume ID',
    'Reason',
    'Remedy',
)


class ExitCode(enum.IntEnum):
    """What the commands end with; 2 is argparse's, for wrong usage."""

    WELL = 0
    FAILED = 1
    DIFFERENT = 3


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


def export_row(line: Line, concerns: Iterable[Concern] = ()) -> Row:
    """Return what export found of one server, and what speaks against it."""
    fact = line.fact
    project = fact.project if fact else None
    return (
        printable(line.entry.name),
        printable(line.entry.server_id),
        printable((project.name or project.id) if project else ''),
        OptionalColumn(fact.value if fact else None),
        fact.evidence.value if fact else None,
        wanted(line.entry.wanted),
        '; '.join((*_notes(line), *map(_concern, concerns))),
    )


def export_rows(exported: Exported) -> Iterable[Row]:
    """Return a row for each server that export looked at."""
    return (
        export_row(line, exported.concerns.get(line.entry.server_id, ()))
        for line in exported.update.lines
    )


def wanted(value: Wanted) -> OptionalColumn:
    """Return a wish as it stands in the manifest."""
    if value.intent is Intent.MISSING:
        return OptionalColumn(_('(not said)'))
    removed = value.intent is Intent.REMOVE
    return OptionalColumn('' if removed else value.value)


def _notes(line: Line) -> Iterable[str]:
    yield line.effect.value
    fact = line.fact
    if fact is None:
        return
    if line.entry.trapped_volumes:
        yield _('os-migrate can not import image metadata of volume %s') % (
            printable(', '.join(line.entry.trapped_volumes))
        )
    if fact.unknown:
        yield _('unknown: %s') % printable(fact.unknown)
    yield from _contradictions(fact)
    if fact.proposal and line.entry.wanted.value == fact.wish:
        yield _PROPOSED[fact.proposal.kind]
    for key in sorted(line.entry.other_hardware.intersection(fact.properties)):
        yield _property_note(
            key, fact.properties[key], line.entry.wishes.get(key)
        )


_PROPOSED = {
    Kind.TRANSLATED: _('translated: the destination lacks what was found'),
    Kind.PINNED: _('pinned'),
}


def _concern(concern: Concern) -> str:
    return printable(f'{concern.rule.code}: {concern.text}')


def _contradictions(found: Conclusion) -> Iterable[str]:
    for other in found.contradicted_by:
        yield _('%(evidence)s says %(value)s') % {
            'evidence': other.evidence.value,
            'value': printable(str(other.value)),
        }


def _property_note(key: str, found: Conclusion, wish: Wanted | None) -> str:
    """Return what export found of another property, and what is wanted."""
    parts = [f'{key} {found.value or "-"} ({found.evidence.value})']
    if found.unknown:
        parts = [
            _('%(key)s unknown: %(why)s') % {'key': key, 'why': found.unknown}
        ]
    if wish is None:
        parts.append(_('not asked for'))
    elif found.unknown or wish != Wanted.of(found.value):
        parts.append(_('wanted %s') % wish.spelled)
    return printable(', '.join((*parts, *_contradictions(found))))


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
    return printable('; '.join((*parts, *map(_concern, step.concerns))))


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
    if result.outcome.state in _NOT_WRITTEN:
        return _NOT_WRITTEN[result.outcome.state]
    if step.too_late:
        return Outcome.TOO_LATE
    if result.outcome.state is State.ALREADY:
        return Outcome.UNCHANGED
    return Outcome.REMOVED if step.removes else Outcome.SET


_NOT_WRITTEN = {
    State.CHANGED: Outcome.CHANGED,
    State.FAILED: Outcome.FAILED,
    State.UNKNOWN: Outcome.UNKNOWN,
    State.NOT_BEGUN: Outcome.NOT_BEGUN,
}


def _planned(step: Step) -> Outcome:
    if isinstance(step, Left):
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
        _project(step.entry),
        _volume_id(volume),
        OptionalColumn(before),
        wanted(step.entry.wanted),
        outcome.value,
        printable(detail),
    )


def _detail(step: Step) -> str:
    concerns = map(_concern, step.concerns)
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


def verify_row(finding: Finding) -> Row:
    """Return one answer about one server."""
    return (
        printable(finding.entry.name),
        _project(finding.entry),
        finding.question.value,
        finding.code,
        OptionalColumn(finding.severity.value if finding.severity else None),
        wanted(finding.entry.wanted),
        OptionalColumn(finding.found),
        _volume_id(finding.holder),
        printable(finding.reason),
        printable(finding.remedy or ''),
    )


def _project(entry: Entry) -> OptionalColumn:
    recorded = entry.recorded
    return OptionalColumn(recorded.project_name if recorded else None)


def _volume_id(holder: Volume | Image | None) -> OptionalColumn:
    return OptionalColumn(holder.id if isinstance(holder, Volume) else None)


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
    return _counted(
        (step.entry for step in plan), (_planned(step).value for step in plan)
    )


def results_summary(results: Sequence[Result]) -> str:
    """Return the results in one sentence."""
    return _counted(
        (result.step.entry for result in results),
        (outcome(result).value for result in results),
    )


def findings_code(findings: Iterable[Finding]) -> ExitCode:
    """Return DIFFERENT where anything is not as the manifest wants it."""
    if any(finding.is_difference for finding in findings):
        return ExitCode.DIFFERENT
    return ExitCode.WELL


def findings_summary(findings: Sequence[Finding]) -> str:
    """Return the findings in one sentence."""
    entries = {one.entry.server_id: one.entry for one in findings}
    return _counted(entries.values(), (finding.code for finding in findings))


def export_summary(lines: Sequence[Line]) -> str:
    """Return what export found in one sentence, by evidence."""
    return _counted(
        (line.entry for line in lines),
        (
            _evidence_word(line.fact) if line.fact else line.effect.value
            for line in lines
        ),
    )


def _evidence_word(fact: Fact) -> str:
    return _('unknown') if fact.unknown else fact.evidence.value


def _counted(entries: Iterable[Entry], words: Iterable[str]) -> str:
    counts = collections.Counter(words)
    parts = ', '.join(f'{counts[word]} {word}' for word in sorted(counts))
    whom = _whom(entries)
    return f'{whom}: {parts}' if parts else whom


def _whom(entries: Iterable[Entry]) -> str:
    """Return how many servers, and volumes of no server."""
    detached = collections.Counter(entry.detached for entry in entries)
    servers, volumes = detached[False], detached[True]
    told = []
    if servers or not volumes:
        told.append(
            _('1 server') if servers == 1 else _('%d servers') % servers
        )
    if volumes:
        told.append(
            _('1 volume') if volumes == 1 else _('%d volumes') % volumes
        )
    return ', '.join(told)


def spelled(change: Change) -> str:
    """Return a change in one line, as a cloud and a file spell its values."""
    return f'{change.key} {change.old or "-"} -> {change.new or "-"}'


def change_line(step: Set) -> str:
    """Return one planned write for the question before it."""
    return f'{write_line(step.write)}  [{printable(_how(step.match))}]'


def write_line(write: Write) -> str:
    """Return one write to a volume."""
    changes = ', '.join(map(spelled, write.changes))
    return printable(f'{write.server}  {write.volume_id}  {changes}')
