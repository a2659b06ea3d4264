# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime
import pathlib

from osc_hwmt.exceptions import FileError
from osc_hwmt.journal import file as file_journal
from osc_hwmt.journal import file as journal
from osc_hwmt.journal.history import History
from osc_hwmt.model.changes import Change, WriteResult
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC

KEY = 'hw_machine_type'


class JournalsTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.manifest = str(self.home / 'vms[1].yml')

    def written(self, path: str) -> pathlib.Path:
        """Write a journal of one write that was done now."""
        header = fakes.header(clock_ahead=0.0)
        with journal.Journal(path, header) as opened:
            opened.intend(fakes.write('v', Change(KEY, None, PC)))
            opened.ended('v', WriteResult.DONE)
        return pathlib.Path(path)

    def tells(self, history: History) -> bool:
        """Tell whether the write is known."""
        volume = fakes.volume('v', image_metadata={KEY: PC})
        later = datetime.datetime.now(
            datetime.timezone.utc
        ) + datetime.timedelta(minutes=1)
        return history.read(volume, [KEY], later) == {KEY: PC}

    def test_those_beside_a_manifest_are_found(self) -> None:
        self.assertFalse(self.tells(file_journal.history([self.manifest])))
        self.written(journal.path_beside(self.manifest))
        self.assertTrue(self.tells(file_journal.history([self.manifest])))

    def test_so_are_those_of_a_rollback(self) -> None:
        first = journal.path_beside(self.manifest)
        self.written(journal.path_beside(first))
        self.assertTrue(self.tells(file_journal.history([self.manifest])))

    def test_those_of_another_manifest_are_not(self) -> None:
        self.written(journal.path_beside(str(self.home / 'vms1.yml')))
        self.assertFalse(self.tells(file_journal.history([self.manifest])))

    def test_others_can_be_named(self) -> None:
        path = self.written(str(self.home / 'elsewhere'))
        history = file_journal.history([self.manifest], [str(path), str(path)])
        self.assertTrue(self.tells(history))

    def test_one_that_is_being_written_is_read(self) -> None:
        path = journal.path_beside(self.manifest)
        with journal.Journal(path, fakes.header(clock_ahead=0.0)) as opened:
            opened.intend(fakes.write('v', Change(KEY, None, PC)))
            opened.ended('v', WriteResult.DONE)
            self.assertTrue(self.tells(file_journal.history([self.manifest])))

    def test_a_broken_one_beside_tells_nothing_and_is_told(self) -> None:
        path = pathlib.Path(journal.path_beside(self.manifest))
        path.write_text('no journal\n')
        with self.assertLogs('osc_hwmt.journal.file', 'WARNING') as logged:
            file_journal.history([self.manifest])
        self.assertIn(str(path), logged.output[0])

    def test_a_broken_one_that_was_named_is_an_error(self) -> None:
        self.assertRaises(
            FileError, file_journal.history, [], [str(self.home / 'nowhere')]
        )


class UnfinishedTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.manifest = str(self.directory() / 'vms.yml')

    def opened(self) -> journal.Journal:
        return journal.Journal(
            journal.path_beside(self.manifest), fakes.header()
        )

    def run_once(self, *, killed: bool) -> str:
        with self.opened() as opened:
            opened.intend(fakes.write())
            if not killed:
                opened.end('finished')
            return opened.path

    def test_the_newest_journal_counts(self) -> None:
        self.assertIsNone(file_journal.unfinished(self.manifest))
        path = self.run_once(killed=True)
        record = file_journal.unfinished(self.manifest)
        self.assertEqual(path, record.path if record else None)
        self.run_once(killed=False)
        self.assertIsNone(file_journal.unfinished(self.manifest))

    def test_one_that_is_being_written_is_none(self) -> None:
        with self.opened():
            self.assertIsNone(file_journal.unfinished(self.manifest))

    def test_what_is_no_journal_is_no_error(self) -> None:
        with open(journal.path_beside(self.manifest), 'w') as file:
            file.write('{"')
        self.assertIsNone(file_journal.unfinished(self.manifest))
        self.assertIsNone(file_journal.unfinished('nowhere/vms.yml'))
