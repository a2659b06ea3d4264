# SPDX-License-Identifier: Apache-2.0

"""Forged and damaged journals."""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import resource as limits
import time
from typing import Any

import hypothesis
from hypothesis import strategies as st

from osc_hwmt.commands.apply import ApplyMachineType
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.commands.rollback import RollBackMachineType
from osc_hwmt.commands.verify import VerifyMachineType
from osc_hwmt.exceptions import FileError
from osc_hwmt.journal import format as journal_format
from osc_hwmt.journal import reading
from osc_hwmt.journal.file import header
from osc_hwmt.journal.place import Place
from osc_hwmt.local import locks
from osc_hwmt.model.changes import WriteResult
from tests.hostile.attacks import attack
from tests.unit.support import fakes, shell
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import PC

KEY = 'hw_machine_type'
#: Seconds and bytes that one bad journal may cost.
TIME, MEMORY = 10.0, 600 * 1024 * 1024


class JournalTestCase(shell.CommandTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.cloud = FakeCloud(
            volumes=[
                fakes.volume(image_metadata={KEY: PC}, attached_to='server-1')
            ]
        )
        created = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
        self.cloud.compute.held[:] = [fakes.server(created=created)]
        self.manifest = self.file(
            fakes.manifest_text(
                fakes.resource(
                    params={KEY: PC},
                    migration={'boot_volume': {'uuid': 'volume-1'}},
                )
            )
        )
        self.journal = self.home / 'workloads.yml.forged.journal'

    def forge(
        self,
        intent: dict[str, Any] | None = None,
        of: dict[str, Any] | None = None,
    ) -> None:
        """Put a journal beside the manifest that differs in these."""
        documents = (
            {**journal_format.header_line(fakes.header()), **(of or {})},
            {**journal_format.intent_line(fakes.write()), **(intent or {})},
            journal_format.outcome_line('volume-1', WriteResult.DONE, None),
        )
        self.journal.write_text(
            ''.join(json.dumps(document) + '\n' for document in documents)
        )

    def refused_to_undo(self, *words: object) -> str:
        """Return why the journal is refused, and nothing was written."""
        self.command: type[MachineTypeLister] = RollBackMachineType
        told = self.refused(self.journal, '--auto-approve', *words)
        self.assertEqual([], self.cloud.writes)
        self.assertTrue(told.isprintable(), told)
        return told

    def passed_over(self) -> None:
        """Check that apply and verify do without it, and say so."""
        began = time.monotonic()
        before = limits.getrusage(limits.RUSAGE_SELF).ru_maxrss
        for command in (VerifyMachineType, ApplyMachineType):
            self.command = command
            self.start_again()
            words = ['--dry-run'] if command is ApplyMachineType else []
            with self.assertLogs('osc_hwmt', 'WARNING') as logged:
                self.assertEqual(0, self.run_command(self.manifest, *words))
            (line,) = (
                record.getMessage()
                for record in logged.records
                if 'ignored, and with it' in record.getMessage()
            )
            self.assertTrue(line.isprintable(), line)
            self.assertIn('forged', line)
        self.assertLess(time.monotonic() - began, TIME)
        after = limits.getrusage(limits.RUSAGE_SELF).ru_maxrss
        self.assertLess((after - before) * 1024, MEMORY)


class ForgedTest(JournalTestCase):
    """A journal that decides what rollback writes, and where."""

    @attack(
        'a journal makes rollback write image_id, signature_verified or '
        '__proto__',
        'refused with the line number: only hardware properties are written',
    )
    def test_keys_that_are_never_written(self) -> None:
        for key in ('image_id', 'signature_verified', '__proto__'):
            self.forge({'changes': {key: {'old': 'evil', 'new': None}}})
            told = self.refused_to_undo()
            self.assertIn(':2: expected only hardware properties', told)

    @attack(
        'a journal names ../../<project>/volumes/<id> as a volume or project',
        'refused with the line number: it is not an ID',
    )
    def test_ids_that_are_paths(self) -> None:
        for id in ('../../x/volumes/y', '../snapshots/x', 'a/b', '..', 'a?b'):
            for name in ('intent', 'project_id'):
                self.forge({name: id})
                self.assertIn(':2: expected the ID', self.refused_to_undo())

    @attack(
        "a journal of one project names another project's volume",
        'the volume is left unchanged, and the detail names both projects',
    )
    def test_a_volume_of_another_project(self) -> None:
        self.cloud.block_storage.held['volume-1'] = fakes.volume(
            image_metadata={KEY: PC}, project_id='victim'
        )
        for said in (fakes.OWN.id, None):
            self.forge({'project_id': said})
            self.command = RollBackMachineType
            self.start_again()
            code = self.run_command(
                self.journal, '--auto-approve', '--overwrite-changed'
            )
            self.assertEqual((1, ['kept']), (code, self.column('Result')))
            self.assertIn(
                'belongs to project victim', self.column('Detail')[0]
            )
            self.assertEqual([], self.cloud.writes)

    @attack(
        'terminal control characters in names and values of a journal',
        'shown as visible escapes',
    )
    def test_control_characters(self) -> None:
        evil = '\x1b]0;x\x07\u202e'
        self.forge({'server': evil}, {'command': evil, 'tool': evil})
        self.command = RollBackMachineType
        self.run_command(self.journal, '--dry-run')
        for line in self.told.splitlines():
            self.assertTrue(line.isprintable(), line)
        self.forge({'intent': evil})
        self.refused_to_undo()


class BadTest(JournalTestCase):
    """One bad journal beside the manifest."""

    @attack(
        'a journal next to the manifest with a clock that is NaN, infinite '
        'or ten thousand years ahead',
        'reported and ignored; rollback refuses it with the line number',
    )
    def test_clocks(self) -> None:
        for ahead in ('NaN', '1e999', '3e11', '9' * 5000):
            self.forge(of={'clock_ahead': 1.5})
            text = self.journal.read_text().replace('1.5', ahead, 1)
            self.journal.write_text(text)
            self.passed_over()
            self.assertIn(':1: ', self.refused_to_undo())

    @attack(
        'a cloud whose Date header has the year 9999',
        'its clock is not written to a journal',
    )
    def test_a_clock_is_not_written(self) -> None:
        for ahead in (2.5e11, float('nan'), float('inf')):
            self.cloud.clock_ahead = ahead
            found = header('apply', self.cloud, [], {})
            self.assertIsNone(found.clock_ahead)

    @attack(
        'a journal next to the manifest with times in the years 1 and 9999',
        'reported and ignored; rollback refuses it with the line number',
    )
    def test_times(self) -> None:
        for moment in (
            '0001-01-01T00:00:00+14:00',
            '9999-12-31T23:59:59-14:00',
        ):
            self.forge({'time': moment})
            self.passed_over()
            self.assertIn(':2: expected a time', self.refused_to_undo())

    @attack(
        'a pipe, a socket or a link to /dev/zero with the name of a journal',
        'reported and ignored; rollback refuses it',
    )
    def test_special_files(self) -> None:
        os.mkfifo(self.journal)
        self.passed_over()
        self.assertIn('found a pipe', self.refused_to_undo())
        self.journal.unlink()
        self.journal.symlink_to('/dev/zero')
        self.passed_over()
        self.assertIn('found a device', self.refused_to_undo())
        self.journal.unlink()
        self.journal.mkdir()
        self.passed_over()
        self.assertIn('found a directory', self.refused_to_undo())

    @attack(
        'a journal of 700 MB next to the manifest',
        'reported and ignored, within 10 s and 600 MB; rollback refuses it',
    )
    def test_a_large_file(self) -> None:
        self.forge()
        os.truncate(self.journal, 700 * 1024 * 1024)
        self.passed_over()
        self.assertIn('expected at most 128 MiB', self.refused_to_undo())

    @attack(
        'deeply nested JSON, half a character, or no JSON at all',
        'reported and ignored; rollback refuses it with the line number',
    )
    def test_odd_json(self) -> None:
        self.forge()
        good, *_rest = self.journal.read_text().splitlines(keepends=True)
        for line in (
            '[' * 500_000,
            '{"end":' * 500_000,
            '{"intent": "\\ud800"}',
            '\x1b[2J',
            '"' + 'x' * 2_000_000,
        ):
            self.journal.write_text(f'{good}{line}\n{{"end": "x"}}\n')
            self.passed_over()
            self.assertIn(':2: expected', self.refused_to_undo())
        self.journal.write_bytes(b'\xff\xfe')
        self.passed_over()

    @attack(
        'terminal control characters in the file name of a journal',
        'shown as visible escapes',
    )
    def test_a_name_with_control_characters(self) -> None:
        self.journal = self.home / 'workloads.yml.\x1b[2J\u202eforged.journal'
        self.journal.write_text('{')
        self.passed_over()
        self.refused_to_undo()
        self.forge()
        self.command = ApplyMachineType
        self.start_again()
        self.run_command(self.manifest, '--dry-run')
        self.assertIn('killed; ', self.told)
        for line in self.told.splitlines():
            self.assertTrue(line.isprintable(), line)

    @attack(
        'any other text as a journal',
        'read, or refused with one clear error',
    )
    @hypothesis.settings(max_examples=300)
    @hypothesis.given(st.text(), st.booleans())
    def test_any_text(self, text: str, after_header: bool) -> None:
        good = json.dumps(journal_format.header_line(fakes.header()))
        try:
            journal_format.read_journal(
                f'{good}\n{text}\n' if after_header else text, 'a.journal'
            )
        except FileError as exc:
            self.assertTrue(str(exc).isprintable(), str(exc))


class PlantedTest(JournalTestCase):
    """Files of another user, where journals and locks are."""

    def be_another_user(self) -> None:
        stat = os.fstat

        class Planted:
            """What fstat says of a file of user 4242."""

            def __init__(self, descriptor: int) -> None:
                self._found = stat(descriptor)

            def __getattr__(self, name: str) -> Any:
                return 4242 if name == 'st_uid' else getattr(self._found, name)

        self.replace('osc_hwmt.journal.reading.os.fstat', Planted)

    @attack(
        'another user plants a journal next to the manifest, so that a '
        'server that is too late looks right',
        'reported and ignored; rollback, when given it, reports its owner',
    )
    def test_a_journal_of_another_user(self) -> None:
        self.forge()
        self.be_another_user()
        self.passed_over()
        self.assertNotIn('killed', self.told)
        self.command = RollBackMachineType
        self.start_again()
        with self.assertLogs('osc_hwmt.journal.reading', 'WARNING') as logged:
            self.run_command(self.journal, '--dry-run')
        self.assertIn('belongs to user 4242', logged.output[0])

    @attack(
        'a journal directory that others can write to, or that belongs to '
        'another user',
        'refused before any cloud is contacted',
    )
    def test_a_directory_of_others(self) -> None:
        there = self.directory()
        there.chmod(0o777)
        for command in (VerifyMachineType, ApplyMachineType):
            self.command = command
            told = self.refused(self.manifest, '--journal-directory', there)
            self.assertIn('expected it to be writable only by you', told)
        self.assertEqual([], self.asked)

    @attack(
        'another user creates /tmp/osc-hwmt-<user ID> or a lock in it, and '
        'holds it forever',
        'the run does not wait: it says that it is not locked, and continues',
    )
    def test_a_place_for_locks_of_others(self) -> None:
        own = self.directory()
        own.chmod(0o777)
        self.replace('osc_hwmt.local.private.per_user', lambda: [str(own)])
        said: list[str] = []
        with locks.Turns(say=said.append).held(['project'], 'a.journal'):
            pass
        self.assertIn('found mode 0777', said[0])
        self.assertEqual([], list(own.iterdir()))

    @attack(
        'two runs of one user with a different TMPDIR',
        'they take turns: the place of their locks does not depend on the '
        'environment',
    )
    def test_two_temporary_directories(self) -> None:
        def place() -> list[pathlib.Path]:
            with locks.Turns().held(['project'], 'a.journal'):
                return sorted(own.iterdir())

        own = self.directory()
        self.replace('osc_hwmt.local.private.per_user', lambda: [str(own)])
        found = []
        for name in 'ab':
            self.replace('os.environ', {'TMPDIR': str(self.home / name)})
            found.append(place())
        self.assertEqual(found[0], found[1])
        self.assertEqual(1, len(found[0]))

    @attack(
        'a link at the place where the next journal will be created',
        'names cannot be guessed, and no existing file is written',
    )
    def test_a_link_in_the_place_of_a_journal(self) -> None:
        names = {Place(str(self.home)).new('apply', 'c', 'm') for _i in 'ab'}
        self.assertEqual(2, len(names))


class ReadingTest(JournalTestCase):
    @attack(
        'a journal of nearly the largest size that is a single line',
        'refused within 10 s and 600 MB',
    )
    def test_one_line_of_the_largest_size(self) -> None:
        self.forge()
        with self.journal.open('a') as file:
            for _part in range(100):
                file.write('x' * 1024 * 1024)
            file.write('\n{"end": "x"}\n')
        began = time.monotonic()
        error = self.assertRaises(FileError, reading.read, str(self.journal))
        self.assertIn(':4: expected a JSON document', str(error))
        self.assertLess(len(str(error)), 1000)
        self.assertLess(time.monotonic() - began, TIME)
