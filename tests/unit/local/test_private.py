# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
import pwd
import stat

from osc_hwmt.exceptions import FileError
from osc_hwmt.local import private
from tests.unit.support import cases

PER_USER = private.per_user


class PerUserTest(cases.TestCase):
    def test_the_place_does_not_depend_on_the_environment(self) -> None:
        before = PER_USER()
        self.replace('os.environ', {'TMPDIR': '/x', 'HOME': '/y'})
        self.assertEqual(before, PER_USER())

    def test_a_user_without_a_home_has_a_place(self) -> None:
        def unknown(_uid: int) -> object:
            raise KeyError

        user = os.geteuid()
        self.replace('pwd.getpwuid', unknown)
        (place,) = PER_USER()
        self.assertEqual(f'osc-hwmt-{user}', os.path.basename(place))

    def test_the_home_is_the_one_of_who_runs_it(self) -> None:
        home = str(self.directory())
        entry = pwd.struct_passwd(('x', 'x', 1, 1, '', home, ''))
        self.replace('pwd.getpwuid', lambda _uid: entry)
        self.assertEqual(f'{home}/.local/state/osc-hwmt', PER_USER()[0])


class OwnOpenedTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.places = [self.home / 'state' / 'own', self.home / 'own']
        self.replace(
            'osc_hwmt.local.private.per_user',
            lambda: list(map(str, self.places)),
        )

    def taken(self) -> os.stat_result:
        with private.own_opened() as descriptor:
            return os.fstat(descriptor)

    def test_the_first_place_is_made_for_its_owner_alone(self) -> None:
        self.addCleanup(os.umask, os.umask(0))
        found = self.taken()
        self.assertTrue(os.path.samestat(found, self.places[0].stat()))
        self.assertEqual(0o700, stat.S_IMODE(found.st_mode))

    def test_a_place_that_cannot_be_had_is_passed_over(self) -> None:
        (self.home / 'state').touch()
        self.assertTrue(os.path.samestat(self.taken(), self.places[1].stat()))

    def test_a_place_that_another_user_took_is_none(self) -> None:
        self.places[1].mkdir(mode=0o777)
        self.places[1].chmod(0o777)
        (self.home / 'state').touch()
        error = self.assertRaises(FileError, self.taken)
        self.assertIn('found mode 0777', str(error))
        self.assertIn('state/own: Not a directory', str(error))

    def test_a_link_that_another_user_put_there_is_not_followed(self) -> None:
        (self.home / 'state').touch()
        self.places[1].symlink_to(self.directory())
        error = self.assertRaises(FileError, self.taken)
        self.assertIn(str(self.places[1]), str(error))
