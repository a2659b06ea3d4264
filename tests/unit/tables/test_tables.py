# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from typing import Any

from osc_hwmt.destination import apply, verify
from osc_hwmt.destination.apply import Result
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import LeftToDestination, Set, Step, Unchanged
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.manifest.entry import Intent, Wanted
from osc_hwmt.model.changes import Change, WriteResult
from osc_hwmt.model.evidence import Conclusion, Evidence, Observation
from osc_hwmt.model.inventory import Project
from osc_hwmt.source.effect import Effect, Line
from osc_hwmt.source.facts import Fact
from osc_hwmt.tables import apply as apply_table
from osc_hwmt.tables import cells as cells_tables
from osc_hwmt.tables import export
from osc_hwmt.tables import verify as verify_table
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
            volume(image_metadata={'hw_machine_type': Q35}),
            Rule.NAME,
            server() if late else None,
        ),
        (Change('hw_machine_type', Q35, None if removes else PC),),
    )


def _done(
    step: Step, state: WriteResult = WriteResult.DONE, detail: str = ''
) -> Result:
    if not isinstance(step, Set):
        return Result(step)
    return Result(step, apply.Written(step.write, state, detail))


def _line(fact: Fact | None, effect: Effect = Effect.ADDED) -> Line:
    return Line(entry(), fact, effect)


def _cells(
    columns: tuple[str, ...], row: cells_tables.Row
) -> dict[str, object]:
    return {name: _plain(cell) for name, cell in zip(columns, row)}


def _plain(cell: object) -> object:
    if isinstance(cell, OptionalColumn):
        return cell.machine_readable()
    return cell


class ExportRowTest(cases.TestCase):
    def cells(self, line: Line) -> dict[str, object]:
        row = export.export_row(line)
        self.assertEqual(len(export.EXPORT_COLUMNS), len(row))
        return _cells(export.EXPORT_COLUMNS, row)

    def test_it_tells_what_was_found_and_what_is_wanted(self) -> None:
        fact = Fact(Q35, Evidence.IMAGE_PROPERTY, project=fakes.OWN)
        cells = self.cells(_line(fact))
        self.assertEqual(
            ('web', 'source-1', 'erp', Q35, 'image-property', PC, 'added'),
            tuple(cells.values()),
        )

    def test_contradictions_are_in_the_note(self) -> None:
        fact = Fact(
            Q35,
            Evidence.LIBVIRT_DOMAIN,
            (Observation(Evidence.VOLUME_IMAGE_METADATA, PC),),
        )
        self.assertEqual(
            f'added; volume-image-metadata says {PC}',
            self.cells(_line(fact))['Note'],
        )

    def test_what_is_unknown_is_said_to_be(self) -> None:
        fact = Fact(None, Evidence.NONE, unknown='hidden')
        self.assertIn('unknown: hidden', str(self.cells(_line(fact))['Note']))

    def test_a_server_that_was_not_found_has_no_facts(self) -> None:
        cells = self.cells(_line(None, Effect.NOT_FOUND))
        self.assertEqual(
            (None, None, 'not found'),
            (cells['Machine Type'], cells['Evidence'], cells['Note']),
        )

    def test_other_hardware_is_in_the_note(self) -> None:
        fact = Fact(
            PC,
            Evidence.NOVA_RECORD,
            properties={
                'os_type': Conclusion('linux', Evidence.NOVA_RECORD),
                'hw_disk_bus': Conclusion(
                    'ide',
                    Evidence.LIBVIRT_DOMAIN,
                    (Observation(Evidence.NOVA_RECORD, 'scsi'),),
                ),
                'hw_pmu': Conclusion(None, Evidence.NONE, unknown='hidden'),
            },
        )
        one = entry(
            properties={'os_type': '', 'hw_disk_bus': 'ide', 'hw_pmu': None}
        )
        self.assertEqual(
            'added; '
            'hw_disk_bus ide (libvirt-domain), nova-record says scsi; '
            'hw_pmu unknown: hidden, wanted null; '
            "os_type linux (nova-record), wanted ''",
            self.cells(Line(one, fact, Effect.ADDED))['Note'],
        )

    def test_a_project_without_a_name_shows_its_id(self) -> None:
        fact = Fact(
            None,
            Evidence.NONE,
            project=Project('p', None, None),
        )
        self.assertEqual('p', self.cells(_line(fact))['Project'])

    def test_no_cell_reaches_a_terminal_raw(self) -> None:
        line = Line(
            entry('\x1b[2J', '\x1b1', properties={'os_type': '\x1b'}),
            Fact(
                '\x1bpc',
                Evidence.NONE,
                unknown='\x07',
                properties={'os_type': Conclusion('\x1b', Evidence.NONE)},
            ),
            Effect.ADDED,
        )
        for cell in self.cells(line).values():
            self.assertTrue(str(cell).isprintable(), repr(cell))


