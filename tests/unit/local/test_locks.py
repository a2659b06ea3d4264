# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading

import fixtures

from osc_hwmt.exceptions import FileError
from osc_hwmt.local import locks
from tests.unit.support import cases

RUN = '0123456789ab'


class ProjectLockTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.useFixture(
            fixtures.EnvironmentVariable('XDG_RUNTIME_DIR', str(self.home))
        )
        self.waits: list[str] = []

    def waiting(self) -> None:
        self.waits.append('now')

    def test_two_runs_take_turns_whatever_the_order_of_projects(self) -> None:
        turns: list[str] = []
        waiting = threading.Event()

        def other() -> None:
            with locks.held_projects(['b', 'a'], waiting.set):
                turns.append('other')

        thread = threading.Thread(target=other)
        with locks.held_projects(['a', 'b'], self.waiting):
            thread.start()
            self.assertTrue(waiting.wait(10), 'it did not wait')
            turns.append('first')
        thread.join(10)
        self.assertEqual(['first', 'other'], turns)
        self.assertEqual([], self.waits)

    def test_only_another_run_with_the_same_project_waits(self) -> None:
        with locks.held_projects(['a', 'a'], self.waiting):
            with locks.held_projects(['b'], self.waiting):
                pass
        self.assertEqual([], self.waits)

    def test_a_projects_id_is_no_path(self) -> None:
        with locks.held_projects(['../../etc/x'], self.waiting):
            pass
        (path,) = self.home.iterdir()
        self.assertTrue(path.name.startswith('osc-hwmt-project-'), path)
        self.assertEqual(0o600, path.stat().st_mode & 0o777)

    def test_no_place_for_locks_stops_no_run(self) -> None:
        self.useFixture(
            fixtures.EnvironmentVariable('XDG_RUNTIME_DIR', '/nowhere')
        )
        with locks.held_projects(['a'], self.waiting):
            pass

    def test_a_file_system_without_locks_stops_no_run(self) -> None:
        def refuse(_descriptor: int, _operation: int) -> None:
            raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

        self.replace('osc_hwmt.local.locks.fcntl.flock', refuse)
        with locks.held_projects(['a'], self.waiting):
            pass
        self.assertEqual([], self.waits)

    def test_a_link_in_its_place_is_not_followed(self) -> None:
        with locks.held_projects(['a'], self.waiting):
            pass
        (path,) = self.home.iterdir()
        path.unlink()
        path.symlink_to(self.home / 'elsewhere')
        with locks.held_projects(['a'], self.waiting):
            pass
        self.assertFalse((self.home / 'elsewhere').exists())


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
        for _time in range(2):
            locks.forget_run(RUN)
            self.assertFalse(locks.run_ended(RUN), 'nothing is known of it')

    def test_a_run_that_ends_leaves_no_file(self) -> None:
        with locks.held_run(RUN):
            self.assertEqual(1, len(list(self.home.iterdir())))
            self.assertFalse(locks.run_ended(RUN))
        self.assertEqual([], list(self.home.iterdir()))

    def test_a_link_is_not_followed(self) -> None:
        (self.home / 'other').touch()
        (self.home / f'osc-hwmt-{RUN}.lock').symlink_to(self.home / 'other')
        self.assertFalse(locks.run_ended(RUN))

    def test_without_a_directory_there_is_no_run(self) -> None:
        self.replace('tempfile.tempdir', str(self.home / 'none'))
        error = self.assertRaises(FileError, locks.held_run(RUN).__enter__)
        self.assertIn('cannot be created', str(error))
