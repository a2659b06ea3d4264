# SPDX-License-Identifier: Apache-2.0

"""Servers and their machine types in rows: of a table, or of JSON.

They say what Nova has recorded, where a column ``evidence`` does not say
otherwise. A dump of Nova's instance_system_metadata has a row for each key,
with ``image_`` before the property's name (nova/utils.py,
get_system_metadata_from_image).
"""

from __future__ import annotations

import csv
import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from osc_hwmt.collected.place import UUID, Place, Record, Span, numbered
from osc_hwmt.compatibility.hosts import architecture_of
from osc_hwmt.i18n import _
from osc_hwmt.model import properties as image_properties
from osc_hwmt.model.evidence import Evidence, Guest
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.model.machine_type import is_machine_type

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
_SEPARATORS = ('|', '\t', ',', ';')
#: Noise that may come before the columns' names.
_LINES_BEFORE = 100
#: How programs write that there is nothing.
_NOTHING = frozenset(('', '-', 'null', 'none', '\\n', 'n/a'))
_PREFIX = 'image_'
_ARCHITECTURE_KEYS = ('hw_architecture', 'architecture')
_DUMPED_TYPE = _PREFIX + MACHINE_TYPE
_SAID_BY = {
    evidence.value: evidence
    for evidence in (Evidence.LIBVIRT_DOMAIN, Evidence.NOVA_RECORD)
}
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


def read(
    text: str, spans: Sequence[Span], first: Place
) -> list[Record] | None:
    """Return the servers of the table in spans of a text, None without one."""
    layout = _layout(numbered(text, spans, first))
    if layout is None:
        return None
    wrong: list[Record] = []
    expected = _('expected %d columns') % len(layout.columns)

    def sound() -> Iterator[Row]:
        for row in _rows(numbered(text, spans, first), layout):
            if isinstance(row, Row):
                yield row
            else:
                wrong.append(first.at(row).problem(expected))

    return [*records(sound(), first), *wrong]


def _layout(lines: Iterable[Line]) -> Layout | None:
    """Return how the table in some lines is laid out, None if it is none."""
    for number, (_line, text) in enumerate(lines):
        if number == _LINES_BEFORE:
            break
        for separator in _SEPARATORS:
            cells = _split(text, separator)
            columns = tuple(map(_column, cells))
            if _names_servers(columns):
                return Layout(separator, columns)
            if (
                len(cells) == 3
                and UUID.fullmatch(cells[0])
                and cells[1].startswith('image_')
            ):
                return Layout(separator, (SERVER_COLUMNS[0], KEY, VALUE))
    return None


def _rows(lines: Iterable[Line], layout: Layout) -> Iterator[Row | int]:
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


def of_json(value: Any, line: int) -> list[Row] | None:
    """Return the rows of JSON data, None if it is not about servers.

    Takes a list of objects, also as the only member of an object (such as
    ``{"servers": […]}``), and an object of machine types by server id.
    """
    if isinstance(value, dict) and len(value) == 1:
        (only,) = value.values()
        value = only if isinstance(only, list) else value
    if isinstance(value, dict) and all(map(UUID.fullmatch, value)):
        value = [
            {
                SERVER_COLUMNS[0]: server_id,
                **(said if isinstance(said, dict) else {MACHINE_TYPE: said}),
            }
            for server_id, said in value.items()
        ]
    if not isinstance(value, list) or not value:
        return None
    rows = [Row(line, _cells(one)) for one in value if isinstance(one, dict)]
    if len(rows) != len(value) or not all(_server_id(r.cells) for r in rows):
        return None
    return rows


def records(rows: Iterable[Row], place: Place) -> Iterator[Record]:
    """Yield a guest for each server of the rows, or why it can't be read."""
    dumped: dict[str, tuple[int, dict[str, str]]] = {}
    for row in rows:
        server_id = _server_id(row.cells)
        if KEY not in row.cells or VALUE not in row.cells:
            yield _record(server_id, row.cells, place.at(row.line))
        elif row.cells.get(DELETED, '').lower() in ('', '0', 'null'):
            _line, known = dumped.setdefault(server_id, (row.line, {}))
            if _matters(row.cells[KEY]):
                known[row.cells[KEY]] = row.cells[VALUE]
    for server_id, (line, known) in dumped.items():
        # In a dump, a key that is not there is not set.
        known.setdefault(_DUMPED_TYPE, '')
        yield _record(server_id, known, place.at(line))


def _names_servers(columns: Iterable[str]) -> bool:
    """Tell whether columns have a server and something about it."""
    known = set(columns)
    return not known.isdisjoint(SERVER_COLUMNS) and (
        not known.isdisjoint(TYPE_COLUMNS) or {KEY, VALUE} <= known
    )


def _column(name: str) -> str:
    """Return a column's name as it is compared."""
    return re.sub('[ -]', '_', name.strip(' "\'`').lower())


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


def _cells(members: Mapping[str, Any]) -> dict[str, str]:
    """Return an object's members as cells, its image's properties included.

    The API shows them from microversion 2.98 on, and then all of them.
    """
    cells = {}
    for name, value in members.items():
        if isinstance(value, (str, int)):
            cells[_column(name)] = str(value)
        elif value is None:
            cells[_column(name)] = ''
    image = members.get('image')
    properties = image.get('properties') if isinstance(image, dict) else None
    if isinstance(properties, dict):
        cells = {MACHINE_TYPE: '', **_cells(properties), **cells}
    return cells


def _server_id(cells: Mapping[str, str]) -> str:
    for name in SERVER_COLUMNS:
        if UUID.fullmatch(cells.get(name, '')):
            return cells[name].lower()
    return ''


def _record(server_id: str, cells: Mapping[str, str], place: Place) -> Record:
    name = next((one for one in TYPE_COLUMNS if one in cells), None)
    if name is None:
        return place.problem(
            _('server %s: expected a column hw_machine_type') % server_id
        )
    written = cells[name]
    value = None if written.lower() in _NOTHING else written
    # Other things than servers' hardware also have types.
    if value is not None and not (
        architecture_of(value) if name == 'type' else is_machine_type(value)
    ):
        return place.problem(
            _('server %(id)s: expected a machine type, found %(x)r')
            % {'id': server_id, 'x': value}
        )
    properties = dict(_properties(cells))
    return Guest(
        server_id,
        _SAID_BY.get(cells.get('evidence', ''), Evidence.NOVA_RECORD),
        value,
        str(place),
        architecture=_architecture(cells),
        properties=properties,
        host=cells.get('host') or None,
    )


def _matters(name: str) -> bool:
    key = name.removeprefix(_PREFIX)
    return key in _ARCHITECTURE_KEYS or image_properties.is_property(key)


def _properties(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in cells.items():
        key = name.removeprefix(_PREFIX)
        if (
            key != MACHINE_TYPE
            and value.lower() not in _NOTHING
            and image_properties.is_property(key)
            and image_properties.expected(key, value) is None
        ):
            yield key, value


def _architecture(cells: Mapping[str, str]) -> str | None:
    for key in _ARCHITECTURE_KEYS:
        for name in (_PREFIX + key, key):
            if cells.get(name, '').lower() not in _NOTHING:
                return cells[name]
    return None
