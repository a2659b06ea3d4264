# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
import logging

from osc_hwmt.exceptions import FileError
from osc_hwmt.journal import format as journal_format
from osc_hwmt.journal import log
from osc_hwmt.journal.log import LoggedJournal
from osc_hwmt.model.changes import WriteResult
from tests.unit.support import cases, fakes

PREFIX = '2026-11-29 02:24:32.104 7 INFO osc_hwmt.gate [req-1 - -] '


class LogTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.lines: list[str] = []

    def _log(self, text: str, *values: str) -> None:
        self.lines.append(PREFIX + text % values)

    def run_one(self, volume_id: str, project_id: str = 'p') -> None:
        """Let the log have the journal of one write."""
        header = fakes.header(project_id=project_id)
        with LoggedJournal(header, self._log) as journal:
            journal.intend(fakes.write(volume_id))
            self.lines.append(PREFIX + 'something else')
            journal.ended(volume_id, WriteResult.DONE)
            journal.end('finished')

    @property
    def text(self) -> str:
        return '\n'.join((*self.lines, ''))

    def test_the_journals_of_a_log_are_those_that_were_logged(self) -> None:
        self.run_one('v')
        self.run_one('w', 'q')
        self.run_one('x')
        found = log.journals(self.text)
        self.assertEqual([('p', 'RegionOne'), ('q', 'RegionOne')], [*found])
        record = journal_format.read_journal(found['p', 'RegionOne'], 'log')
        self.assertEqual(
            [('v', WriteResult.DONE), ('x', WriteResult.DONE)],
            [(one.write.volume_id, one.result) for one in record.announced],
        )
        self.assertTrue(record.ended)

    def test_runs_of_several_processes_may_be_interleaved(self) -> None:
        self.run_one('v')
        half = len(self.lines)
        self.run_one('w')
        lines = self.lines[:half], self.lines[half:]
        self.lines = [one for pair in zip(*lines) for one in pair]
        (text,) = log.journals(self.text).values()
        record = journal_format.read_journal(text, 'log')
        self.assertEqual(2, len(record.announced))
        self.assertTrue(all(one.result for one in record.announced))

    def test_a_log_of_json_has_them_as_well(self) -> None:
        self.run_one('v')
        plain = log.journals(self.text)
        self.lines = [
            json.dumps({'message': one.partition('] ')[2], 'levelno': 20})
            for one in self.lines
        ]
        self.assertEqual(plain, log.journals(self.text))

    def test_a_run_whose_beginning_was_rotated_away_is_passed_over(
        self,
    ) -> None:
        self.run_one('v')
        del self.lines[0]
        self.assertEqual({}, log.journals(self.text))

    def test_lines_of_others_are_passed_over(self) -> None:
        self.lines = [
            f'{log.MARK} no json',
            f'GET /{log.MARK}',
            f'{{"message": 1, "{log.MARK}": 2}}',
            '[' * 100_000 + log.MARK,
        ]
        self.assertEqual({}, log.journals(self.text))

    def test_saved_journals_are_found_again_by_the_same_name(self) -> None:
        directory = self.directory() / 'journals'
        self.run_one('v')
        (path,) = log.save(self.text, 'nova.log', str(directory))
        self.run_one('w')
        self.assertEqual(
            [path], log.save(self.text, 'nova.log', str(directory))
        )
        (found,) = directory.glob('*.journal')
        self.assertEqual(0o600, found.stat().st_mode & 0o777)
        record = journal_format.read_journal(found.read_text(), path)
        self.assertEqual(2, len(record.announced))

    def test_a_log_without_any_is_told(self) -> None:
        error = self.assertRaises(
            FileError, log.save, 'text', 'nova.log', str(self.directory())
        )
        self.assertEqual(
            'nova.log: no line contains osc-hwmt-journal', str(error)
        )

    def test_a_logger_of_python_takes_the_lines(self) -> None:
        with self.assertLogs('osc_hwmt.test', 'INFO') as caught:
            LoggedJournal(
                fakes.header(), logging.getLogger('osc_hwmt.test').info
            )
        self.assertIn('"journal": 1', caught.output[0])
