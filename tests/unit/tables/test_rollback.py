# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.destination.apply import Written
from osc_hwmt.destination.rollback import AsBefore, Kept, Restore, Step
from osc_hwmt.journal.format import Announced, Record
from osc_hwmt.model.changes import WriteResult
from osc_hwmt.model.inventory import MACHINE_TYPE, Project
from osc_hwmt.tables import rollback
from osc_hwmt.tables.cells import PropertiesColumn
from osc_hwmt.tables.rollback import Result
from osc_hwmt.tables.summary import ExitCode
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import OWN

WRITE = fakes.write()
#: What the volume has now, which is neither the old nor the new value.
HELD = {MACHINE_TYPE: 'virt'}
WELL = (
    Result(Restore(WRITE, HELD)),
    Result(Restore(WRITE, HELD), Written(WRITE, WriteResult.DONE)),
    Result(AsBefore(WRITE, HELD, 'why')),
)
FAILED = (
    Result(Restore(WRITE, HELD), Written(WRITE, WriteResult.FAILED, 'no')),
    Result(Kept(WRITE, HELD, 'why')),
)


class RollbackReportTest(cases.TestCase):
    def test_every_step_has_its_word(self) -> None:
        self.assertEqual(
            ['to restore', 'restored', 'as before', 'failed', 'kept'],
            [rollback.outcome(one).value for one in (*WELL, *FAILED)],
        )

    def test_steps_meet_what_became_of_their_writes(self) -> None:
        other = fakes.write('volume-2')
        steps: list[Step] = [
            Kept(WRITE, HELD, 'why'),
            Restore(other, HELD),
        ]
        kept, restored = rollback.results(
            steps, [Written(other, WriteResult.FAILED)]
        )
        self.assertIsNone(kept.written)
        self.assertEqual(Written(other, WriteResult.FAILED), restored.written)

    def test_what_is_kept_or_failed_is_no_success(self) -> None:
        self.assertIs(ExitCode.WELL, rollback.exit_code(WELL))
        for one in FAILED:
            self.assertIs(ExitCode.FAILED, rollback.exit_code([one]))

    def test_the_summary_counts_outcomes(self) -> None:
        self.assertEqual(
            '5 volumes: 1 as before, 1 failed, 1 kept, 1 restored, '
            '1 to restore',
            *rollback.summary([*WELL, *FAILED], OWN.id, {}),
        )
        self.assertEqual(['0 volumes'], list(rollback.summary([], 'x', {})))

    def test_each_of_several_projects_is_summed_up(self) -> None:
        others = [
            Result(Kept(fakes.write(project_id=id), HELD, 'why'))
            for id in ('other', 'unnamed\x1b')
        ]
        projects = {
            'other': Project('other', 'crm', None),
            OWN.id: Project(OWN.id, 'erp', None),
        }
        self.assertEqual(
            [
                'crm: 1 volume: 1 kept',
                'erp: 1 volume: 1 to restore',
                'unnamed\\x1b: 1 volume: 1 kept',
                '3 volumes: 2 kept, 1 to restore',
            ],
            list(rollback.summary([*others, WELL[0]], OWN.id, projects)),
        )

    def test_a_journal_is_named_with_its_note(self) -> None:
        announced = Announced(WRITE, WriteResult.DONE)
        record = Record(
            'a\x1b.journal',
            fakes.header(note='CHG0042'),
            (announced, announced),
            False,
            True,
        )
        self.assertEqual(
            'To undo: apply of 2000-01-01 00:00:00+00:00, 1 volume: '
            'a\\x1b.journal (CHG0042)',
            rollback.journal_line(record),
        )

    def test_found_is_what_the_volume_has_now(self) -> None:
        for held, found in (
            (HELD, HELD),
            ({}, {MACHINE_TYPE: None}),
            (None, {}),
        ):
            cell = rollback.row(Result(Kept(WRITE, held, 'why')), OWN.id)[3]
            assert isinstance(cell, PropertiesColumn)
            self.assertEqual(found, cell.machine_readable())

    def test_the_detail_says_why(self) -> None:
        for result, said in (
            (Result(Restore(WRITE, HELD, overridden=True)), 'overwritten'),
            (FAILED[0], 'no'),
            (FAILED[1], 'why'),
        ):
            row = rollback.row(result, OWN.id)
            self.assertEqual(len(rollback.COLUMNS), len(row))
            self.assertIn(said, str(row[-1]))
