# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import errno
import fcntl
import os
import pathlib
import signal
import subprocess
import sys
import threading

from osc_hwmt.exceptions import FileError
from osc_hwmt.local import locks
from osc_hwmt.local.locks import Turns
from tests.unit.support import cases

RUN = '0123456789ab'


class TurnsTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.place = self.home / 'own'
        self.replace(
            'osc_hwmt.local.private.per_user', lambda: [str(self.place)]
        )
        self.said: list[str] = []
        self.turns = Turns(say=self.said.append)

    def hold(self, *project_ids: str) -> None:
        with self.turns.held(project_ids, 'a.journal'):
            pass

    def lock(self) -> pathlib.Path:
        (path,) = self.place.iterdir()
        return path

    def test_two_runs_take_turns_whatever_the_order_of_projects(self) -> None:
        turns: list[str] = []
        waiting = threading.Event()
        waits: list[str] = []

        def wait(line: str) -> None:
            waits.append(line)
            waiting.set()

        def other() -> None:
            with Turns(say=wait).held(['b', 'a'], 'other.journal'):
                turns.append('other')

        thread = threading.Thread(target=other)
        with self.turns.held(['a', 'b'], 'first.journal'):
            thread.start()
            self.assertTrue(waiting.wait(10), 'it did not wait')
            turns.append('first')
        thread.join(10)
        self.assertEqual((['first', 'other'], []), (turns, self.said))
        (line,) = waits
        self.assertIn(f'waiting for process {os.getpid()} on ', line)
        self.assertIn('/first.journal)', line)

    def test_what_a_lock_says_of_its_holder_is_only_text(self) -> None:
        self.hold('a')
        self.lock().write_bytes(b'\x1b[2Jcome in\xff' + b'x' * 10000)
        waiting = threading.Event()
        waits: list[str] = []

        def wait(line: str) -> None:
            waits.append(line)
            waiting.set()

        def other() -> None:
            with Turns(say=wait).held(['a'], 'other.journal'):
                pass

        thread = threading.Thread(target=other)
        with self.lock().open('rb+') as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            thread.start()
            self.assertTrue(waiting.wait(10), 'it did not wait')
        thread.join(10)
        self.assertTrue(waits[0].isprintable(), waits[0])
        self.assertLess(len(waits[0]), 1000)

    def test_only_another_run_with_the_same_project_waits(self) -> None:
        with self.turns.held(['a', 'a'], 'a.journal'):
            self.hold('b')
        self.assertEqual([], self.said)

    def test_a_projects_id_is_no_path(self) -> None:
        self.hold('../../etc/x')
        self.assertTrue(self.lock().name.startswith('project-'), self.lock())
        self.assertEqual(0o600, self.lock().stat().st_mode & 0o777)

    def test_without_a_place_for_locks_a_run_says_so(self) -> None:
        self.place.touch()
        self.hold('a')
        (line,) = self.said
        self.assertIn('Not locked, other runs', line)
        self.assertIn(f'directory {self.place}: Not a directory', line)

    def test_a_lock_that_is_no_file_is_not_waited_for(self) -> None:
        self.hold('a')
        path = self.lock()
        path.unlink()
        os.mkfifo(path)
        self.hold('a')
        path.unlink()
        path.symlink_to(self.home / 'elsewhere')
        self.hold('a')
        self.assertEqual(2, len(self.said), self.said)
        self.assertIn('is not a regular file', self.said[0])
        self.assertFalse((self.home / 'elsewhere').exists())

    def test_a_file_system_without_locks_is_told(self) -> None:
        self.refuse_locks()
        self.hold('a')
        self.assertIn('Operation not supported', self.said[0])

    def test_locks_go_to_the_directory_that_was_given(self) -> None:
        (self.home / 'journals').mkdir()
        self.turns = Turns(str(self.home / 'journals'), self.said.append)
        self.hold('a')
        (path,) = (self.home / 'journals').iterdir()
        self.assertTrue(path.name.startswith('project-'), path)
        self.assertFalse(self.place.exists())

    def test_a_given_directory_without_locks_ends_the_run(self) -> None:
        (self.home / 'journals').mkdir()
        self.turns = Turns(str(self.home / 'journals'), self.said.append)
        self.refuse_locks()
        error = self.assertRaises(FileError, self.hold, 'a')
        self.assertIn('cannot take a lock there: Operation', str(error))
        self.assertEqual([], self.said)

    def refuse_locks(self) -> None:
        def refuse(_descriptor: int, _operation: int) -> None:
            raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

        self.replace('osc_hwmt.local.locks.fcntl.flock', refuse)


class RunLockTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.replace(
            'osc_hwmt.local.private.per_user', lambda: [str(self.home)]
        )

    def test_a_run_has_ended_when_its_process_was_killed(self) -> None:
        program = (
            'from osc_hwmt.local import locks, private\n'
            f'private.per_user = lambda: [{str(self.home)!r}]\n'
            f'with locks.held_run("{RUN}"):\n'
            '    print("at work", flush=True)\n'
            '    input()\n'
        )
        process = subprocess.Popen(
            [sys.executable, '-c', program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
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
        (self.home / f'run-{RUN}.lock').symlink_to(self.home / 'other')
        self.assertFalse(locks.run_ended(RUN))

    def test_without_a_directory_there_is_no_run(self) -> None:
        self.home.chmod(0o777)
        error = self.assertRaises(FileError, locks.held_run(RUN).__enter__)
        self.assertIn('found mode 0777', str(error))
