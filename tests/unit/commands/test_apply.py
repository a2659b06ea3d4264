# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
import hashlib
import json
import stat
from collections.abc import Callable
from typing import Any

import fixtures

from osc_hwmt.exceptions import CloudError
from tests.unit.support import shell
from tests.unit.support.apply_command import KEY, WRITES, ApplyTestCase
from tests.unit.support.fakes import (
    PC,
    Q35,
    manifest_text,
    resource,
    server,
    volume,
)


class DryRunTest(ApplyTestCase):
    def test_the_plan_is_shown_and_nothing_written(self) -> None:
        self.assertEqual(0, self.run_command(self.path, '--dry-run'))
        self.assertEqual(['to set'] * 2, self.column('Result'))
        self.assertEqual([PC, Q35], self.column('Wanted'))
        self.assertEqual(
            'Not checked: whether the destination can run these machine '
            'types. Use --destination-release or --destination-hosts\n'
            '2 servers: 2 to set\n',
            self.told,
        )
        self.assertEqual(([], []), (self.cloud.writes, self.journals()))

    def test_only_what_is_imported_is_applied_on_request(self) -> None:
        del self.cloud.block_storage.held['volume-2']
        self.assertEqual(1, self.run_command(self.path, '--dry-run'))
        self.assertEqual(['to set', 'refused'], self.column('Result'))
        self.start_again()
        words = ('--dry-run', '--only-imported')
        self.assertEqual(0, self.run_command(self.path, *words))
        self.assertEqual(['to set'], self.column('Result'))
        self.assertIn(
            'Not checked (not imported yet): 1\n1 server: 1 to set\n',
            self.told,
        )

    def test_a_wait_and_a_plan_are_not_for_what_is_imported_only(
        self,
    ) -> None:
        for words in (
            ('--wait', self.path),
            ('--dry-run', '--save-plan', self.home / 'plan', self.path),
            ('--plan', self.home / 'plan'),
        ):
            said = self.misused(*words, '--only-imported')
            self.assertIn('--only-imported: not allowed with --', said)

    def test_what_was_checked_is_not_said_to_be_unchecked(self) -> None:
        self.run_command(
            self.path, '--dry-run', '--destination-release', 'rhoso18'
        )
        self.assertNotIn('Not checked', self.told)
        path = self.file(manifest_text(resource(params={KEY: None})))
        self.start_again()
        self.run_command(path, '--dry-run')
        self.assertNotIn('whether the destination can run', self.told)

    def test_dry_run_and_auto_approve_exclude_each_other(self) -> None:
        self.misused(self.path, '--dry-run', '--auto-approve')


