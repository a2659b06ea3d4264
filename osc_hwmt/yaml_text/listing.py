# SPDX-License-Identifier: Apache-2.0

"""A YAML text with a long list in it, one element of the list at a time.

The nodes of a text take some fifty times its memory, and most of the time
that reading takes is spent on that memory. So a list in block style is cut
between its elements, and each is composed when it is looked at.

A cut is right where what stands before it is YAML that is complete: then the
scanner of the whole text is, at the cut, in the state in which it begins each
element. It could only be otherwise inside quotes or brackets, and then the
piece before the cut is not complete. A text that cannot be cut so is read as
a whole.
"""

from __future__ import annotations

import array
import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence

from osc_hwmt.exceptions import ManifestError, Problem
from osc_hwmt.i18n import _
from osc_hwmt.yaml_text.nodes import (
    MAX_ANCHORS,
    MAX_CHARACTERS,
    MappingNode,
    Node,
    NotYamlError,
    ScalarNode,
    SequenceNode,
    check,
    child,
    items,
    nodes,
    problem_at,
)

#: Characters whose nodes need no thought; of more, first is looked at whether
#: they are YAML at all, which takes no memory.
_NEVER_MIND = 1024 * 1024
#: Three times the most servers that are expected. The next bounds what the
#: nodes of one of them take: some have three characters each.
MAX_ELEMENTS = 300_000
MAX_ELEMENT_CHARACTERS = 4 * 1024 * 1024
#: What libyaml takes for the end of a line, beside \n and \r\n.
_OTHER_LINE_ENDS = ('\x85', '\u2028', '\u2029')
_END_OF_HEADING = re.compile(r':[ \t]{0,1000}(?:#[^\n]*)?\r?\n')
_EMPTY_LIST = re.compile(r':([ \t]{0,1000}\[[ \t]*\])')
_NOT_BLANK_NOR_COMMENT = r'(?![ \t]*(?:#|\r?\n|\Z))'
_SOMETHING = re.compile('^' + _NOT_BLANK_NOR_COMMENT, re.MULTILINE)
_DASH = re.compile(r'( *)-(?=[ \t\r\n]|\Z)')
#: An anchor, or what looks like one inside a text.
_ANCHOR = re.compile(r'(?<![\w&])&([\w-]+)')


@dataclasses.dataclass(frozen=True)
class Element:
    """An element of the list, and the text that its positions count in.

    That text begins below ``line`` lines of the file at ``path``.
    """

    node: Node
    text: str
    path: str
    line: int

    def line_of(self, node: Node | None) -> int:
        """Return the line of the file where a node of it, or it, begins."""
        return self.line + int((node or self.node).start_mark.line) + 1

    def problem(self, node: Node | None, why: str) -> Problem:
        """Return a problem placed where a node of it, or it, begins."""
        return problem_at(node or self.node, self.path, why, self.line)


@dataclasses.dataclass(frozen=True)
class Span:
    """A stretch of a text, which begins below so many lines."""

    start: int
    end: int
    line: int


class Spans:
    """The stretches of a text that follow each other, up to its ``end``.

    Where there are none yet, some can take the place from ``begin`` to
    ``end``.
    """

    def __init__(
        self,
        starts: Sequence[int],
        lines: Iterable[int],
        end: int,
        begin: int | None = None,
    ) -> None:
        self._bounds = array.array('Q', (*starts, end))
        self._lines = array.array('Q', lines)
        self.bounds = self._bounds[0] if begin is None else begin, end

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Span]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> Span:
        """Return a stretch, counted from the first."""
        start, end = self._bounds[number : number + 2]
        return Span(start, end, self._lines[number])

    @property
    def starts(self) -> Sequence[int]:
        """Return where each of them begins."""
        return self._bounds[:-1]


@dataclasses.dataclass(frozen=True)
class Listing:
    """A text that is a mapping with a list under one of its keys.

    ``root`` has all of it where the text is read as a whole. Where it is
    cut, ``spans`` has its pieces, and one empty text stands in ``root`` for
    the whole list.
    """

    path: str
    text: str
    root: Node | None
    key: str
    spans: Spans | None = None

    def __len__(self) -> int:
        if self.spans is not None:
            return len(self.spans)
        return len(items(child(self.root, self.key)))

    @property
    def bounds(self) -> tuple[int, int]:
        """Return where the pieces begin and end, without any the text."""
        if self.spans is None:
            return 0, len(self.text)
        return self.spans.bounds

    def __iter__(self) -> Iterator[Element]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> Element:
        """Return an element; raises NotYamlError where a cut was wrong."""
        text = self.piece(number)
        if self.spans is None:
            node = items(child(self.root, self.key))[number]
            return Element(node, text, self.path, 0)
        line = self.spans[number].line
        root = nodes(text, self.path, line)
        if not isinstance(root, SequenceNode) or len(root.value) != 1:
            raise NotYamlError([])
        return Element(root.value[0], text, self.path, line)

    def piece(self, number: int) -> str:
        """Return the text that an element's positions count in."""
        if self.spans is None:
            return self.text
        span = self.spans[number]
        return self.text[span.start : span.end]


def whole(text: str, path: str, key: str) -> Listing:
    """Return a text that is read as a whole; raises NotYamlError.

    That is said first of one that is too long and whose list is none in
    block style: to look for more wrong in it takes minutes.
    """
    if len(text) > MAX_CHARACTERS and not _first_element(text, key):
        why = _(
            'expected at most %(limit)d characters, or a list in block style '
            'under the key %(key)s; found %(n)d characters'
        ) % {'limit': MAX_CHARACTERS, 'key': key, 'n': len(text)}
        raise NotYamlError([Problem(path, 1, 1, why)])
    if len(text) > _NEVER_MIND:
        check(text, path)
    return Listing(path, text, nodes(text, path), key)


