# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import errno
import os
import pathlib
import stat
import struct
from collections.abc import Iterable, Iterator

from osc_hwmt.exceptions import FileError
from osc_hwmt.local import files
from osc_hwmt.local.files import TextFile
from tests.unit.support import cases

ACL = 'system.posix_acl_access'
_NOBODY = 0xFFFFFFFF


def access_list(group: int, user_1234: int, mask: int) -> bytes:
    """Return a list as the kernel has it; linux/posix_acl_xattr.h."""
    entries = (
        (0x01, 6, _NOBODY),
        (0x02, user_1234, 1234),
        (0x04, group, _NOBODY),
        (0x10, mask, _NOBODY),
        (0x20, 0, _NOBODY),
    )
    return struct.pack('<I', 2) + b''.join(
        struct.pack('<HHI', *entry) for entry in entries
    )


class FileTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.path = self.home / 'workloads.yml'

    def given(self, content: bytes = b'old', mode: int = 0o600) -> TextFile:
        self.path.write_bytes(content)
        self.path.chmod(mode)
        return files.read(str(self.path))

    def absent(self) -> TextFile:
        return files.read_to_write(str(self.path))

    def put(self, pieces: Iterable[bytes] = (b'new',)) -> None:
        files.replace(str(self.path), pieces)

    def owned_by_another(self) -> None:
        """Let the file belong to user 1234 and group 5678."""
        fstat = os.fstat

        def look(descriptor: int) -> os.stat_result:
            found = fstat(descriptor)
            if found.st_ino != self.path.stat().st_ino:
                return found
            values = list(found)
            values[stat.ST_UID], values[stat.ST_GID] = 1234, 5678
            return os.stat_result(values)

        self.replace('osc_hwmt.local.files.os.fstat', look)

    def attribute(self, path: pathlib.Path, name: str, value: bytes) -> None:
        try:
            os.setxattr(path, name, value)
        except OSError as exc:
            if exc.errno != errno.ENOTSUP:
                raise
            self.skipTest(f'the file system of {path} has no {name}')

    def assert_only_the_file(self, content: bytes = b'old') -> None:
        self.assertEqual([self.path.name], os.listdir(self.home))
        self.assertEqual(content, self.path.read_bytes())


class ReadTest(FileTestCase):
    def refused(self, path: pathlib.Path) -> str:
        return str(self.assertRaises(FileError, files.read, str(path)))

    def test_text_is_read_as_it_is_without_the_byte_order_mark(self) -> None:
        self.assertEqual('a\r\nb\nc\r', self.given(b'a\r\nb\nc\r').text)
        self.assertEqual('ä', self.given(b'\xef\xbb\xbf\xc3\xa4').text)

    def test_a_file_that_is_not_utf8_tells_the_byte(self) -> None:
        self.path.write_bytes(b'a\nb\xe4')
        error = self.refused(self.path)
        self.assertIn('workloads.yml:2: expected UTF-8', error)
        self.assertIn('byte 0xe4 at 3', error)

    def test_a_file_that_is_absent_is_named(self) -> None:
        error = self.refused(self.path)
        self.assertIn(str(self.path), error)
        self.assertIn('No such file', error)
        self.assertEqual(TextFile(str(self.path), None, ''), self.absent())

    def test_a_file_beyond_the_limit_is_refused(self) -> None:
        self.replace('osc_hwmt.local.files.MAX_BYTES', 1 << 20)
        self.path.write_bytes(b'#' * (1 << 20) + b'\n')
        self.assertIn('expected at most 1 MiB', self.refused(self.path))

    def test_only_a_regular_file_is_read_and_nothing_waits(self) -> None:
        self.assertIn('found a directory', self.refused(self.home))
        os.mkfifo(self.path)
        self.assertIn(
            f'{self.path}: cannot be read: expected a regular file, found a '
            'pipe',
            self.refused(self.path),
        )
        self.path.unlink()
        self.path.symlink_to('/dev/zero')
        self.assertIn('found a device', self.refused(self.path))

    def test_a_pipe_of_the_shell_is_read_where_one_may_be(self) -> None:
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        os.write(writing, b'web-*\n')
        os.close(writing)
        path = f'/dev/fd/{reading}'
        self.assertIn('found a pipe', self.refused(pathlib.Path(path)))
        self.assertEqual('web-*\n', files.read(path, piped=True).text)

    def test_a_pipe_with_a_name_may_never_end_and_is_refused(self) -> None:
        os.mkfifo(self.path)
        error = self.assertRaises(
            FileError, files.read, str(self.path), piped=True
        )
        self.assertIn('found a pipe', str(error))

    def test_a_link_that_leads_nowhere_is_no_new_file(self) -> None:
        self.path.symlink_to(self.home / 'gone')
        self.assertRaises(FileError, self.absent)


