# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from typing import Any

from osc_hwmt.compatibility.rules import chipset_change, offered
from osc_hwmt.compatibility.rules.definition import Concern
from osc_hwmt.destination import undecided
from osc_hwmt.destination.apply import Result, Written
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import (
    LeftToDestination,
    Set,
    Step,
    Unchanged,
    Undecided,
)
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.manifest.entry import Intent, Wanted
from osc_hwmt.model.changes import Change, WriteResult
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.tables import apply as table
from osc_hwmt.tables.apply import Outcome
from osc_hwmt.tables.cells import OptionalColumn
from osc_hwmt.tables.summary import ExitCode
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC, Q35, entry, server, volume

REMOVE = Wanted(Intent.REMOVE)
LEFT = LeftToDestination(entry(wanted=Wanted(Intent.LEAVE)))
UNCHANGED = Unchanged(entry(), volume())
REFUSED = Refused(
    entry(), Refusal.VOLUME_AMBIGUOUS, 'why', 'do this', (volume('a'),)
)


def _set(*, late: bool = False, **differing: Any) -> Set:
    removes = differing.get('wanted') == REMOVE
    return Set(
        entry(**differing),
        Match(
            volume(image_metadata={MACHINE_TYPE: Q35}),
            Rule.NAME,
            server() if late else None,
        ),
        (Change(MACHINE_TYPE, Q35, None if removes else PC),),
    )


def _built(read: str | None) -> Unchanged:
    """Return a volume that is right, whose server read that of it."""
    return Unchanged(
        entry(),
        volume(image_metadata={MACHINE_TYPE: PC}),
        server=server(),
        read={MACHINE_TYPE: read},
    )


def _done(
    step: Step, result: WriteResult = WriteResult.DONE, detail: str = ''
) -> Result:
    if not isinstance(step, Set):
        return Result(step)
    return Result(step, Written(step.write, result, detail))


def _cells(result: Result) -> dict[str, object]:
    return {
        name: cell.machine_readable()
        if isinstance(cell, OptionalColumn)
        else cell
        for name, cell in zip(table.COLUMNS, table.row(result))
    }


def _detail(step: Step) -> str:
    return table.detail(Result(step))


class OutcomeTest(cases.TestCase):
    def test_every_step_has_its_word_before_and_after(self) -> None:
        for step, before, after in (
            (_set(), Outcome.TO_SET, Outcome.SET),
            (_set(wanted=REMOVE), Outcome.TO_REMOVE, Outcome.REMOVED),
            (_set(late=True), Outcome.TOO_LATE, Outcome.TOO_LATE),
            (UNCHANGED, Outcome.UNCHANGED, Outcome.UNCHANGED),
            (_built(PC), Outcome.UNCHANGED, Outcome.UNCHANGED),
            (_built(None), Outcome.TOO_LATE, Outcome.TOO_LATE),
            (LEFT, Outcome.LEFT, Outcome.LEFT),
            (REFUSED, Outcome.REFUSED, Outcome.REFUSED),
        ):
            self.assertEqual(
                (before, after),
                (table.outcome(Result(step)), table.outcome(_done(step))),
            )

    def test_a_failure_is_one_whatever_was_planned(self) -> None:
        for step in (_set(), _set(late=True)):
            for result, word in (
                (WriteResult.FAILED, 'failed'),
                (WriteResult.UNKNOWN, 'unknown'),
                (WriteResult.CHANGED, 'changed meanwhile'),
                (WriteResult.NOT_BEGUN, 'not begun'),
            ):
                cells = _cells(_done(step, result, 'no answer\x1b'))
                self.assertEqual(
                    (word, 'no answer\\x1b'),
                    (cells['Result'], cells['Detail']),
                )

    def test_what_was_written_by_others_is_unchanged(self) -> None:
        for late, outcome in (
            (False, Outcome.UNCHANGED),
            (True, Outcome.TOO_LATE),
        ):
            result = _done(_set(late=late), WriteResult.ALREADY)
            self.assertIs(outcome, table.outcome(result))


class RowTest(cases.TestCase):
    def test_a_row_has_volume_before_and_wanted(self) -> None:
        self.assertEqual(
            ('web', None, 'volume-1', Q35, PC, 'to set', 'name and size'),
            tuple(_cells(Result(_set())).values()),
        )

    def test_an_image_that_is_right_is_named_in_the_detail(self) -> None:
        image = fakes.image('image-1', **{MACHINE_TYPE: PC})
        cells = _cells(Result(Unchanged(entry(), image)))
        self.assertEqual(
            (None, PC, 'on image image-1'),
            (cells['Volume ID'], cells['Before'], cells['Detail']),
        )

    def test_other_hardware_is_in_the_detail(self) -> None:
        step = dataclasses.replace(
            _set(), changes=(Change('hw_disk_bus', 'ide', None),)
        )
        cells = _cells(Result(step))
        self.assertEqual(
            (Q35, 'to remove', 'name and size; hw_disk_bus ide -> -'),
            (cells['Before'], cells['Result'], cells['Detail']),
        )

    def test_a_refusal_tells_reason_candidates_and_remedy(self) -> None:
        cells = _cells(Result(REFUSED))
        self.assertEqual(
            ('why (candidates: a (available)); do this', None),
            (cells['Detail'], cells['Volume ID']),
        )

    def test_too_late_has_its_remedy(self) -> None:
        for step in (_set(late=True), _built(None)):
            self.assertIn('server server-1 was built before', _detail(step))
            self.assertIn(
                'openstack server delete --wait server-1', _detail(step)
            )

    def test_a_page_of_remedy_is_for_the_long_table_alone(self) -> None:
        brief = table.detail(Result(_set(late=True)), brief=True)
        self.assertEqual(
            'server server-1 was built before its volume was right; add '
            '--long for the remedy',
            brief,
        )
        self.assertIn('do this', table.detail(Result(REFUSED), brief=True))


