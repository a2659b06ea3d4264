# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
from typing import Any

import hypothesis
from hypothesis import strategies as st

from osc_hwmt.exceptions import Error, FileError
from osc_hwmt.journal import format as journal_format
from osc_hwmt.journal.format import Record, read_journal
from osc_hwmt.model.changes import Change, Write, WriteResult
from osc_hwmt.model.inventory import Project
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC

HEADER = journal_format.header_line(fakes.header())
INTENT = journal_format.intent_line(fakes.write())
DONE = journal_format.outcome_line('volume-1', WriteResult.DONE, None)
END = journal_format.end_line('finished')


def _text(*documents: Any) -> str:
    return ''.join(json.dumps(document) + '\n' for document in documents)


def _read(*documents: Any) -> Record:
    return read_journal(_text(*documents), 'a.journal')


class LinesTest(cases.TestCase):
    def test_an_intent_has_all_that_undoing_needs(self) -> None:
        write = fakes.write(
            'volume-1',
            Change('hw_machine_type', None, PC),
            Change('hw_disk_bus', 'ide', None),
        )
        self.assertEqual(
            {
                'intent': 'volume-1',
                'project_id': 'project-own',
                'server_id': 'source-of-volume-1',
                'server': 'web',
                'changes': {
                    'hw_machine_type': {'old': None, 'new': PC},
                    'hw_disk_bus': {'old': 'ide', 'new': None},
                },
            },
            journal_format.intent_line(write),
        )

    def test_outcomes_are_told_apart(self) -> None:
        self.assertEqual({'outcome': 'volume-1', 'result': 'done'}, DONE)
        self.assertEqual(
            {'outcome': 'v', 'result': 'unknown', 'error': 'no answer'},
            journal_format.outcome_line('v', WriteResult.UNKNOWN, 'no answer'),
        )

    def test_a_header_has_the_version_of_the_format(self) -> None:
        self.assertEqual(journal_format.VERSION, HEADER['journal'])


