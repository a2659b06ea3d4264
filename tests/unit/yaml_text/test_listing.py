# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from osc_hwmt.exceptions import ManifestError
from osc_hwmt.yaml_text import listing as listing_yaml_text
from osc_hwmt.yaml_text.listing import Listing
from osc_hwmt.yaml_text.nodes import (
    MappingNode,
    Node,
    NotYamlError,
    SequenceNode,
    data_of,
)
from tests.unit.support import cases

KEY = 'list'


def _cut(text: str) -> Listing:
    listing = listing_yaml_text.cut(text, 'f', KEY)
    assert listing is not None
    return listing


def _data(listing: Listing) -> list[Any]:
    return [data_of(element.node) for element in listing]


class CutTest(cases.TestCase):
    def pieces(self, text: str) -> list[str]:
        spans = _cut(text).spans or ()
        return [text[span.start : span.end] for span in spans]

    def test_each_element_is_a_piece(self) -> None:
        text = 'a: 1\nlist:\n- b\n- c: 1\n  d: 2\nz: 3\n'
        self.assertEqual(['- b\n', '- c: 1\n  d: 2\n'], self.pieces(text))
        self.assertEqual(['b', {'c': '1', 'd': '2'}], _data(_cut(text)))

    def test_a_list_is_cut_in_its_column_at_the_end_of_lines(self) -> None:
        for before, pieces in (
            (
                'list:  # of\n\n  # one\n',
                ['  - - b\n    - c\n', '  - d\n'],
            ),
            # Comments and blank lines go with what stands above.
            (
                'list:\n',
                ['- a\n\n# of b\n  # deeper\n', '- b\n# end\n'],
            ),
            ('list:\r\n', ['- a: 1\r\n', '- b\r\n']),
            ('list:\n', ['- a\n', '- b']),
        ):
            self.assertEqual(pieces, self.pieces(before + ''.join(pieces)))

    def test_the_rest_of_the_file_keeps_its_lines(self) -> None:
        listing = _cut('a: 1\nlist:\n- b:\n    c\n- d\nz: 2\n')
        root = listing.root
        assert isinstance(root, MappingNode)
        self.assertEqual(
            [0, 1, 5], [name.start_mark.line for name, _value in root.value]
        )

    def test_what_is_no_list_in_block_style_is_not_cut(self) -> None:
        for text in (
            '',
            'list: [a, b]\n',
            '{list: []}\n',
            '{\nlist: []}\n',
            'x: |\n list:\nlist: {}\n',
            '{"list": ["a"]}\n',
            'list:\n',
            'list: &a\n- b\n',
            'other:\n- a\n',
            'x:\n  list:\n  - a\n',
            'x: |\n list:\n- a\n',
            'list:\n- a\r- b\n',
            'list:\n- a\n- "\u2028"\n',
        ):
            self.assertIsNone(
                listing_yaml_text.cut(text, 'f', KEY), repr(text)
            )

    def test_a_list_without_elements_has_room_for_some(self) -> None:
        for text, before, behind in (
            ('list: []\n', 'list:', '\n'),
            ('list:\t[ ]  # no\r\nz: 2', 'list:', '  # no\r\nz: 2'),
            ('a: |\n list: []\nlist:  []', 'a: |\n list: []\nlist:', ''),
        ):
            listing = _cut(text)
            begin, end = listing.bounds
            self.assertEqual(
                ([], before, behind),
                (list(listing), text[:begin], text[end:]),
            )

    def test_an_anchor_stands_once_in_all_pieces(self) -> None:
        text = 'list:\n- &a b\n- {c: &a d}\n'
        error = self.assertRaises(NotYamlError, _cut, text)
        (problem,) = error.problems
        self.assertEqual((3, 7), (problem.line, problem.column))
        self.assertIn('&a, first used on line 2', problem.text)
        for text in ('list:\n- &a b\n- &b c\n', 'list:\n- "&a"\n- "&a"\n'):
            self.assertEqual(2, len(_cut(text)), text)

    def test_a_cut_inside_quotes_or_brackets_shows(self) -> None:
        for text in (
            'list:\n- a: "x\n- b"\n- c\n',
            "list:\n- 'x\n\n- b'\n",
            'list:\n- [a,\n- b]\n- c\n',
            'list:\n- {a: 1,\n- b}\n',
        ):
            listing = _cut(text)
            self.assertRaises(NotYamlError, list, listing)

    def test_lines_are_those_of_the_file(self) -> None:
        text = 'list:\n- a\n# c\n- "b\n'
        listing = _cut(text)
        self.assertEqual(
            (1, 3), tuple(one.line for one in listing.spans or ())
        )
        error = self.assertRaises(NotYamlError, listing.__getitem__, 1)
        self.assertEqual([5], [one.line for one in error.problems])


