# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
from typing import Any

import hypothesis
from hypothesis import strategies as st

from osc_hwmt.exceptions import Error, FileError
from osc_hwmt.journal import format as journal_format
from osc_hwmt.journal import history
from osc_hwmt.journal.format import Record, read_journal
from osc_hwmt.model.changes import Change, Write, WriteResult
from osc_hwmt.model.inventory import Project
from osc_hwmt.model.properties import SHIPPED
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
        for time in (
            'soon',
            '2026-11-24T12:00:00',
            7,
            '0001-01-01T00:00:00+00:00',
            '9999-12-31T23:59:59-14:00',
        ):
            told = self.refused(HEADER, {**INTENT, 'time': time})
            self.assertIn('a.journal:2: expected a', told)
            told = self.refused({**HEADER, 'time': time})
            self.assertIn('a.journal:1: the header is not', told)

    def test_the_clocks_difference_is_told_where_it_is_known(self) -> None:
        ahead: Any
        for ahead in (None, 0.5, -3600.0, 7):
            self.assertEqual(
                ahead,
                _read({**HEADER, 'clock_ahead': ahead}).header.clock_ahead,
            )
        self.assertIn(
            'header is not as expected: wrong type',
            self.refused({**HEADER, 'cloud': 7}),
        )
        for ahead in ('much', True, 1e10, -1e300):
            self.assertIn(
                'expected at most ten years between two clocks',
                self.refused({**HEADER, 'clock_ahead': ahead}),
            )

    def test_numbers_that_are_none_are_refused(self) -> None:
        text = json.dumps({**HEADER, 'clock_ahead': 1.5}) + '\n'
        for number in ('NaN', 'Infinity', '1e999', '9' * 5000):
            self.refused_text(text.replace('1.5', number))

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
        key = 'hw_machine_type'
        for wrong, why in (
            ({}, 'an intent'),
            ({'outcome': 'volume-9', 'result': 'done'}, 'an intent'),
            ({**DONE, 'result': 'perhaps'}, 'an intent'),
            ({**INTENT, 'intent': 7}, 'an intent'),
            ({**INTENT, 'changes': {}}, 'a change'),
            ({**INTENT, 'changes': []}, 'an intent'),
            ({**INTENT, 'changes': {key: 'v'}}, 'an intent'),
            ({**INTENT, 'changes': {key: {'old': 1, 'new': ''}}}, 'an intent'),
            (
                {**INTENT, 'changes': {key: {'old': '\ud800', 'new': ''}}},
                'an intent',
            ),
            (
                {name: INTENT[name] for name in INTENT if name != 'server'},
                'an intent',
            ),
            ({'end': None}, 'an intent'),
        ):
            told = self.refused(HEADER, wrong)
            self.assertIn(f'a.journal:2: expected {why}', told, wrong)

    def test_only_properties_of_hardware_are_ever_written(self) -> None:
        pair = {'old': 'x', 'new': 'y'}
        for key in ('image_id', 'signature_verified', '__proto__', '', 'k'):
            told = self.refused(HEADER, {**INTENT, 'changes': {key: pair}})
            self.assertIn('expected only hardware properties', told, key)

    def test_an_id_is_no_path(self) -> None:
        for id in ('../../x/volumes/y', '..', '.', '', 'a/b', 'a%2fb', 'ä'):
            for name in ('intent', 'project_id'):
                told = self.refused(HEADER, {**INTENT, name: id})
                self.assertIn('expected the ID of a volume', told, id)
            told = self.refused({**HEADER, 'project_id': id})
            self.assertIn('expected the ID of a volume', told, id)

    def test_a_note_is_short_and_printable(self) -> None:
        self.assertEqual('CHG', _read({**HEADER, 'note': 'CHG'}).header.note)
        for note in ('', 'x' * 501, 'a\n', '\u202e', '\ud800', 7):
            self.refused({**HEADER, 'note': note})

    def test_a_line_that_no_run_writes_is_not_decoded(self) -> None:
        long = {**INTENT, 'server': 'x' * 1024 * 1024}
        self.assertIn(
            'a.journal:2: expected a JSON document',
            self.refused(HEADER, long, DONE),
        )

    def test_a_write_ends_once(self) -> None:
        told = self.refused(HEADER, INTENT, DONE, DONE)
        self.assertIn('a.journal:4: expected one outcome per write', told)

    def test_a_volume_may_be_announced_again(self) -> None:
        first, second = _read(HEADER, INTENT, DONE, INTENT).announced
        self.assertEqual(
            (WriteResult.DONE, None), (first.result, second.result)
        )
        self.assertEqual(first.write, second.write)

    def test_another_version_of_the_format_is_told(self) -> None:
        told = self.refused({**HEADER, 'journal': 99})
        self.assertIn('expected format version 1, found 99', told)

    def test_what_is_no_journal_is_told(self) -> None:
        self.assertIn('not a journal', self.refused({'a': 1}))
        self.assertIn('expected a JSON', self.refused_text('resources:\n'))
        self.assertIn('expected a JSON', self.refused_text('[' * 90000 + '\n'))
        self.assertIn('empty', self.refused_text(''))
        self.assertIn('incomplete', self.refused_text('{"time'))

    def test_a_header_that_lacks_something_is_told(self) -> None:
        for key in HEADER:
            if key != 'journal':
                lacking = {
                    name: HEADER[name] for name in HEADER if name != key
                }
                self.assertIn(
                    'header is not as expected', self.refused(lacking)
                )

    def test_no_error_reaches_a_terminal_raw(self) -> None:
        for text in ('\x1b[2J\n', _text(HEADER) + '{"\x1b": 1}\n'):
            told = self.refused_text(text)
            self.assertNotIn('\x1b', told)