class ProblemTest(cases.TestCase):
    def test_what_is_well_is_no_problem(self) -> None:
        for step in (_set(), UNCHANGED, LEFT):
            for result in (Result(step), _done(step)):
                self.assertFalse(table.is_problem(result), result)

    def test_what_is_not_and_a_warning_are_problems(self) -> None:
        noted, warned = (
            dataclasses.replace(
                UNCHANGED, concerns=(Concern(rule, 'text', 'remedy'),)
            )
            for rule in (offered.support_unknown, chipset_change.windows)
        )
        for result, problem in (
            (Result(REFUSED), True),
            (_done(_set(), WriteResult.UNKNOWN), True),
            (Result(warned), True),
            (Result(Undecided(fakes.undecided())), True),
            (Result(Unchanged(fakes.undecided(), volume())), True),
            (Result(noted), False),
        ):
            self.assertEqual(problem, table.is_problem(result), result)


class ExitCodeTest(cases.TestCase):
    def test_serving_everyone_or_nobody_is_well(self) -> None:
        plan: list[Step] = [_set(), UNCHANGED, LEFT]
        for results in (list(map(Result, plan)), list(map(_done, plan)), []):
            self.assertIs(ExitCode.WELL, table.exit_code(results))

    def test_a_server_that_is_not_served_is_a_failure(self) -> None:
        for bad in (
            Result(REFUSED),
            Result(_set(late=True)),
            Result(_built(None)),
            _done(_set(late=True)),
            _done(_set(), WriteResult.FAILED),
            _done(_set(), WriteResult.UNKNOWN),
            _done(_set(), WriteResult.NOT_BEGUN),
        ):
            results = [_done(_set()), bad]
            self.assertIs(ExitCode.FAILED, table.exit_code(results))


class SummaryTest(cases.TestCase):
    def test_servers_are_counted_by_outcome(self) -> None:
        volume = LeftToDestination(entry(server_id='volume-1', detached=True))
        left = 'left to the destination'
        for results, told in (
            ([], '0 servers'),
            ([_done(_set())], '1 server: 1 set'),
            (
                [Result(_set()), Result(REFUSED), Result(_set())],
                '3 servers: 1 refused, 2 to set',
            ),
            ([Result(volume)], f'1 volume: 1 {left}'),
            (
                [Result(LEFT), Result(volume), Result(volume)],
                f'1 server, 2 volumes: 3 {left}',
            ),
        ):
            self.assertEqual(told, table.summary(results))


class UndecidedTest(cases.TestCase):
    STEP = Undecided(fakes.undecided(), default='q35')
    TOLD = (
        'it presumably ran on i440fx; the destination will give it q35; '
        'openstack migrate machine-type export --source-cloud src '
        'workloads.yml --source-hosts source'
    )

    def test_an_undecided_server_has_its_word_and_the_way_to_decide(
        self,
    ) -> None:
        result = Result(self.STEP)
        self.assertIs(Outcome.UNDECIDED, table.outcome(result))
        self.assertEqual(self.TOLD, table.detail(result))
        brief = table.detail(result, brief=True)
        self.assertTrue(self.TOLD.startswith(f'{brief}; openstack'), brief)
        self.assertEqual(f'web: undecided; {self.TOLD}', table.line(result))
        self.assertIs(ExitCode.WELL, table.exit_code([result]))
        self.assertEqual(
            '2 servers: 1 left to the destination, 1 undecided',
            table.summary([result, Result(LEFT)]),
        )

    def test_strict_is_a_refusal_and_a_failure(self) -> None:
        results = list(map(Result, undecided.refuse([self.STEP])))
        self.assertEqual(self.TOLD, table.detail(results[0]))
        brief = table.detail(results[0], brief=True)
        self.assertTrue(self.TOLD.startswith(f'{brief}; openstack'), brief)
        self.assertIs(ExitCode.FAILED, table.exit_code(results))
        self.assertEqual(
            '1 server: 1 refused, 1 undecided', table.summary(results)
        )

    def test_other_hardware_that_is_set_hides_nothing(self) -> None:
        match = Match(volume(), Rule.NAME, None)
        change = Change('os_type', None, 'linux')
        result = _done(Set(fakes.undecided(), match, (change,)))
        self.assertIs(Outcome.SET, table.outcome(result))
        self.assertEqual(
            '1 server: 1 set, 1 undecided', table.summary([result])
        )
        for told in (table.detail(result), table.line(result)):
            self.assertIn('it presumably ran on i440fx', told)


class LineTest(cases.TestCase):
    def test_a_change_tells_old_new_and_why_this_volume(self) -> None:
        self.assertEqual(
            f'web  volume-1  {MACHINE_TYPE} {Q35} -> {PC}  [name and size]',
            table.change_line(_set()),
        )
        told_by_server = dataclasses.replace(
            _set(), match=Match(volume(), Rule.SERVER, server())
        )
        self.assertTrue(
            table.change_line(told_by_server).endswith(' server-1]')
        )

    def test_a_write_tells_every_key_and_absence_by_a_dash(self) -> None:
        write = fakes.write(
            'volume-1',
            Change(MACHINE_TYPE, None, PC),
            Change('k', 'v', None),
        )
        self.assertEqual(
            f'web  volume-1  {MACHINE_TYPE} - -> {PC}, k v -> -',
            table.write_line(write),
        )

    def test_a_line_reaches_no_terminal_raw(self) -> None:
        step = _set(name='\x1b[2J')
        for line in (table.change_line(step), table.line(_done(step))):
            self.assertTrue(line.isprintable(), repr(line))
