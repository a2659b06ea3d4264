# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pathlib
import subprocess
import sys

from hypothesis import example, given
from hypothesis import strategies as st

import osc_hwmt
from osc_hwmt.exceptions import ManifestError, Problem
from osc_hwmt.yaml_text import nodes as yaml_nodes
from osc_hwmt.yaml_text.nodes import (
    Node,
    child,
    compose,
    data_of,
    integer_of,
    is_true,
    items,
    kind_of,
    scalar_of,
)
from tests.unit.support import cases

ROOT = pathlib.Path(osc_hwmt.__file__).parent.parent


def _value(text: str) -> Node | None:
    return child(compose(f'key: {text}\n', 'f'), 'key')


class ComposeTest(cases.TestCase):
    def problems(self, text: str) -> tuple[Problem, ...]:
        error = self.assertRaises(ManifestError, compose, text, 'f.yml')
        return tuple(error.problems)

    def places(self, text: str) -> list[tuple[int, int]]:
        return [(one.line, one.column) for one in self.problems(text)]

    def test_an_empty_text_has_no_root(self) -> None:
        for text in ('', '\n', '# nothing\n', '---\n...\n'):
            root = compose(text, 'f')
            self.assertTrue(root is None or scalar_of(root) is None, text)

    def test_a_key_stands_once(self) -> None:
        for text, place in (
            ('a: 1\nb: 2\na: 3\n', (3, 1)),
            ('x: {a: 1, a: 2}\n', (1, 11)),
            ('a: 1\n"a": 2\n', (2, 1)),
        ):
            self.assertEqual([place], self.places(text))
            self.assertIn('line 1', self.problems(text)[0].text)

    def test_the_same_key_in_other_mappings_is_fine(self) -> None:
        root = compose('- {a: 1}\n- {a: 1, b: {a: 2}}\n', 'f')
        self.assertEqual(2, len(items(root)))

    def test_every_repeated_key_is_told_in_the_order_of_the_file(self) -> None:
        text = 'a: 1\na: 1\nb: {c: 1, c: 1}\nb: 2\n'
        self.assertEqual([(2, 1), (3, 11), (4, 1)], self.places(text))

    def test_an_alias_is_refused_where_it_stands(self) -> None:
        for text, place in (
            ('a: &x {b: 1}\nc: {d: *x}\n', (2, 8)),
            ('a: &x [*x, *x]\n', (1, 8)),
            ('a: [&x b, *x]\n', (1, 11)),
            ('- &x [b]\n- *x\n', (2, 3)),
            ('a: &x\n  b:\n    c: *x\n', (3, 8)),
        ):
            self.assertEqual([place], self.places(text))
            self.assertIn('alias', self.problems(text)[0].text)

    def test_an_anchor_that_nobody_uses_is_fine(self) -> None:
        root = compose('a: &x 1\n', 'f')
        self.assertEqual('1', scalar_of(child(root, 'a')))

    def test_the_deepest_nesting_allowed_is_accepted(self) -> None:
        deepest = yaml_nodes.MAX_DEPTH
        compose('[' * deepest + ']' * deepest, 'f')
        self.assertIn(
            f'{deepest} levels',
            self.problems('[' * (deepest + 1) + ']' * (deepest + 1))[0].text,
        )

    def test_nesting_without_end_is_refused_and_not_followed(self) -> None:
        # Followed, it ends the interpreter, so it gets one of its own.
        program = (
            'import sys\n'
            'from osc_hwmt.exceptions import ManifestError\n'
            'from osc_hwmt.yaml_text.nodes import compose\n'
            'before, opening = eval(sys.argv[1])\n'
            'try:\n'
            '    compose(before + opening * 60000, "f")\n'
            'except ManifestError as exc:\n'
            '    print(exc.problems[0].text)\n'
        )
        begun = ('# c\r', '? a\n: ', 'a:\r', 'a:\x85', '\ufeff')
        for nested in (
            *(('', opening) for opening in ('- ', '[', '{a: ', '? ')),
            *((before, '- ') for before in begun),
        ):
            done = subprocess.run(
                [sys.executable, '-c', program, repr(nested)],
                capture_output=True,
                text=True,
                cwd=ROOT,
            )
            self.assertEqual(0, done.returncode, (nested, done.stderr[-300:]))
            self.assertTrue(done.stdout, nested)
            if not nested[0]:
                self.assertEqual(
                    f'expected at most {yaml_nodes.MAX_DEPTH} levels',
                    done.stdout.partition(' of')[0],
                )

    def test_a_text_that_is_no_yaml_tells_where(self) -> None:
        for text, line in (
            ('a: [1\n', 2),
            ('a: 1\n b: 2\n', 2),
            ('ok: 1\na: "open\n', 3),
            ('a: b: c\n', 1),
            ('a:\n\tb: 1\n', 2),
            # A second document.
            ('a: 1\n---\nb: 2\n', 2),
        ):
            problem = self.problems(text)[0]
            self.assertIn('not valid YAML', problem.text)
            self.assertEqual(line, problem.line, text)

    def test_a_control_character_is_told_by_place_and_never_shown(
        self,
    ) -> None:
        # libyaml counts bytes, not characters.
        for text in ('a: 1\nb: x\x07y\n', 'a: ééééééé\nb: "\x07"\nc: 1\n'):
            self.assertEqual([(2, 5)], self.places(text))
            self.assertTrue(str(self.problems(text)[0]).isprintable())

    def test_a_key_that_is_no_text_is_refused(self) -> None:
        self.assertIn('as the key', self.problems('? [a, b]\n: 1\n')[0].text)

    def test_a_key_is_shown_without_control_characters(self) -> None:
        text = '"\\e[31m": 1\n"\\e[31m": 2\n'
        self.assertTrue(self.problems(text)[0].text.isprintable())

    def test_a_text_beyond_the_limit_is_not_parsed(self) -> None:
        self.replace('osc_hwmt.yaml_text.nodes.MAX_CHARACTERS', 4)
        self.assertIn('at most 4', self.problems('a: 12\n')[0].text)
        self.assertIsNotNone(compose('a: 1', 'f'))

    def test_nothing_is_constructed_from_a_tag(self) -> None:
        node = _value('!!python/object/apply:os.system ["false"]')
        self.assertEqual(['false'], data_of(node) if node else None)

    def test_positions_are_characters_of_the_text_with_crlf(self) -> None:
        text = '# ü書\r\nä: 1\r\nb: pc\r\n'
        node = child(compose(text, 'f'), 'b')
        assert node is not None
        found = text[node.start_mark.index : node.end_mark.index]
        self.assertEqual('pc', found)
        self.assertEqual(
            (3, 4),
            (node.start_mark.line + 1, node.start_mark.column + 1),
        )

    @given(
        st.one_of(
            st.text(st.characters(codec='utf-8')),
            st.text(alphabet=' -:[]{},\'"#&*!|>%\n\r\tax0\x07\u2028é'),
        )
    )
    @example('%YAML 9.9\n---\na')
    @example('!<tag:')
    def test_any_text_is_read_or_refused_in_words(self, text: str) -> None:
        try:
            compose(text, 'f.yml')
        except ManifestError as exc:
            for problem in exc.problems:
                self.assertTrue(problem.text.isprintable(), problem)
                self.assertGreater(problem.line, 0)
                self.assertGreater(problem.column, 0)


