# SPDX-License-Identifier: Apache-2.0

"""Rows as a terminal of some width, and a text format, can show them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from cliff import columns as cliff_columns

from osc_hwmt.display import printable
from osc_hwmt.tables.cells import Row

#: What cliff draws around the cells: "| " before each, " |" after the last.
_BETWEEN, _AROUND = 3, 1
#: A sentence in a narrower column is hard to read, and a column that is not
#: wider has words alone, which are wrapped before that.
_SENTENCE = 28
#: No column is made narrower: cliff rather lets the table be too wide.
_NARROWEST = 8
#: Where a word is broken that is wider than its column, and where a part of
#: it that still is.
_PART = re.compile(r'[^-/=]*[-/=]+|[^-/=]+')
#: What a spreadsheet takes for a formula, of full width as well. A dash that
#: is all there is stands for nothing.
_FORMULA = re.compile('[=+@\uff1d\uff0b\uff20\uff0d]|-.')
_SMALLER_PART = re.compile(r'[^._:]*[._:]+|[^._:]+')


def fitted(
    names: Sequence[str], rows: Iterable[Row], width: int
) -> Iterator[Row]:
    """Yield the rows, wrapped so that their table fits a terminal.

    Sentences are wrapped before words: cliff narrows every column that is
    wider than the average, and cuts a machine type to make room for nothing.
    """
    texts = [*map(tuple, rows)]
    usable = width - _BETWEEN * len(names) - _AROUND
    widths = _widths([*zip(names, *texts)], usable)
    for row in texts:
        yield tuple(map(_wrapped, row, widths))


def without_none(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows with an empty text for what is not there.

    That is for formats which know no null: cliff writes None.
    """
    for row in rows:
        yield tuple('' if cell is None else cell for cell in row)


def without_formulas(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows with no text that a spreadsheet would calculate.

    One that begins like a formula gets an apostrophe before it.
    """
    for row in rows:
        yield tuple(
            f"'{cell}"
            if isinstance(cell, str) and _FORMULA.match(cell)
            else cell
            for cell in row
        )


def inert(rows: Iterable[Row], *, readable: bool) -> Iterator[Row]:
    """Yield the rows as plain data, of which every text is printable.

    ``readable`` is for humans, who get the text of a column and not its data.
    """
    for row in rows:
        yield tuple(_printable(_plain(cell, readable)) for cell in row)


def _plain(cell: object, readable: bool) -> object:
    if isinstance(cell, cliff_columns.FormattableColumn):
        return cell.human_readable() if readable else cell.machine_readable()
    return cell


def _printable(value: object) -> object:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {_printable(key): _printable(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(one) for one in value]
    return value


def _widths(columns: Sequence[Row], usable: int) -> list[int]:
    """Return the width of each column, its name being its first cell."""
    natural = [_widest(map(str.splitlines, _texts(one))) for one in columns]
    if sum(natural) <= usable:
        return natural
    broken = [
        max(_NARROWEST, _widest(map(_PART.findall, _words(_texts(one)))))
        for one in columns
    ]
    widths = natural
    for least in (
        [_SENTENCE] * len(columns),
        [
            low if wide <= _SENTENCE else _SENTENCE
            for low, wide in zip(broken, natural)
        ],
        broken,
        [_NARROWEST] * len(columns),
    ):
        widths = _narrowed(widths, least, usable)
    # Words that were broken may need less than they got.
    needed = [
        _widest(_lines(text, width) for text in _texts(one))
        for one, width in zip(columns, widths)
    ]
    needed[natural.index(max(natural))] += max(0, usable - sum(needed))
    return needed


def _narrowed(
    widths: Sequence[int], least: Sequence[int], usable: int
) -> list[int]:
    """Return the widths, the widest cut until they fit or are the least."""
    narrow = list(widths)
    while sum(narrow) > usable:
        wider = [
            (width, number)
            for number, width in enumerate(narrow)
            if width > least[number]
        ]
        if not wider:
            break
        narrow[max(wider)[1]] -= 1
    return narrow


def _texts(column: Iterable[object]) -> Iterator[str]:
    return map(str, column)


def _words(texts: Iterable[str]) -> Iterator[str]:
    return itertools.chain.from_iterable(map(str.split, texts))


def _widest(texts: Iterable[Iterable[str]]) -> int:
    return max(map(len, itertools.chain.from_iterable(texts)), default=0)


def _wrapped(cell: object, width: int) -> object:
    return '\n'.join(_lines(cell, width)) if isinstance(cell, str) else cell


def _lines(text: str, width: int) -> list[str]:
    """Return the lines that a text takes in a column of that width."""
    lines: list[str] = []
    for given in text.splitlines():
        lines.append('')
        if len(given) <= width:
            lines[-1] = given
            continue
        for word in given.split():
            between = ' '
            for part in _parts(word, width):
                if len(lines[-1]) + len(between) + len(part) > width:
                    lines.append('')
                lines[-1] += f'{between if lines[-1] else ""}{part}'
                between = ''
    return [line for line in lines if line] or ['']


def _parts(word: str, width: int) -> Iterator[str]:
    """Yield a word, or its parts if it is wider than its column."""
    if len(word) <= width:
        yield word
        return
    for part in _PART.findall(word):
        smaller = [part] if len(part) <= width else _SMALLER_PART.findall(part)
        for one in smaller:
            for start in range(0, len(one), width):
                yield one[start : start + width]
