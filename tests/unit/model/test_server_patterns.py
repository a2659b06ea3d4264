# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import fnmatch

from hypothesis import given
from hypothesis import strategies as st

from osc_hwmt.exceptions import Error, ManifestError
from osc_hwmt.model.server_patterns import (
    EVERY_SERVER,
    Pattern,
    ServerPatterns,
    read_patterns,
)
from tests.unit.support import cases

_texts = st.text(st.sampled_from('ab-*?[]!'), min_size=1, max_size=5)


def _patterns(*texts: str) -> ServerPatterns:
    return ServerPatterns(tuple(map(Pattern, texts)))


class FitTest(cases.TestCase):
    def test_nobody_named_is_everybody(self) -> None:
        self.assertTrue(EVERY_SERVER.fit('web', 'id'))
        self.assertFalse(EVERY_SERVER)

    def test_a_server_is_named_by_name_pattern_or_id(self) -> None:
        for text, fits in (
            ('web-1', True),
            ('web-*', True),
            ('web-[0-9]', True),
            ('id', True),
            ('web', False),
            ('WEB-*', False),
            ('i*', False),
        ):
            self.assertEqual(fits, _patterns(text).fit('web-1', 'id'), text)

    def test_a_name_with_brackets_can_be_named(self) -> None:
        self.assertTrue(_patterns('web[1]').fit('web[1]', 'id'))

    @given(st.lists(_texts, min_size=1, max_size=4), _texts)
    def test_any_of_several_patterns_is_enough(
        self, texts: list[str], name: str
    ) -> None:
        expected = any(
            text == name or fnmatch.fnmatchcase(name, text) for text in texts
        )
        self.assertEqual(expected, _patterns(*texts).fit(name, 'id'))
        every = _patterns(*texts)
        fit_nothing = [
            text for text in texts if not _patterns(text).fit(name, 'id')
        ]
        if fit_nothing:
            self.assertRaises(Error, every.refuse_idle, [(name, 'id')], '')
        else:
            every.refuse_idle([(name, 'id')], '')


class RefuseIdleTest(cases.TestCase):
    def test_every_pattern_that_fits_nothing_is_named(self) -> None:
        patterns = ServerPatterns(
            (
                Pattern('web'),
                Pattern('db-*'),
                Pattern('z\x1b', 'wave.txt:3'),
                Pattern('id-1'),
            )
        )
        error = self.assertRaises(
            Error, patterns.refuse_idle, [('web', 'id-1')], 'in the manifest'
        )
        self.assertEqual(
            'no server in the manifest matches: db-* (--server), '
            'z\\x1b (wave.txt:3)',
            str(error),
        )

    def test_thousands_of_long_patterns_are_a_few_lines(self) -> None:
        many = tuple(Pattern('x' * 9999, f'f:{n}') for n in range(3000))
        error = self.assertRaises(
            Error, ServerPatterns(many).refuse_idle, [], 'there'
        )
        self.assertIn('and 2,950 more', str(error))
        self.assertLess(len(str(error)), 30_000)


class ReadPatternsTest(cases.TestCase):
    def test_comments_and_blank_lines_are_left_out(self) -> None:
        text = '# wave 3\n\n web-* \r\n\terp-win2012\n#db\na b'
        self.assertEqual(
            (
                Pattern('web-*', 'wave.txt:3'),
                Pattern('erp-win2012', 'wave.txt:4'),
                Pattern('a b', 'wave.txt:6'),
            ),
            read_patterns(text, 'wave.txt'),
        )

    def test_every_bad_line_is_named(self) -> None:
        error = self.assertRaises(
            ManifestError, read_patterns, 'web\na\x1b\n\x07', 'wave.txt'
        )
        self.assertIn('wave.txt:2:1: expected a name', str(error))
        self.assertIn('wave.txt:3:1: expected a name', str(error))
        self.assertNotIn('\x1b', str(error))

    def test_an_empty_file_is_not_every_server(self) -> None:
        for text in ('', '# nobody yet\n'):
            error = self.assertRaises(
                ManifestError, read_patterns, text, 'wave.txt'
            )
            self.assertIn('found none', str(error))
