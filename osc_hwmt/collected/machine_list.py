# SPDX-License-Identifier: Apache-2.0

"""Lists of a host's machine types, as QEMU prints and Nova quotes them.

None of them tells the architecture.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from osc_hwmt.collected.place import (
    Lines,
    Place,
    Record,
    Span,
    named_apart,
    with_known_deprecation,
)
from osc_hwmt.compatibility.hosts import Host, Machine
from osc_hwmt.model.machine_type import is_machine_type

#: What ``-machine help`` prints first (QEMU system/vl.c).
_HEADER = re.compile(r'^Supported machines are:[ \t\r]*$', re.MULTILINE)
_LONGEST_LINE = 1000
_LINE = re.compile(
    r'([\w.+-]+) +(\S.*?)((?: \((?:alias of [\w.+-]+|default|deprecated)\))*)'
)
_ALIAS = re.compile(r'\(alias of ([\w.+-]+)\)')
#: The machine that every QEMU has (hw/core/null-machine.c) and lists late.
_LAST = 'none'
#: How Nova refuses a machine type (Zed and later, nova/virt/libvirt/host.py,
#: _check_machine_type). A server's fault.message is cut at 255 characters,
#: its fault.details are not.
_QUOTED = re.compile(
    r"Supported machine types are: \[((?:'[\w.+-]+'(?:, )?)*)(\]?)"
)


def read(text: str, spans: Iterable[Span], first: Place) -> list[Host]:
    """Return the hosts of the lists that stand in spans of a text."""
    spans = tuple(spans)
    lines = Lines(text, first)
    printed = [
        _printed(text[header.end() + 1 : end], lines.place(header.start()))
        for header, end in _headers(text, spans)
    ]
    lines = Lines(text, first)
    quoted = [
        _quoted(found, lines.place(found.start()))
        for start, end in spans
        for found in _QUOTED.finditer(text, start, end)
    ]
    return [
        *named_apart(host for host in printed if host),
        *named_apart(host for host in quoted if host),
    ]


def refused(text: str) -> dict[str, Machine]:
    """Return what Nova's refusal of a machine type lists, if all of it."""
    found = _QUOTED.search(text)
    names = _names(found) if found and found[2] else ()
    return {name: Machine(name) for name in names if is_machine_type(name)}


def read_answer(value: Any, place: Place) -> list[Record] | None:
    """Return the host of JSON data that QMP's query-machines returned.

    None is for other data. An alias is a field of its target there.
    ``deprecated`` is told since QEMU 4.1 (qapi/machine.json).
    """
    answer = value.get('return') if isinstance(value, dict) else value
    if not isinstance(answer, list) or not answer:
        return None
    found = []
    for one in answer:
        if not isinstance(one, dict) or not {'name', 'cpu-max'} <= one.keys():
            return None
        machine = _queried(one, one['name'], None)
        found.append(machine)
        if isinstance(one.get('alias'), str):
            found.append(_queried(one, one['alias'], machine.name))
    host = _host(found, place)
    return [host] if host else []


def _headers(
    text: str, spans: Iterable[Span]
) -> Iterable[tuple[re.Match[str], int]]:
    """Yield where a list begins, and where the next one or the end is."""
    for start, end in spans:
        headers = list(_HEADER.finditer(text, start, end))
        ends = [header.start() for header in headers[1:]]
        yield from zip(headers, (*ends, end))


def _printed(text: str, place: Place) -> Host | None:
    """Return the host of a list that QEMU printed, None if it is empty.

    The list ends with the first line that is not of its form. An alias has
    no "(deprecated)", though its target may.
    """
    found = []
    for line in text.splitlines():
        match = _LINE.fullmatch(line.rstrip()[:_LONGEST_LINE])
        if match is None:
            break
        alias = _ALIAS.search(match[3])
        found.append(
            Machine(
                match[1],
                canonical=alias[1] if alias else None,
                deprecated=None if alias else '(deprecated)' in match[3],
            )
        )
    whole = any(machine.name == _LAST for machine in found)
    return _host(with_known_deprecation(found), place, partial=not whole)


def _quoted(found: re.Match[str], place: Place) -> Host | None:
    """Return the host of a list in a refusal; one that is cut is partial.

    It has the machine types of all architectures, some several times.
    """
    return _host(map(Machine, _names(found)), place, partial=not found[2])


def _names(found: re.Match[str]) -> list[str]:
    return re.findall(r"'([\w.+-]+)'", found[1])


def _queried(
    one: Mapping[str, Any], name: Any, canonical: str | None
) -> Machine:
    deprecated, cpus = one.get('deprecated'), one['cpu-max']
    return Machine(
        str(name),
        canonical,
        deprecated if isinstance(deprecated, bool) else None,
        cpus if type(cpus) is int else None,
    )


def _host(
    machines: Iterable[Machine], place: Place, partial: bool = False
) -> Host | None:
    """Return a host; the machine "none" is left out, as it boots nothing."""
    known = {one.name: one for one in machines if is_machine_type(one.name)}
    if not known:
        return None
    return Host(
        place.host_name,
        str(place),
        {None: known},
        frozenset([None] if partial else ()),
    )
