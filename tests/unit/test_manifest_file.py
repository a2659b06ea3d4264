# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import errno
import os
import pathlib
import stat

from osc_hwmt import manifest_file
from osc_hwmt.exceptions import FileError
from osc_hwmt.manifest_file import TextFile
from tests.unit import base


class ManifestFileTestCase(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.path = self.home / 'workloads.yml'

    def given(self, content: bytes, mode: int = 0o600) -> TextFile:
        self.path.write_bytes(content)
        self.path.chmod(mode)
        return manifest_file.read(str(self.path))

    def refused(self, before: TextFile, text: str = 'new') -> str:
        error = self.assertRaises(FileError, manifest_file.write, before, text)
        return str(error)

    def assert_nothing_beside(self) -> None:
        self.assertEqual(
            {self.path.name},
            set(os.listdir(self.home)) | {self.path.name},
            'something was left behind',
        )


class ReadTest(ManifestFileTestCase):
    def test_line_ends_stay_as_they_are(self) -> None:
        self.assertEqual('a\r\nb\nc\r', self.given(b'a\r\nb\nc\r').text)

    def test_a_byte_order_mark_is_not_text(self) -> None:
        self.assertEqual('ä', self.given(b'\xef\xbb\xbf\xc3\xa4').text)

    def test_a_file_that_is_not_utf8_tells_the_byte(self) -> None:
        self.path.write_bytes(b'ab\xe4')
        error = self.assertRaises(
            FileError, manifest_file.read, str(self.path)
        )
        self.assertIn('byte 0xe4 at 2', str(error))

    def test_a_file_that_is_absent_is_named(self) -> None:
        error = self.assertRaises(
            FileError, manifest_file.read, str(self.path)
        )
        self.assertIn(str(self.path), str(error))
        self.assertIn('No such file', str(error))

    def test_a_directory_is_refused(self) -> None:
        self.assertRaises(FileError, manifest_file.read, str(self.home))

    def test_a_file_may_be_there_later(self) -> None:
        self.assertEqual(
            TextFile(str(self.path), None, ''),
            manifest_file.read_if_there(str(self.path)),
        )

    def test_a_link_that_leads_nowhere_is_no_new_file(self) -> None:
        self.path.symlink_to(self.home / 'gone')
        self.assertRaises(
            FileError, manifest_file.read_if_there, str(self.path)
        )


class WriteTest(ManifestFileTestCase):
    def test_a_new_file_is_readable_by_its_owner_alone(self) -> None:
        before = manifest_file.read_if_there(str(self.path))
        mask = os.umask(0)
        self.addCleanup(os.umask, mask)
        manifest_file.write(before, 'ä\n')
        self.assertEqual(b'\xc3\xa4\n', self.path.read_bytes())
        self.assertEqual(0o600, stat.S_IMODE(self.path.stat().st_mode))
        self.assert_nothing_beside()

    def test_an_old_file_keeps_its_mode(self) -> None:
        manifest_file.write(self.given(b'old', 0o640), 'new')
        self.assertEqual(b'new', self.path.read_bytes())
        self.assertEqual(0o640, stat.S_IMODE(self.path.stat().st_mode))
        self.assert_nothing_beside()

    def test_an_old_file_keeps_its_owner(self) -> None:
        asked: list[tuple[int, int]] = []
        real = os.stat_result

        def owned_by_another(path: str) -> os.stat_result:
            found = list(os.lstat(path))
            if path == str(self.path):
                found[stat.ST_UID], found[stat.ST_GID] = 1234, 5678
            return real(found)

        before = self.given(b'old')
        self.replace('osc_hwmt.manifest_file.os.stat', owned_by_another)
        self.replace(
            'osc_hwmt.manifest_file.os.chown',
            lambda _path, uid, gid: asked.append((uid, gid)),
        )
        manifest_file.write(before, 'new')
        self.assertEqual([(1234, 5678)], asked)

    def test_an_owner_that_can_not_be_kept_is_no_reason_to_write(
        self,
    ) -> None:
        def owned_by_another(path: str) -> os.stat_result:
            found = list(os.lstat(path))
            if path == str(self.path):
                found[stat.ST_UID] = 1234
            return os.stat_result(found)

        def refuse(*_arguments: object) -> None:
            raise PermissionError(errno.EPERM, 'Operation not permitted')

        before = self.given(b'old')
        self.replace('osc_hwmt.manifest_file.os.stat', owned_by_another)
        self.replace('osc_hwmt.manifest_file.os.chown', refuse)
        self.assertIn('Operation not permitted', self.refused(before))
        self.assertEqual(b'old', self.path.read_bytes())
        self.assert_nothing_beside()

    def test_a_byte_order_mark_stays(self) -> None:
        manifest_file.write(self.given(b'\xef\xbb\xbfold'), 'new')
        self.assertEqual(b'\xef\xbb\xbfnew', self.path.read_bytes())

    def test_line_ends_are_written_as_given(self) -> None:
        manifest_file.write(self.given(b'a\r\n'), 'a\r\nb\n')
        self.assertEqual(b'a\r\nb\n', self.path.read_bytes())

    def test_a_link_stays_a_link(self) -> None:
        real = self.home / 'real.yml'
        real.write_bytes(b'old')
        self.path.symlink_to(real)
        manifest_file.write(manifest_file.read(str(self.path)), 'new')
        self.assertTrue(self.path.is_symlink())
        self.assertEqual(b'new', real.read_bytes())

    def test_the_old_content_is_never_half_gone(self) -> None:
        before = self.given(b'old')
        seen: list[tuple[bytes, bytes]] = []
        replace = os.replace

        def look(source: str, target: str) -> None:
            seen.append(
                (pathlib.Path(source).read_bytes(), self.path.read_bytes())
            )
            replace(source, target)

        self.replace('osc_hwmt.manifest_file.os.replace', look)
        manifest_file.write(before, 'new')
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

        before = self.given(b'old')
        self.replace('osc_hwmt.manifest_file.os.fsync', note_sync)
        self.replace('osc_hwmt.manifest_file.os.replace', note_replace)
        manifest_file.write(before, 'new')
        self.assertEqual(['file', 'replace', 'directory'], steps)


class WriteRefusedTest(ManifestFileTestCase):
    def test_a_change_by_someone_else_is_kept(self) -> None:
        before = self.given(b'old')
        self.path.write_bytes(b'their edit')
        self.assertIn('changed by someone else', self.refused(before))
        self.assertEqual(b'their edit', self.path.read_bytes())
        self.assert_nothing_beside()

    def test_a_file_that_came_meanwhile_is_kept(self) -> None:
        before = manifest_file.read_if_there(str(self.path))
        self.path.write_bytes(b'theirs')
        self.assertIn('changed by someone else', self.refused(before))
        self.assertEqual(b'theirs', self.path.read_bytes())

    def test_a_file_that_went_meanwhile_stays_gone(self) -> None:
        before = self.given(b'old')
        self.path.unlink()
        self.refused(before)
        self.assertFalse(self.path.exists())
        self.assert_nothing_beside()

    def test_a_directory_that_may_not_be_written_keeps_the_file(self) -> None:
        # Root may write everywhere, so the refusal itself is a double.
        def refuse(**_arguments: object) -> None:
            raise PermissionError(errno.EACCES, 'Permission denied')

        before = self.given(b'old')
        self.replace('osc_hwmt.manifest_file.tempfile.mkstemp', refuse)
        told = self.refused(before)
        self.assertIn(f'{self.path}: can not be written', told)
        self.assertEqual(b'old', self.path.read_bytes())
        self.assert_nothing_beside()

    def test_a_full_disk_leaves_nothing_behind(self) -> None:
        def refuse(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, 'No space left on device')

        before = self.given(b'old')
        self.replace('osc_hwmt.manifest_file.os.fsync', refuse)
        self.assertIn('No space left', self.refused(before))
        self.assertEqual(b'old', self.path.read_bytes())
        self.assert_nothing_beside()

    def test_a_directory_that_is_absent_is_told(self) -> None:
        before = TextFile(str(self.home / 'none' / 'x.yml'), None, '')
        self.assertIn('No such file', self.refused(before))

    def test_a_failed_replacement_leaves_nothing_behind(self) -> None:
        def refuse(_source: str, _target: str) -> None:
            raise OSError(errno.EIO, 'Input/output error')

        before = self.given(b'old')
        self.replace('osc_hwmt.manifest_file.os.replace', refuse)
        self.assertIn('Input/output error', self.refused(before))
        self.assertEqual(b'old', self.path.read_bytes())
        self.assert_nothing_beside()
