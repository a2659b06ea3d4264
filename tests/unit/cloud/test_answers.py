# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from osc_hwmt.cloud import answers
from tests.unit.support import cases

UTC = datetime.timezone.utc


class AnswersTest(cases.TestCase):
    def odd(
        self, read: Callable[[Mapping[str, Any], str], object], value: object
    ) -> str:
        """Return what is said of a member that has this value."""
        error = self.assertRaises(ValueError, read, {'x': value}, 'x')
        return str(error)

    def test_a_text_is_a_text(self) -> None:
        self.assertEqual('ü\x1b', answers.text({'x': 'ü\x1b'}, 'x'))
        odd: tuple[Any, ...] = (None, 1, True, 1.5, [], {})
        for value in odd:
            self.assertIn(
                'x: expected a string, found', self.odd(answers.text, value)
            )

    def test_half_a_character_is_no_text(self) -> None:
        self.odd(answers.text, 'a\ud800')
        self.odd(lambda row, key: answers.texts({'y': row}, 'y'), '\udfff')
        self.odd(answers.texts, {'\udfff': 'a'})

    def test_an_absent_text_is_none(self) -> None:
        for row in ({}, {'x': None}):
            self.assertIsNone(answers.text_if_any(row, 'x'))
        self.odd(answers.text_if_any, 0)

    def test_an_id_has_nothing_but_what_ids_have(self) -> None:
        self.assertEqual('a-1', answers.identifier({'id': 'a-1'}))
        for value in ('../x', '', 7, None):
            self.odd(answers.identifier, value)

    def test_a_number_is_whole(self) -> None:
        self.assertEqual(7, answers.number({'x': 7}, 'x'))
        for value in (None, True, '7', 7.0, float('nan'), float('inf')):
            self.odd(answers.number, value)

    def test_a_time_is_in_utc(self) -> None:
        expected = datetime.datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
        for text in (
            '2026-11-24T14:30:00',
            '2026-11-24T14:30:00Z',
            '2026-11-24T16:30:00+02:00',
        ):
            self.assertEqual(expected, answers.time({'x': text}, 'x'))
        self.assertIsNone(answers.time({}, 'x'))
        self.odd(answers.time, 'tea time')

    def test_a_time_before_all_times_is_odd(self) -> None:
        self.assertRaises(
            OverflowError,
            answers.time,
            {'x': '0001-01-01T00:00:00+14:00'},
            'x',
        )

    def test_rows_are_objects(self) -> None:
        self.assertEqual([], answers.rows({}, 'x'))
        self.assertEqual([{}], answers.rows({'x': [{}]}, 'x'))
        odd: tuple[Any, ...] = ({}, 'a', 1, [1], ['a'], [None])
        for value in odd:
            self.odd(answers.rows, value)

    def test_properties_are_texts(self) -> None:
        self.assertIsNone(answers.texts({}, 'x'))
        self.assertEqual(
            {'a': 'b', 'c': '1', 'd': 'True'},
            answers.texts(
                {'x': {'a': 'b', 'c': 1, 'd': True, 'e': None}}, 'x'
            ),
        )
        odd: tuple[Any, ...] = ([], 'a', {'a': []}, {'a': {}})
        for value in odd:
            self.odd(answers.texts, value)

    def test_what_is_found_is_not_repeated_at_any_length(self) -> None:
        self.assertLess(len(self.odd(answers.text, ['x' * 100_000])), 200)