class NodesTest(cases.TestCase):
    def test_a_path_of_keys_leads_to_a_value_or_nowhere(self) -> None:
        root = compose('a: {b: {c: deep}}\n', 'f')
        self.assertEqual('deep', scalar_of(child(root, 'a', 'b', 'c')))
        root = compose('a: [b]\n', 'f')
        self.assertIsNone(child(root, 'a', 'b'))
        self.assertIsNone(child(None, 'a'))
        self.assertEqual([], items(root))

    def test_a_scalar_is_text_unless_it_is_null(self) -> None:
        for text, expected in (
            *((null, None) for null in ('null', '~', '', 'Null', '!!null x')),
            ("''", ''),
            ('"null"', 'null'),
            ('[a]', None),
        ):
            self.assertEqual(expected, scalar_of(_value(text)), text)

    def test_only_a_yaml_true_is_true(self) -> None:
        for text, expected in (
            ('true', True),
            ('YES', True),
            ('on', True),
            ('false', False),
            ('"true"', False),
            ('1', False),
            ('[true]', False),
        ):
            self.assertEqual(expected, is_true(_value(text)), text)

    def test_only_a_decimal_integer_is_an_integer(self) -> None:
        for text, expected in (
            ('10', 10),
            ('"10"', None),
            ('0x10', None),
            ('1.5', None),
            ('ten', None),
        ):
            self.assertEqual(expected, integer_of(_value(text)), text)

    def test_data_is_plain_with_text_as_it_was_written(self) -> None:
        root = compose('a: [1, null, {b: "x"}]\n', 'f')
        assert root is not None
        self.assertEqual({'a': ['1', None, {'b': 'x'}]}, data_of(root))

    def test_what_a_node_is_reads_well_in_a_message(self) -> None:
        for text, expected in (
            ('{}', 'a mapping'),
            ('[]', 'a list'),
            ('null', 'nothing (null)'),
            ('35', "'35'"),
            ('"\\e"', repr('\\x1b')),
            # Cyrillic letters that look like "pc".
            ('\u0440\u0441', repr('\\u0440\\u0441')),
        ):
            node = _value(text)
            assert node is not None
            self.assertEqual(expected, kind_of(node))
