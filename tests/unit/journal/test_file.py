# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime
import errno
import fcntl
import hashlib
import json
import os
import stat
import threading
import time
from typing import Any
from unittest import mock

from osc_hwmt.exceptions import FileError
from osc_hwmt.journal.file import (
    Journal,
    digest,
    header,
    opened,
    path_beside,
)
from osc_hwmt.journal.format import VERSION, Input
from osc_hwmt.model.changes import WriteResult
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import FakeCloud

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

    def test_it_begins_with_its_version_and_header(self) -> None:
        self.opened(cloud='dst')
        (line,) = self.lines()
        self.assertEqual((VERSION, 'dst'), (line['journal'], line['cloud']))

    def test_every_line_has_its_time_in_utc(self) -> None:
        self.opened().ended('volume-1', DONE)
        for line in self.lines():
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

    def test_only_its_owner_may_read_it(self) -> None:
        self.addCleanup(os.umask, os.umask(0))
        self.opened()
        self.assertEqual(0o600, stat.S_IMODE(self.path.stat().st_mode))

    def test_an_existing_file_is_never_written(self) -> None:
        self.path.write_text('precious')
        error = self.assertRaises(FileError, self.opened)
        self.assertIn(str(self.path), str(error))
        self.assertEqual('precious', self.path.read_text())

    def test_a_link_is_not_followed(self) -> None:
        self.path.symlink_to(self.path.parent / 'elsewhere')
        self.assertRaises(FileError, self.opened)

    def test_it_is_locked_while_it_is_open(self) -> None:
        self.opened()
        with open(self.path) as other:
            self.assertRaises(
                BlockingIOError,
                fcntl.flock,
                other,
                fcntl.LOCK_EX | fcntl.LOCK_NB,
            )

    def test_a_full_disk_is_an_error_that_names_the_journal(self) -> None:
        def refuse(_descriptor: int) -> None:
            raise OSError(errno.ENOSPC, 'No space left on device')

        journal = self.opened()
        self.replace('osc_hwmt.journal.file.os.fsync', refuse)
        error = self.assertRaises(FileError, journal.ended, 'volume-1', DONE)
        self.assertIn(f'{self.path}: can not be written: No space', str(error))

    def test_after_a_line_that_failed_nothing_is_announced_any_more(
        self,
    ) -> None:
        journal = self.opened()
        with mock.patch('os.fsync', side_effect=OSError(28, 'No space')):
            self.assertRaises(FileError, journal.ended, 'volume-1', DONE)
        error = self.assertRaises(
            FileError, journal.intend, fakes.write('volume-2')
        )
        self.assertIn('No space', str(error))
        self.assertNotIn('volume-2', self.path.read_text())

    def test_names_can_not_break_a_line(self) -> None:
        self.opened().intend(fakes.write('v\n1', server='a\nb\x1b\u2028ü'))
        self.assertEqual(2, len(self.path.read_bytes().splitlines()))
        self.assertEqual('a\nb\x1b\u2028ü', self.lines()[1]['server'])

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

    def test_threads_never_mix_their_lines(self) -> None:
        journal = self.opened()
        threads = [
            threading.Thread(target=journal.ended, args=(str(n) * 500, DONE))
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(
            {str(n) * 500 for n in range(8)},
            {line['outcome'] for line in self.lines()[1:]},
        )

    def test_it_is_closed_when_its_block_ends(self) -> None:
        with Journal(str(self.path), fakes.header()) as journal:
            journal.ended('volume-1', DONE)
        self.assertRaises(ValueError, journal.ended, 'volume-1', DONE)


class PathBesideTest(cases.TestCase):
    def test_it_is_beside_the_manifest_and_tells_the_time(self) -> None:
        path = path_beside('some/where.yml')
        stamp = path[len('some/where.yml.') : -len('.journal')]
        self.assertEqual(f'some/where.yml.{stamp}.journal', path)
        time = datetime.datetime.strptime(stamp, '%Y%m%dT%H%M%S%fZ')
        now = datetime.datetime.now(datetime.timezone.utc)
        age = now.replace(tzinfo=None) - time
        self.assertLess(abs(age), datetime.timedelta(minutes=5))

    def test_two_runs_have_two_journals(self) -> None:
        self.assertNotEqual(path_beside('f.yml'), path_beside('f.yml'))


class HeaderTest(cases.TestCase):
    def test_it_names_the_tool_the_cloud_and_the_inputs(self) -> None:
        self.replace('osc_hwmt.version', lambda: '1.2.3')
        inputs = [Input('f.yml', 'abc')]
        found = header('apply', FakeCloud(), inputs, {'force': True})
        self.assertEqual(
            ('osc-hwmt 1.2.3', 'apply', 'dst', 'project-own'),
            (found.tool, found.command, found.cloud, found.project_id),
        )
        self.assertEqual(
            ('https://dst.test/v3', 'RegionOne'),
            (found.auth_url, found.region),
        )
        self.assertEqual(
            ((Input('f.yml', 'abc'),), {'force': True}),
            (found.inputs, found.options),
        )

    def test_a_digest_is_that_of_the_text(self) -> None:
        content = hashlib.sha256('ü'.encode()).hexdigest()
        self.assertEqual(Input('f.yml', content), digest('f.yml', 'ü'))


class OpenedTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = str(self.directory() / 'apply.journal')

    def refused(self) -> str:
        return str(self.assertRaises(FileError, opened(self.path).__enter__))

    def test_what_was_written_is_read(self) -> None:
        written = fakes.write('volume-1')
        with Journal(self.path, fakes.header()) as journal:
            journal.intend(written)
            journal.ended('volume-1', DONE)
            journal.end('finished')
        with opened(self.path) as (record, _digest):
            (announced,) = record.announced
        self.assertEqual((written, DONE), (announced.write, announced.result))
        self.assertTrue(record.ended)

    def test_one_that_a_run_still_writes_is_refused(self) -> None:
        with Journal(self.path, fakes.header()):
            self.assertIn('in use by a run', self.refused())

    def test_two_do_not_undo_one_journal_at_once(self) -> None:
        with Journal(self.path, fakes.header()):
            pass
        with opened(self.path):
            self.assertIn('in use by a run', self.refused())
        with opened(self.path):
            pass

    def test_what_can_not_be_read_is_told(self) -> None:
        self.assertIn('No such file', self.refused())
        with open(self.path, 'wb') as file:
            file.write(b'\xff\xfe')
        self.assertIn('no text', self.refused())
