# SPDX-License-Identifier: Apache-2.0

"""What the JSON values say that a text has beside other things."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from osc_hwmt.collected import host_file, machine_list, server_tables
from osc_hwmt.collected.place import (
    Found,
    Lines,
    Place,
    Record,
    Span,
    named_apart,
)
from osc_hwmt.compatibility.hosts import Host
from osc_hwmt.i18n import _

#: A line that begins an object or a list. A shell prompt does not
#: (``[root@compute ~]#``), nor the time in a log.
_BEGINNING = re.compile(r'^[ \t]*(?=\{\s*["}]|\[\s*[\[\]{"])', re.MULTILINE)
#: How often a text may look like JSON and be none: each attempt may read it
#: to its end.
_ATTEMPTS = 20
#: What QMP says beside answers: its greeting, events, and errors.
_QMP = frozenset(('QMP', 'event', 'return', 'error'))


@dataclasses.dataclass(frozen=True)
class _Value:
    """A JSON value, or why there is none; both ends count characters."""

    data: Any
    start: int
    end: int
    wrong: str | None = None


def read(text: str, spans: Iterable[Span], first: Place) -> Found:
    """Return what the JSON values in spans of a text say of servers and hosts.

    A value that says nothing of them stays in the rest.
    """
    records: list[Record] = []
    rest: list[Span] = []
    understood = False
    lines = Lines(text, first)
    for start, end in spans:
        for value in _values(text, start, end):
            place = lines.place(value.start)
            if value.wrong:
                records.append(place.problem(value.wrong))
                continue
            said = _said(value.data, place)
            if said is not None:
                understood = True
                records += said
                rest.append((start, value.start))
                start = value.end
        rest.append((start, end))
    hosts = named_apart(one for one in records if isinstance(one, Host))
    others = (one for one in records if not isinstance(one, Host))
    return Found((*others, *hosts), tuple(rest), understood)


def _values(text: str, start: int, end: int) -> Iterator[_Value]:
    decoder = json.JSONDecoder(parse_int=_integer)
    attempts = _ATTEMPTS
    beginning = _BEGINNING.search(text, start, end)
    while beginning and attempts:
        start = beginning.end()
        try:
            data, after = decoder.raw_decode(text, start)
            yield _Value(data, start, after)
        except (ValueError, RecursionError) as exc:
            attempts -= 1
            after = start + 1
            why = exc.msg if isinstance(exc, json.JSONDecodeError) else ''
            wrong = _('not valid JSON: %s') % (why or _('nested too deeply'))
            yield _Value(None, start, after, wrong)
        beginning = _BEGINNING.search(text, after, end)
    if beginning:
        yield _Value(
            None,
            beginning.end(),
            end,
            _('not searched any further for JSON after %d attempts')
            % _ATTEMPTS,
        )


def _said(value: Any, place: Place) -> list[Record] | None:
    """Return what a value says; None if it is nothing that is known here."""
    for read_hosts in (host_file.read, machine_list.read_answer):
        hosts = read_hosts(value, place)
        if hosts is not None:
            return hosts
    if isinstance(value, dict) and not _QMP.isdisjoint(value):
        return []
    rows = server_tables.of_json(value, place.line)
    return None if rows is None else list(server_tables.records(rows, place))


def _integer(digits: str) -> int | str:
    """Return an integer, or as text one that would take long to read."""
    return int(digits) if len(digits) < 20 else digits
