# SPDX-License-Identifier: Apache-2.0

"""Rows as a terminal of some width, and a text format, can show them."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from cliff import columns as cliff_columns

from osc_hwmt.tables.cells import Row

#: What cliff draws around the cells: "| " before each, " |" after the last.
_BETWEEN, _AROUND = 3, 1
#: No column is made narrower: cliff rather lets the table be too wide.
_NARROWEST = 8


def fitted(
    names: Sequence[str], rows: Iterable[Row], width: int
) -> Iterator[Row]:
    """Yield the rows, wrapped so that their table fits a terminal.

    The widest columns are narrowed, so a name or a machine type stays in one
    line and a sentence beside it does not: cliff narrows every column that
    is wider than the average.
    """
    texts = [tuple(map(_readable, row)) for row in rows]
    natural = [
        max(map(len, itertools.chain(*(_lines(cell) for cell in cells))))
        for cells in zip(names, *texts)
    ]
    narrow = _narrowed(natural, width - _BETWEEN * len(names) - _AROUND)
    for row in texts:
        yield tuple(map(_wrapped, row, narrow))


def without_none(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows with an empty text for what is not there.

    That is for formats which know no null: cliff writes None.
    """
    for row in rows:
        yield tuple(
            '' if cell is None else cell for cell in map(_machine, row)
        )


def _readable(cell: object) -> object:
    if isinstance(cell, cliff_columns.FormattableColumn):
        return cell.human_readable()
    return cell


def _machine(cell: object) -> object:
    if isinstance(cell, cliff_columns.FormattableColumn):
        return cell.machine_readable()
    return cell


def _lines(cell: object) -> list[str]:
    return str(cell).splitlines() or ['']


def _narrowed(natural: Sequence[int], usable: int) -> list[int]:
    """Return the widths, the widest cut to what is left for them all."""
    narrow = list(natural)
    while sum(narrow) > usable and max(narrow) > _NARROWEST:
        widest = max(narrow)
        at = [number for number, one in enumerate(narrow) if one == widest]
        next_widest = max(
            (one for one in narrow if one < widest), default=_NARROWEST
        )
        excess = sum(narrow) - usable
        lower = widest - -(-excess // len(at))
        for number in at:
            narrow[number] = max(next_widest, lower, _NARROWEST)
    return narrow


def _wrapped(cell: object, width: int) -> object:
    if not isinstance(cell, str):
        return cell
    return '\n'.join(
        part
        for line in _lines(cell)
        for part in textwrap.wrap(line, width, break_on_hyphens=False) or ['']
    )
