# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
import signal
import subprocess
import sys

from osc_hwmt.exceptions import FileError
from osc_hwmt.local import locks
from tests.unit.support import cases

RUN = '0123456789ab'


class RunLockTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.replace('tempfile.tempdir', str(self.home))

    def test_a_run_has_ended_when_its_process_was_killed(self) -> None:
        program = (
            'from osc_hwmt.local import locks\n'
            f'with locks.held_run("{RUN}"):\n'
            '    print("at work", flush=True)\n'
            '    input()\n'
        )
        process = subprocess.Popen(
            [sys.executable, '-c', program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, 'TMPDIR': str(self.home)},
        )
        assert process.stdin and process.stdout
        with process:
            process.stdout.readline()
            self.assertFalse(locks.run_ended(RUN), 'it is at work')
            process.send_signal(signal.SIGKILL)
        self.assertTrue(locks.run_ended(RUN), 'it was killed')
        self.assertTrue(locks.run_ended(RUN), 'it was killed, asked again')
        locks.forget_run(RUN)
        self.assertFalse(locks.run_ended(RUN), 'nothing is known any more')

    def test_a_run_that_ends_leaves_no_file(self) -> None:
        with locks.held_run(RUN):
            self.assertEqual(1, len(list(self.home.iterdir())))
            self.assertFalse(locks.run_ended(RUN))
        self.assertEqual([], list(self.home.iterdir()))

    def test_nothing_is_known_of_another_machines_run(self) -> None:
        self.assertFalse(locks.run_ended(RUN))
        locks.forget_run(RUN)

    def test_a_link_is_not_followed(self) -> None:
        (self.home / 'other').touch()
        (self.home / f'osc-hwmt-{RUN}.lock').symlink_to(self.home / 'other')
        self.assertFalse(locks.run_ended(RUN))

    def test_without_a_directory_there_is_no_run(self) -> None:
        self.replace('tempfile.tempdir', str(self.home / 'none'))
        error = self.assertRaises(FileError, locks.held_run(RUN).__enter__)
        self.assertIn('can not be created', str(error))