def cut(text: str, path: str, key: str) -> Listing | None:
    """Return a text that is read in pieces, None where it cannot be cut.

    Raises ManifestError where there are more elements, or more characters in
    one or beside all, than can be read, and NotYamlError where an anchor
    stands twice, and where a list without elements stands in what is no YAML.
    Whether the pieces are YAML by themselves shows when they are read.
    """
    first = _first_element(text, key)
    spans = None
    if first:
        spans = _spans(text, path, first.start(), len(first[1]))
        _refuse_long(spans, text, path, key)
    if _may_repeat_an_anchor(text):
        check(text, path)
    if first is None or spans is None:
        return _empty(text, path, key)
    if _has_other_line_ends(text):
        return None
    column = len(first[1])
    begin, end = spans.bounds
    # As many lines as the list has, so that the others keep their numbers.
    stand_in = ' ' * column + '- ""' + '\n' * text.count('\n', begin, end)
    beside = text[:begin] + stand_in + text[end:]
    try:
        if len(beside) > _NEVER_MIND:
            check(beside, path)
        root = nodes(beside, path)
    except NotYamlError:
        return None
    listed = items(child(root, key))
    if len(listed) == 1 and _is_stand_in(listed[0], begin + column + 2):
        return Listing(path, text, root, key, spans)
    return None


def _empty(text: str, path: str, key: str) -> Listing | None:
    """Return a text whose list has no elements yet, None for another."""
    brackets = _behind_key(text, key, _EMPTY_LIST)
    if not brackets or len(text) > MAX_CHARACTERS:
        return None
    root = nodes(text, path)
    listed = child(root, key)
    if (
        isinstance(root, MappingNode)
        and not root.flow_style
        and isinstance(listed, SequenceNode)
        and listed.end_mark.index == brackets.end(1)
    ):
        begin, end = brackets.span(1)
        return Listing(path, text, root, key, Spans((), (), end, begin))
    return None


def _first_element(text: str, key: str) -> re.Match[str] | None:
    """Return the dash, with its indentation, that begins the key's list."""
    heading = _behind_key(text, key, _END_OF_HEADING)
    line = heading and _SOMETHING.search(text, heading.end())
    return _DASH.match(text, line.start()) if line else None


def _behind_key(
    text: str, key: str, pattern: re.Pattern[str]
) -> re.Match[str] | None:
    """Return what follows the key at the first line where it fits."""
    found = (
        pattern.match(text, start + len(key))
        for start in _lines_that_begin_with(key, text)
    )
    return next(filter(None, found), None)


def _lines_that_begin_with(key: str, text: str) -> Iterator[int]:
    """Yield their places; a regular expression takes ten times as long."""
    if text.startswith(key):
        yield 0
    position = text.find('\n' + key)
    while position >= 0:
        yield position + 1
        position = text.find('\n' + key, position + 1)


def _refuse_long(spans: Spans, text: str, path: str, key: str) -> None:
    """Raise ManifestError where more is to be read at once than can be."""
    begin, end = spans.bounds
    beside = begin + len(text) - end
    if beside > MAX_CHARACTERS:
        why = _(
            'expected at most %(limit)d characters outside the list %(key)s, '
            'found %(n)d'
        ) % {'limit': MAX_CHARACTERS, 'key': key, 'n': beside}
        raise ManifestError([Problem(path, 1, 1, why)])
    for span in spans:
        size = span.end - span.start
        if size > MAX_ELEMENT_CHARACTERS:
            why = _(
                'expected at most %(limit)d characters up to the next element '
                'of the list, found %(n)d'
            ) % {'limit': MAX_ELEMENT_CHARACTERS, 'n': size}
            raise ManifestError([Problem(path, span.line + 1, 1, why)])


def _may_repeat_an_anchor(text: str) -> bool:
    """Tell whether two pieces could have the same anchor.

    PyYAML refuses that within a text, though nothing refers to it.
    """
    if '&' not in text:
        return False
    found: set[str] = set()
    for anchor in _ANCHOR.finditer(text):
        if anchor[1] in found or len(found) > MAX_ANCHORS:
            return True
        found.add(anchor[1])
    return False


def _has_other_line_ends(text: str) -> bool:
    return text.count('\r') != text.count('\r\n') or any(
        end in text for end in _OTHER_LINE_ENDS
    )


def _is_stand_in(node: Node, position: int) -> bool:
    return (
        isinstance(node, ScalarNode)
        and node.value == ''
        and node.start_mark.index == position
    )


def _spans(text: str, path: str, begin: int, column: int) -> Spans:
    """Return the stretches of a list whose dashes stand in a column.

    Raises ManifestError for more than MAX_ELEMENTS.
    """
    not_deeper = re.compile(
        rf'^(?! {{{column + 1}}}){_NOT_BLANK_NOR_COMMENT}', re.MULTILINE
    )
    starts = array.array('Q')
    end = len(text)
    for line in not_deeper.finditer(text, begin):
        dash = _DASH.match(text, line.start())
        if dash is None or len(dash[1]) != column:
            end = line.start()
            break
        starts.append(line.start())
        if len(starts) > MAX_ELEMENTS:
            number = text.count('\n', 0, line.start()) + 1
            why = _('expected at most %d elements in the list') % MAX_ELEMENTS
            raise ManifestError([Problem(path, number, 1, why)])
    lines = array.array('Q')
    number = 0
    for before, start in zip((0, *starts), starts):
        number += text.count('\n', before, start)
        lines.append(number)
    return Spans(starts, lines, end)
