# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.manifest.entry import Entry, Wanted
from osc_hwmt.model.evidence import Conclusion, Evidence, Observation
from osc_hwmt.model.inventory import Project
from osc_hwmt.model.machine_type import Family
from osc_hwmt.source.effect import Effect, Line
from osc_hwmt.source.facts import Fact
from osc_hwmt.tables import export as table
from osc_hwmt.tables.cells import OptionalColumn
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC, Q35, entry


def _line(fact: Fact | None, effect: Effect = Effect.ADDED) -> Line:
    return Line(entry(), fact, effect)


def _cells(line: Line) -> dict[str, object]:
    return {
        name: cell.machine_readable()
        if isinstance(cell, OptionalColumn)
        else cell
        for name, cell in zip(table.COLUMNS, table.row(line))
    }


class RowTest(cases.TestCase):
    def test_a_row_tells_what_was_found_and_what_is_wanted(self) -> None:
        fact = Fact(Q35, Evidence.IMAGE_PROPERTY, project=fakes.OWN)
        self.assertEqual(
            (
                'web',
                'source-1',
                'erp',
                Q35,
                'image-property',
                PC,
                'added',
                '',
            ),
            tuple(_cells(_line(fact)).values()),
        )

    def test_contradictions_and_what_is_unknown_are_in_the_detail(
        self,
    ) -> None:
        for fact, note in (
            (
                Fact(
                    Q35,
                    Evidence.LIBVIRT_DOMAIN,
                    (Observation(Evidence.VOLUME_IMAGE_METADATA, PC),),
                ),
                f'volume-image-metadata says {PC}',
            ),
            (
                Fact(None, Evidence.NONE, unknown='hidden'),
                'unknown: hidden',
            ),
        ):
            self.assertEqual(note, _cells(_line(fact))['Detail'])

    def test_another_name_on_the_source_is_in_the_detail(self) -> None:
        fact = Fact(PC, Evidence.NOVA_RECORD)
        line = Line(entry(), fact, Effect.UNCHANGED, renamed='\x1bnew')
        self.assertEqual(
            'named \\x1bnew on the source', _cells(line)['Detail']
        )
        self.assertTrue(table.is_problem(line))

    def test_a_server_that_was_not_found_has_no_facts(self) -> None:
        cells = _cells(_line(None, Effect.NOT_FOUND))
        self.assertEqual(
            (None, None, 'not found'),
            (cells['Machine Type'], cells['Evidence'], cells['Result']),
        )

    def test_other_hardware_is_in_the_detail(self) -> None:
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
            'hw_disk_bus ide (libvirt-domain), nova-record says scsi; '
            'hw_pmu unknown: hidden, wanted null; '
            "os_type linux (nova-record), wanted ''",
            _cells(Line(one, fact, Effect.ADDED))['Detail'],
        )

    def test_a_project_without_a_name_shows_its_id(self) -> None:
        fact = Fact(None, Evidence.NONE, project=Project('p', None, None))
        self.assertEqual('p', _cells(_line(fact))['Project'])

    def test_a_brief_detail_has_the_evidence(self) -> None:
        for fact, detail in (
            (Fact(PC, Evidence.NOVA_RECORD), 'nova-record'),
            (Fact(Q35, Evidence.NOVA_RECORD), f'{Q35} (nova-record)'),
            (Fact(None, Evidence.NONE), 'none'),
            (Fact(None, Evidence.NONE, unknown='why'), 'unknown: why'),
            (None, ''),
        ):
            row = table.row(_line(fact), brief=True)
            self.assertEqual(detail, row[-1])


class ProblemTest(cases.TestCase):
    def test_what_needs_a_thought_is_a_problem(self) -> None:
        contradicted = Fact(
            PC,
            Evidence.LIBVIRT_DOMAIN,
            (Observation(Evidence.VOLUME_IMAGE_METADATA, Q35),),
        )
        for fact, wanted, problem in (
            (Fact(PC, Evidence.NOVA_RECORD), PC, False),
            (Fact(None, Evidence.NONE), PC, False),
            (Fact(None, Evidence.NONE), None, False),
            (Fact(None, Evidence.NONE, unknown='why'), PC, True),
            (contradicted, PC, True),
            (None, PC, True),
        ):
            line = Line(entry(wanted=Wanted.of(wanted)), fact, Effect.ADDED)
            self.assertEqual(problem, table.is_problem(line), fact)


class SummaryTest(cases.TestCase):
    def test_servers_are_counted_by_evidence_and_unknown_apart(self) -> None:
        lines = [
            _line(Fact(PC, Evidence.IMAGE_PROPERTY)),
            _line(Fact(None, Evidence.NONE)),
            _line(Fact(None, Evidence.NONE, unknown='x')),
            _line(None, Effect.NOT_FOUND),
        ]
        self.assertEqual(
            '4 servers: 1 chosen, 1 image-property, 1 not found, 1 unknown',
            table.summary(lines),
        )


class UndecidedTest(cases.TestCase):
    NOTHING = Fact(None, Evidence.NONE)

    def line(self, one: Entry, effect: Effect = Effect.ADDED) -> Line:
        return Line(one, self.NOTHING, effect)

    def test_the_note_says_so_and_what_is_presumed(self) -> None:
        chosen = fakes.recorded(
            None, presumed=Family.I440FX, left_to_destination=True
        )
        for one, note in (
            (fakes.undecided(), 'undecided; presumably i440fx'),
            (
                fakes.undecided(recorded=fakes.recorded(None)),
                'undecided',
            ),
            (
                fakes.undecided(recorded=chosen),
                'left to the destination; presumably i440fx',
            ),
        ):
            line = self.line(one)
            self.assertEqual(note, _cells(line)['Detail'])
            self.assertEqual(one.is_undecided, table.is_problem(line))

    def test_the_summary_counts_them_apart_from_what_was_chosen(self) -> None:
        chosen = fakes.recorded(None, left_to_destination=True)
        lines = [
            self.line(fakes.undecided()),
            self.line(fakes.undecided(recorded=chosen)),
        ]
        self.assertEqual(
            '2 servers: 1 chosen, 1 undecided', table.summary(lines)
        )

    def test_an_earlier_fact_that_was_kept_is_shown(self) -> None:
        line = self.line(
            entry(recorded=fakes.recorded(PC)), Effect.EARLIER_KEPT
        )
        cells = _cells(line)
        self.assertEqual(
            (PC, 'volume-image-metadata'),
            (cells['Machine Type'], cells['Evidence']),
        )
        self.assertEqual(
            '1 server: 1 volume-image-metadata', table.summary([line])
        )
