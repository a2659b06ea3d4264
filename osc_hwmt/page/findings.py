# SPDX-License-Identifier: Apache-2.0

"""The section that tells what each finding means and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osc_hwmt.destination.finding_codes import MEANINGS
from osc_hwmt.destination.verify import Finding
from osc_hwmt.page import cells
from osc_hwmt.page.markup import Markup, Templates, joined
from osc_hwmt.page.verdict import Case, Group

#: How many cases of a code are told, and how many servers of a case named:
#: the table has them all.
_CASES, _NAMES = 5, 8


def articles(parts: Templates, groups: Sequence[Group]) -> Markup:
    """Return one article for each group; a sentence where there is none."""
    if not groups:
        return parts['nothing-found'].fill()
    return joined((_article(parts, group) for group in groups), '\n')


def _article(parts: Templates, group: Group) -> Markup:
    cases = group.cases()
    rest = sum(len(case.findings) for case in cases[_CASES:])
    return parts['group'].fill(
        severity=group.severity.value,
        code=group.code,
        count=cells.servers(len(group.findings)),
        meaning=MEANINGS.get(group.code, group.code),
        question=group.question.value,
        cases=joined((_case(parts, one) for one in cases[:_CASES]), '\n'),
        rest=parts['rest'].fill(servers=cells.servers(rest))
        if rest
        else Markup(),
    )


def _case(parts: Templates, case: Case) -> Markup:
    more = len(case.findings) - _NAMES
    return parts['case'].fill(
        lines=joined(_lines(parts, case)),
        more=parts['more'].fill(number=f'{more:,}') if more > 0 else Markup(),
        remedy=cells.remedy(parts, case.remedy),
    )


def _lines(parts: Templates, case: Case) -> Iterator[Markup]:
    """Yield the reason with its servers, or each server with its own."""
    shown = case.findings[:_NAMES]
    if case.reason is None:
        for finding in shown:
            yield parts['line'].fill(
                names=_name(parts, finding), reason=finding.reason
            )
    else:
        names = joined((_name(parts, finding) for finding in shown), ', ')
        yield parts['line'].fill(names=names, reason=case.reason)


def _name(parts: Templates, finding: Finding) -> Markup:
    return parts['name'].fill(
        server=finding.entry.name, project=cells.project(finding.entry)
    )
