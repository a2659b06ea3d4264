# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import errno
import pathlib
import stat

from osc_hwmt.exceptions import FileError
from osc_hwmt.local import files
from osc_hwmt.local.files import TextFile
from tests.unit.support import cases


class ManifestFileTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.path = self.home / 'workloads.yml'

    def given(self, content: bytes) -> TextFile:
        self.path.write_bytes(content)
        return files.read(str(self.path))


class ReadTest(ManifestFileTestCase):
    def test_line_ends_stay_as_they_are(self) -> None:
        self.assertEqual('a\r\nb\nc\r', self.given(b'a\r\nb\nc\r').text)

    def test_a_byte_order_mark_is_not_text(self) -> None:
        self.assertEqual('ä', self.given(b'\xef\xbb\xbf\xc3\xa4').text)

    def test_a_file_that_is_not_utf8_tells_the_byte(self) -> None:
        self.path.write_bytes(b'a\nb\xe4')
        error = self.assertRaises(FileError, files.read, str(self.path))
        self.assertIn('workloads.yml:2: expected UTF-8', str(error))
        self.assertIn('byte 0xe4 at 3', str(error))

    def test_a_file_that_is_absent_is_named(self) -> None:
        error = self.assertRaises(FileError, files.read, str(self.path))
        self.assertIn(str(self.path), str(error))
        self.assertIn('No such file', str(error))

    def test_a_file_beyond_the_limit_is_refused(self) -> None:
        self.replace('osc_hwmt.local.files.MAX_BYTES', 1 << 20)
        self.path.write_bytes(b'#' * (1 << 20) + b'\n')
        error = self.assertRaises(FileError, files.read, str(self.path))
        self.assertIn('expected at most 1 MiB', str(error))

    def test_a_directory_is_refused(self) -> None:
        self.assertRaises(FileError, files.read, str(self.home))

    def test_a_file_may_be_there_later(self) -> None:
        self.assertEqual(
            TextFile(str(self.path), None, ''),
            files.read_if_there(str(self.path)),
        )

    def test_a_link_that_leads_nowhere_is_no_new_file(self) -> None:
        self.path.symlink_to(self.home / 'gone')
        self.assertRaises(FileError, files.read_if_there, str(self.path))


class WriteTest(ManifestFileTestCase):
    def test_a_new_file_has_the_text(self) -> None:
        before = files.read_if_there(str(self.path))
        files.write(before, 'ä\n')
        self.assertEqual(b'\xc3\xa4\n', self.path.read_bytes())

    def test_a_byte_order_mark_stays(self) -> None:
        files.write(self.given(b'\xef\xbb\xbfold'), 'new')
        self.assertEqual(b'\xef\xbb\xbfnew', self.path.read_bytes())

    def test_line_ends_are_written_as_given(self) -> None:
        files.write(self.given(b'a\r\n'), 'a\r\nb\n')
        self.assertEqual(b'a\r\nb\n', self.path.read_bytes())


class BackupTest(ManifestFileTestCase):
    def test_what_was_there_is_kept_on_request(self) -> None:
        before = self.given(b'\xef\xbb\xbfold\r\n')
        kept = files.write(before, 'new', backup=True)
        assert kept is not None
        self.assertTrue(kept.startswith(f'{self.path}.20'), kept)
        backup = pathlib.Path(kept)
        self.assertEqual(b'\xef\xbb\xbfold\r\n', backup.read_bytes())
        self.assertEqual(0o600, stat.S_IMODE(backup.stat().st_mode))
        self.assertEqual({backup, self.path}, set(self.home.iterdir()))

    def test_without_anything_there_nothing_is_kept(self) -> None:
        before = files.read_if_there(str(self.path))
        self.assertIsNone(files.write(before, 'new', backup=True))
        self.assertEqual([self.path], list(self.home.iterdir()))

    def test_without_a_backup_nothing_is_written(self) -> None:
        def refuse(source: str, target: str) -> None:
            if target.endswith('.backup'):
                raise OSError(errno.ENOSPC, 'No space left on device')

        before = self.given(b'old')
        self.replace('osc_hwmt.local.files.os.replace', refuse)
        error = self.assertRaises(
            FileError, files.write, before, 'new', backup=True
        )
        self.assertIn('.backup: can not be written', str(error))
        self.assertEqual(b'old', self.path.read_bytes())
        self.assertEqual([self.path], list(self.home.iterdir()))


class WriteRefusedTest(ManifestFileTestCase):
    def refused(self, before: TextFile) -> str:
        error = self.assertRaises(FileError, files.write, before, 'new')
        return str(error)

    def test_a_change_by_someone_else_is_kept(self) -> None:
        before = self.given(b'old')
        self.path.write_bytes(b'their edit')
        self.assertIn('changed by someone else', self.refused(before))
        self.assertEqual(b'their edit', self.path.read_bytes())

    def test_a_file_that_came_meanwhile_is_kept(self) -> None:
        before = files.read_if_there(str(self.path))
        self.path.write_bytes(b'theirs')
        self.assertIn('changed by someone else', self.refused(before))
        self.assertEqual(b'theirs', self.path.read_bytes())

    def test_a_file_that_went_meanwhile_stays_gone(self) -> None:
        before = self.given(b'old')
        self.path.unlink()
        self.refused(before)
        self.assertFalse(self.path.exists())
