# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime
import hashlib
import pathlib

from osc_hwmt.exceptions import FileError
from osc_hwmt.journal.file import Journal
from osc_hwmt.journal.format import Input
from osc_hwmt.journal.place import Place
from osc_hwmt.journal.reading import digest, history, opened, unfinished
from osc_hwmt.model.changes import Change, WriteResult
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC

DONE = WriteResult.DONE
KEY = 'hw_machine_type'


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
        self.assertIn('not a text file', self.refused())


class BesideTest(cases.TestCase):
    """Journals beside a manifest."""

    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.manifest = str(self.home / 'vms[1].yml')
        self.place = Place()

    def opened(self, path: str | None = None) -> Journal:
        """Return the journal of one write that was done now."""
        journal = Journal(
            path or _beside(self.manifest), fakes.header(clock_ahead=0.0)
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
        known = history(self.place, [self.manifest], named).read(
            volume, [KEY], later
        )
        return known == {KEY: PC}

    def test_history_has_the_journals_beside_a_manifest(self) -> None:
        self.assertFalse(self.tells())
        self.opened(_beside(str(self.home / 'vms1.yml')))
        self.assertFalse(self.tells(), 'that is of another manifest')
        self.opened()
        self.assertTrue(self.tells(), 'although it is being written')

    def test_history_has_the_journals_of_rollbacks(self) -> None:
        self.opened(_beside(_beside(self.manifest)))
        self.assertTrue(self.tells())

    def test_history_has_journals_that_are_named(self) -> None:
        path = self.opened(str(self.home / 'elsewhere')).path
        self.assertTrue(self.tells(path, path))

    def test_a_broken_journal_is_an_error_where_it_was_named(self) -> None:
        path = pathlib.Path(_beside(self.manifest))
        path.write_text('{"')
        with self.assertLogs('osc_hwmt.journal.reading', 'WARNING') as logged:
            self.assertFalse(self.tells())
        self.assertIn(str(path), logged.output[0])
        self.assertIsNone(unfinished(self.place, self.manifest))
        self.assertRaises(FileError, history, self.place, [], [str(path)])

    def test_the_newest_journal_tells_whether_a_run_was_killed(self) -> None:
        self.assertIsNone(unfinished(self.place, self.manifest))
        killed = self.opened()
        self.assertIsNone(
            unfinished(self.place, self.manifest), 'it is being written'
        )
        killed.__exit__(None, None, None)
        record = unfinished(self.place, self.manifest)
        self.assertEqual(killed.path, record.path if record else None)
        with self.opened() as journal:
            journal.end('finished')
        self.assertIsNone(unfinished(self.place, self.manifest))


class DirectoryTest(BesideTest):
    """The same journals, and those of a directory."""

    def setUp(self) -> None:
        super().setUp()
        self.journals = self.directory()
        self.place = Place(str(self.journals))

    def new(self, manifest: str) -> str:
        return self.place.new('apply', 'dst', manifest)

    def test_history_has_the_journals_of_all_manifests_there(self) -> None:
        self.opened(self.new('elsewhere/vms.yml'))
        self.assertTrue(self.tells())

    def test_a_killed_run_of_another_manifest_is_not_told(self) -> None:
        manifests = str(self.home / 'other.yml'), self.manifest
        for manifest in manifests:
            path = self.new(manifest)
            of = fakes.header(inputs=(Input(manifest, ''),))
            with Journal(path, of):
                pass
            self.assertEqual(
                manifest == self.manifest,
                unfinished(self.place, self.manifest) is not None,
                manifest,
            )


class DigestTest(cases.TestCase):
    def test_a_digest_is_that_of_the_text(self) -> None:
        content = hashlib.sha256('ü'.encode()).hexdigest()
        self.assertEqual(Input('f.yml', content), digest('f.yml', 'ü'))


def _beside(path: str) -> str:
    return Place().new('apply', 'dst', path)