class WantedTest(cases.TestCase):
    def test_a_wish_reads_as_in_the_manifest(self) -> None:
        for wanted, shown in (
            (Wanted(Intent.SET, PC), PC),
            (REMOVE, ''),
            (Wanted(Intent.LEAVE), None),
            (Wanted(Intent.MISSING), '(not said)'),
        ):
            self.assertEqual(shown, _plain(cells_tables.wanted_cell(wanted)))


class OutcomeTest(cases.TestCase):
    def test_other_hardware_is_in_the_detail(self) -> None:
        step = dataclasses.replace(
            _set(), changes=(Change('hw_disk_bus', 'ide', None),)
        )
        cells = _cells(apply_table.APPLY_COLUMNS, apply_table.plan_row(step))
        self.assertEqual(
            (Q35, 'to remove', 'name and size; hw_disk_bus ide -> -'),
            (cells['Before'], cells['Result'], cells['Detail']),
        )

    def test_every_step_has_its_word_before_and_after(self) -> None:
        for step, before, after in (
            (_set(), Outcome.TO_SET, Outcome.SET),
            (_set(wanted=REMOVE), Outcome.TO_REMOVE, Outcome.REMOVED),
            (_set(late=True), Outcome.TOO_LATE, Outcome.TOO_LATE),
            (UNCHANGED, Outcome.UNCHANGED, Outcome.UNCHANGED),
            (LEFT, Outcome.LEFT, Outcome.LEFT),
            (REFUSED, Outcome.REFUSED, Outcome.REFUSED),
        ):
            planned = _cells(
                apply_table.APPLY_COLUMNS, apply_table.plan_row(step)
            )
            done = _cells(
                apply_table.APPLY_COLUMNS, apply_table.result_row(_done(step))
            )
            self.assertEqual(
                (before.value, after.value),
                (planned['Result'], done['Result']),
            )

    def test_a_failure_is_one_whatever_was_planned(self) -> None:
        for step in (_set(), _set(late=True)):
            for state, word in (
                (WriteResult.FAILED, 'failed'),
                (WriteResult.UNKNOWN, 'unknown'),
                (WriteResult.CHANGED, 'changed meanwhile'),
                (WriteResult.NOT_BEGUN, 'not begun'),
            ):
                row = apply_table.result_row(
                    _done(step, state, 'no answer\x1b')
                )
                cells = _cells(apply_table.APPLY_COLUMNS, row)
                self.assertEqual(word, cells['Result'])
                self.assertEqual('no answer\\x1b', cells['Detail'])

    def test_what_was_written_by_others_is_unchanged(self) -> None:
        self.assertIs(
            Outcome.UNCHANGED,
            apply_table.outcome(_done(_set(), WriteResult.ALREADY)),
        )
        self.assertIs(
            Outcome.TOO_LATE,
            apply_table.outcome(_done(_set(late=True), WriteResult.ALREADY)),
        )

    def test_a_row_has_volume_before_and_wish(self) -> None:
        cells = _cells(apply_table.APPLY_COLUMNS, apply_table.plan_row(_set()))
        self.assertEqual(
            ('web', 'volume-1', Q35, PC, 'name and size'),
            (
                cells['Server'],
                cells['Volume ID'],
                cells['Before'],
                cells['Wanted'],
                cells['Detail'],
            ),
        )

    def test_a_refusal_tells_reason_candidates_and_remedy(self) -> None:
        cells = _cells(
            apply_table.APPLY_COLUMNS, apply_table.plan_row(REFUSED)
        )
        self.assertEqual(
            ('why (candidates: a); do this', None),
            (cells['Detail'], cells['Volume ID']),
        )

    def test_too_late_has_its_remedy(self) -> None:
        cells = _cells(
            apply_table.APPLY_COLUMNS, apply_table.plan_row(_set(late=True))
        )
        told = str(cells['Detail'])
        self.assertIn('server server-1 was built before', told)
        self.assertIn('openstack server delete --wait server-1', told)

    def test_a_volume_that_got_it_too_late_says_so_ever_after(self) -> None:
        step = Unchanged(
            entry(),
            volume(image_metadata={'hw_machine_type': PC}),
            server=fakes.server(),
            read={'hw_machine_type': None},
        )
        cells = _cells(apply_table.APPLY_COLUMNS, apply_table.plan_row(step))
        self.assertEqual('too late', cells['Result'])
        self.assertIn('was built before', str(cells['Detail']))
        self.assertIs(ExitCode.FAILED, apply_table.plan_code([step]))

    def test_one_that_had_it_in_time_is_unchanged(self) -> None:
        step = Unchanged(
            entry(),
            volume(image_metadata={'hw_machine_type': PC}),
            server=fakes.server(),
            read={'hw_machine_type': PC},
        )
        cells = _cells(apply_table.APPLY_COLUMNS, apply_table.plan_row(step))
        self.assertEqual('unchanged', cells['Result'])

    def test_what_an_image_says_already_names_the_image(self) -> None:
        step = Unchanged(entry(), fakes.image('image-1'))
        cells = _cells(apply_table.APPLY_COLUMNS, apply_table.plan_row(step))
        self.assertEqual(
            (None, 'on image image-1'), (cells['Volume ID'], cells['Detail'])
        )


