# SPDX-License-Identifier: Apache-2.0

"""What an edit would change in a manifest, line by line."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator

from osc_hwmt.manifest.reading import LIST
from osc_hwmt.yaml_text import listing

#: Lines shown above and below a change, as diff -u does.
_CONTEXT = 3
_LINE = re.compile('[^\n]*\n|[^\n]+')


def unified(before: str, after: str, path: str) -> Iterator[str]:
    """Yield the lines of a unified diff, without line ends.

    Resources are compared one by one: that takes time in proportion to the
    text, where a comparison of all lines with all others would not end.
    """
    old, new = _pieces(before, path), _pieces(after, path)
    if len(old) > len(new):
        old, new = [before], [after]
    # What is added stands behind the last one, and belongs to it.
    last = len(old) - 1
    new = [*new[:last], ''.join(new[last:])]
    if before != after:
        yield f'--- {path}'
        yield f'+++ {path}'
    old_line = new_line = 0
    for old_piece, new_piece in zip(old, new):
        if old_piece != new_piece:
            yield from _hunks(
                _LINE.findall(old_piece),
                _LINE.findall(new_piece),
                old_line,
                new_line,
            )
        old_line += old_piece.count('\n')
        new_line += new_piece.count('\n')


def _pieces(text: str, path: str) -> list[str]:
    """Return a manifest's text, parted before each of its resources."""
    cut = listing.cut(text, path, LIST)
    starts = [span.start for span in (cut.spans or ())] if cut else []
    bounds = [0, *starts, len(text)]
    return [text[start:end] for start, end in zip(bounds, bounds[1:])]


def _hunks(
    old: list[str], new: list[str], old_line: int, new_line: int
) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        (_tag, i1, _i2, j1, _j2), (_end, _i1, i2, _j1, j2) = (
            group[0],
            group[-1],
        )
        removed, added = (
            _range(old_line + i1, i2 - i1),
            _range(new_line + j1, j2 - j1),
        )
        yield f'@@ -{removed} +{added} @@'
        for tag, i1, i2, j1, j2 in group:
            if tag == 'equal':
                yield from _marked(' ', old[i1:i2])
            else:
                yield from _marked('-', old[i1:i2])
                yield from _marked('+', new[j1:j2])


def _range(before: int, length: int) -> str:
    """Return a stretch of lines as a hunk's header spells it."""
    return f'{before + 1 if length else before},{length}'


def _marked(mark: str, lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield mark + line.rstrip('\n')
        if not line.endswith('\n'):
            yield '\\ No newline at end of file'
