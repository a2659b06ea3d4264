# SPDX-License-Identifier: Apache-2.0

"""Edits in a YAML text that leave every other character as it was.

An edit is a splice: replace the characters from ``start`` to ``end``. The
nodes of nodes.py tell where; nothing is ever dumped again as a whole. A
mapping in flow style, such as ``{a: 1}``, is not edited.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from typing import Any

import yaml

from osc_hwmt.display import printable
from osc_hwmt.yaml_text.nodes import (
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
)

_UNLIMITED = 1 << 30
#: A line with a tag or an anchor, comments, and the first dash of a list.
_BEFORE_DASH = re.compile(
    r'[&!][^\n]*(?:\n[ \t\r]*(?:#[^\n]*)?)*\n( *)-(?=\s)'
)
_BLOCK_STYLES = ('|', '>')
#: libyaml where PyYAML was built with it: some ten times faster.
_FAST_DUMPER = getattr(yaml, 'CSafeDumper', yaml.SafeDumper)
#: Texts that need no quotes, so that most need no dumper: it costs 0.1 ms.
_SURELY_PLAIN = re.compile(
    '[A-Za-z][A-Za-z0-9_./-]*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
)
_NOT_PLAIN = frozenset('y n yes no on off true false null'.split())


class NotEditable(Exception):
    """A text is written in a way that cannot be edited in place."""


@dataclasses.dataclass(frozen=True, order=True)
class Splice:
    """Put ``text`` in the place of the characters ``start`` to ``end``."""

    start: int
    end: int
    text: str


class _Dumper(_FAST_DUMPER):  # type: ignore[misc,valid-type]
    """Writes every text that a terminal could not show with escapes."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        'tag:yaml.org,2002:str', text, None if text == printable(text) else '"'
    )


_Dumper.add_representer(str, _text)


def apply_splices(text: str, splices: Iterable[Splice]) -> str:
    """Return the text with all splices done; they must not overlap."""
    pieces: list[str] = []
    position = 0
    for splice in sorted(splices):
        pieces += (text[position : splice.start], splice.text)
        position = splice.end
    return ''.join((*pieces, text[position:]))


def set_key(text: str, mapping: MappingNode, key: str, value: Any) -> Splice:
    """Return the splice that gives a key of a mapping a new value.

    A new key goes before the first key that sorts after it, so that a sorted
    file stays sorted; comment lines right above that key stay with it. Raises
    NotEditable.
    """
    _refuse_flow_style(mapping)
    for name, old in mapping.value:
        if name.value == key:
            return _replace(text, mapping, name, old, value)
    anchor = next(
        (name for name, _value in mapping.value if name.value > key),
        mapping.value[0][0],
    )
    column = _column(mapping)
    newline = _newline(text)
    lines = _indented(_block({key: value}), column)
    inserted = ''.join(line + newline for line in lines)
    anchor_start = anchor.start_mark.index
    if text[anchor_start - column : anchor_start].strip(' '):
        # The anchor stands behind a dash, so the new key has to as well.
        return Splice(
            anchor_start, anchor_start, inserted[column:] + ' ' * column
        )
    start = _above_comments(text, anchor_start - column, column)
    return Splice(start, start, inserted)


@dataclasses.dataclass(frozen=True)
class InsertionPoint:
    """Where a list in block style takes more elements.

    Each goes on lines of its own, behind what ends at ``position``.
    """

    position: int
    column: int
    newline: str

    @classmethod
    def below(cls, text: str, sequence: SequenceNode) -> InsertionPoint:
        """Return the room below the last element of a list."""
        end = content_end(text, sequence.value[-1])
        return cls(
            _line_end(text, end),
            _dash_column(text, sequence),
            _newline(text),
        )

    @classmethod
    def at(cls, text: str, position: int) -> InsertionPoint:
        """Return the room for the elements of a list that has none."""
        return cls(position, 0, _newline(text))

    def item(self, element: Any) -> str:
        """Return the lines of an element, without the end of the last."""
        return self.newline.join(_indented(_listed([element]), self.column))


def give_other_name(
    text: str, mapping: MappingNode, key: str, other: str
) -> list[Splice]:
    """Return the splices that let a key's value be under another name.

    Under the key itself is null then, right before it. The other name has to
    begin with the key. Raises NotEditable.
    """
    _refuse_flow_style(mapping)
    name = next(name for name, _value in mapping.value if name.value == key)
    start, end = name.start_mark.index, name.end_mark.index
    gap = _newline(text) + ' ' * name.start_mark.column
    suffix = end - (name.style in ("'", '"'))
    return [
        Splice(start, start, f'{text[start:end]}: null{gap}'),
        Splice(suffix, suffix, other[len(key) :]),
    ]


