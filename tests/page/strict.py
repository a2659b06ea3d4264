# SPDX-License-Identifier: Apache-2.0

"""HTML read without mercy: what a browser would mend is an error."""

from __future__ import annotations

import dataclasses
import html.parser
from collections.abc import Iterator, Mapping
from typing import Optional

#: Elements that have no end tag.
_VOID = frozenset(('br', 'input', 'meta'))
_Attributes = list[tuple[str, Optional[str]]]


class NotWellFormedError(Exception):
    """What is wrong, and on which line."""


@dataclasses.dataclass
class Element:
    """An element with what is in it, texts and elements, in their order."""

    tag: str
    attributes: Mapping[str, str]
    content: list[str | Element] = dataclasses.field(default_factory=list)

    @property
    def children(self) -> list[Element]:
        """The elements in it."""
        return [one for one in self.content if isinstance(one, Element)]

    def all(self, tag: str = '', **attributes: str) -> list[Element]:
        """Return the elements below it of a tag, or any, in their order."""
        return [
            one
            for one in self._below()
            if tag in ('', one.tag)
            and attributes.items() <= one.attributes.items()
        ]

    def one(self, tag: str = '', **attributes: str) -> Element:
        """Return the only such element."""
        (found,) = self.all(tag, **attributes)
        return found

    @property
    def words(self) -> str:
        """All text of it and of what is below it."""
        return ''.join(
            one.words if isinstance(one, Element) else one
            for one in self.content
        )

    @property
    def skeleton(self) -> tuple[object, ...]:
        """The element without its texts: what is markup in it."""
        names = tuple(sorted(self.attributes))
        return (self.tag, names, *(one.skeleton for one in self.children))

    def _below(self) -> Iterator[Element]:
        for child in self.children:
            yield child
            yield from child._below()


class _Parser(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element('', {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        self._add(tag, attrs)
        if tag in _VOID:
            self.open.pop()

    def handle_startendtag(self, tag: str, attrs: _Attributes) -> None:
        self._add(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1].tag != tag:
            self._wrong(f'</{tag}> ends <{self.open[-1].tag}>')
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)

    def unknown_decl(self, data: str) -> None:
        self._wrong(f'a declaration: {data}')

    def handle_pi(self, data: str) -> None:
        self._wrong(f'a processing instruction: {data}')

    def _add(self, tag: str, attrs: _Attributes) -> None:
        names = [name for name, _value in attrs]
        if len(names) != len(set(names)):
            self._wrong(f'an attribute of <{tag}> stands there twice')
        element = Element(tag, {name: value or '' for name, value in attrs})
        self.open[-1].content.append(element)
        self.open.append(element)

    def _wrong(self, what: str) -> None:
        raise NotWellFormedError(f'line {self.getpos()[0]}: {what}')


def read(text: str) -> Element:
    """Return the html element; raises NotWellFormedError.

    Every element has to be closed, and in its turn.
    """
    parser = _Parser()
    parser.feed(text)
    parser.close()
    if len(parser.open) > 1:
        raise NotWellFormedError(f'<{parser.open[-1].tag}> is not closed')
    return parser.root.one('html')
