# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import yaml

from osc_hwmt.yaml_text.nodes import MappingNode, SequenceNode, child, compose
from osc_hwmt.yaml_text.splices import (
    InsertionPoint,
    NotEditable,
    Splice,
    apply_splices,
    content_end,
    give_other_name,
    set_key,
)
from tests.unit.support import cases


def _mapping(text: str, *path: str) -> MappingNode:
    node = child(compose(text, 'f'), *path)
    assert isinstance(node, MappingNode)
    return node


def _set(text: str, key: str, value: Any, *path: str) -> str:
    splice = set_key(text, _mapping(text, *path), key, value)
    return apply_splices(text, [splice])


def _added(text: str, element: Any) -> str:
    """Return a text with one more element in its list."""
    sequence = child(compose(text, 'f'), 'list')
    assert isinstance(sequence, SequenceNode)
    point = InsertionPoint.below(text, sequence)
    added = point.newline + point.item(element)
    return text[: point.position] + added + text[point.position :]


class ApplySplicesTest(cases.TestCase):
    def test_splices_are_done_wherever_they_stand_in_the_list(self) -> None:
        splices = [Splice(4, 5, 'E'), Splice(0, 1, 'AA'), Splice(2, 2, '-')]
        self.assertEqual('AAb-cdE', apply_splices('abcde', splices))

    def test_no_splice_leaves_the_text(self) -> None:
        self.assertEqual('abc', apply_splices('abc', []))


class SetNewKeyTest(cases.TestCase):
    def test_a_new_key_goes_where_a_sorted_file_has_it(self) -> None:
        for text, edited in (
            ('a: 1\nz: 2\n', 'a: 1\nhw: pc\nz: 2\n'),
            # First where no key sorts behind it.
            ('a: 1\n', 'hw: pc\na: 1\n'),
        ):
            self.assertEqual(edited, _set(text, 'hw', 'pc'))

    def test_a_comment_above_the_next_key_stays_with_that_key(self) -> None:
        text = 'm:\n  a: 1\n\n  # of z\n  # indeed\n  z: 2\n'
        self.assertEqual(
            'm:\n  a: 1\n\n  hw: pc\n  # of z\n  # indeed\n  z: 2\n',
            _set(text, 'hw', 'pc', 'm'),
        )

    def test_a_comment_of_another_column_is_not_moved(self) -> None:
        text = 'm:\n  a: 1\n# aside\n  z: 2\n'
        self.assertEqual(
            'm:\n  a: 1\n# aside\n  hw: pc\n  z: 2\n',
            _set(text, 'hw', 'pc', 'm'),
        )

    def test_the_first_key_of_a_list_element_keeps_its_dash(self) -> None:
        text = 'list:\n- name: x\n'
        sequence = child(compose(text, 'f'), 'list')
        assert isinstance(sequence, SequenceNode)
        element = sequence.value[0]
        assert isinstance(element, MappingNode)
        edited = apply_splices(text, [set_key(text, element, 'hw', None)])
        self.assertEqual('list:\n- hw: null\n  name: x\n', edited)

    def test_a_mapping_in_flow_style_is_not_edited(self) -> None:
        for text in ('m: {a: x, c: y}\n', 'm: {}\n'):
            for edit in (
                lambda text, mapping: set_key(text, mapping, 'hw', 'pc'),
                lambda text, mapping: set_key(text, mapping, 'a', 'pc'),
                lambda text, mapping: give_other_name(text, mapping, 'a', 'b'),
            ):
                self.assertRaises(NotEditable, edit, text, _mapping(text, 'm'))

    def test_line_ends_of_the_file_are_used(self) -> None:
        self.assertEqual(
            'm:\r\n  hw:\r\n    v: pc\r\n  name: x\r\n',
            _set('m:\r\n  name: x\r\n', 'hw', {'v': 'pc'}, 'm'),
        )

    def test_the_first_line_end_is_that_of_the_file(self) -> None:
        self.assertEqual(
            'a: 1\r\nhw: pc\r\nz: 2\n', _set('a: 1\r\nz: 2\n', 'hw', 'pc')
        )

    def test_a_long_value_stays_on_its_line(self) -> None:
        value = 'pc and ' * 40 + 'more'
        self.assertEqual(f'hw: {value}\n', _set('hw: pc\n', 'hw', value))

    def test_positions_hold_behind_text_that_is_not_ascii(self) -> None:
        self.assertEqual(
            'ä: "書 🙂"\nm:\n  hw: pc\n  name: x\n',
            _set('ä: "書 🙂"\nm:\n  name: x\n', 'hw', 'pc', 'm'),
        )

    def test_a_value_is_read_again_as_it_was_given(self) -> None:
        for value in (
            # What looks like something else is quoted.
            *('', 'null', '1', 'yes', 'a: b', '# c', "it's", 'x\ny'),
            # A line break of YAML 1.1, and characters that YAML forbids.
            *('\x85', 'a\x7f\x85\u2028\ufeffz'),
            # What reverses text on a terminal, or hides in it.
            *('a\u202eb', 'é\u200b', 'pc\ufe0f'),
        ):
            edited = _set('m:\n  name: x\n', 'hw', value, 'm')
            data = {'name': 'x', 'hw': value}
            self.assertEqual(data, yaml.safe_load(edited)['m'], edited)
            self.assertTrue(edited.replace('\n', '').isprintable(), edited)


