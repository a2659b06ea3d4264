# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime
import hashlib
import json
import os
import pathlib
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
    history,
    opened,
    path_beside,
    unfinished,
)
from osc_hwmt.journal.format import VERSION, Input
from osc_hwmt.model.changes import Change, WriteResult
from tests.unit.support import cases, fakes
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import PC

DONE = WriteResult.DONE
KEY = 'hw_machine_type'


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

    def test_a_journal_is_closed_when_its_block_ends(self) -> None:
        with Journal(str(self.path), fakes.header()) as journal:
            journal.ended('volume-1', DONE)
        self.assertRaises(ValueError, journal.ended, 'volume-1', DONE)


class PathBesideTest(cases.TestCase):
    def test_a_path_is_beside_the_manifest_and_tells_the_time(self) -> None:
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

    def test_a_journal_that_a_run_writes_is_refused(self) -> None:
        with Journal(self.path, fakes.header()):
            self.assertIn('in use by a run', self.refused())

    def test_two_runs_do_not_undo_one_journal_at_once(self) -> None:
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


class BesideTest(cases.TestCase):
    """Journals beside a manifest."""

    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.manifest = str(self.home / 'vms[1].yml')

    def opened(self, path: str | None = None) -> Journal:
        """Return the journal of one write that was done now."""
        journal = Journal(
            path or path_beside(self.manifest), fakes.header(clock_ahead=0.0)
        )
        self.addCleanup(journal.__exit__, None, None, None)
        journal.intend(fakes.write('v', Change(KEY, None, PC)))
        journal.ended('v', DONE)
        return journal

    def tells(self, *named: str) -> bool:
        """Tell whether the write is known."""
        volume = fakes.volume('v', image_metadata={KEY: PC})
        later = datetime.datetime.now(
            datetime.timezone.utc
        ) + datetime.timedelta(minutes=1)
        known = history([self.manifest], named).read(volume, [KEY], later)
        return known == {KEY: PC}

    def test_history_has_the_journals_beside_a_manifest(self) -> None:
        self.assertFalse(self.tells())
        self.opened(path_beside(str(self.home / 'vms1.yml')))
        self.assertFalse(self.tells(), 'that is of another manifest')
        self.opened()
        self.assertTrue(self.tells(), 'although it is being written')

    def test_history_has_the_journals_of_rollbacks(self) -> None:
        self.opened(path_beside(path_beside(self.manifest)))
        self.assertTrue(self.tells())

    def test_history_has_journals_that_are_named(self) -> None:
        path = self.opened(str(self.home / 'elsewhere')).path
        self.assertTrue(self.tells(path, path))

    def test_a_broken_journal_is_an_error_where_it_was_named(self) -> None:
        path = pathlib.Path(path_beside(self.manifest))
        path.write_text('{"')
        with self.assertLogs('osc_hwmt.journal.file', 'WARNING') as logged:
            self.assertFalse(self.tells())
        self.assertIn(str(path), logged.output[0])
        self.assertIsNone(unfinished(self.manifest))
        self.assertRaises(FileError, history, [], [str(path)])

    def test_the_newest_journal_tells_whether_a_run_was_killed(self) -> None:
        self.assertIsNone(unfinished(self.manifest))
        killed = self.opened()
        self.assertIsNone(unfinished(self.manifest), 'it is being written')
        killed.__exit__(None, None, None)
        record = unfinished(self.manifest)
        self.assertEqual(killed.path, record.path if record else None)
        with self.opened() as journal:
            journal.end('finished')
        self.assertIsNone(unfinished(self.manifest))
