# SPDX-License-Identifier: Apache-2.0

"""What a text that was collected from hosts says, told from its content.

Documents, JSON and QEMU's lists are found wherever they stand. Only a text
that has none of them is taken for a table or for lines of servers: beside
documents such lines are noise, like the ids of the domains that were dumped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from osc_hwmt.collected import (
    json_values,
    libvirt_xml,
    machine_list,
    nova_manage,
    server_tables,
)
from osc_hwmt.collected.place import (
    Lines,
    Place,
    Record,
    host_name,
)
from osc_hwmt.exceptions import Problem
from osc_hwmt.i18n import _

#: What the collector prints around what it collects from a host.
_MARKER = re.compile(
    r'^# osc-hwmt (host|failed|end)\b[ \t]*([^\r\n]{0,300})', re.MULTILINE
)


def records(text: str, path: str) -> list[Record] | None:
    """Return what a text says; None where nothing of it is understood.

    ``path`` is where it is from, for messages and for the host's name.
    """
    first = Place(path, 1, host_name(path))
    if not text.strip():
        return [first.problem(_('empty'))]
    found: list[Record] = []
    # A host without servers is understood as well.
    understood = _MARKER.search(text) is not None
    for part in _parts(text, first):
        said = [part] if isinstance(part, Problem) else _said(*part)
        if said is not None:
            found += said
            understood = True
    return found if understood else None


def _parts(text: str, first: Place) -> Iterator[Problem | tuple[str, Place]]:
    """Yield the text of each host, and what the collector says went wrong."""
    lines = Lines(text, first)
    place, start, is_open = first, 0, False
    for marker in _MARKER.finditer(text):
        here = lines.place(marker.start())
        if marker[1] == 'failed':
            yield here.problem(_('the collector failed: %s') % marker[2])
            continue
        yield text[start : marker.start()], place
        if marker[1] == 'host' and is_open:
            yield _cut_off(place)
        is_open = marker[1] == 'host'
        host = marker[2].strip() if is_open else first.host
        place, start = Place(first.path, here.line, host), marker.end()
    yield text[start:], place
    if is_open:
        yield _cut_off(place)


def _cut_off(place: Place) -> Problem:
    return place.problem(
        _('the data collected from host %s is cut off: some may be missing')
        % place.host
    )


def _said(text: str, place: Place) -> list[Record] | None:
    """Return what the text from one host says, None if nothing is."""
    found = libvirt_xml.read(text, place)
    values = json_values.read(text, found.rest, place)
    records = [
        *found.records,
        *values.records,
        *machine_list.read(text, values.rest, place),
    ]
    if found.understood or values.understood or records:
        return records
    said = server_tables.read(text, values.rest, place)
    if said is not None:
        return said
    return nova_manage.read(text, values.rest, place)
