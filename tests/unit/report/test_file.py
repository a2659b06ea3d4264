# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from osc_hwmt.exceptions import FileError
from osc_hwmt.report import file
from osc_hwmt.report.document import MARK
from tests.unit.support import cases


class PageFileTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.path = self.home / 'report.html'

    def refused(self) -> str:
        error = self.assertRaises(FileError, file.at(str(self.path)).check)
        return str(error)


class CheckTest(PageFileTestCase):
    def test_a_new_file_may_be_written(self) -> None:
        file.at(str(self.path)).check()

    def test_a_page_may_be_replaced(self) -> None:
        self.path.write_text(MARK + '<html>', encoding='utf-8')
        file.at(str(self.path)).check()

    def test_an_empty_file_may_be_replaced(self) -> None:
        self.path.touch()
        file.at(str(self.path)).check()

    def test_any_other_file_is_kept(self) -> None:
        for content in (
            'resources: []\n',
            '<!DOCTYPE html>\n<html>',
            MARK[1:],
        ):
            self.path.write_text(content, encoding='utf-8')
            self.assertIn(f'{self.path}: already exists', self.refused())

    def test_what_is_no_file_is_kept(self) -> None:
        self.path.mkdir()
        self.assertIn('found a directory', self.refused())
        self.path.rmdir()
        os.mkfifo(self.path)
        self.assertIn('found a pipe', self.refused())

    def test_no_name_at_all_is_refused(self) -> None:
        self.assertRaises(FileError, file.at('').check)

    def test_a_directory_that_is_not_there_is_told(self) -> None:
        self.path = self.home / 'none' / 'report.html'
        told = self.refused()
        self.assertIn(str(self.path), told)
        self.assertIn(f'directory {self.home / "none"}', told)


class WriteTest(PageFileTestCase):
    def test_a_new_page_is_readable_by_its_owner_alone(self) -> None:
        file.at(str(self.path)).write([MARK, 'ä'])
        self.assertEqual(f'{MARK}ä'.encode(), self.path.read_bytes())
        self.assertEqual(0o600, stat.S_IMODE(self.path.stat().st_mode))

    def test_a_page_that_is_written_again_keeps_its_mode(self) -> None:
        file.at(str(self.path)).write([MARK, 'old'])
        self.path.chmod(0o644)
        file.at(str(self.path)).write([MARK, 'new'])
        self.assertEqual(f'{MARK}new', self.path.read_text(encoding='utf-8'))
        self.assertEqual(0o644, stat.S_IMODE(self.path.stat().st_mode))

    def test_a_file_that_came_meanwhile_is_kept(self) -> None:
        def pieces() -> Iterator[str]:
            yield MARK
            self.path.write_text('theirs', encoding='utf-8')

        self.assertRaises(FileError, file.at(str(self.path)).write, pieces())
        self.assertEqual('theirs', self.path.read_text(encoding='utf-8'))
        self.assertEqual([self.path.name], os.listdir(self.home))
