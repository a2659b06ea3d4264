# SPDX-License-Identifier: Apache-2.0

"""The section that has every server, sheet by sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osc_hwmt.destination import finding_codes
from osc_hwmt.destination.verify import Finding, Question
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.inventory import MACHINE_TYPE, Image
from osc_hwmt.page import cells, ways
from osc_hwmt.page.markup import Markup, Templates, joined
from osc_hwmt.page.verdict import Verdict, answer_of

#: Codes that say no more than that all is well.
_PLAIN = frozenset(
    (finding_codes.OK, finding_codes.SERVER_OK, finding_codes.DESTINATION_OK)
)
#: How many servers a browser lays out together.
_SHEET = 200


def sheets(parts: Templates, verdicts: Sequence[Verdict]) -> Iterator[Markup]:
    """Yield tables of some servers each, in the order of the verdicts."""
    for first in range(0, len(verdicts), _SHEET):
        some = verdicts[first : first + _SHEET]
        yield parts['sheet'].fill(
            caption=_('Servers %(first)d to %(last)d')
            % {'first': first + 1, 'last': first + len(some)},
            rows=joined((_row(parts, verdict) for verdict in some), '\n'),
        )


def _row(parts: Templates, verdict: Verdict) -> Markup:
    entry = verdict.entry
    return parts['row'].fill(
        answer=verdict.worst.value,
        server=entry.name,
        id=entry.server_id,
        project=cells.project(entry),
        found=_found(parts, entry),
        wanted=_wanted(parts, entry),
        details=_details(parts, verdict),
        **{
            f'of_{question.value}': _answers(parts, verdict.of(question))
            for question in Question
        },
    )


def _found(parts: Templates, entry: Entry) -> Markup:
    found = cells.stop(parts, ways.found(entry))
    if not entry.recorded or not entry.recorded.value:
        return found
    return joined((found, _small(parts, entry.recorded.evidence.value)))


def _wanted(parts: Templates, entry: Entry) -> Markup:
    others = [
        _small(parts, f'{key} {wish.spelled}')
        for key, wish in entry.wishes.items()
        if key != MACHINE_TYPE
    ]
    return joined((cells.stop(parts, ways.wanted(entry)), *others))


def _answers(parts: Templates, findings: Sequence[Finding]) -> Markup:
    if not findings:
        return parts['no-answer'].fill()
    return joined((_answer(parts, finding) for finding in findings), '<br>')


def _answer(parts: Templates, finding: Finding) -> Markup:
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


def _details(parts: Templates, verdict: Verdict) -> Markup:
    """Return the row below a server that tells what is not well about it."""
    items = [
        parts['detail'].fill(
            code=finding.code,
            reason=finding.reason,
            # What else there is to do is the same for many servers, and told
            # with the findings.
            remedy=cells.remedy(parts, finding.remedy)
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
