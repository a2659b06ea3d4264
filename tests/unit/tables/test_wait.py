# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.destination.apply import Result, Written
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import Set, Undecided
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.destination.wait import Round
from osc_hwmt.manifest.entry import Intent, Wanted
from osc_hwmt.model.changes import Change, WriteResult
from osc_hwmt.tables import wait as lines
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC, Q35, entry, server, volume

REFUSED = Refused(
    entry('web'), Refusal.VOLUME_AMBIGUOUS, 'why', 'do this', (volume('a'),)
)


def _missing(name: str) -> Result:
    step = Refused(entry(name), Refusal.VOLUME_NOT_FOUND, 'why', 'wait')
    return Result(step)


def _written(
    name: str,
    result: WriteResult = WriteResult.DONE,
    detail: str = '',
    *,
    late: bool = False,
) -> Result:
    match = Match(volume(), Rule.NAME, server() if late else None)
    step = Set(entry(name), match, (Change('hw_machine_type', Q35, PC),))
    return Result(step, Written(step.write, result, detail))


class WantedLinesTest(cases.TestCase):
    def test_only_who_is_to_get_something_has_a_line(self) -> None:
        entries = (
            entry('web', properties={'hw_disk_bus': '', 'os_type': None}),
            entry('left', wanted=Wanted.of(None)),
            entry('unsaid', wanted=Wanted(Intent.MISSING)),
            entry('\x1b[2J'),
        )
        self.assertEqual(
            [
                f"web  hw_machine_type {PC}, hw_disk_bus ''",
                f'\\x1b[2J  hw_machine_type {PC}',
            ],
            list(lines.wanted_lines(entries)),
        )


class MissedLineTest(cases.TestCase):
    def test_some_are_named_and_the_others_counted(self) -> None:
        entries = [entry(f'vm-{n}') for n in range(12)]
        self.assertEqual(
            'Timed out. No volume found yet for vm-0, vm-1',
            lines.missed_line(entries[:2]),
        )
        self.assertTrue(
            lines.missed_line(entries).endswith(', vm-9 and 2 more')
        )


class NewsTest(cases.TestCase):
    def test_who_is_undecided_is_named(self) -> None:
        result = Result(Undecided(fakes.undecided(), default='q35'))
        (line,) = lines.news(Round((result,)))
        self.assertTrue(line.startswith('web: undecided; '), line)

    def test_news_are_writes_and_what_time_does_not_mend(self) -> None:
        results = (
            _written('late', late=True),
            _written('db\x1b', WriteResult.FAILED, 'HTTP 500\x1b'),
            _written('crm'),
            Result(REFUSED),
            _missing('erp'),
            _written('other', WriteResult.NOT_BEGUN),
        )
        change = f'hw_machine_type {Q35} -> {PC} on volume volume-1'
        self.assertEqual(
            [
                f'crm: set; {change}',
                f'late: too late; {change}',
                'db\\x1b: failed; HTTP 500\\x1b',
                'web: refused; why; do this',
            ],
            list(lines.news(Round(results, results))),
        )