class ExitCodeTest(cases.TestCase):
    def test_the_numbers_are_the_documented_ones(self) -> None:
        self.assertEqual(
            (0, 1, 3), (ExitCode.WELL, ExitCode.FAILED, ExitCode.DIFFERENT)
        )

    def test_a_plan_that_serves_everyone_is_well(self) -> None:
        plan: list[Step] = [_set(), UNCHANGED, LEFT]
        self.assertEqual(ExitCode.WELL, apply_table.plan_code(plan))
        self.assertEqual(
            ExitCode.WELL, apply_table.results_code(map(_done, plan))
        )

    def test_one_server_that_is_not_served_fails_it(self) -> None:
        bads: list[Step] = [REFUSED, _set(late=True)]
        for bad in bads:
            plan: list[Step] = [_set(), bad]
            self.assertEqual(ExitCode.FAILED, apply_table.plan_code(plan))
            self.assertEqual(
                ExitCode.FAILED, apply_table.results_code(map(_done, plan))
            )

    def test_one_failed_write_fails_it(self) -> None:
        for state in (
            WriteResult.FAILED,
            WriteResult.UNKNOWN,
            WriteResult.NOT_BEGUN,
        ):
            results = [_done(_set()), _done(_set(), state)]
            self.assertEqual(
                ExitCode.FAILED, apply_table.results_code(results)
            )

    def test_nothing_at_all_is_well(self) -> None:
        self.assertEqual(ExitCode.WELL, apply_table.plan_code([]))


