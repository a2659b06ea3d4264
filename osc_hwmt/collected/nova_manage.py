# SPDX-License-Identifier: Apache-2.0

"""What ``nova-manage libvirt`` says of servers.

``get_machine_type`` does not repeat the server's id, so whoever collects it
writes the id before the answer, or on the line above it.
``list_unset_machine_type`` prints the ids of servers of which nothing is
recorded (nova/cmd/manage.py, LibvirtCommands, Wallaby to 2023.1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from osc_hwmt.collected.place import UUID, Place, Record, Span, numbered
from osc_hwmt.compatibility.hosts import architecture_of
from osc_hwmt.i18n import _
from osc_hwmt.model.evidence import Evidence, Guest

#: list_unset_machine_type where there is none.
NONE_UNSET = 'No instances found without hw_machine_type set.'
_LONGEST_LINE = 1000
_PAIR = re.compile(rf'\W*({UUID.pattern})\b\W*(.*)', re.IGNORECASE)
_MESSAGE = re.compile(
    rf'No machine type registered for instance (?P<unset>{UUID.pattern})'
    rf'|Instance (?P<unmapped>{UUID.pattern}) has no mapping to a cell',
    re.IGNORECASE,
)
_UNSET = ''


def read(
    text: str, spans: Sequence[Span], first: Place
) -> list[Record] | None:
    """Return what spans of a text say of servers, None if it is nothing."""
    said = list(_records(numbered(text, spans, first), first))
    return said if said or NONE_UNSET in text else None


def _records(
    lines: Iterable[tuple[int, str]], place: Place
) -> Iterator[Record]:
    """Yield the servers that lines tell of, or what was said of them instead.

    Servers without any answer are those that have nothing recorded; but where
    some have one, the others lack it.
    """
    alone: dict[str, int] = {}
    answered = False
    above = None
    for number, text in lines:
        server_id, answer = _said(text.strip()[:_LONGEST_LINE])
        server_id = server_id or (above if answer else None)
        if server_id is None:
            continue
        if answer is None:
            alone[server_id] = number
            above = server_id
        else:
            alone.pop(server_id, None)
            above = None
            answered = True
            yield _record(server_id, answer, place.at(number))
    for server_id, number in alone.items():
        if answered:
            yield place.at(number).problem(
                _('server %s: no machine type is given for it') % server_id
            )
        else:
            yield _record(server_id, _UNSET, place.at(number))


def _said(line: str) -> tuple[str | None, str | None]:
    """Return the server that a line names and what it says of it."""
    message = _MESSAGE.search(line)
    if message:
        server_id = message['unset'] or message['unmapped']
        return server_id.lower(), _UNSET if message['unset'] else message[0]
    pair = _PAIR.match(line)
    if pair:
        return pair[1].lower(), pair[2].rstrip(' "\',|') or None
    return None, line if architecture_of(line) else None


def _record(server_id: str, answer: str, place: Place) -> Record:
    # A name beside a server may be anything, such as the name of its domain.
    if answer is not _UNSET and architecture_of(answer) is None:
        return place.problem(
            _(
                'server %(id)s: expected a known machine type, found %(x)r; '
                'if that is one, name the columns uuid,hw_machine_type'
            )
            % {'id': server_id, 'x': answer}
        )
    return Guest(server_id, Evidence.NOVA_RECORD, answer or None, str(place))
