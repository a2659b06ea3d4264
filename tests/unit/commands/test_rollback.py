# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pathlib

from osc_hwmt.commands.apply import ApplyMachineType
from osc_hwmt.commands.rollback import RollBackMachineType
from osc_hwmt.model.inventory import Project
from tests.unit.support import shell
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import PC, Q35, manifest_text, resource, volume

KEY = 'hw_machine_type'


class RollBackTest(shell.CommandTestCase):
    """A rollback of what the real apply command wrote."""

    command = RollBackMachineType

    def setUp(self) -> None:
        super().setUp()
        self.cloud = FakeCloud(
            volumes=[
                volume('volume-1', image_metadata={'a': 'b'}),
                volume('volume-2', 'db', image_metadata={KEY: Q35}),
            ]
        )
        manifest = self.file(
            manifest_text(
                resource(params={KEY: PC}, migration=_named('volume-1')),
                resource(
                    'db',
                    'source-2',
                    params={KEY: PC},
                    migration=_named('volume-2'),
                ),
            )
        )
        self.journal = self.home / 'apply.journal'
        self.run_apply(manifest)
        self.start_again()

    def run_apply(self, manifest: pathlib.Path) -> None:
        self.command = ApplyMachineType
        self.run_command(manifest, '--auto-approve', '--journal', self.journal)
        self.command = RollBackMachineType

    def metadata(self, volume_id: str) -> dict[str, str]:
        held = self.cloud.block_storage.held[volume_id]
        return dict(held.image_metadata or {})

    def test_everything_is_as_it_was(self) -> None:
        self.assertEqual(0, self.run_command(self.journal, '--auto-approve'))
        self.assertEqual(['restored'] * 2, self.column('Result'))
        self.assertEqual([{KEY: PC}] * 2, self.column('Found'))
        self.assertEqual([{KEY: None}, {KEY: Q35}], self.column('Wanted'))
        self.assertEqual({'a': 'b'}, self.metadata('volume-1'))
        self.assertEqual({KEY: Q35}, self.metadata('volume-2'))
        self.assertIn('2 volumes: 2 restored\n', self.told)

    def test_a_dry_run_writes_nothing(self) -> None:
        self.assertEqual(0, self.run_command(self.journal, '--dry-run'))
        self.assertEqual(['to restore'] * 2, self.column('Result'))
        self.assertEqual([], self.cloud.writes)

    def test_a_second_rollback_has_nothing_to_do(self) -> None:
        self.run_command(self.journal, '--auto-approve')
        journals = sorted(self.home.iterdir())
        self.start_again()
        self.assertEqual(0, self.run_command(self.journal, '--auto-approve'))
        self.assertEqual(['as before'] * 2, self.column('Result'))
        self.assertEqual([], self.cloud.writes)
        self.assertEqual(journals, sorted(self.home.iterdir()))

    def test_a_rollback_is_undone_by_its_own_journal(self) -> None:
        mine = self.home / 'rollback.journal'
        self.run_command(self.journal, '--auto-approve', '--journal', mine)
        self.start_again()
        self.assertEqual(0, self.run_command(mine, '--auto-approve'))
        self.assertEqual(PC, self.metadata('volume-1')[KEY])
        self.assertEqual(PC, self.metadata('volume-2')[KEY])

    def test_the_new_journal_is_beside_the_one_undone(self) -> None:
        self.run_command(self.journal, '--auto-approve')
        (mine,) = self.home.glob('apply.journal.*.journal')
        self.assertIn(f'Journal: {mine}', self.told)

    def test_what_was_changed_since_is_kept_unless_overwritten(self) -> None:
        self.cloud.block_storage.set_image_metadata('volume-1', {KEY: 'virt'})
        self.cloud.calls.clear()
        self.assertEqual(1, self.run_command(self.journal, '--auto-approve'))
        self.assertEqual(['kept', 'restored'], self.column('Result'))
        self.assertIn('is virt', self.column('Detail')[0])
        self.start_again()
        self.assertEqual(
            0,
            self.run_command(
                self.journal, '--auto-approve', '--overwrite-changed'
            ),
        )
        self.assertEqual(['restored', 'as before'], self.column('Result'))
        self.assertIn('overwritten', self.column('Detail')[0])
        self.assertEqual({'a': 'b'}, self.metadata('volume-1'))

    def test_a_rollback_asks_first(self) -> None:
        self.assertIn('no terminal', self.refused(self.journal))
        self.typing('y\n')
        self.assertEqual(0, self.run_command(self.journal))
        self.assertIn(f'volume-2  {KEY} {PC} -> {Q35}', self.told)

    def test_a_wave_of_a_journal_is_undone(self) -> None:
        wave = self.file('we?\n', 'wave.txt')
        code = self.run_command(
            self.journal, '--servers-from', wave, '--auto-approve'
        )
        self.assertEqual((0, ['web']), (code, self.column('Server')))
        self.start_again()
        self.assertIn(
            'in the journal: crm* (--server)',
            self.refused(self.journal, '--server', 'crm*'),
        )

    def test_a_journal_of_another_cloud_is_refused(self) -> None:
        own = Project('project-else', 'erp', 'Default')
        self.replace(
            'tests.unit.support.cloud.FakeIdentity.own_project', lambda _: own
        )
        told = self.refused(self.journal, '--auto-approve')
        self.assertIn('is not the one that the journal is of', told)
        self.assertEqual([], self.cloud.writes)

    def test_what_is_no_journal_is_told_before_any_cloud_is_asked(
        self,
    ) -> None:
        asked = list(self.asked)
        text = self.file('resources: []\n', 'vms.yml')
        self.assertIn('vms.yml:1: expected', self.refused(text))
        self.assertIn('No such file', self.refused(self.home / 'nope'))
        self.assertEqual(asked, self.asked)


def _named(volume_id: str) -> dict[str, dict[str, str]]:
    return {'boot_volume': {'uuid': volume_id}}
