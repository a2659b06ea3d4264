# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime
import json
import os
import stat
import threading
import time
from typing import Any
from unittest import mock

from osc_hwmt.exceptions import FileError
from osc_hwmt.journal.file import Journal, header
from osc_hwmt.journal.format import VERSION, Input
from osc_hwmt.model.changes import Change, WriteResult
from tests.unit.support import cases, fakes
from tests.unit.support.cloud import FakeCloud

DONE = WriteResult.DONE


class JournalTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = self.directory() / 'apply.journal'

    def opened(self, **header: Any) -> Journal:
        journal = Journal(str(self.path), fakes.header(**header))
        self.addCleanup(journal.__exit__, None, None, None)
        return journal

    def lines(self) -> list[dict[str, Any]]:
        lines = self.path.read_text(encoding='ascii').splitlines()
        return [json.loads(line) for line in lines]

    def test_a_journal_begins_with_its_version_and_header(self) -> None:
        self.opened(cloud='dst').ended('volume-1', DONE)
        lines = self.lines()
        self.assertEqual(
            (VERSION, 'dst'), (lines[0]['journal'], lines[0]['cloud'])
        )
        for line in lines:
            time = datetime.datetime.fromisoformat(line['time'])
            self.assertEqual(datetime.timedelta(0), time.utcoffset())

    def test_a_line_is_on_the_disk_when_the_call_returns(self) -> None:
        synced: list[int] = []
        journal = self.opened()
        self.replace(
            'osc_hwmt.journal.file.os.fsync',
            lambda _descriptor: synced.append(self.path.stat().st_size),
        )
        journal.ended('volume-1', DONE)
        self.assertEqual([self.path.stat().st_size], synced)

    def test_only_its_owner_may_read_a_journal(self) -> None:
        self.addCleanup(os.umask, os.umask(0))
        self.opened()
        self.assertEqual(0o600, stat.S_IMODE(self.path.stat().st_mode))

    def test_an_existing_file_is_never_written(self) -> None:
        self.path.write_text('precious')
        error = self.assertRaises(FileError, self.opened)
        self.assertIn(str(self.path), str(error))
        self.assertEqual('precious', self.path.read_text())
        self.path.unlink()
        self.path.symlink_to(self.path.parent / 'elsewhere')
        self.assertRaises(FileError, self.opened)

    def test_after_a_line_that_failed_nothing_is_announced_any_more(
        self,
    ) -> None:
        journal = self.opened()
        with mock.patch('os.fsync', side_effect=OSError(28, 'No space')):
            error = self.assertRaises(
                FileError, journal.ended, 'volume-1', DONE
            )
        self.assertIn(f'{self.path}: cannot be written: No space', str(error))
        error = self.assertRaises(
            FileError, journal.intend, fakes.write('volume-2')
        )
        self.assertIn('No space', str(error))
        self.assertNotIn('volume-2', self.path.read_text())

    def test_a_journal_that_could_not_begin_is_not_there(self) -> None:
        with mock.patch('os.fsync', side_effect=OSError(28, 'No space')):
            self.assertRaises(FileError, self.opened)
        self.assertFalse(self.path.exists())

    def test_names_can_not_break_a_line(self) -> None:
        self.opened().intend(fakes.write('v', server='a\nb\x1b\u2028ü'))
        self.assertEqual(2, len(self.path.read_bytes().splitlines()))
        self.assertEqual('a\nb\x1b\u2028ü', self.lines()[1]['server'])

    def test_what_could_not_be_read_again_is_not_announced(self) -> None:
        journal = self.opened()
        for write in (
            fakes.write('../../volumes/x'),
            fakes.write('v', Change('image_id', None, 'x')),
        ):
            error = self.assertRaises(FileError, journal.intend, write)
            self.assertIn('the write to volume', str(error))
        self.assertEqual(1, len(self.lines()))

    def test_lines_that_wait_go_to_the_disk_together(self) -> None:
        journal = self.opened()
        others = [
            threading.Thread(target=journal.ended, args=(name, DONE))
            for name in 'abc'
        ]
        syncs: list[int] = []

        def sync(_descriptor: int) -> None:
            if not syncs:  # the first one takes long
                for other in others:
                    other.start()
                while len(journal._waiting) < len(others):
                    time.sleep(0.001)
            syncs.append(len(self.lines()))

        self.replace('osc_hwmt.journal.file.os.fsync', sync)
        journal.ended('first', DONE)
        for other in others:
            other.join()
        self.assertEqual([2, 5], syncs, 'lines on the disk at each fsync')

    def test_a_disk_that_takes_a_part_gets_the_rest(self) -> None:
        journal = self.opened()
        whole = os.write
        self.replace(
            'osc_hwmt.journal.file.os.write',
            lambda descriptor, content: whole(descriptor, content[:7]),
        )
        journal.ended('volume-1', DONE)
        self.assertEqual('volume-1', self.lines()[1]['outcome'])

    def test_a_journal_is_closed_when_its_block_ends(self) -> None:
        with Journal(str(self.path), fakes.header()) as journal:
            journal.ended('volume-1', DONE)
        self.assertRaises(ValueError, journal.ended, 'volume-1', DONE)


class HeaderTest(cases.TestCase):
    def test_a_header_names_the_tool_the_cloud_and_the_inputs(self) -> None:
        self.replace('osc_hwmt.version', lambda: '1.2.3')
        inputs = [Input('f.yml', 'abc')]
        found = header(
            'apply', FakeCloud(), inputs, {'ignore_unsupported': True}
        )
        self.assertEqual(
            ('osc-hwmt 1.2.3', 'apply', 'dst', 'project-own'),
            (found.tool, found.command, found.cloud, found.project_id),
        )
        self.assertEqual(
            ('https://dst.test/v3', 'RegionOne'),
            (found.auth_url, found.region),
        )
        self.assertEqual(
            ((Input('f.yml', 'abc'),), {'ignore_unsupported': True}),
            (found.inputs, found.options),
        )