class WriteTest(FileTestCase):
    def refused(self, before: TextFile) -> str:
        error = self.assertRaises(FileError, files.write, before, 'new')
        return str(error)

    def test_line_ends_and_the_byte_order_mark_stay(self) -> None:
        files.write(self.absent(), 'ä\r\nb\n')
        self.assertEqual(b'\xc3\xa4\r\nb\n', self.path.read_bytes())
        files.write(self.given(b'\xef\xbb\xbfold'), 'new')
        self.assertEqual(b'\xef\xbb\xbfnew', self.path.read_bytes())

    def test_a_backup_has_what_was_there(self) -> None:
        before = self.given(b'\xef\xbb\xbfold\r\n')
        kept = files.write(before, 'new', backup=True)
        assert kept is not None
        self.assertTrue(kept.startswith(f'{self.path}.20'), kept)
        backup = pathlib.Path(kept)
        self.assertEqual(b'\xef\xbb\xbfold\r\n', backup.read_bytes())
        self.assertEqual(0o600, stat.S_IMODE(backup.stat().st_mode))
        self.assertEqual({backup, self.path}, set(self.home.iterdir()))

    def test_a_new_file_has_no_backup(self) -> None:
        self.assertIsNone(files.write(self.absent(), 'new', backup=True))
        self.assert_only_the_file(b'new')

    def test_a_backup_that_fails_keeps_the_file(self) -> None:
        def refuse(source: str, target: str) -> None:
            if target.endswith('.backup'):
                raise OSError(errno.ENOSPC, 'No space left on device')

        before = self.given()
        self.replace('osc_hwmt.local.files.os.replace', refuse)
        error = self.assertRaises(
            FileError, files.write, before, 'new', backup=True
        )
        self.assertIn('.backup: cannot be written', str(error))
        self.assert_only_the_file()

    def test_a_change_by_someone_else_is_kept(self) -> None:
        for before in (self.absent(), self.given()):
            self.path.write_bytes(b'theirs')
            self.assertIn('changed by someone else', self.refused(before))
            self.assert_only_the_file(b'theirs')
        self.path.unlink()
        self.refused(before)
        self.assertFalse(self.path.exists())


