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
    def same(self, before: str, after: str, changes: Any = None) -> bool:
        return same(_node(before), _node(after), changes or {})

    def test_a_key_that_is_no_text_is_no_edit(self) -> None:
        after = nodes('? [b]\n: 1\na: 1\n', 'f')
        assert after is not None
        self.assertFalse(same(_node('a: 1\n'), after, {'b': Now('1')}))
        self.assertFalse(is_data(after, {'a': 1, 'b': 1}))

    def test_comments_and_places_do_not_matter(self) -> None:
        self.assertTrue(self.same('a: {b: 1}\n', '# c\n\na:   {b: 1}  # d\n'))

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
            self.assertFalse(self.same(before, after), after)

    def test_what_was_to_change_has_to_be_there(self) -> None:
        before = 'a: {b: 1}\nz: 1\n'
        changes = {'a': {'c': Now('x')}}
        self.assertTrue(self.same(before, 'a: {c: x, b: 1}\nz: 1\n', changes))
        for after in (
            before,
            'a: {c: y, b: 1}\nz: 1\n',
            'a: {c: x}\nz: 1\n',
            'a: {c: x, b: 1}\nz: 2\n',
            'a: {c: x, b: 1, d: 1}\nz: 1\n',
        ):
            self.assertFalse(self.same(before, after, changes), after)

    def test_what_was_to_change_is_there_once(self) -> None:
        before = _node('a: {b: 1}\n')
        after = nodes('a: {c: x, c: x, b: 1}\n', 'f')
        assert after is not None
        self.assertFalse(same(before, after, {'a': {'c': Now('x')}}))

    def test_a_place_in_a_list_goes_by_number(self) -> None:
        changes = {'a': {1: {'b': Now(None)}}}
        self.assertTrue(
            self.same(
                'a: [{b: 1}, {b: 1}]\n', 'a: [{b: 1}, {b: null}]\n', changes
            )
        )
        self.assertFalse(
            self.same(
                'a: [{b: 1}, {b: 1}]\n', 'a: [{b: null}, {b: 1}]\n', changes
            )
        )

    def test_what_moved_is_what_it_was(self) -> None:
        before = 'a: {b: [x, "y"]}\n'
        moved = child(_node(before), 'a', 'b')
        assert moved is not None
        changes = {'a': {'b': Now(None), 'c': Moved(moved)}}
        self.assertTrue(
            self.same(before, 'a: {b: null, c: [x, "y"]}\n', changes)
        )
        self.assertFalse(
            self.same(before, 'a: {b: null, c: [x, y]}\n', changes)
        )
        self.assertFalse(
            self.same(before, 'a: {b: 1, c: [x, "y"]}\n', changes)
        )
        self.assertFalse(self.same(before, 'a: {c: [x, "y"]}\n', changes))
        self.assertFalse(self.same(before, 'a: {b: null}\n', changes))


class IsDataTest(cases.TestCase):
    def test_data_is_what_yaml_reads_and_nothing_else(self) -> None:
        for text, data, expected in (
            ('null', None, True),
            ('', None, True),
            ('x', 'x', True),
            ('"7.6"', '7.6', True),
            ("''", '', True),
            ('7', 7, True),
            ('true', True, True),
            ('[a, {b: null}]', ['a', {'b': None}], True),
            ('{}', {}, True),
            ('7.6', '7.6', False),
            ('no', 'no', False),
            ('"null"', None, False),
            ('null', 'null', False),
            ('"7"', 7, False),
            ('yes', True, False),
            ('[a]', ['a', 'b'], False),
            ('{a: b}', {}, False),
            ('{a: b}', {'c': 'b'}, False),
            ('[]', {}, False),
            ('x', ['x'], False),
        ):
            node = child(_node(f'k: {text}\n'), 'k')
            assert node is not None
            self.assertIs(expected, is_data(node, data), text)
