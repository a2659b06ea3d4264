# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import errno
import os
import pathlib
import stat
from collections.abc import Iterator

from osc_hwmt.exceptions import FileError
from osc_hwmt.local import files
from tests.unit.support import cases


def _no_check() -> None:
    pass


class ReplacementTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.path = self.home / 'file'

    def given(self, content: bytes = b'old', mode: int = 0o600) -> None:
        self.path.write_bytes(content)
        self.path.chmod(mode)

    def write(self, *pieces: bytes) -> None:
        files.replace(str(self.path), pieces or [b'new'], _no_check)

    def assert_nothing_beside(self) -> None:
        self.assertEqual(
            set(),
            set(os.listdir(self.home)) - {self.path.name},
            'something was left behind',
        )


class ReplaceTest(ReplacementTestCase):
    def test_a_new_file_is_readable_by_its_owner_alone(self) -> None:
        mask = os.umask(0)
        self.addCleanup(os.umask, mask)
        self.write(b'one ', b'two')
        self.assertEqual(b'one two', self.path.read_bytes())
        self.assertEqual(0o600, stat.S_IMODE(self.path.stat().st_mode))
        self.assert_nothing_beside()

    def test_an_old_file_keeps_its_mode(self) -> None:
        self.given(mode=0o640)
        self.write()
        self.assertEqual(b'new', self.path.read_bytes())
        self.assertEqual(0o640, stat.S_IMODE(self.path.stat().st_mode))
        self.assert_nothing_beside()

    def test_an_old_file_keeps_its_owner(self) -> None:
        asked: list[tuple[int, int]] = []

        def owned_by_another(path: str) -> os.stat_result:
            found = list(os.lstat(path))
            if path == str(self.path):
                found[stat.ST_UID], found[stat.ST_GID] = 1234, 5678
            return os.stat_result(found)

        self.given()
        self.replace('osc_hwmt.local.files.os.stat', owned_by_another)
        self.replace(
            'osc_hwmt.local.files.os.chown',
            lambda _path, uid, gid: asked.append((uid, gid)),
        )
        self.write()
        self.assertEqual([(1234, 5678)], asked)

    def test_a_link_stays_a_link(self) -> None:
        real = self.home / 'real'
        real.write_bytes(b'old')
        self.path.symlink_to(real)
        self.write()
        self.assertTrue(self.path.is_symlink())
        self.assertEqual(b'new', real.read_bytes())

    def test_the_old_content_is_never_half_gone(self) -> None:
        self.given()
        seen: list[tuple[bytes, bytes]] = []
        replace = os.replace

        def look(source: str, target: str) -> None:
            seen.append(
                (pathlib.Path(source).read_bytes(), self.path.read_bytes())
            )
            replace(source, target)

        self.replace('osc_hwmt.local.files.os.replace', look)
        self.write()
        self.assertEqual([(b'new', b'old')], seen)

    def test_the_new_content_is_on_the_disk_before_it_counts(self) -> None:
        steps: list[str] = []
        sync, replace = os.fsync, os.replace

        def note_sync(descriptor: int) -> None:
            kind = os.fstat(descriptor).st_mode
            steps.append('directory' if stat.S_ISDIR(kind) else 'file')
            sync(descriptor)

        def note_replace(source: str, target: str) -> None:
            steps.append('replace')
            replace(source, target)

        self.replace('osc_hwmt.local.files.os.fsync', note_sync)
        self.replace('osc_hwmt.local.files.os.replace', note_replace)
        self.write()
        self.assertEqual(['file', 'replace', 'directory'], steps)


class RefusedTest(ReplacementTestCase):
    def refused(self, *pieces: bytes) -> str:
        error = self.assertRaises(FileError, self.write, *pieces)
        self.assert_nothing_beside()
        return str(error)

    def refusing(self, function: str, error: OSError) -> None:
        """Let a function of the system fail, as it won't do for root."""

        def refuse(*_arguments: object, **_named: object) -> None:
            raise error

        self.replace(f'osc_hwmt.local.files.{function}', refuse)

    def test_what_the_check_says_keeps_the_file(self) -> None:
        def objection() -> None:
            raise FileError('they were quicker')

        self.given()
        error = self.assertRaises(
            FileError,
            files.replace,
            str(self.path),
            [b'new'],
            objection,
        )
        self.assertEqual('they were quicker', str(error))
        self.assertEqual(b'old', self.path.read_bytes())
        self.assert_nothing_beside()

    def test_pieces_that_end_early_keep_the_file(self) -> None:
        def pieces() -> Iterator[bytes]:
            yield b'new'
            raise ValueError('no more')

        self.given()
        self.assertRaises(
            ValueError,
            files.replace,
            str(self.path),
            pieces(),
            _no_check,
        )
        self.assertEqual(b'old', self.path.read_bytes())
        self.assert_nothing_beside()

    def test_an_owner_that_can_not_be_kept_is_no_reason_to_write(
        self,
    ) -> None:
        def owned_by_another(path: str) -> os.stat_result:
            found = list(os.lstat(path))
            if path == str(self.path):
                found[stat.ST_UID] = 1234
            return os.stat_result(found)

        self.given()
        self.replace('osc_hwmt.local.files.os.stat', owned_by_another)
        self.refusing(
            'os.chown',
            PermissionError(errno.EPERM, 'Operation not permitted'),
        )
        self.assertIn('Operation not permitted', self.refused())
        self.assertEqual(b'old', self.path.read_bytes())

    def test_a_directory_that_may_not_be_written_keeps_the_file(self) -> None:
        self.given()
        self.refusing(
            'tempfile.mkstemp',
            PermissionError(errno.EACCES, 'Permission denied'),
        )
        self.assertIn(f'{self.path}: can not be written', self.refused())
        self.assertEqual(b'old', self.path.read_bytes())

    def test_a_full_disk_leaves_nothing_behind(self) -> None:
        self.given()
        self.refusing(
            'os.fsync', OSError(errno.ENOSPC, 'No space left on device')
        )
        self.assertIn('No space left', self.refused())
        self.assertEqual(b'old', self.path.read_bytes())

    def test_a_failed_replacement_leaves_nothing_behind(self) -> None:
        self.given()
        self.refusing('os.replace', OSError(errno.EIO, 'Input/output error'))
        self.assertIn('Input/output error', self.refused())
        self.assertEqual(b'old', self.path.read_bytes())

    def test_a_directory_that_is_absent_is_told(self) -> None:
        self.path = self.home / 'none' / 'file'
        error = self.assertRaises(FileError, self.write)
        self.assertIn('No such file', str(error))
