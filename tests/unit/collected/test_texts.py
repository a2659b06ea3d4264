# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import gzip
import io
import os
import pathlib
import tarfile

from osc_hwmt.collected.texts import MAX_DEPTH, Text, texts
from osc_hwmt.exceptions import FileError, Problem
from tests.unit.support import cases


def tar(*members: tuple[str, bytes], mode: str = 'w') -> bytes:
    """Return an archive of some files."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members:
            header = tarfile.TarInfo(name)
            header.size = len(content)
            archive.addfile(header, io.BytesIO(content))
    return written.getvalue()


class FilesTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()

    def file(self, name: str, content: bytes) -> pathlib.Path:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def texts(self, *names: object, stdin: bytes = b'') -> dict[str, str]:
        """Return the texts by path, below the test's directory."""
        found = texts(map(str, names), io.BytesIO(stdin))
        return {
            self.short(one.path): one.content
            for one in found
            if isinstance(one, Text)
        }

    def problems(self, *names: object) -> list[str]:
        return [
            self.short(str(one))
            for one in texts(map(str, names))
            if isinstance(one, Problem)
        ]

    def short(self, path: str) -> str:
        return path.replace(f'{self.home}/', '').replace(f'{self.home}', '.')


class NamedTest(FilesTestCase):
    def test_a_file_is_read_as_it_is(self) -> None:
        path = self.file('a', '\ufeffé\r\n'.encode())
        self.assertEqual({'a': 'é\r\n'}, self.texts(path))

    def test_a_dash_is_standard_input(self) -> None:
        self.assertEqual({'-': 'x'}, self.texts('-', stdin=b'x'))
        packed = tar(('a', b'x'), mode='w:gz')
        self.assertEqual({'-:a': 'x'}, self.texts('-', stdin=packed))

    def test_the_same_name_twice_is_read_once(self) -> None:
        path = str(self.file('a', b'x'))
        self.assertEqual(1, len(list(texts([path, path]))))

    def test_bytes_that_are_no_text_do_no_harm(self) -> None:
        path = self.file('a', b'name \xff')
        self.assertEqual({'a': 'name \ufffd'}, self.texts(path))
        for content in (b'\x7fELF\0\0', 'domain'.encode('utf-16')):
            self.assertEqual(
                ['b:1:1: expected UTF-8 text, found binary data'],
                self.problems(self.file('b', content)),
            )

    def test_an_absent_file_is_an_error(self) -> None:
        path = str(self.home / 'none')
        error = self.assertRaises(FileError, list, texts([path]))
        self.assertIn('none: cannot be read: No such file', str(error))

    def test_a_pipe_that_was_named_is_read(self) -> None:
        reading, writing = os.pipe()
        os.write(writing, tar(('a', b'x')))
        os.close(writing)
        self.addCleanup(os.close, reading)
        (text,) = texts([f'/dev/fd/{reading}'])
        self.assertEqual('x', self.expect(Text, text).content)


class DirectoryTest(FilesTestCase):
    def test_everything_below_is_read_in_order(self) -> None:
        for name in ('b/2', 'b/1', 'a', 'c/d/e', '.git/config', '.a.swp'):
            self.file(name, name.encode())
        (self.home / 'd').symlink_to('a')
        (self.home / 'e').symlink_to('.')
        self.assertEqual(
            ['a', 'd', 'b/1', 'b/2', 'c/d/e'], list(self.texts(self.home))
        )

    def test_what_can_not_be_read_is_told(self) -> None:
        self.file('a', b'x')
        (self.home / 'b').symlink_to('nowhere')
        os.mkfifo(self.home / 'c')
        self.assertEqual(
            [
                'b:1:1: cannot be read any further: No such file or directory',
                'c:1:1: cannot be read any further: expected a regular file, '
                'found a pipe',
            ],
            self.problems(self.home),
        )
        self.assertEqual(['a'], list(self.texts(self.home)))

    def test_only_what_was_named_itself_counts_as_named(self) -> None:
        path = self.file('a', b'x')
        self.file('b.tar', tar(('c', b'x')))
        for name, named in ((path, True), (self.home, False)):
            found = [
                one for one in texts([str(name)]) if isinstance(one, Text)
            ]
            self.assertEqual({named}, {one.named for one in found})