class TooMuchTest(cases.TestCase):
    """What would fill the memory is refused before it is read."""

    def problem(self, text: str) -> tuple[int, str]:
        self.replace('osc_hwmt.yaml_text.listing.nodes', None)
        error = self.assertRaises(
            ManifestError, listing_yaml_text.cut, text, 'f', KEY
        )
        (problem,) = error.problems
        return problem.line, problem.text

    def test_too_many_elements(self) -> None:
        self.replace('osc_hwmt.yaml_text.listing.MAX_ELEMENTS', 3)
        self.assertEqual(3, len(_cut('list:\n- a\n- b\n- c\nz: 1\n')))
        self.assertEqual(
            (6, 'expected at most 3 elements in the list'),
            self.problem('list:\n- a\n\n- b\n- c\n- d\n- e\n'),
        )

    def test_an_element_that_is_too_long(self) -> None:
        self.replace('osc_hwmt.yaml_text.listing.MAX_ELEMENT_CHARACTERS', 9)
        self.assertEqual(2, len(_cut('list:\n- 345678\n- a\n# b\n')))
        line, why = self.problem('list:\n- a\n- b\n# padded\n- c\n')
        self.assertEqual(3, line)
        self.assertIn('at most 9 characters up to the next element', why)
        self.assertIn('found 13', why)

    def test_too_much_beside_the_list(self) -> None:
        self.replace('osc_hwmt.yaml_text.listing.MAX_CHARACTERS', 9)
        self.assertEqual(1, len(_cut('list:\n- 3456789012345\nz:')))
        line, why = self.problem('# a\nlist:\n- b\n')
        self.assertEqual(1, line)
        self.assertIn('9 characters outside the list list, found 10', why)

    def test_many_anchors_are_looked_at_one_by_one(self) -> None:
        self.replace('osc_hwmt.yaml_text.listing.MAX_ANCHORS', 2)
        self.replace('osc_hwmt.yaml_text.nodes.MAX_ANCHORS', 2)
        text = 'list:\n- &a b\n- &b c\n'
        self.assertEqual(2, len(_cut(text)))
        self.assertIn('2 anchors', self.problem(text + '- &c d\n- &d e\n')[1])


class WholeTest(cases.TestCase):
    def test_a_text_without_a_list_has_no_elements(self) -> None:
        for text in ('', 'a: 1\n', 'list: {}\n', '- list\n'):
            self.assertEqual(0, len(listing_yaml_text.whole(text, 'f', KEY)))

    def test_elements_have_the_places_of_the_file(self) -> None:
        text = 'list: [a, {b: 1}]\n'
        first, second = listing_yaml_text.whole(text, 'f', KEY)
        self.assertEqual(
            (text, 0, 7, 10),
            (
                first.text,
                first.line,
                first.node.start_mark.index,
                second.node.start_mark.index,
            ),
        )

    def test_what_is_too_long_and_no_list_is_not_looked_at(self) -> None:
        self.replace('osc_hwmt.yaml_text.listing.MAX_CHARACTERS', 20)
        self.replace('osc_hwmt.yaml_text.listing.check', None)
        for text in ('\0' * 21, 'list: [a, b, c, d, e, f]\n'):
            error = self.assertRaises(
                NotYamlError, listing_yaml_text.whole, text, 'f', KEY
            )
            self.assertIn('block style under the key list', str(error))

    def test_what_is_not_taken_is_found_out_before_it_fills_memory(
        self,
    ) -> None:
        self.replace('osc_hwmt.yaml_text.listing._NEVER_MIND', 10)
        self.replace('osc_hwmt.yaml_text.nodes.MAX_EVENTS', 20)
        self.replace('osc_hwmt.yaml_text.listing.nodes', None)
        for text, said in (
            ('list: [' + 'a, ' * 20 + ']\n', 'at most 20 keys and values'),
            ('a: 1\nlist: [b\n', 'f:3:'),
        ):
            error = self.assertRaises(
                NotYamlError, listing_yaml_text.whole, text, 'f', KEY
            )
            self.assertIn(said, str(error.problems[0]))


