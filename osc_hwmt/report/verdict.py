# SPDX-License-Identifier: Apache-2.0

"""What all findings together say: of each server, and of all of them."""

from __future__ import annotations

import collections
import dataclasses
import enum
import itertools
from collections.abc import Iterable, Mapping, Sequence

from osc_hwmt.compatibility.rules.definition import Severity
from osc_hwmt.destination.finding_codes import UNDECIDED
from osc_hwmt.destination.verify import Finding, Question
from osc_hwmt.manifest.entry import Entry


class Answer(enum.Enum):
    """How a question about a server was answered, the worst first."""

    ERROR = 'error'
    WARNING = 'warning'
    NOTE = 'note'
    WELL = 'well'
    #: Nothing was found out: it was not asked, or nothing told.
    NONE = 'none'


_ANSWERS = {
    Severity.ERROR: Answer.ERROR,
    Severity.WARNING: Answer.WARNING,
    Severity.NOTE: Answer.NOTE,
}
_WEIGHT = {answer: weight for weight, answer in enumerate(Answer)}


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Everything that was found out about one server."""

    entry: Entry
    findings: tuple[Finding, ...]

    @property
    def worst(self) -> Answer:
        """Return the worst of all answers."""
        return _worst(self.findings)

    @property
    def is_undecided(self) -> bool:
        """Tell whether nobody knows nor chose the server's machine type."""
        return any(one.code == UNDECIDED for one in self.findings)

    def of(self, question: Question) -> tuple[Finding, ...]:
        """Return the findings that answer one question."""
        return tuple(one for one in self.findings if one.question is question)

    def answer(self, question: Question) -> Answer:
        """Return the worst answer to one question."""
        return _worst(self.of(question))


@dataclasses.dataclass(frozen=True)
class Case:
    """Findings of one code, at least one, with the same remedy."""

    remedy: str | None
    findings: tuple[Finding, ...]

    @property
    def reason(self) -> str | None:
        """Return the reason, None where it is not the same for all."""
        reasons = {finding.reason for finding in self.findings}
        return reasons.pop() if len(reasons) == 1 else None


@dataclasses.dataclass(frozen=True)
class Group:
    """All findings of one code, at least one; they weigh alike."""

    code: str
    severity: Severity
    findings: tuple[Finding, ...]

    @property
    def question(self) -> Question:
        """Return the question that they answer."""
        return self.findings[0].question

    def cases(self) -> list[Case]:
        """Return the findings by what to do about them, the most at first."""
        alike: dict[str | None, list[Finding]] = {}
        for finding in self.findings:
            alike.setdefault(finding.remedy, []).append(finding)
        cases = [Case(key, tuple(found)) for key, found in alike.items()]
        return sorted(cases, key=lambda case: -len(case.findings))


def answer_of(finding: Finding) -> Answer:
    """Return how a finding answers its question."""
    if finding.severity is None:
        return Answer.WELL
    return _ANSWERS[finding.severity]


def verdicts(findings: Iterable[Finding]) -> list[Verdict]:
    """Return one verdict a server, the worst first, else in their order.

    Findings about one server follow each other, as verify returns them.
    """
    found = [
        Verdict(several[0].entry, several)
        for _id, group in itertools.groupby(
            findings, key=lambda finding: finding.entry.server_id
        )
        for several in (tuple(group),)
    ]
    return sorted(found, key=lambda verdict: _WEIGHT[verdict.worst])


def tally(
    verdicts: Sequence[Verdict],
) -> dict[Question, Mapping[Answer, int]]:
    """Return, by question, how many servers have which answer."""
    return {
        question: collections.Counter(
            verdict.answer(question) for verdict in verdicts
        )
        for question in Question
    }


def groups(verdicts: Iterable[Verdict]) -> list[Group]:
    """Return what is not well by code: errors first, the frequent first."""
    by_code: dict[tuple[str, Severity], list[Finding]] = {}
    for verdict in verdicts:
        for finding in verdict.findings:
            if finding.severity:
                key = finding.code, finding.severity
                by_code.setdefault(key, []).append(finding)
    found = [Group(*key, tuple(several)) for key, several in by_code.items()]
    order = list(Severity)
    return sorted(
        found,
        key=lambda one: (
            order.index(one.severity),
            -len(one.findings),
            one.code,
        ),
    )


def _worst(findings: Sequence[Finding]) -> Answer:
    answers = map(answer_of, findings)
    return min(answers, key=_WEIGHT.__getitem__, default=Answer.NONE)
