# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.compatibility.rules.definition import Severity
from osc_hwmt.destination.verify import Finding, Question
from osc_hwmt.report.verdict import Answer, Verdict, groups, tally, verdicts
from tests.unit.support import cases
from tests.unit.support.fakes import entry

ERROR, WARNING, NOTE = Severity
VOLUME, SERVER, DESTINATION = Question


def _finding(
    server: str,
    severity: Severity | None = None,
    question: Question = VOLUME,
    code: str = 'code',
    reason: str = 'reason',
    remedy: str = 'remedy',
) -> Finding:
    return Finding(
        entry(server, f'id of {server}'),
        question,
        code,
        severity,
        reason=reason,
        remedy=remedy,
    )


def _verdict(*severities: Severity | None) -> Verdict:
    (found,) = verdicts([_finding('a', severity) for severity in severities])
    return found


class VerdictsTest(cases.TestCase):
    def test_the_findings_about_a_server_are_one_verdict(self) -> None:
        found = verdicts(
            [_finding('a'), _finding('a', WARNING, SERVER), _finding('b')]
        )
        self.assertEqual(
            {'a': 2, 'b': 1},
            {one.entry.name: len(one.findings) for one in found},
        )

    def test_the_worst_come_first_and_else_the_order_stays(self) -> None:
        found = verdicts(
            [
                _finding('well'),
                _finding('warned', WARNING),
                _finding('wrong', ERROR),
                _finding('noted', NOTE),
                _finding('wrong, too', ERROR),
                _finding('well, too'),
            ]
        )
        self.assertEqual(
            ['wrong', 'wrong, too', 'warned', 'noted', 'well', 'well, too'],
            [one.entry.name for one in found],
        )

    def test_a_bad_answer_outweighs_all_good_ones(self) -> None:
        self.assertIs(Answer.WELL, _verdict(None, None).worst)
        self.assertIs(Answer.NOTE, _verdict(None, NOTE).worst)
        self.assertIs(Answer.ERROR, _verdict(WARNING, ERROR, None).worst)

    def test_a_question_that_nothing_answered_has_no_answer(self) -> None:
        found = _verdict(None)
        self.assertIs(Answer.WELL, found.answer(VOLUME))
        self.assertIs(Answer.NONE, found.answer(SERVER))


class TallyTest(cases.TestCase):
    def test_each_server_counts_once_a_question(self) -> None:
        found = tally(
            verdicts(
                [
                    _finding('a', ERROR),
                    _finding('a', WARNING, DESTINATION),
                    _finding('a', ERROR, DESTINATION),
                    _finding('b'),
                ]
            )
        )
        self.assertEqual(
            {
                VOLUME: {Answer.ERROR: 1, Answer.WELL: 1},
                SERVER: {Answer.NONE: 2},
                DESTINATION: {Answer.ERROR: 1, Answer.NONE: 1},
            },
            found,
        )


class GroupsTest(cases.TestCase):
    def groups(self, *findings: Finding) -> list[tuple[str, int]]:
        return [
            (group.code, len(group.findings))
            for group in groups(verdicts(findings))
        ]

    def test_what_is_well_is_in_no_group(self) -> None:
        self.assertEqual([], self.groups(_finding('a'), _finding('b')))

    def test_errors_come_first_and_then_what_is_frequent(self) -> None:
        self.assertEqual(
            [('rare', 1), ('often', 2), ('seldom', 1)],
            self.groups(
                _finding('a', WARNING, code='seldom'),
                _finding('b', WARNING, code='often'),
                _finding('c', WARNING, code='often'),
                _finding('d', ERROR, code='rare'),
            ),
        )

    def test_a_group_knows_its_question(self) -> None:
        (group,) = groups(verdicts([_finding('a', ERROR, SERVER)]))
        self.assertIs(SERVER, group.question)

    def test_findings_with_the_same_remedy_are_one_case(self) -> None:
        (group,) = groups(
            verdicts(
                [
                    _finding('a', ERROR, remedy='one'),
                    _finding('b', ERROR, remedy='two'),
                    _finding('c', ERROR, remedy='two', reason='its own'),
                ]
            )
        )
        self.assertEqual(
            [('two', 2, None), ('one', 1, 'reason')],
            [
                (case.remedy, len(case.findings), case.reason)
                for case in group.cases()
            ],
        )