class SetOldKeyTest(cases.TestCase):
    def test_a_value_in_block_style_ends_with_its_last_line(self) -> None:
        for style in ('|-', '>-', '|', '|+'):
            for end in ('\n', '\n\n', '\r\n'):
                text = f'hw: {style}\n  pc{end}# c\nz: 1\n'
                self.assertEqual(
                    f'hw: q35{end}# c\nz: 1\n', _set(text, 'hw', 'q35')
                )

    def test_only_the_value_is_replaced(self) -> None:
        for before, after, value in (
            ('hw:   pc   # why\nz: 1\n', 'hw:   q35   # why\nz: 1\n', 'q35'),
            ('"hw": "pc"\n', '"hw": q35\n', 'q35'),
            ('hw:  # later\nz: 1\n', 'hw: q35  # later\nz: 1\n', 'q35'),
            ('hw: pc\n', 'hw: null\n', None),
        ):
            self.assertEqual(after, _set(before, 'hw', value))

    def test_a_mapping_is_replaced_whole(self) -> None:
        text = 'hw:\n  v: pc\n  gone: 1\n\n# below\nz: 1\n'
        self.assertEqual(
            'hw:\n  v: q35\n\n# below\nz: 1\n', _set(text, 'hw', {'v': 'q35'})
        )

    def test_a_mapping_takes_the_place_of_null(self) -> None:
        for old in ('hw: null\n', 'hw:\n'):
            self.assertEqual(
                'm:\n  hw:\n    v: pc\n',
                _set(f'm:\n  {old}', 'hw', {'v': 'pc'}, 'm'),
            )

    def test_a_mapping_is_replaced_by_anything(self) -> None:
        for value, written in (
            ({'v': 'q35'}, '\n  v: q35'),
            (['a'], '\n- a'),
            ({}, ' {}'),
            ('pc', ' pc'),
            (None, ' null'),
        ):
            for old in (' {"v": "pc"}', '\n  v: pc'):
                self.assertEqual(
                    f'hw:{written}\nz: 1\n',
                    _set(f'hw:{old}\nz: 1\n', 'hw', value),
                )

    def test_a_list_in_a_mapping_is_part_of_it(self) -> None:
        text = 'hw:\n  v: pc\n  by:\n  - a\n  - b\nz: 1\n'
        self.assertEqual('hw:\n  v: q\nz: 1\n', _set(text, 'hw', {'v': 'q'}))


class InsertionPointTest(cases.TestCase):
    def test_an_element_follows_the_last_one_and_looks_like_it(self) -> None:
        for before, behind in (
            ('list:\n- a: 1', '\nz: 1\n'),
            ('list:\n- a: 1\n- a: 2', '\nz: 1\n'),
            ('list:\n- a', ''),
            ('list:\n- a  # one', '\n# end\n'),
            ('list:\n- |\n  one\n  two', '\n'),
            ('list:\n- a', '\n...\n'),
        ):
            self.assertEqual(
                before + '\n- b: 1\n  c: 2' + behind,
                _added(before + behind, {'b': 1, 'c': 2}),
            )
        self.assertEqual(
            'list:\n  - a\n  - b\n', _added('list:\n  - a\n', 'b')
        )
        self.assertEqual(
            'list:\r\n- a\r\n- b: 1\r\n  c: 2\r\n',
            _added('list:\r\n- a\r\n', {'b': 1, 'c': 2}),
        )

    def test_a_list_that_begins_with_an_anchor_keeps_its_column(self) -> None:
        for above in ('', '\n', '  # c - x\n\n  # - d\n'):
            text = f'list: &a !!seq # b\n{above}  - a\n'
            self.assertEqual(text + '  - b\n', _added(text, 'b'))


class ContentEndTest(cases.TestCase):
    def test_blank_lines_and_comments_behind_are_not_content(self) -> None:
        text = 'm:\n  a:\n  - b\n\n# c\nz: 1\n'
        self.assertEqual(
            'm:\n  a:\n  - b', text[: content_end(text, _mapping(text, 'm'))]
        )
