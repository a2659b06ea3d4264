# SPDX-License-Identifier: Apache-2.0

"""HTML from templates, in which every text is escaped that is not Markup.

So a name that a cloud or a file gives can't end an element or an attribute,
whichever place of a template it is put into.
"""

from __future__ import annotations

import html
import re
import string
from collections.abc import Iterable, Mapping

from osc_hwmt.display import printable

#: What parts the templates of one file from each other.
_BORDER = re.compile(r'<!-- part: ([a-z-]+) -->\n')


class Markup(str):
    """HTML whose texts are escaped already."""

    __slots__ = ()


class Part:
    """A template of HTML with places such as ``$name``."""

    def __init__(self, source: str) -> None:
        self._template = string.Template(source)

    def fill(self, **values: object) -> Markup:
        """Return the HTML with these values.

        Raises KeyError for a place that got none.
        """
        return Markup(
            self._template.substitute(
                {name: escaped(value) for name, value in values.items()}
            )
        )

    def around(self, place: str, **values: object) -> tuple[Markup, Markup]:
        """Return the HTML before and after one place, filled otherwise."""
        before, after = self._template.template.split(f'${place}\n')
        return Part(before).fill(**values), Part(after).fill(**values)


Templates = Mapping[str, Part]


def templates(source: str) -> Templates:
    """Return the templates of a file by their names.

    Each begins after a line ``<!-- part: name -->`` and is without the line
    breaks at its end. What stands before the first one is no template.
    """
    _before, *found = _BORDER.split(source)
    return {
        name: Part(text.rstrip('\n'))
        for name, text in zip(found[::2], found[1::2])
    }


def escaped(value: object) -> Markup:
    """Return a value as HTML that shows it, in a text or in an attribute.

    Control characters and those that turn or hide text are spelled out.
    """
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(printable(str(value))))


def joined(pieces: Iterable[Markup], between: str = '') -> Markup:
    """Return the pieces one after the other; ``between`` is HTML as well."""
    return Markup(between.join(pieces))
