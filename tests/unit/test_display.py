# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from osc_hwmt.display import exact, printable
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
