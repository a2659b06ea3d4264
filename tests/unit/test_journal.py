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
from typing import Any
from unittest import mock

from osc_hwmt.exceptions import FileError
from osc_hwmt.journal import VERSION, Journal, header, path_beside
from osc_hwmt.manifest import parse
from osc_hwmt.plan import Change
from tests.fakes import FakeCloud, manifest_text, resource
from tests.unit import base

CHANGES = (Change('hw_machine_type', None, 'pc'),)


class JournalTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = self.directory() / 'apply.journal'

    def opened(self, **header: Any) -> Journal:
        journal = Journal(str(self.path), header)
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
        self.opened().succeeded('volume-1')
        for line in self.lines():
            time = datetime.datetime.fromisoformat(line['time'])
            self.assertEqual(datetime.timedelta(0), time.utcoffset())

    def test_an_intent_has_all_that_undoing_needs(self) -> None:
        changes = (*CHANGES, Change('hw_disk_bus', 'ide', None))
        self.opened().intend('volume-1', 'source-1', 'web', changes)
        intent = self.lines()[1]
        del intent['time']
        self.assertEqual(
            {
                'intent': 'volume-1',
                'server_id': 'source-1',
                'server': 'web',
                'changes': {
                    'hw_machine_type': {'old': None, 'new': 'pc'},
                    'hw_disk_bus': {'old': 'ide', 'new': None},
                },
            },
            intent,
        )

    def test_outcomes_are_told_apart(self) -> None:
        journal = self.opened()
        journal.succeeded('volume-1')
        journal.failed('volume-2', 'no answer')
        done, failed = self.lines()[1:]
        self.assertEqual(
            ('volume-1', 'done'), (done['outcome'], done['result'])
        )
        self.assertEqual(
            ('volume-2', 'failed', 'no answer'),
            (failed['outcome'], failed['result'], failed['error']),
        )

    def test_a_line_is_on_the_disk_when_the_call_returns(self) -> None:
        synced: list[int] = []
        journal = self.opened()
        self.replace(
            'osc_hwmt.journal.os.fsync',
            lambda _descriptor: synced.append(self.path.stat().st_size),
        )
        journal.succeeded('volume-1')
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
        self.replace('osc_hwmt.journal.os.fsync', refuse)
        error = self.assertRaises(FileError, journal.succeeded, 'volume-1')
        self.assertIn(f'{self.path}: can not be written: No space', str(error))

    def test_after_a_line_that_failed_nothing_is_announced_any_more(
        self,
    ) -> None:
        journal = self.opened()
        with mock.patch('os.fsync', side_effect=OSError(28, 'No space')):
            self.assertRaises(FileError, journal.succeeded, 'volume-1')
        error = self.assertRaises(
            FileError, journal.intend, 'volume-2', 's', 'web', CHANGES
        )
        self.assertIn('No space', str(error))
        self.assertNotIn('volume-2', self.path.read_text())

    def test_names_can_not_break_a_line(self) -> None:
        self.opened().intend('v\n1', 's', 'a\nb\x1b\u2028ü', CHANGES)
        self.assertEqual(2, len(self.path.read_bytes().splitlines()))
        self.assertEqual('a\nb\x1b\u2028ü', self.lines()[1]['server'])

    def test_threads_never_mix_their_lines(self) -> None:
        journal = self.opened()
        threads = [
            threading.Thread(target=journal.succeeded, args=(str(n) * 500,))
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
        with Journal(str(self.path), {}) as journal:
            journal.succeeded('volume-1')
        self.assertRaises(ValueError, journal.succeeded, 'volume-1')


class PathBesideTest(base.TestCase):
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


class HeaderTest(base.TestCase):
    def test_it_names_the_tool_the_cloud_and_the_manifests(self) -> None:
        self.replace('osc_hwmt.version', lambda: '1.2.3')
        text = manifest_text(resource('ü'))
        digest = hashlib.sha256(text.encode()).hexdigest()
        self.assertEqual(
            {
                'tool': 'osc-hwmt 1.2.3',
                'cloud': 'dst',
                'project_id': 'project-own',
                'manifests': [{'path': 'f.yml', 'sha256': digest}],
            },
            header(FakeCloud(), [parse(text, 'f.yml')]),
        )
