# SPDX-License-Identifier: Apache-2.0

"""The sections that have the questions, the findings and every server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from osc_hwmt.destination import finding_codes
from osc_hwmt.destination.finding_codes import MEANINGS
from osc_hwmt.destination.progress import (
    Counts,
    Standing,
    State,
    by_project,
    by_wave,
)
from osc_hwmt.destination.verify import Finding, Question
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.inventory import MACHINE_TYPE, Image
from osc_hwmt.report import flow
from osc_hwmt.report.flow import Stop
from osc_hwmt.report.markup import Markup, Templates, joined
from osc_hwmt.report.verdict import Answer, Case, Group, Verdict, answer_of

#: Codes that say no more than that all is well.
_PLAIN = frozenset(
    (finding_codes.OK, finding_codes.SERVER_OK, finding_codes.DESTINATION_OK)
)
#: How many servers a browser lays out together.
_SHEET = 200
#: How many cases of a code are told, and how many servers of a case named:
#: the table has them all.
_CASES, _NAMES = 5, 8
_QUESTIONS = {
    Question.VOLUME: _('Does the volume have what the manifest wants?'),
    Question.SERVER: _('Does the server that was built have it?'),
    Question.DESTINATION: _('Can the destination run it?'),
}
#: The order of the columns, and of the shares of a bar.
_ORDER = (
    Answer.WELL,
    Answer.NOTE,
    Answer.WARNING,
    Answer.ERROR,
    Answer.NONE,
)
#: As what the states of servers are drawn.
_STATES = {
    State.RIGHT: Answer.WELL,
    State.READY: Answer.NOTE,
    State.UNDECIDED: Answer.WARNING,
    State.TOO_LATE: Answer.ERROR,
    State.WRONG: Answer.ERROR,
}
#: How long a bar is, in units of its own.
_LENGTH = 1000
#: What the remedies begin with that are commands.
_COMMAND = 'openstack '


def server_sheets(
    parts: Templates, verdicts: Sequence[Verdict]
) -> Iterator[Markup]:
    """Yield tables of some servers each, in the order of the verdicts."""
    for first in range(0, len(verdicts), _SHEET):
        some = verdicts[first : first + _SHEET]
        yield parts['sheet'].fill(
            caption=_('Servers %(first)d to %(last)d')
            % {'first': first + 1, 'last': first + len(some)},
            rows=joined(
                (_server_row(parts, verdict) for verdict in some), '\n'
            ),
        )


def _server_row(parts: Templates, verdict: Verdict) -> Markup:
    entry = verdict.entry
    return parts['row'].fill(
        answer=verdict.worst.value,
        server=entry.name,
        id=entry.server_id,
        project=entry.project,
        found=_source_cell(parts, entry),
        wanted=_wanted_cell(parts, entry),
        details=_details_row(parts, verdict),
        **{
            f'of_{question.value}': _question_cell(parts, verdict.of(question))
            for question in Question
        },
    )


def _source_cell(parts: Templates, entry: Entry) -> Markup:
    found = machine_type(parts, flow.source_stop(entry))
    if not entry.recorded or not entry.recorded.value:
        return found
    return joined((found, _small(parts, entry.recorded.evidence.value)))


def _wanted_cell(parts: Templates, entry: Entry) -> Markup:
    others = [
        _small(parts, f'{key} {wanted.spelled}')
        for key, wanted in entry.wanted_properties.items()
        if key != MACHINE_TYPE
    ]
    return joined((machine_type(parts, flow.wanted_stop(entry)), *others))


def _question_cell(parts: Templates, findings: Sequence[Finding]) -> Markup:
    if not findings:
        return parts['no-answer'].fill()
    return joined((_finding(parts, finding) for finding in findings), '<br>')


def _finding(parts: Templates, finding: Finding) -> Markup:
    plain = finding.code in _PLAIN
    said = [
        parts['answer'].fill(
            answer=answer_of(finding).value,
            code=Markup() if plain else parts['code'].fill(code=finding.code),
        )
    ]
    if finding.found:
        said.append(parts['value'].fill(value=finding.found))
    if isinstance(finding.holder, Image):
        said.append(_small(parts, finding.reason))
    elif finding.holder:
        said.append(_small(parts, finding.holder.id))
    if finding.evidence:
        said.append(_small(parts, finding.evidence))
    return joined(said)


def _details_row(parts: Templates, verdict: Verdict) -> Markup:
    """Return the row below a server that tells what is not well about it."""
    items = [
        parts['detail'].fill(
            code=finding.code,
            reason=finding.reason,
            # What else there is to do is the same for many servers, and told
            # with the findings.
            remedy=remedy(parts, finding.remedy)
            if finding.is_difference
            else Markup(),
        )
        for finding in verdict.findings
        if finding.severity
    ]
    if not items:
        return Markup()
    return parts['details'].fill(items=joined(items))


def _small(parts: Templates, text: str) -> Markup:
    return parts['small'].fill(text=text)


def progress(parts: Templates, found: Sequence[Standing]) -> Markup:
    """Return how far the migration is, by project and by wave."""
    waves = by_wave(found)
    tables = [
        (_('Project'), by_project(found)),
        (_('Wave'), {wave.name: waves[wave] for wave in waves}),
    ]
    return joined(
        parts['progress'].fill(
            kind=kind,
            rows=joined(
                (
                    *(_progress_row(parts, *one) for one in counted.items()),
                    _progress_row(parts, _('All'), _sum(counted.values())),
                ),
                '\n',
            ),
        )
        for kind, counted in tables
        if counted
    )


def _sum(counted: Iterable[Counts]) -> Counts:
    return {
        state: sum(one.get(state, 0) for one in several)
        for several in (list(counted),)
        for state in State
    }


def _progress_row(parts: Templates, name: str, counts: Counts) -> Markup:
    return parts['standing'].fill(
        name=name or '-',
        servers=f'{sum(counts.values()):,}',
        shares=joined(
            _shares(
                parts,
                {
                    answer: sum(
                        counts.get(state, 0)
                        for state, one in _STATES.items()
                        if one is answer
                    )
                    for answer in _ORDER
                },
            )
        ),
        **{
            state.name.lower(): f'{counts[state]:,}'
            if counts.get(state)
            else parts['zero'].fill()
            for state in State
        },
    )


def question_rows(
    parts: Templates, tally: Mapping[Question, Mapping[Answer, int]]
) -> Markup:
    """Return the rows of the table, one a question."""
    return joined(
        parts['question'].fill(
            name=question.value,
            text=_QUESTIONS[question],
            shares=joined(_shares(parts, counts)),
            **{
                answer.value: f'{counts[answer]:,}'
                if counts.get(answer)
                else parts['zero'].fill()
                for answer in _ORDER
            },
        )
        for question, counts in tally.items()
    )


def _shares(
    parts: Templates, counts: Mapping[Answer, int]
) -> Iterator[Markup]:
    total = sum(counts.values())
    before = 0
    for answer in _ORDER:
        servers = counts.get(answer, 0)
        if servers:
            yield parts['share'].fill(
                answer=answer.value,
                x=f'{_LENGTH * before / total:.2f}',
                width=f'{_LENGTH * servers / total:.2f}',
            )
        before += servers


def finding_groups(parts: Templates, groups: Sequence[Group]) -> Markup:
    """Return one article for each group; a sentence where there is none."""
    if not groups:
        return parts['nothing-found'].fill()
    return joined((_group(parts, group) for group in groups), '\n')


def _group(parts: Templates, group: Group) -> Markup:
    cases = group.cases()
    rest = sum(len(case.findings) for case in cases[_CASES:])
    return parts['group'].fill(
        severity=group.severity.value,
        code=group.code,
        count=servers_text(len(group.findings)),
        meaning=MEANINGS.get(group.code, group.code),
        question=group.question.value,
        cases=joined((_case(parts, one) for one in cases[:_CASES]), '\n'),
        rest=parts['rest'].fill(servers=servers_text(rest))
        if rest
        else Markup(),
    )


def _case(parts: Templates, case: Case) -> Markup:
    more = len(case.findings) - _NAMES
    return parts['case'].fill(
        lines=joined(_lines(parts, case)),
        more=parts['more'].fill(number=f'{more:,}') if more > 0 else Markup(),
        remedy=remedy(parts, case.remedy),
    )


def _lines(parts: Templates, case: Case) -> Iterator[Markup]:
    """Yield the reason with its servers, or each server with its own."""
    shown = case.findings[:_NAMES]
    if case.reason is None:
        for finding in shown:
            yield parts['line'].fill(
                names=_server(parts, finding), reason=finding.reason
            )
    else:
        names = joined((_server(parts, finding) for finding in shown), ', ')
        yield parts['line'].fill(names=names, reason=case.reason)


def _server(parts: Templates, finding: Finding) -> Markup:
    return parts['name'].fill(
        server=finding.entry.name, project=finding.entry.project
    )


def machine_type(parts: Templates, stop: Stop) -> Markup:
    """Return a machine type letter by letter, or the words for none."""
    return parts['value' if stop.is_value else 'word'].fill(value=stop.text)


def remedy(parts: Templates, text: str | None) -> Markup:
    """Return what to do about something; a command stands apart."""
    if not text:
        return Markup()
    kind = 'command' if text.startswith(_COMMAND) else 'advice'
    return parts[kind].fill(remedy=text)


def servers_text(number: int) -> str:
    """Return a number of servers in words of the page."""
    return '1 server' if number == 1 else f'{number:,} servers'
