# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.destination import verify
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import LeftToDestination, Set, Step, Unchanged
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.model.changes import Change
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.tables import verify as table
from osc_hwmt.tables.cells import OptionalColumn
from osc_hwmt.tables.summary import ExitCode
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC, Q35, entry, volume

DIFFERS = Set(
    entry(),
    Match(volume(image_metadata={MACHINE_TYPE: Q35}), Rule.NAME, None),
    (Change(MACHINE_TYPE, Q35, PC),),
)


def _cells(step: Step) -> dict[str, object]:
    (finding,) = verify.findings([step], 'apply f.yml')
    return {
        name: cell.machine_readable()
        if isinstance(cell, OptionalColumn)
        else cell
        for name, cell in zip(table.COLUMNS, table.row(finding))
    }


class RowTest(cases.TestCase):
    def test_a_difference_has_its_remedy(self) -> None:
        cells = _cells(DIFFERS)
        self.assertEqual(
            ('web', None, 'volume-1', PC, Q35, 'volume', 'volume-differs'),
            tuple(cells.values())[:7],
        )
        self.assertIn('apply f.yml --server source-1', str(cells['Remedy']))

    def test_equal_names_are_told_apart_by_their_project(self) -> None:
        known = fakes.recorded(project=('erp', 'Default'))
        cells = _cells(LeftToDestination(entry(recorded=known)))
        self.assertEqual('erp', cells['Project'])

    def test_what_carries_it_and_why_is_told(self) -> None:
        refused = Refused(entry(), Refusal.VOLUME_AMBIGUOUS, 'why', 'do this')
        image = fakes.image('image-1')
        for step, told in (
            (Unchanged(entry(), volume()), ('volume-1', 'ok', '', '')),
            (
                Unchanged(entry(), image),
                (None, 'ok', 'on image image-1', ''),
            ),
            (refused, (None, 'volume-ambiguous', 'why', 'do this')),
        ):
            cells = _cells(step)
            names = ('Volume ID', 'Finding', 'Detail', 'Remedy')
            self.assertEqual(told, tuple(cells[name] for name in names))

    def test_a_brief_detail_has_the_remedy_if_that_is_short(self) -> None:
        for remedy, told in (
            ('do this', 'why; do this'),
            ('do this ' * 30, 'why; add --long for the remedy'),
        ):
            step = Refused(entry(), Refusal.VOLUME_AMBIGUOUS, 'why', remedy)
            (finding,) = verify.findings([step], 'apply')
            row = table.row(finding, brief=True)
            self.assertEqual(told, row[table.COLUMNS.index('Detail')])


class SummaryTest(cases.TestCase):
    def test_findings_are_counted_by_code(self) -> None:
        other = LeftToDestination(entry(server_id='source-2'))
        self.assertEqual(
            '2 servers: 1 left-to-destination, 1 volume-differs',
            table.summary(verify.findings([other, DIFFERS], 'apply')),
        )

    def test_a_difference_has_the_documented_exit_code(self) -> None:
        self.assertEqual(
            (0, 1, 3), (ExitCode.WELL, ExitCode.FAILED, ExitCode.DIFFERENT)
        )
        well = verify.findings([Unchanged(entry(), volume())], 'apply')
        self.assertIs(ExitCode.WELL, table.exit_code(well))
        differs = verify.findings([DIFFERS], 'apply')
        self.assertIs(ExitCode.DIFFERENT, table.exit_code([*well, *differs]))
