# SPDX-License-Identifier: Apache-2.0

"""How a run of apply waits, and how it ends where it is stopped."""

from __future__ import annotations

import os
import signal
import time

import fixtures

from osc_hwmt.exceptions import CloudError, FileError
from osc_hwmt.journal.file import Journal
from osc_hwmt.model.changes import Write
from tests.unit.support.apply_command import KEY, WRITES, ApplyTestCase
from tests.unit.support.fakes import (
    PC,
    manifest_text,
    resource,
)


class WaitTest(ApplyTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.late = self.cloud.block_storage.held.pop('volume-2')
        self.naps = 0
        self.replace('osc_hwmt.destination.wait.rest', self._sleep)

    def _sleep(self, _seconds: float) -> None:
        """Let the second volume come while nobody looks."""
        self.naps += 1
        self.cloud.block_storage.held['volume-2'] = self.late

    def test_wait_writes_to_volumes_as_they_come(self) -> None:
        self.assertEqual(
            0, self.run_command(self.path, '--auto-approve', '--wait')
        )
        self.assertEqual(['set', 'set'], self.column('Result'))
        self.assertEqual(WRITES, self.cloud.writes)
        self.assertEqual((2, 1), (self.naps, len(self.journals())))
        for volume_id in ('volume-1', 'volume-2'):
            self.assertIn(f'on volume {volume_id}\n', self.told)
        self.assertIn('Journal: ', self.told)

    def test_approval_is_asked_for_once_and_before_it_looks(self) -> None:
        self.typing('n\n')
        self.assertIn('not approved', self.refused(self.path, '--wait'))
        self.assertEqual(([], []), (self.cloud.calls, self.journals()))
        self.assertIn('volumes of 2 server(s) as they appear', self.told)
        self.typing('y\n')
        self.assertEqual(0, self.run_command(self.path, '--wait'))

    def test_a_timeout_names_the_servers_whose_volume_is_missing(self) -> None:
        passed = iter(range(100))
        self.replace('osc_hwmt.destination.wait.now', lambda: next(passed))
        self.replace('osc_hwmt.destination.wait.rest', lambda seconds: None)
        self.assertEqual(
            1,
            self.run_command(
                self.path, '--auto-approve', '--wait', '--timeout', '5'
            ),
        )
        self.assertIn('Timed out. No volume found yet for db\n', self.told)

    def test_a_server_whose_volume_nobody_can_name_is_not_waited_for(
        self,
    ) -> None:
        self.replace(
            'osc_hwmt.destination.wait.rest',
            lambda seconds: self.fail('waits'),
        )
        path = self.file(
            manifest_text(resource(params={KEY: PC, 'volumes': []})), 'x.yml'
        )
        self.assertEqual(1, self.run_command(path, '--auto-approve', '--wait'))
        self.assertEqual(['refused'], self.column('Result'))
        self.assertIn(
            'web: refused; the manifest does not say which volume', self.told
        )

    def test_wait_and_timeout_do_not_go_with_everything(self) -> None:
        for words, told in (
            (('--wait', '--dry-run'), '--wait: '),
            (('--timeout', '5'), '--timeout: '),
        ):
            self.assertIn(told, self.misused(self.path, *words))
        for wrong in ('0', '-1', 'soon', '1e9'):
            self.misused(self.path, '--wait', '--timeout', wrong)


class KilledTest(ApplyTestCase):
    """What a run finds that follows on one that was killed."""

    def test_the_writes_of_a_killed_run_are_counted(self) -> None:
        self.run_command(self.path, '--auto-approve')
        (journal,) = self.home.glob('*.journal')
        lines = journal.read_text().splitlines(keepends=True)
        journal.write_text(''.join(lines[:-1])[:-5])  # torn, and no end
        self.cloud.block_storage.unset_image_metadata('volume-2', [KEY])
        self.start_again()
        self.assertEqual(0, self.run_command(self.path, '--auto-approve'))
        self.assertEqual(['unchanged', 'set'], self.column('Result'))
        self.assertIn(
            f'{journal}: this run was killed; 1 of its 2 writes are in '
            'place\n',
            self.told,
        )
        self.assertEqual(WRITES[1:], self.cloud.writes)


class StopTest(ApplyTestCase):
    """A run that does not come to its end."""

    def test_a_signal_ends_it_with_a_table_and_its_code(self) -> None:
        def interrupted(*_arguments: object) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            raise CloudError('cloud dst: cut off')

        self.cloud.block_storage.set_image_metadata = interrupted  # type: ignore[method-assign,assignment]
        code = self.run_command(
            self.path, '--auto-approve', '--concurrency', '1'
        )
        self.assertEqual(130, code)
        self.assertEqual(['unknown', 'not begun'], self.column('Result'))
        self.assertIn('after the requests in progress', self.told)
        self.assertIn('2 servers: 1 not begun, 1 unknown', self.told)
        self.assertIn('Run the same command again', self.told)

    def test_a_full_disk_ends_it_with_a_table_and_an_error(self) -> None:
        def full(_journal: Journal, _write: Write) -> None:
            raise FileError('journal j: No space left on device')

        self.replace('osc_hwmt.journal.file.Journal.intend', full)
        logged = self.useFixture(fixtures.FakeLogger())
        self.assertEqual(1, self.run_command(self.path, '--auto-approve'))
        self.assertEqual(['not begun'] * 2, self.column('Result'))
        self.assertIn('No space left', logged.output)
        self.assertEqual([], self.cloud.writes)
