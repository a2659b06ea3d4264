# SPDX-License-Identifier: Apache-2.0

"""What the JSON values say that a text has beside other things."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from osc_hwmt.abilities import Host
from osc_hwmt.capture import host_file, machine_list, server_rows
from osc_hwmt.capture.place import (
    Found,
    Lines,
    Place,
    Record,
    Span,
    told_apart,
)
from osc_hwmt.i18n import _

#: A line that begins an object or a list. A shell prompt does not
#: (``[root@compute ~]#``), nor the time in a log.
_BEGINNING = re.compile(r'^[ \t]*(?=\{\s*["}]|\[\s*[\[\]{"])', re.MULTILINE)
#: How often a text may look like JSON and be none: each attempt may read it
#: to its end.
_ATTEMPTS = 20
#: What QMP says beside answers: its greeting, events, and errors.
_QMP = frozenset(('QMP', 'event', 'return', 'error'))


def read(text: str, spans: Iterable[Span], first: Place) -> Found:
    """Return what the JSON values in spans of a text say of servers and hosts.

    A value that says nothing of them stays in the rest.
    """
    records: list[Record] = []
    hosts: list[Host] = []
    rest: list[Span] = []
    lines = Lines(text, first)
    decoder = json.JSONDecoder(parse_int=_integer)
    attempts = _ATTEMPTS
    understood = False
    for start, end in spans:
        beginning = _BEGINNING.search(text, start, end)
        while beginning and attempts:
            place = lines.place(beginning.end())
            after = beginning.end() + 1
            try:
                value, after = decoder.raw_decode(text, beginning.end())
            except (ValueError, RecursionError) as exc:
                attempts -= 1
                records.append(
                    place.problem(_('not valid JSON: %s') % _why(exc))
                )
            else:
                said = _said(value, place)
                if said is not None:
                    understood = True
                    rest.append((start, beginning.start()))
                    start = after
                    hosts += [one for one in said if isinstance(one, Host)]
                    records += [r for r in said if not isinstance(r, Host)]
            beginning = _BEGINNING.search(text, after, end)
        rest.append((start, end))
    return Found((*records, *told_apart(hosts)), tuple(rest), understood)


def _said(value: Any, place: Place) -> list[Record] | None:
    """Return what a value says; None if it is nothing that is known here."""
    if host_file.is_host_file(value):
        return list(host_file.parse(value, place))
    if machine_list.is_query_answer(value):
        host = machine_list.query_answer(value, place)
        return [host] if host else []
    if isinstance(value, dict) and not _QMP.isdisjoint(value):
        return []
    rows = server_rows.of_json(value, place.line)
    return None if rows is None else list(server_rows.records(rows, place))


def _why(exc: Exception) -> str:
    if isinstance(exc, json.JSONDecodeError):
        return exc.msg
    return _('nested too deep')


def _integer(digits: str) -> int | str:
    """Return an integer, or as text one that would take long to read."""
    return int(digits) if len(digits) < 20 else digits