class ArchiveTest(FilesTestCase):
    def test_an_archive_is_read_whatever_it_is_called(self) -> None:
        inner = tar(('a', b'x'), mode='w:gz')
        members = (('x/1', b'a'), ('x/2', b'b'))
        for packed, found in (
            (tar(*members), {'some:x/1': 'a', 'some:x/2': 'b'}),
            (tar(*members, mode='w:gz'), {'some:x/1': 'a', 'some:x/2': 'b'}),
            (gzip.compress(b'x') * 2, {'some': 'xx'}),
            (
                tar(('0.tgz', inner), ('1.tgz', inner)),
                {'some:0.tgz:a': 'x', 'some:1.tgz:a': 'x'},
            ),
        ):
            path = self.file('some', packed)
            self.assertEqual(found, self.texts(path))
            self.assertEqual([], self.problems(path))

    def test_links_devices_and_hidden_files_are_passed_over(self) -> None:
        written = io.BytesIO()
        with tarfile.open(fileobj=written, mode='w') as archive:
            for kind in (
                tarfile.SYMTYPE,
                tarfile.LNKTYPE,
                tarfile.CHRTYPE,
                tarfile.BLKTYPE,
                tarfile.FIFOTYPE,
                tarfile.DIRTYPE,
            ):
                header = tarfile.TarInfo(f'a{ord(kind)}')
                header.type = kind
                header.linkname = '/etc/passwd'
                archive.addfile(header)
            archive.addfile(tarfile.TarInfo('x/.hidden'))
            archive.addfile(tarfile.TarInfo('.hidden'))
            archive.addfile(tarfile.TarInfo('x/seen'))
        path = self.file('a', written.getvalue())
        self.assertEqual({'a:x/seen': ''}, self.texts(path))
        self.assertEqual([], self.problems(path))

    def test_no_path_of_an_archive_leads_anywhere(self) -> None:
        path = self.file('x/y/a', tar(('../../b', b'x'), ('/etc/c', b'y')))
        self.assertEqual(
            {'x/y/a:../../b': 'x', 'x/y/a:/etc/c': 'y'}, self.texts(path)
        )
        left = [one for one in self.home.rglob('*') if one.is_file()]
        self.assertEqual([path], left)

    def test_names_in_an_archive_are_made_printable(self) -> None:
        path = self.file('a', tar(('\x1b[2J', b'\0')))
        self.assertEqual(
            ['a:\\x1b[2J:1:1: expected UTF-8 text, found binary data'],
            self.problems(path),
        )


class DamagedTest(FilesTestCase):
    def test_of_a_cut_off_archive_the_beginning_is_read(self) -> None:
        whole = tar(('a', b'x' * 5000), ('b', b'y' * 5000))
        for end in (7000, 6656):
            path = self.file('cut', whole[:end])
            self.assertIn('cut:a', self.texts(path))
            problems = self.problems(path)
            self.assertTrue(problems[-1].startswith('cut:1:1: '), problems)

    def test_of_a_cut_off_compressed_file_whole_lines_are_read(self) -> None:
        lines = b''.join(b'%020d,pc-i440fx-2.11\n' % n for n in range(9999))
        path = self.file('cut', gzip.compress(lines)[:-3000])
        found = self.texts(path)['cut']
        self.assertTrue(lines.startswith(found.encode()))
        self.assertTrue(found.endswith('pc-i440fx-2.11\n'), found[-50:])
        (problem,) = self.problems(path)
        self.assertIn('cannot be read any further', problem)

    def test_what_only_begins_like_an_archive_is_told(self) -> None:
        for content in (
            b'\x1f\x8b',
            b'\x1f\x8bxxxxxxxxxxxxxxxxx',
            b'x' * 257 + b'ustar',
            b'\0' * 257 + b'ustar' + b'\xff' * 500,
        ):
            path = self.file('a', content)
            self.assertNotEqual([], self.problems(path), content[:20])

    def test_archives_are_read_to_a_depth(self) -> None:
        content = b'x'
        for _turn in range(MAX_DEPTH):
            content = gzip.compress(content)
        path = self.file('a', content)
        self.assertEqual({'a': 'x'}, self.texts(path))
        path = self.file('a', gzip.compress(content))
        self.assertEqual(
            ['a:1:1: packed more than 4 times'], self.problems(path)
        )


class BoundsTest(FilesTestCase):
    def test_a_text_is_bounded(self) -> None:
        self.replace('osc_hwmt.collected.texts.MAX_TEXT', 1 << 20)
        bomb = self.file('bomb', gzip.compress(b'x' * ((1 << 20) + 1)))
        whole = self.file('whole', gzip.compress(b'x' * (1 << 20)))
        self.assertEqual(
            ['bomb:1:1: expected at most 1 MiB'], self.problems(bomb)
        )
        self.assertEqual([], self.problems(whole))

    def test_all_texts_together_are_bounded(self) -> None:
        self.replace('osc_hwmt.collected.texts.MAX_TOTAL', 1 << 20)
        for name in 'ab':
            self.file(name, gzip.compress(b'x' * 600_000))
        error = self.assertRaises(FileError, self.texts, self.home)
        self.assertIn('at most 1 MiB of collected data', str(error))

    def test_the_number_of_files_is_bounded(self) -> None:
        self.replace('osc_hwmt.collected.texts.MAX_FILES', 3)
        path = self.file('a', tar(*((f'.{n}', b'') for n in range(4))))
        error = self.assertRaises(FileError, self.texts, path)
        self.assertIn('at most 3 files', str(error))

    def test_a_header_of_an_archive_is_bounded(self) -> None:
        written = io.BytesIO()
        with tarfile.open(fileobj=written, mode='w') as archive:
            header = tarfile.TarInfo('a')
            header.pax_headers = {'comment': 'x' * (2 << 20)}
            archive.addfile(header)
        path = self.file('a', written.getvalue())
        (problem,) = self.problems(path)
        self.assertIn('expected at most 1 MiB', problem)
