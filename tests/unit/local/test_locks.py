# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import errno
import os
import threading

import fixtures

from osc_hwmt.local import locks
from tests.unit.support import cases


class HeldTest(cases.TestCase):
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

    def test_other_projects_do_not_wait(self) -> None:
        with locks.held_projects(['a'], self.waiting):
            with locks.held_projects(['b'], self.waiting):
                pass
        self.assertEqual([], self.waits)

    def test_a_project_that_is_named_twice_is_locked_once(self) -> None:
        with locks.held_projects(['a', 'a'], self.waiting):
            pass
        self.assertEqual([], self.waits)

    def test_a_projects_id_is_no_path(self) -> None:
        with locks.held_projects(['../../etc/x'], self.waiting):
            pass
        (path,) = self.home.iterdir()
        self.assertTrue(path.name.startswith('osc-hwmt-project-'), path)
        self.assertEqual(0o600, path.stat().st_mode & 0o777)

    def test_without_a_place_for_locks_it_runs_all_the_same(self) -> None:
        self.useFixture(
            fixtures.EnvironmentVariable('XDG_RUNTIME_DIR', '/nowhere')
        )
        with locks.held_projects(['a'], self.waiting):
            pass

    def test_so_it_does_on_a_file_system_without_locks(self) -> None:
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