def content_end(text: str, node: Node) -> int:
    """Return where the last character of a node's own content ends.

    A block collection's own end mark is only where the next thing begins,
    past blank lines and comments; that of a text in block style is behind
    its last line.
    """
    while isinstance(node, (MappingNode, SequenceNode)):
        if node.flow_style or not node.value:
            break
        last = node.value[-1]
        node = last[1] if isinstance(node, MappingNode) else last
    end = int(node.end_mark.index)
    if isinstance(node, ScalarNode) and node.style in _BLOCK_STYLES:
        while text[end - 1] in '\r\n':
            end -= 1
    return end


def _replace(
    text: str, mapping: MappingNode, name: Node, old: Node, value: Any
) -> Splice:
    end = content_end(text, old)
    if isinstance(old, ScalarNode) and not isinstance(value, (dict, list)):
        start = old.start_mark.index
        gap = ' ' if text[start - 1 : start] == ':' else ''
        return Splice(start, end, gap + scalar(value))
    beside, *below = _block({'k': value})
    lines = (beside[1:], *_indented(below, _column(mapping)))
    return Splice(name.end_mark.index, end, _newline(text).join(lines))


def _refuse_flow_style(mapping: MappingNode) -> None:
    """Raise NotEditable; every empty mapping is in flow style."""
    if mapping.flow_style:
        raise NotEditable


def _block(value: Any) -> list[str]:
    """Return plain data in block style, in the lines that PyYAML gives it."""
    if isinstance(value, dict) and value:
        return _members(value)
    if isinstance(value, list) and value:
        return _listed(value)
    return [scalar(value)]


def _members(mapping: dict[str, Any]) -> list[str]:
    lines = []
    for key, value in mapping.items():
        below = _block(value)
        name = scalar(key)
        if isinstance(value, dict) and value:
            lines += [f'{name}:', *_indented(below, 2)]
        elif isinstance(value, list) and value:
            lines += [f'{name}:', *below]
        else:
            lines.append(f'{name}: {below[0]}')
    return lines


def _listed(elements: Iterable[Any]) -> list[str]:
    lines = []
    for element in elements:
        first, *others = _block(element)
        lines += [f'- {first}', *_indented(others, 2)]
    return lines


def scalar(value: Any) -> str:
    """Return a text, number, boolean or None as YAML, in one line.

    What a terminal could not show, or would show as something else, is there
    with escapes.
    """
    if isinstance(value, str) and _SURELY_PLAIN.fullmatch(value):
        if value.lower() not in _NOT_PLAIN:
            return value
    plain = not isinstance(value, str) or printable(value) == value
    dumped = yaml.dump(
        [value], Dumper=_Dumper, allow_unicode=plain, width=_UNLIMITED
    )
    return str(dumped)[len('- ') :].rstrip('\n')


def _indented(lines: list[str], column: int) -> list[str]:
    return [' ' * column + line for line in lines]


def _column(mapping: MappingNode) -> int:
    """Return where a mapping's keys begin; the node may begin with a tag."""
    return int(mapping.value[0][0].start_mark.column)


def _dash_column(text: str, sequence: SequenceNode) -> int:
    """Return where a list's dashes stand; the node may begin with a tag."""
    dash = _BEFORE_DASH.match(text, sequence.start_mark.index)
    return len(dash[1]) if dash else int(sequence.start_mark.column)


def _newline(text: str) -> str:
    first = text.find('\n')
    return '\r\n' if first > 0 and text[first - 1] == '\r' else '\n'


def _line_end(text: str, position: int) -> int:
    if text[position - 1 : position] == '\n':
        position -= 1
    end = text.find('\n', position)
    if end < 0:
        return len(text)
    return end - 1 if text[end - 1] == '\r' else end


def _above_comments(text: str, line_start: int, column: int) -> int:
    """Return where the comment lines right above a line begin."""
    while line_start > 0:
        above = text.rfind('\n', 0, line_start - 1) + 1
        line = text[above:line_start]
        if len(line) - len(line.lstrip(' ')) != column:
            break
        if not line.lstrip(' ').startswith('#'):
            break
        line_start = above
    return line_start
