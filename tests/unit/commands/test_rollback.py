# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
import fcntl
import json
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
            'in the journal matches: crm* (--server)',
            self.refused(self.journal, '--server', 'crm*'),
        )

    def test_a_rollback_says_what_it_undoes(self) -> None:
        noted = self.home / 'noted.journal'
        words = ('--auto-approve', '--journal', noted, '--note', 'CHG0042')
        self.run_command(self.journal, *words)
        self.assertIn('To undo: apply of 20', self.told)
        self.assertIn(f', 2 volumes: {self.journal}\n', self.told)
        self.start_again()
        self.run_command(noted, '--dry-run')
        self.assertIn('To undo: rollback of 20', self.told)
        self.assertIn(f', 2 volumes: {noted} (CHG0042)\n', self.told)

    def test_what_a_journal_says_of_others_volumes_is_not_written(
        self,
    ) -> None:
        held = self.cloud.block_storage.held
        held['volume-2'] = dataclasses.replace(
            held['volume-2'], project_id='else'
        )
        self.assertEqual(1, self.run_command(self.journal, '--auto-approve'))
        self.assertEqual(['restored', 'kept'], self.column('Result'))
        self.assertIn('belongs to project else', self.column('Detail')[1])
        self.assertEqual(PC, self.metadata('volume-2')[KEY])

    def test_a_journal_of_another_cloud_is_refused(self) -> None:
        own = Project('project-else', 'erp', 'Default')
        self.replace(
            'tests.unit.support.cloud.FakeIdentity.own_project', lambda _: own
        )
        told = self.refused(self.journal, '--auto-approve')
        self.assertIn('is not the one that the journal is for', told)
        self.assertEqual([], self.cloud.writes)

    def test_what_is_no_journal_is_told_before_any_cloud_is_asked(
        self,
    ) -> None:
        asked = list(self.asked)
        text = self.file('resources: []\n', 'vms.yml')
        self.assertIn('vms.yml:1: expected', self.refused(text))
        self.assertIn('No such file', self.refused(self.home / 'nope'))
        self.assertEqual(asked, self.asked)


class SeveralTest(shell.CommandTestCase):
    """Three runs over two servers, in a directory of journals."""

    command = RollBackMachineType

    def setUp(self) -> None:
        super().setUp()
        self.cloud = FakeCloud(
            volumes=[volume('volume-1'), volume('volume-2', 'db')]
        )
        self.there = self.home / 'journals'
        self.of_directory = ('--journal-directory', self.there)
        for number, wanted in enumerate(((PC, PC), (Q35, PC), (PC, Q35))):
            self.apply(str(number), *wanted)
        self.start_again()

    def apply(self, name: str, *wanted: str) -> None:
        (self.home / name).mkdir()
        manifest = self.file(
            manifest_text(
                *(
                    resource(
                        server,
                        f'source-{number}',
                        params={KEY: value},
                        migration=_named(f'volume-{number}'),
                    )
                    for number, (server, value) in enumerate(
                        zip(('web', 'db'), wanted), 1
                    )
                )
            ),
            f'{name}/workloads.yml',
        )
        self.command = ApplyMachineType
        self.run_command(manifest, '--auto-approve', *self.of_directory)
        self.command = RollBackMachineType

    def journals(self) -> list[pathlib.Path]:
        return sorted(self.there.glob('*.journal'))

    def held(self) -> list[str | None]:
        return [
            (one.image_metadata or {}).get(KEY)
            for one in self.cloud.block_storage.held.values()
        ]

    def move_to_project(self, volume_id: str, project_id: str) -> None:
        held = self.cloud.block_storage.held
        held[volume_id] = dataclasses.replace(
            held[volume_id], project_id=project_id
        )

    def test_several_journals_are_undone_as_one(self) -> None:
        journals = self.journals()
        self.assertEqual([PC, Q35], self.held())
        self.assertEqual(0, self.run_command(*journals, '--auto-approve'))
        self.assertEqual([None, None], self.held())
        self.assertEqual(2, len(self.cloud.writes), 'one write a volume')
        self.assertIn('2 volumes: 2 restored\n', self.told)
        self.assertEqual(3, self.told.count('To undo: apply of '))
        (mine,) = self.there.glob('*.journal.*.journal')
        inputs = json.loads(mine.read_text().splitlines()[0])['inputs']
        self.assertEqual(
            list(map(str, journals)), [one['path'] for one in inputs]
        )

    def test_a_wave_is_undone_from_the_directory(self) -> None:
        wave = self.file('db\n', 'wave.txt')
        words = ('--servers-from', wave, *self.of_directory)
        self.assertEqual(0, self.run_command(*words, '--auto-approve'))
        self.assertEqual([PC, None], self.held())
        self.assertEqual(2, self.told.count('To undo: apply of '))
        self.assertEqual(
            1, len(list(self.there.glob('*.rollback.dst.*.journal')))
        )
        self.start_again()
        self.assertEqual(0, self.run_command(*words, '--auto-approve'))
        self.assertEqual(['as before'], self.column('Result'))
        self.assertEqual([], self.cloud.writes)

    def test_a_directory_is_never_undone_without_a_selection(self) -> None:
        for words in ((), self.of_directory, ('--server', 'web')):
            self.assertIn(
                'expected a journal, or --journal-directory with',
                self.misused(*words),
            )
        self.assertEqual([], self.cloud.writes)

    def test_journals_of_other_projects_there_are_left_alone(self) -> None:
        first = self.journals()[0]
        text = first.read_text().replace('project-own', 'project-else')
        first.write_text(text)
        (self.there / 'broken.journal').write_text('{')
        with self.assertLogs('osc_hwmt.journal.reading', 'WARNING') as logged:
            self.run_command(
                '--server', '*', *self.of_directory, '--auto-approve'
            )
        self.assertIn('broken.journal', logged.output[0])
        self.assertIn('1 journal(s) of other clouds or projects', self.told)
        self.assertEqual([PC, PC], self.held())

    def test_a_journal_that_is_being_written_ends_it(self) -> None:
        with self.journals()[-1].open('rb+') as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            told = self.refused(
                '--server', 'db', *self.of_directory, '--auto-approve'
            )
        self.assertIn('in use by a run', told)
        self.assertEqual([], self.cloud.writes)

    def test_each_project_is_summed_up(self) -> None:
        self.move_to_project('volume-2', 'else')
        for path in self.journals():
            lines = [json.loads(one) for one in path.read_text().splitlines()]
            for line in lines:
                if line.get('intent') == 'volume-2':
                    line['project_id'] = 'else'
            path.write_text(''.join(json.dumps(one) + '\n' for one in lines))
        self.run_command('--server', '*', *self.of_directory, '--auto-approve')
        self.assertEqual([None, None], self.held())
        self.assertIn(
            'else: 1 volume: 1 restored\n'
            'erp: 1 volume: 1 restored\n'
            '2 volumes: 2 restored\n',
            self.told,
        )


def _named(volume_id: str) -> dict[str, dict[str, str]]:
    return {'boot_volume': {'uuid': volume_id}}
