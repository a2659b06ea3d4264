# SPDX-License-Identifier: Apache-2.0

"""Rows of a table that some program printed, whatever draws its columns.

Understood are tabs (``mysql -B``), commas and semicolons (CSV), and borders
of ``|`` (``mysql -t``, ``openstack``). What names the columns may be missing
where the rows are those of Nova's instance_system_metadata.
"""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

#: Columns that name a server. The first one counts: a database row has an id
#: of its own beside.
SERVER_COLUMNS = (
    'instance_uuid',
    'server_uuid',
    'server_id',
    'instance_id',
    'uuid',
    'id',
)
TYPE_COLUMNS = (
    'hw_machine_type',
    'image_hw_machine_type',
    'machine_type',
    'type',
)
KEY, VALUE, DELETED = 'key', 'value', 'deleted'
UUID = re.compile(
    '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
    re.IGNORECASE,
)
_SEPARATORS = ('|', '\t', ',', ';')
#: Noise that may come before the columns' names.
_LINES_BEFORE = 100

Line = tuple[int, str]


@dataclasses.dataclass(frozen=True)
class Row:
    """A row by column name; ``line`` counts from 1."""

    line: int
    cells: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Layout:
    """How a table's columns are separated, and their names in order."""

    separator: str
    columns: tuple[str, ...]

    def cells(self, line: str) -> Mapping[str, str] | None:
        """Return a line's cells, None if it is no row of this table."""
        cells = _split(line, self.separator)
        if len(cells) != len(self.columns):
            return None
        return dict(zip(self.columns, cells))


def column(name: str) -> str:
    """Return a column's name as it is compared."""
    return re.sub('[ -]', '_', name.strip(' "\'`').lower())


def layout(lines: Iterable[Line]) -> Layout | None:
    """Return how the table in some lines is laid out, None if it is none."""
    for number, (_line, text) in enumerate(lines):
        if number == _LINES_BEFORE:
            break
        for separator in _SEPARATORS:
            cells = _split(text, separator)
            columns = tuple(map(column, cells))
            if names_servers(columns):
                return Layout(separator, columns)
            if (
                len(cells) == 3
                and UUID.fullmatch(cells[0])
                and cells[1].startswith('image_')
            ):
                return Layout(separator, (SERVER_COLUMNS[0], KEY, VALUE))
    return None


def rows(lines: Iterable[Line], layout: Layout) -> Iterator[Row | int]:
    """Yield a table's rows, and the numbers of lines that should be one.

    Borders, blank lines and repeated headings are left out.
    """
    for number, text in lines:
        cells = layout.cells(text)
        if cells and any(
            UUID.fullmatch(cells[name])
            for name in SERVER_COLUMNS
            if name in cells
        ):
            yield Row(number, cells)
        elif UUID.search(text):
            yield number


def names_servers(columns: Iterable[str]) -> bool:
    """Tell whether columns have a server and something about it."""
    known = set(columns)
    return not known.isdisjoint(SERVER_COLUMNS) and (
        not known.isdisjoint(TYPE_COLUMNS) or {KEY, VALUE} <= known
    )


def _split(line: str, separator: str) -> Sequence[str]:
    line = line.strip('\r\n')
    if separator == '|':
        line = line.strip()
        if not (len(line) > 1 and line[0] == line[-1] == '|'):
            return ()
        line = line[1:-1]
    if separator not in line:
        return ()
    if '"' in line:
        try:
            cells = next(csv.reader([line], delimiter=separator))
        except csv.Error:
            return ()
    else:
        cells = line.split(separator)
    return [cell.strip() for cell in cells]