class WriteTest(ApplyTestCase):
    def test_every_volume_is_set_once_and_the_journal_named(self) -> None:
        self.assertEqual(0, self.run_command(self.path, '--auto-approve'))
        self.assertEqual(['set', 'set'], self.column('Result'))
        self.assertEqual(WRITES, self.cloud.writes)
        (journal,) = self.journals()
        self.assertIn('2 servers: 2 set\n', self.told)
        self.assertIn(f'Journal: {self.home / journal}', self.told)
        self.assertTrue(journal.startswith('workloads.yml.'), journal)

    def test_the_journal_tells_what_was_done_where(self) -> None:
        path = self.home / 'my.journal'
        self.run_command(self.path, '--auto-approve', '--journal', path)
        self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))
        header, *lines = map(json.loads, path.read_text().splitlines())
        self.assertEqual(
            ('osc-hwmt 1.2.3', 'dst', 'project-own'),
            (header['tool'], header['cloud'], header['project_id']),
        )
        content = hashlib.sha256(self.path.read_bytes()).hexdigest()
        self.assertEqual(
            [{'path': str(self.path), 'sha256': content}], header['inputs']
        )
        self.assertEqual(
            [2, 2, 1],
            [
                sum(key in one for one in lines)
                for key in ('intent', 'outcome', 'end')
            ],
        )

    def test_a_directory_takes_the_journal_and_the_locks(self) -> None:
        there = self.home / 'journals'
        self.assertEqual(
            0,
            self.run_command(
                self.path, '--auto-approve', '--journal-directory', there
            ),
        )
        (journal,) = there.glob('*.apply.dst.*.workloads-yml.*.journal')
        self.assertEqual(1, len(list(there.glob('project-*.lock'))))
        self.assertIn(f'Journal: {journal}', self.told)
        self.assertEqual([], self.journals())

    def test_a_directory_can_come_from_the_environment(self) -> None:
        there = self.home / 'journals'
        self.useFixture(
            fixtures.EnvironmentVariable(
                'OSC_HWMT_JOURNAL_DIRECTORY', str(there)
            )
        )
        self.run_command(self.path, '--auto-approve')
        self.assertEqual(1, len(list(there.glob('*.journal'))))

    def test_a_directory_of_others_is_refused_before_any_cloud(self) -> None:
        there = self.home / 'journals'
        there.mkdir()
        there.chmod(0o777)
        told = self.refused(self.path, '--journal-directory', there)
        self.assertIn('expected it to be writable only by you', told)
        self.assertEqual([], self.asked)

    def test_a_run_that_was_killed_elsewhere_is_told_here(self) -> None:
        there = self.home / 'journals'
        words = ('--auto-approve', '--journal-directory', there)
        self.run_command(self.path, *words)
        (journal,) = there.glob('*.journal')
        lines = journal.read_text().splitlines(keepends=True)
        journal.write_text(''.join(lines[:-1]))
        self.start_again()
        self.run_command(self.path, *words)
        self.assertIn(
            f'{journal}: this run was killed; 2 of its 2 writes are in place',
            self.told,
        )

    def test_a_note_is_kept_in_the_journal(self) -> None:
        path = self.home / 'my.journal'
        words = ('--auto-approve', '--journal', path, '--note')
        self.run_command(self.path, *words, 'CHG0042 wave 3')
        header = json.loads(path.read_text().splitlines()[0])
        self.assertEqual('CHG0042 wave 3', header['note'])
        for note in ('', 'x' * 501, 'a\x1b[2J', 'two\nlines'):
            told = self.misused(self.path, *words, note)
            self.assertIn('expected 1 to 500 printable characters', told)

    def test_a_second_run_writes_nothing_and_makes_no_journal(self) -> None:
        self.run_command(self.path, '--auto-approve')
        before = self.journals()
        self.start_again()
        self.assertEqual(0, self.run_command(self.path, '--auto-approve'))
        self.assertEqual(['unchanged'] * 2, self.column('Result'))
        self.assertEqual(([], before), (self.cloud.writes, self.journals()))

    def test_a_run_after_a_failure_finishes_the_rest(self) -> None:
        storage = self.cloud.block_storage
        storage.failing['volume-1'] = CloudError('cloud dst: no', 403)
        self.assertEqual(1, self.run_command(self.path, '--auto-approve'))
        self.assertEqual(['failed', 'set'], self.column('Result'))
        self.assertIn('cloud dst: no', self.column('Detail')[0])
        del storage.failing['volume-1']
        self.start_again()
        self.assertEqual(0, self.run_command(self.path, '--auto-approve'))
        self.assertEqual(WRITES[:1], self.cloud.writes)

    def test_a_journal_that_cannot_be_made_here_may_be_made_elsewhere(
        self,
    ) -> None:
        self.replace(
            'osc_hwmt.journal.place.Place.new', lambda *_of: '/proc/x'
        )
        told = self.refused(self.path, '--auto-approve')
        self.assertIn('/proc/x: cannot be created: ', told)
        self.assertIn('Use --journal <file>', told)
        self.assertEqual([], self.cloud.writes)

    def test_a_journal_that_exists_stops_everything(self) -> None:
        old = self.file('precious', 'old.journal')
        told = self.refused(self.path, '--auto-approve', '--journal', old)
        self.assertIn('cannot be created', told)
        self.assertEqual('precious', old.read_text())
        self.assertEqual([], self.cloud.writes)

    def test_a_volume_map_is_obeyed(self) -> None:
        self.cloud.block_storage.held['said'] = volume('said', 'odd')
        said = self.file('web: said\n', 'map.yml')
        self.run_command(self.path, '--auto-approve', '--volume-map', said)
        self.assertEqual(['said', 'volume-2'], self.column('Volume ID'))

    def test_only_the_servers_that_were_asked_for(self) -> None:
        self.run_command(self.path, '--auto-approve', '--server', 'db')
        self.assertEqual(WRITES[1:], self.cloud.writes)

    def test_the_destination_may_be_named(self) -> None:
        self.run_command(self.path, '--dry-run', '--destination-cloud', 'dst')
        self.assertEqual([('dst', '--destination-cloud')], self.asked)


