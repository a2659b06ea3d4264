# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.yaml_text.nodes import Node, child, compose
from osc_hwmt.yaml_text.reader import Reader
from tests.unit.support import cases


class ReaderTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.reader = Reader('f.yml')

    def node(self, text: str) -> Node | None:
        return child(compose(f'key: {text}\n', 'f.yml'), 'key')

    def test_what_is_as_it_should_be_is_returned(self) -> None:
        read = self.reader
        self.assertEqual('a b', read.text(self.node('" a\\n b "')))
        self.assertEqual('\\x1b[2J', read.text(self.node('"\\e[2J"')))
        self.assertEqual(2, len(read.elements(self.node('[a, b]'))))
        self.assertEqual(['a'], list(read.mapping(self.node('{a: 1}'))))
        self.assertEqual(['a'], list(read.members(self.node('{a: }'), 'ab')))
        self.assertEqual([], self.reader.problems)

    def test_what_is_absent_is_no_problem(self) -> None:
        read = self.reader
        self.assertEqual('', read.text(None))
        self.assertEqual([], read.elements(None))
        self.assertEqual({}, read.members(None, 'ab', 'a'))
        self.assertEqual([], self.reader.problems)

    def test_what_is_something_else_is_refused(self) -> None:
        read = self.reader
        read.text(self.node('" "'))
        read.text(self.node('[a]'))
        read.elements(self.node('a'))
        read.mapping(self.node('[a]'))
        read.members(self.node('{c: 1}'), 'ab', 'b')
        self.assertEqual(
            [
                "expected a string, found ' '",
                'expected a string, found a list',
                "expected a list, found 'a'",
                'expected a mapping, found a list',
                'unknown key c; known keys: a, b',
                'missing keys: b',
            ],
            [problem.text for problem in self.reader.problems],
        )
        self.assertEqual({1}, {one.line for one in self.reader.problems})