class ReplaceTest(FileTestCase):
    def test_a_new_file_is_readable_by_its_owner_alone(self) -> None:
        mask = os.umask(0)
        self.addCleanup(os.umask, mask)
        self.put([b'one ', b'two'])
        self.assertEqual(0o600, stat.S_IMODE(self.path.stat().st_mode))
        self.assert_only_the_file(b'one two')

    def test_an_old_file_keeps_its_mode(self) -> None:
        self.given(mode=0o640)
        self.put()
        self.assertEqual(0o640, stat.S_IMODE(self.path.stat().st_mode))
        self.assert_only_the_file(b'new')

    def test_an_old_file_keeps_its_owner(self) -> None:
        owners: list[tuple[int, int]] = []
        self.given()
        self.owned_by_another()
        self.replace(
            'osc_hwmt.local.files.os.fchown',
            lambda _file, uid, gid: owners.append((uid, gid)),
        )
        self.put()
        self.assertEqual([(1234, 5678)], owners)

    def test_an_old_file_keeps_its_attributes(self) -> None:
        self.given()
        self.attribute(self.path, 'user.ticket', b'CHG-4711')
        self.put()
        self.assertEqual(b'CHG-4711', os.getxattr(self.path, 'user.ticket'))
        self.assert_only_the_file(b'new')

    def test_an_access_control_list_stays_and_the_group_gains_nothing(
        self,
    ) -> None:
        self.given()
        # What stat shows as the group's right is the mask of the list.
        control = access_list(group=0, user_1234=4, mask=4)
        self.attribute(self.path, ACL, control)
        self.put()
        self.assertEqual(control, os.getxattr(self.path, ACL))
        self.assertEqual(0o640, stat.S_IMODE(self.path.stat().st_mode))

    def test_the_list_of_a_directory_opens_no_file_that_had_none(self) -> None:
        self.given(mode=0o640)
        control = access_list(group=4, user_1234=7, mask=7)
        self.attribute(self.home, 'system.posix_acl_default', control)
        self.put()
        self.assertNotIn(ACL, os.listxattr(self.path))
        self.assertEqual(0o640, stat.S_IMODE(self.path.stat().st_mode))

    def test_what_cannot_be_kept_keeps_the_file(self) -> None:
        self.given()
        self.attribute(self.path, 'user.ticket', b'CHG-4711')

        def refuse(*_arguments: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        self.replace('osc_hwmt.local.files.os.setxattr', refuse)
        error = str(self.assertRaises(FileError, self.put))
        self.assertIn('attributes cannot all be kept: No space left', error)
        self.assert_only_the_file()

    def test_a_file_system_without_attributes_needs_none_kept(self) -> None:
        def refuse(_descriptor: int) -> None:
            raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

        self.given()
        self.replace('osc_hwmt.local.files.os.listxattr', refuse)
        self.put()
        self.assert_only_the_file(b'new')

    def test_what_is_no_regular_file_is_never_replaced(self) -> None:
        os.mkfifo(self.path)
        error = str(self.assertRaises(FileError, self.put))
        self.assertIn('expected a regular file, found a pipe', error)
        self.assertTrue(stat.S_ISFIFO(self.path.stat().st_mode))
        self.path.unlink()
        self.path.symlink_to('/dev/null')
        error = str(self.assertRaises(FileError, self.put))
        self.assertIn('expected a regular file, found a device', error)

    def test_a_link_to_nothing_makes_no_file_where_it_leads(self) -> None:
        gone = self.home / 'gone'
        self.path.symlink_to(gone)
        error = str(self.assertRaises(FileError, self.put))
        self.assertIn(f'is a link to {gone}, which does not exist', error)
        self.assertFalse(gone.exists())

    def test_a_file_with_a_second_name_is_not_parted_from_it(self) -> None:
        self.given()
        other = self.home / 'other'
        os.link(self.path, other)
        error = str(self.assertRaises(FileError, self.put))
        self.assertIn(f'{self.path}: has 2 hard links', error)
        self.assertTrue(other.samefile(self.path))
        self.assertEqual(
            error,
            str(
                self.assertRaises(FileError, files.read_to_write, str(other))
            ).replace(str(other), str(self.path)),
        )

    def test_another_file_that_took_the_name_meanwhile_is_kept(self) -> None:
        def swap() -> None:
            (self.home / 'theirs').write_bytes(b'theirs')
            (self.home / 'theirs').replace(self.path)

        self.given()
        error = self.assertRaises(
            FileError, files.replace, str(self.path), [b'new'], swap
        )
        self.assertIn('changed by someone else in the meantime', str(error))
        self.assert_only_the_file(b'theirs')

    def test_a_link_stays_a_link(self) -> None:
        real = self.home / 'real'
        real.write_bytes(b'old')
        self.path.symlink_to(real)
        self.put()
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
        self.put()
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
        self.put()
        self.assertEqual(['file', 'replace', 'directory'], steps)

    def test_what_the_check_raises_keeps_the_file(self) -> None:
        def objection() -> None:
            raise FileError('they were quicker')

        self.given()
        error = self.assertRaises(
            FileError, files.replace, str(self.path), [b'new'], objection
        )
        self.assertEqual('they were quicker', str(error))
        self.assert_only_the_file()

    def test_pieces_that_end_early_keep_the_file(self) -> None:
        def pieces() -> Iterator[bytes]:
            yield b'new'
            raise ValueError('no more')

        self.given()
        self.assertRaises(ValueError, self.put, pieces())
        self.assert_only_the_file()

    def test_a_failure_of_the_system_keeps_the_file(self) -> None:
        self.given()
        # From the last step to the first: each fails before the one above.
        for function, number in (
            ('os.replace', errno.EIO),
            ('os.fsync', errno.ENOSPC),
            ('os.fchown', errno.EPERM),
            ('tempfile.mkstemp', errno.EACCES),
        ):

            def refuse(
                *_arguments: object, number: int = number, **_named: object
            ) -> None:
                raise OSError(number, os.strerror(number))

            if function == 'os.fchown':
                self.owned_by_another()
            self.replace(f'osc_hwmt.local.files.{function}', refuse)
            error = str(self.assertRaises(FileError, self.put))
            self.assertIn(f'{self.path}: cannot be written', error)
            self.assertIn(os.strerror(number), error)
            self.assert_only_the_file()
