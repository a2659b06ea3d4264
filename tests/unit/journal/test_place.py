# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime
import os
import re
import stat

from osc_hwmt.exceptions import FileError
from osc_hwmt.journal.place import Place
from tests.unit.support import cases

STAMP = re.compile('[0-9]{8}T[0-9]{12}Z')


class BesideTest(cases.TestCase):
    def test_a_path_is_beside_the_manifest_and_tells_the_time(self) -> None:
        path = Place().new('apply', 'dst', 'some/where.yml')
        stamp = path[len('some/where.yml.') : -len('.journal')]
        self.assertEqual(f'some/where.yml.{stamp}.journal', path)
        time = datetime.datetime.strptime(stamp, '%Y%m%dT%H%M%S%fZ')
        now = datetime.datetime.now(datetime.timezone.utc)
        age = now.replace(tzinfo=None) - time
        self.assertLess(abs(age), datetime.timedelta(minutes=5))

    def test_two_runs_have_two_journals(self) -> None:
        paths = {Place().new('apply', 'dst', 'f.yml') for _run in 'ab'}
        self.assertEqual(2, len(paths))


class DirectoryTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = self.directory() / 'journals'
        self.place = Place(str(self.path))

    def name(self, command: str, cloud: str, manifest: str) -> str:
        self.place.make()
        path = self.place.new(command, cloud, manifest)
        self.assertEqual(str(self.path), os.path.dirname(path))
        return os.path.basename(path)

    def refused(self) -> str:
        error = self.assertRaises(FileError, self.place.check)
        self.assertEqual(
            str(error), str(self.assertRaises(FileError, self.name, *'abc'))
        )
        return str(error)

    def test_a_name_says_time_command_cloud_and_manifest(self) -> None:
        name = self.name('apply', 'dst', '/data/erp/workloads.yml')
        time, _dot, rest = name.partition('.')
        self.assertTrue(STAMP.fullmatch(time), name)
        self.assertTrue(
            re.fullmatch(
                r'apply\.dst\.erp\.workloads-yml\.[0-9a-f]{8}\.journal', rest
            ),
            name,
        )

    def test_two_controllers_in_one_moment_have_two_journals(self) -> None:
        class Stopped(datetime.datetime):
            @classmethod
            def now(cls, tz: datetime.tzinfo | None = None) -> Stopped:
                return cls(2026, 11, 29, tzinfo=tz)

        self.replace('osc_hwmt.journal.place.datetime.datetime', Stopped)
        names = {self.name('apply', 'dst', 'vms.yml') for _run in 'ab'}
        self.assertEqual(2, len(names))

    def test_names_are_no_paths(self) -> None:
        name = self.name('apply', '../OS_*', '/data/x\x1b/\u202ey' + 'z' * 300)
        self.assertTrue(
            re.fullmatch(r'[0-9]{8}T[0-9]{12}Z[A-Za-z0-9_.-]{,120}', name),
            name,
        )

    def test_a_directory_is_made_for_its_owner_alone(self) -> None:
        self.addCleanup(os.umask, os.umask(0))
        with self.assertLogs('osc_hwmt.journal.place', 'WARNING') as logged:
            self.place.check()
        self.assertIn('does not exist yet', logged.output[0])
        self.name('apply', 'dst', 'vms.yml')
        self.assertEqual(0o700, stat.S_IMODE(self.path.stat().st_mode))
        self.place.check()

    def test_a_directory_that_goes_is_not_made_again(self) -> None:
        self.place.make()
        self.path.rmdir()
        error = self.assertRaises(FileError, self.place.new, *'abc')
        self.assertIn('No such file', str(error))

    def test_its_parent_is_not_made(self) -> None:
        self.place = Place(str(self.path / 'mistyped'))
        error = self.assertRaises(FileError, self.name, *'abc')
        self.assertIn('No such file', str(error))

    def test_a_directory_that_others_can_write_to_is_refused(self) -> None:
        self.path.mkdir()
        for mode in (0o770, 0o702):
            self.path.chmod(mode)
            self.assertIn(f'found mode {mode:04o}', self.refused())
        self.path.chmod(0o755)
        self.place.check()

    def test_a_directory_of_another_user_is_refused(self) -> None:
        self.path.mkdir()
        self.replace('os.geteuid', lambda: self.path.stat().st_uid + 1)
        self.assertIn('but it belongs to user', self.refused())

    def test_a_file_is_none(self) -> None:
        self.path.touch()
        self.assertIn('Not a directory', self.refused())

    def test_a_link_to_a_directory_is_as_good(self) -> None:
        (self.directory() / 'volume').mkdir(mode=0o700)
        self.path.symlink_to(self.path.parent, target_is_directory=True)
        self.place.check()

    def test_its_journals_are_found_with_those_beside_a_manifest(self) -> None:
        self.place.make()
        there = self.place.new('apply', 'dst', 'vms.yml')
        beside = Place().new('apply', 'dst', str(self.path.parent / 'vms.yml'))
        for path in (there, beside, str(self.path / 'project-1.lock')):
            with open(path, 'x'):
                pass
        manifest = str(self.path.parent / 'vms.yml')
        self.assertEqual([beside, there], self.place.journals([manifest]))
        self.assertEqual([beside], Place().journals([manifest]))
