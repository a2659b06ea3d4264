# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from osc_hwmt.display import (
    exact,
    few,
    lines,
    printable,
    shortened,
    without_login,
)
from tests.unit.support import cases


class ExactTest(cases.TestCase):
    def test_a_look_alike_is_shown(self) -> None:
        self.assertEqual('pc-q35', exact('pc-q35'))
        self.assertEqual('\\u0440\\u0441', exact('\u0440\u0441'))


class PrintableTest(cases.TestCase):
    def test_text_that_is_printable_stays_as_it_is(self) -> None:
        self.assertEqual('Bücher 書 1', printable('Bücher 書 1'))

    def test_an_escape_sequence_is_shown_and_not_sent(self) -> None:
        self.assertEqual('\\x1b[2Jx', printable('\x1b[2Jx'))

    def test_marks_that_reverse_or_hide_text_are_shown(self) -> None:
        self.assertEqual('a\\u202eb\\u200bc', printable('a\u202eb\u200bc'))

    def test_characters_that_show_as_nothing_are_shown(self) -> None:
        for char in '\u034f\u115f\u3164\ufe0f\U000e0100':
            self.assertEqual(f'pc{ascii(char)[1:-1]}', printable(f'pc{char}'))

    @given(st.text())
    @example('\ud800')
    @example('\x00\x7f\x9b\n')
    def test_whatever_goes_in_comes_out_printable(self, text: str) -> None:
        self.assertTrue(printable(text).isprintable())

    @given(st.text(st.characters(codec='utf-8')))
    def test_text_stays_recognisable(self, text: str) -> None:
        kept = [char for char in text if printable(char) == char]
        shown = iter(printable(text))
        self.assertTrue(
            all(char in shown for char in kept),
            'a printable character was lost or moved',
        )


class BoundsTest(cases.TestCase):
    def test_few_of_many_texts_are_shown_and_the_rest_counted(self) -> None:
        self.assertEqual(['1', '2'], few([1, 2], 2))
        self.assertEqual(
            ['0', '1', 'and 4,310 more'], few(list(range(4312)), 2)
        )

    def test_a_long_text_is_cut_and_says_so(self) -> None:
        self.assertEqual('abc', shortened('abc', 3))
        self.assertEqual(
            'abc... (9,997 more characters)', shortened('abcd' * 2500, 3)
        )

    def test_line_feeds_of_a_message_stay(self) -> None:
        self.assertEqual('a\\x1b\n\\rb\n', lines('a\x1b\n\rb\n'))


class LoginTest(cases.TestCase):
    def test_a_user_and_a_password_are_left_out_of_an_address(self) -> None:
        for text, left in (
            ('https://admin:s@cret@host:5000/v3', 'https://host:5000/v3'),
            (
                'no route to http://u:p@h/v3: a@b',
                'no route to http://h/v3: a@b',
            ),
            ('https://host/v3?mail=a@b', 'https://host/v3?mail=a@b'),
        ):
            self.assertEqual(left, without_login(text))