class ApprovalTest(ApplyTestCase):
    def test_without_an_approval_nothing_is_written(self) -> None:
        self.assertIn('no terminal', self.refused(self.path))
        self.typing('n\n')
        self.assertIn('not approved', self.refused(self.path))
        self.assertEqual(([], []), (self.cloud.writes, self.journals()))
        self.assertIn(
            'Write to 2 volumes in cloud dst (https://dst.test/v3, region '
            'RegionOne, project erp)? [y/N]',
            self.told,
        )
        self.assertEqual('', self.app.stdout.getvalue())
        self.typing('y\n')
        self.assertEqual(0, self.run_command(self.path))
        self.assertEqual(WRITES, self.cloud.writes)

    def test_where_nothing_is_to_be_written_nothing_is_asked(self) -> None:
        self.run_command(self.path, '--auto-approve')
        self.start_again()
        self.assertEqual(0, self.run_command(self.path))


class MeanwhileTest(ApplyTestCase):
    """What changes between the question and the answer."""

    def approve_after(self, change: Callable[[], None]) -> int:
        """Return how apply ends where something changes before the "y"."""

        class Slow(shell.Terminal):
            def readline(self, *_size: Any) -> str:  # type: ignore[override]
                change()
                return 'y\n'

        self.replace('sys.stdin', Slow())
        return self.run_command(self.path)

    def rename(self, volume_id: str, name: str) -> None:
        held = self.cloud.block_storage.held
        held[volume_id] = dataclasses.replace(held[volume_id], name=name)

    def test_two_volumes_that_swap_their_names_are_both_refused(
        self,
    ) -> None:
        def swap() -> None:
            self.rename('volume-1', 'db-boot')
            self.rename('volume-2', 'web-boot')

        self.assertEqual(1, self.approve_after(swap))
        self.assertEqual(['changed meanwhile'] * 2, self.column('Result'))
        first, second = self.column('Detail')
        self.assertIn(
            'volume volume-1 was named web-boot when the plan was approved, '
            'and is now named db-boot',
            first,
        )
        self.assertIn('run apply again for a new plan', second)
        self.assertEqual([], self.cloud.writes)

    def test_a_namesake_that_appears_is_named(self) -> None:
        held = self.cloud.block_storage.held
        code = self.approve_after(
            lambda: held.update(twin=volume('twin', 'db-boot'))
        )
        self.assertEqual(1, code)
        self.assertEqual(['set', 'changed meanwhile'], self.column('Result'))
        self.assertIn(
            'another volume with that name has appeared: twin',
            self.column('Detail')[1],
        )
        self.assertEqual(WRITES[:1], self.cloud.writes)

    def test_a_server_that_appears_is_named(self) -> None:
        self.assertEqual(
            1,
            self.approve_after(
                lambda: self.cloud.compute.held.append(
                    server('db', volumes=['volume-2'])
                )
            ),
        )
        self.assertIn('server server-1 now exists', self.column('Detail')[1])

    def test_with_auto_approve_it_looks_again_as_well(self) -> None:
        self.run_command(self.path, '--auto-approve')
        self.assertEqual(
            [('servers', 'own'), ('volumes', 'own')] * 2,
            [
                one
                for one in self.cloud.calls
                if one[0] in ('servers', 'volumes')
            ],
        )


class InputsTest(ApplyTestCase):
    def test_what_is_wrong_with_files_is_told_before_any_cloud(self) -> None:
        bad = self.file('resources: {}\n', 'bad.yml')
        said = self.file('web: null\n', 'map.yml')
        for words, told in (
            ((self.path, bad, '--auto-approve'), 'bad.yml:1:'),
            ((self.path, '--volume-map', said), 'map.yml:1:'),
            (
                (self.path, '--server', 'z'),
                'no server in the manifest matches: z',
            ),
        ):
            self.assertIn(told, self.refused(*words))
        self.assertEqual(([], []), (self.asked, self.cloud.writes))

    def test_a_file_that_lost_our_keys_is_said_to_have(self) -> None:
        path = self.file(manifest_text(resource()))
        self.assertEqual(1, self.run_command(path, '--auto-approve'))
        self.assertIn('export drops the keys', self.column('Detail')[0])