class SummaryTest(cases.TestCase):
    def test_servers_are_counted_by_outcome(self) -> None:
        self.assertEqual(
            '3 servers: 1 refused, 2 to set',
            apply_table.plan_summary([_set(), REFUSED, _set()]),
        )

    def test_one_server_is_singular(self) -> None:
        self.assertEqual(
            '1 server: 1 set', apply_table.results_summary([_done(_set())])
        )

    def test_no_server_is_no_list(self) -> None:
        self.assertEqual('0 servers', apply_table.plan_summary([]))

    def test_volumes_of_no_server_are_no_servers(self) -> None:
        volume = LeftToDestination(entry(server_id='volume-1', detached=True))
        told = 'left to the destination'
        self.assertEqual(
            f'1 volume: 1 {told}', apply_table.plan_summary([volume])
        )
        self.assertEqual(
            f'1 server, 2 volumes: 3 {told}',
            apply_table.plan_summary(
                [LeftToDestination(entry()), volume, volume]
            ),
        )

    def test_findings_are_counted_by_code(self) -> None:
        other = LeftToDestination(entry(server_id='source-2'))
        found = verify.findings([other, _set()], 'apply')
        self.assertEqual(
            '2 servers: 1 left-to-destination, 1 volume-differs',
            verify_table.findings_summary(found),
        )

    def test_export_counts_by_evidence_and_unknown_apart(self) -> None:
        lines = [
            _line(Fact(PC, Evidence.IMAGE_PROPERTY)),
            _line(Fact(None, Evidence.NONE)),
            _line(Fact(None, Evidence.NONE, unknown='x')),
            _line(None, Effect.NOT_FOUND),
        ]
        self.assertEqual(
            '4 servers: 1 image-property, 1 none, 1 not found, 1 unknown',
            export.export_summary(lines),
        )


class VerifyRowTest(cases.TestCase):
    def cells(self, step: Any) -> dict[str, object]:
        (finding,) = verify.findings([step], 'apply f.yml')
        return _cells(
            verify_table.VERIFY_COLUMNS, verify_table.verify_row(finding)
        )

    def test_a_difference_has_its_remedy(self) -> None:
        cells = self.cells(_set())
        self.assertEqual(
            ('web', None, 'volume', 'volume-differs', 'error', PC, Q35),
            tuple(cells.values())[:7],
        )
        self.assertIn('apply f.yml --server source-1', str(cells['Remedy']))

    def test_equal_names_are_told_apart_by_their_project(self) -> None:
        known = fakes.recorded(project=('erp', 'Default'))
        cells = self.cells(LeftToDestination(entry(recorded=known)))
        self.assertEqual('erp', cells['Project'])

    def test_what_is_well_needs_no_remedy(self) -> None:
        cells = self.cells(UNCHANGED)
        self.assertEqual(
            ('volume-1', 'ok', '', ''),
            (
                cells['Volume ID'],
                cells['Finding'],
                cells['Reason'],
                cells['Remedy'],
            ),
        )

    def test_what_is_well_on_an_image_has_no_volume(self) -> None:
        cells = self.cells(Unchanged(entry(), fakes.image('image-1')))
        self.assertEqual(
            (None, 'on image image-1'), (cells['Volume ID'], cells['Reason'])
        )

    def test_a_refusal_has_its_reason_and_its_remedy(self) -> None:
        cells = self.cells(REFUSED)
        self.assertEqual(
            ('why', 'do this'), (cells['Reason'], cells['Remedy'])
        )


class ChangeLineTest(cases.TestCase):
    def test_it_tells_old_new_and_why_this_volume(self) -> None:
        self.assertEqual(
            f'web  volume-1  hw_machine_type {Q35} -> {PC}  [name and size]',
            apply_table.change_line(_set()),
        )

    def test_a_server_that_told_the_volume_is_named(self) -> None:
        step = Set(
            entry(),
            Match(volume(), Rule.SERVER, server()),
            (Change('hw_machine_type', None, PC),),
        )
        self.assertTrue(apply_table.change_line(step).endswith(' server-1]'))

    def test_absence_is_a_dash(self) -> None:
        self.assertIn(
            f'{Q35} -> -', apply_table.change_line(_set(wanted=REMOVE))
        )

    def test_it_reaches_no_terminal_raw(self) -> None:
        self.assertTrue(
            apply_table.change_line(_set(name='\x1b[2J')).isprintable()
        )


class WriteLineTest(cases.TestCase):
    def test_it_tells_every_key_and_what_is_not_there_by_a_dash(self) -> None:
        write = fakes.write(
            'volume-1',
            Change('hw_machine_type', None, PC),
            Change('k', 'v', None),
        )
        self.assertEqual(
            f'web  volume-1  hw_machine_type - -> {PC}, k v -> -',
            apply_table.write_line(write),
        )