#: Lines that open, close and continue what a cut could go through.
_LINES = st.sampled_from(
    [
        *('- a', '- b: 1', '  c: 2', '  - d', '- - e', '-', '- ', '    f'),
        *('- "g', 'h"', "- 'i", "j'", '  "k', '- [l', 'm]', '- {n: o', '}'),
        *('- |', '- >-', '  p: |+', '   q', '- ? r', '  : s', '# t', ' # u'),
        *('', ' ', '---', '...', 'v: w', 'list:', '- &x y', '- *x', '\t- z'),
        *('- b: "', '- a # c', "- it's", '- !!str 1', '%TAG ! x', '- "\\'),
        *('  c: [', '  c: ]', '-x', '- -', '  -', ': 1', '- : 1', '- a: b: c'),
    ]
)


@st.composite
def _texts(draw: st.DrawFn) -> str:
    indentation = draw(st.sampled_from(['', '  ']))
    lines = draw(st.lists(_LINES, min_size=1, max_size=8))
    end = draw(st.sampled_from(['\n', '\r\n']))
    before = draw(st.sampled_from([[], ['a: 1'], ['---'], ['# c', '"b": |']]))
    indented = [f'{indentation}{line}' if line else line for line in lines]
    return end.join([*before, 'list:', f'{indentation}- first', *indented, ''])


def _placed(node: Node, start: int, line: int) -> Any:
    """Return all there is to a node, with its places in the file.

    Its own places count from ``start`` and ``line``.
    """
    value = node.value
    if isinstance(node, SequenceNode):
        value = [_placed(one, start, line) for one in node.value]
    elif isinstance(node, MappingNode):
        value = [
            (_placed(name, start, line), _placed(one, start, line))
            for name, one in node.value
        ]
    begin, end = node.start_mark, node.end_mark
    if begin.index == end.index:
        # What is left out has its place where the next thing begins.
        return (type(node).__name__, node.tag, value)
    return (
        type(node).__name__,
        node.tag,
        value,
        start + begin.index,
        line + begin.line,
        begin.column,
        # So has the end of a collection in block style.
        None
        if getattr(node, 'flow_style', True) is False
        else start + end.index,
    )


def _all_placed(listing: Listing) -> list[Any]:
    starts = listing.spans.starts if listing.spans else [0] * len(listing)
    return [
        _placed(element.node, start, element.line)
        for element, start in zip(listing, starts)
    ]


class AnyTextTest(cases.TestCase):
    """Whatever stands in a list, a cut does not change what it means."""

    @given(_texts())
    @example('list:\n- first\n- "g\n- a\nh"\n')
    @example('list:\n- first\n- |\n- a\n')
    @example('list:\n  - first\n  - b: 1\n    c:\n  - d\n')
    def test_pieces_are_what_the_whole_has(self, text: str) -> None:
        try:
            listing = listing_yaml_text.cut(text, 'f', KEY)
            assume(listing is not None)
            assert listing is not None
            list(listing)
        except ManifestError:
            return
        whole = listing_yaml_text.whole(text, 'f', KEY)
        self.assertEqual(_all_placed(whole), _all_placed(listing))
        self.assertEqual(
            [name.value for name, _value in _members(whole)],
            [name.value for name, _value in _members(listing)],
        )

    @given(
        st.lists(
            st.recursive(
                st.one_of(st.none(), st.booleans(), st.integers(), st.text()),
                lambda inner: st.one_of(
                    st.lists(inner, max_size=3),
                    st.dictionaries(st.text(max_size=5), inner, max_size=3),
                ),
                max_leaves=8,
            ),
            min_size=1,
            max_size=5,
        ),
        st.booleans(),
    )
    def test_what_pyyaml_writes_is_cut_and_read(
        self, elements: list[Any], wide: bool
    ) -> None:
        text = yaml.safe_dump(
            {'a': 1, KEY: elements, 'z': [2]},
            width=10 if wide else 1000,
            allow_unicode=False,
        )
        listing = listing_yaml_text.cut(text, 'f', KEY)
        if listing is None:
            self.assertIn('&id', text, 'only anchors are in the way')
            return
        self.assertEqual(len(elements), len(listing))
        read = yaml.safe_load(text)[KEY]
        for element, data in zip(listing, read):
            self.assertEqual(data, yaml.safe_load(element.text)[0])


def _members(listing: Listing) -> Any:
    assert isinstance(listing.root, MappingNode)
    return listing.root.value