class ParseTest(cases.TestCase):
    def refused(self, *documents: Any) -> str:
        return self.refused_text(_text(*documents))

    def refused_text(self, text: str) -> str:
        return str(
            self.assertRaises(FileError, read_journal, text, 'a.journal')
        )

    def test_a_whole_journal_is_read(self) -> None:
        record = _read(HEADER, INTENT, DONE, END)
        self.assertEqual(fakes.header(), record.header)
        (announced,) = record.announced
        self.assertEqual(fakes.write(), announced.write)
        self.assertIs(WriteResult.DONE, announced.result)
        self.assertEqual((False, True), (record.torn, record.ended))

    def test_the_times_around_a_write_are_told(self) -> None:
        times = '2026-11-24T12:00:00+00:00', '2026-11-24T12:00:01+00:00'
        record = _read(
            HEADER, {**INTENT, 'time': times[0]}, {**DONE, 'time': times[1]}
        )
        (announced,) = record.announced
        self.assertEqual(
            times,
            tuple(
                one.isoformat() if one else None
                for one in (announced.begun, announced.ended)
            ),
        )

    def test_a_time_that_is_none_is_an_error(self) -> None:
        for time in ('soon', '2026-11-24T12:00:00', 7):
            told = self.refused(HEADER, {**INTENT, 'time': time})
            self.assertIn('a.journal:2: expected an intent', told)

    def test_the_clocks_difference_is_told_where_it_is_known(self) -> None:
        for ahead in (None, 0.5, -3600.0):
            self.assertEqual(
                ahead,
                _read({**HEADER, 'clock_ahead': ahead}).header.clock_ahead,
            )
        self.assertIn(
            'header is incomplete',
            self.refused({**HEADER, 'clock_ahead': 'much'}),
        )

    def test_a_write_without_an_outcome_was_under_way(self) -> None:
        record = _read(HEADER, INTENT)
        self.assertIsNone(record.announced[0].result)
        self.assertFalse(record.ended)

    def test_wherever_a_run_is_cut_off_the_rest_can_be_read(self) -> None:
        text = _text(HEADER, INTENT, DONE, END)
        begin = len(_text(HEADER))
        for length in range(begin, len(text) + 1):
            record = read_journal(text[:length], 'a.journal')
            whole = text[begin:length].count('\n')
            incomplete = text[begin:length].rpartition('\n')[2]
            # A line that lacks nothing but its end tells all it has to.
            lacks_end = incomplete != '' and text[length] == '\n'
            self.assertEqual(
                bool(incomplete) and not lacks_end, record.torn, length
            )
            self.assertEqual(
                whole + lacks_end > 0, bool(record.announced), length
            )

    def test_what_a_power_cut_leaves_behind_a_line_is_no_line(self) -> None:
        for rest in ('\0' * 4096, '{"ti\0\0\0', '{"time": "2'):
            record = read_journal(_text(HEADER, INTENT) + rest, 'a.journal')
            self.assertEqual(1, len(record.announced))

    def test_a_line_in_the_middle_that_is_none_is_an_error(self) -> None:
        told = self.refused_text(_text(HEADER) + '{"inte\n' + _text(DONE))
        self.assertIn('journal a.journal:2: expected a JSON document', told)

    def test_what_no_run_writes_is_an_error_that_names_the_line(self) -> None:
        changes = {'k': {'old': 1, 'new': None}}
        for wrong in (
            {},
            {'outcome': 'volume-9', 'result': 'done'},
            {**DONE, 'result': 'perhaps'},
            {**INTENT, 'intent': 7},
            {**INTENT, 'changes': {}},
            {**INTENT, 'changes': []},
            {**INTENT, 'changes': {'k': 'v'}},
            {**INTENT, 'changes': changes},
            {key: INTENT[key] for key in INTENT if key != 'server'},
            {'end': None},
        ):
            told = self.refused(HEADER, wrong)
            self.assertIn('a.journal:2: expected an intent', told, wrong)

    def test_a_write_ends_once(self) -> None:
        told = self.refused(HEADER, INTENT, DONE, DONE)
        self.assertIn('a.journal:4: expected an intent', told)

    def test_a_volume_may_be_announced_again(self) -> None:
        first, second = _read(HEADER, INTENT, DONE, INTENT).announced
        self.assertEqual(
            (WriteResult.DONE, None), (first.result, second.result)
        )
        self.assertEqual(first.write, second.write)

    def test_another_version_of_the_format_is_told(self) -> None:
        told = self.refused({**HEADER, 'journal': 99})
        self.assertIn('expected version 1 of the format, found 99', told)

    def test_what_is_no_journal_is_told(self) -> None:
        self.assertIn('this is no journal', self.refused({'a': 1}))
        self.assertIn('expected a JSON', self.refused_text('resources:\n'))
        self.assertIn('expected a JSON', self.refused_text('[' * 90000 + '\n'))
        self.assertIn('empty', self.refused_text(''))
        self.assertIn('incomplete', self.refused_text('{"time'))

    def test_a_header_that_lacks_something_is_told(self) -> None:
        for key in HEADER:
            if key not in ('journal', 'clock_ahead'):
                lacking = {
                    name: HEADER[name] for name in HEADER if name != key
                }
                self.assertIn('header is incomplete', self.refused(lacking))

    def test_no_error_reaches_a_terminal_raw(self) -> None:
        for text in ('\x1b[2J\n', _text(HEADER) + '{"\x1b": 1}\n'):
            told = self.refused_text(text)
            self.assertNotIn('\x1b', told)


_NAMES = st.text(min_size=1)
_VALUES = st.none() | st.text()


class AnyWriteTest(cases.TestCase):
    @hypothesis.settings(max_examples=30)
    @hypothesis.given(
        st.lists(
            st.builds(
                Write,
                volume_id=_NAMES,
                project_id=_VALUES,
                server_id=st.text(),
                server=st.text(),
                changes=st.lists(
                    st.builds(Change, _NAMES, _VALUES, _VALUES),
                    min_size=1,
                    unique_by=lambda change: change.key,
                ).map(tuple),
            ),
            unique_by=lambda write: write.volume_id,
        )
    )
    def test_writes_are_read_as_they_were_written(
        self, writes: list[Write]
    ) -> None:
        record = _read(HEADER, *map(journal_format.intent_line, writes))
        self.assertEqual(writes, [one.write for one in record.announced])


class StrangerTest(cases.TestCase):
    def refused(self, project: Project, region: str | None) -> str:
        error = self.assertRaises(
            Error,
            fakes.header().refuse_stranger,
            'plan',
            'other',
            project,
            region,
        )
        return str(error)

    def test_the_cloud_that_it_is_of_is_taken(self) -> None:
        fakes.header().refuse_stranger('plan', 'dst', fakes.OWN, 'RegionOne')

    def test_another_project_or_region_is_refused(self) -> None:
        told = self.refused(Project('x', 'x', 'x'), 'RegionOne')
        self.assertIn('the one that the plan is of', told)
        self.assertIn('https://dst.test/v3', told)
        self.assertIn('project x', told)
        self.assertIn('region RegionTwo', self.refused(fakes.OWN, 'RegionTwo'))
