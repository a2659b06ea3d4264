# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

from osc_hwmt.yaml_text.nodes import Node, child, compose, nodes
from osc_hwmt.yaml_text.proof import Moved, Now, is_data, same
from tests.unit.support import cases


def _node(text: str) -> Node:
    node = compose(text, 'f')
    assert node is not None
    return node


class SameTest(cases.TestCase):
    def assert_same(
        self, before: str, after: str, changes: Any = None
    ) -> None:
        self.assertTrue(
            same(_node(before), _node(after), changes or {}), after
        )

    def assert_differs(
        self, before: str, after: str, changes: Any = None
    ) -> None:
        self.assertFalse(
            same(_node(before), _node(after), changes or {}), after
        )

    def test_a_key_that_is_no_text_is_no_edit(self) -> None:
        after = nodes('? [b]\n: 1\na: 1\n', 'f')
        assert after is not None
        self.assertFalse(same(_node('a: 1\n'), after, {'b': Now('1')}))
        self.assertFalse(is_data(after, {'a': 1, 'b': 1}))

    def test_comments_and_places_do_not_matter(self) -> None:
        self.assert_same('a: {b: 1}\n', '# c\n\na:   {b: 1}  # d\n')

    def test_everything_else_does(self) -> None:
        before = 'a: {b: 1, c: [x, y]}\n'
        for after in (
            'a: {b: 2, c: [x, y]}\n',
            'a: {b: "1", c: [x, y]}\n',
            'a: {c: [x, y], b: 1}\n',
            'a: {b: 1, c: [y, x]}\n',
            'a: {b: 1, c: [x]}\n',
            'a: {b: 1, c: [x, y], d: 1}\n',
            'a: {b: 1}\n',
            'a: {"b": 1, c: [x, y]}\n',
            'a: {b: !!str 1, c: [x, y]}\n',
            'a: {b: 1, c: {x: y}}\n',
            'a:\n  b: 1\n  c: [x, y]\n',
        ):
            self.assert_differs(before, after)

    def test_what_was_to_change_has_to_be_there(self) -> None:
        before = 'a: {b: 1}\nz: 1\n'
        changes = {'a': {'c': Now('x')}}
        self.assert_same(before, 'a: {c: x, b: 1}\nz: 1\n', changes)
        for after in (
            before,
            'a: {c: y, b: 1}\nz: 1\n',
            'a: {c: x}\nz: 1\n',
            'a: {c: x, b: 1}\nz: 2\n',
            'a: {c: x, b: 1, d: 1}\nz: 1\n',
        ):
            self.assert_differs(before, after, changes)

    def test_what_was_to_change_is_there_once(self) -> None:
        before = _node('a: {b: 1}\n')
        after = nodes('a: {c: x, c: x, b: 1}\n', 'f')
        assert after is not None
        self.assertFalse(same(before, after, {'a': {'c': Now('x')}}))

    def test_a_place_in_a_list_goes_by_number(self) -> None:
        changes = {'a': {1: {'b': Now(None)}}}
        self.assert_same(
            'a: [{b: 1}, {b: 1}]\n', 'a: [{b: 1}, {b: null}]\n', changes
        )
        self.assert_differs(
            'a: [{b: 1}, {b: 1}]\n', 'a: [{b: null}, {b: 1}]\n', changes
        )

    def test_what_moved_is_what_it_was(self) -> None:
        before = 'a: {b: [x, "y"]}\n'
        moved = child(_node(before), 'a', 'b')
        assert moved is not None
        changes = {'a': {'b': Now(None), 'c': Moved(moved)}}
        self.assert_same(before, 'a: {b: null, c: [x, "y"]}\n', changes)
        self.assert_differs(before, 'a: {b: null, c: [x, y]}\n', changes)
        self.assert_differs(before, 'a: {b: 1, c: [x, "y"]}\n', changes)
        self.assert_differs(before, 'a: {c: [x, "y"]}\n', changes)
        self.assert_differs(before, 'a: {b: null}\n', changes)


class IsDataTest(cases.TestCase):
    def test_data_is_what_yaml_reads(self) -> None:
        for text, data in (
            ('null', None),
            ('', None),
            ('x', 'x'),
            ('"7.6"', '7.6'),
            ("''", ''),
            ('7', 7),
            ('true', True),
            ('[a, {b: null}]', ['a', {'b': None}]),
            ('{}', {}),
        ):
            node = child(_node(f'k: {text}\n'), 'k')
            assert node is not None
            self.assertTrue(is_data(node, data), text)

    def test_what_reads_as_something_else_is_not(self) -> None:
        for text, data in (
            ('7.6', '7.6'),
            ('no', 'no'),
            ('"null"', None),
            ('null', 'null'),
            ('"7"', 7),
            ('yes', True),
            ('[a]', ['a', 'b']),
            ('{a: b}', {}),
            ('{a: b}', {'c': 'b'}),
            ('[]', {}),
            ('x', ['x']),
        ):
            node = child(_node(f'k: {text}\n'), 'k')
            assert node is not None
            self.assertFalse(is_data(node, data), text)