_IDS = st.from_regex('[A-Za-z0-9][A-Za-z0-9_-]{0,64}', fullmatch=True)
_KEYS = st.sampled_from(('hw_machine_type', *SHIPPED))
_VALUES = st.none() | st.text()
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters()),
    lambda some: st.lists(some) | st.dictionaries(st.text(), some),
    max_leaves=5,
)


class AnyTextTest(cases.TestCase):
    """Whatever a journal has, it is read or refused with a clear error."""

    def check(self, text: str) -> None:
        try:
            record = read_journal(text, 'a.journal')
        except FileError as exc:
            self.assertIn('a.journal:', str(exc))
            self.assertTrue(str(exc).isprintable(), str(exc))
        else:
            # All that is made of it later.
            history.History([record]).read(
                fakes.volume(), ['hw_machine_type'], record.begun
            )

    @hypothesis.given(st.text())
    def test_any_text(self, text: str) -> None:
        self.check(text)
        self.check(_text(HEADER) + text + '\n')

    @hypothesis.given(st.data())
    def test_any_value_in_any_place(self, data: st.DataObject) -> None:
        lines = [
            dict(data.draw(st.sampled_from([HEADER, INTENT, DONE, END])))
            for _line in range(data.draw(st.integers(0, 3)))
        ]
        lines.insert(0, dict(HEADER))
        changed = data.draw(st.sampled_from(lines))
        key = data.draw(st.sampled_from([*changed, 'time', 'changes']))
        changed[key] = data.draw(_JSON)
        self.check(_text(*lines))

    def test_numbers_and_depths_of_all_kinds(self) -> None:
        for text in ('9' * 100000, '[' * 100000, '-1e-999', 'NaN', '{"a":'):
            self.check(_text(HEADER).replace('null', text))


class AnyWriteTest(cases.TestCase):
    @hypothesis.settings(max_examples=30)
    @hypothesis.given(
        st.lists(
            st.builds(
                Write,
                volume_id=_IDS,
                project_id=st.none() | _IDS,
                server_id=st.text(),
                server=st.text(),
                changes=st.lists(
                    st.builds(Change, _KEYS, _VALUES, _VALUES),
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
        self.assertIn('the one that the plan is for', told)
        self.assertIn('https://dst.test/v3', told)
        self.assertIn('project x', told)
        self.assertIn('region RegionTwo', self.refused(fakes.OWN, 'RegionTwo'))
