# SPDX-License-Identifier: Apache-2.0

"""What a reader finds in collected text, and where."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from typing import Union

from osc_hwmt.compatibility.hosts import Host, Machine, architecture_of
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Problem
from osc_hwmt.model.evidence import Guest

UUID = re.compile(
    '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}',
    re.IGNORECASE,
)
_EXTENSIONS = re.compile(
    r'(\.(xml|json|ya?ml|csv|tsv|txt|log|out|tar|tgz|gz))+$', re.IGNORECASE
)
#: Words for what a file has, which may stand beside a host's name.
_CONTENT = (
    r'(?:(?:dom)?capabilities|(?:dom)?caps|dumpxml|domains?|domain-xml|'
    r'machines|machine-?(?:help|types?)|query-?machines|qmp|virsh|guests)'
)
_BEFORE = re.compile(rf'^({_CONTENT}[._-])+', re.IGNORECASE)
_AFTER = re.compile(rf'[._-]{_CONTENT}(?![a-z0-9]).*', re.IGNORECASE)
#: Names that no host has: of content, of domains, and of directories in
#: which it lies on a host and elsewhere.
_NO_HOST = re.compile(
    rf'{_CONTENT}|instance-[0-9a-f]{{8}}|[0-9]+|-|\.*|computes|hosts|'
    r'collected|etc|libvirt|qemu|var|lib|run|tmp|home|root',
    re.IGNORECASE,
)
#: What a piece of text says, or why it is not understood.
Record = Union[Guest, Host, Problem]
#: A piece of text; both ends count characters.
Span = tuple[int, int]


@dataclasses.dataclass(frozen=True)
class Place:
    """A line of a file, or of a file in an archive; ``line`` counts from 1.

    ``host`` is the host that it was collected from, None if untold.
    """

    path: str
    line: int = 1
    host: str | None = None

    @property
    def host_name(self) -> str:
        """Return what to call the host: without a name, the file's."""
        return self.host or printable(self.path)

    def at(self, line: int) -> Place:
        """Return another line of the same file and host."""
        return Place(self.path, line, self.host)

    def problem(self, text: str) -> Problem:
        """Return a warning about this place."""
        return Problem(printable(self.path), self.line, 1, printable(text))

    def __str__(self) -> str:
        return f'{printable(self.path)}:{self.line}'


@dataclasses.dataclass(frozen=True)
class Found:
    """What a reader found, and in ``rest`` what it has no use for.

    ``understood`` tells whether anything was what it reads, even though that
    said nothing.
    """

    records: tuple[Record, ...]
    rest: tuple[Span, ...]
    understood: bool


class Lines:
    """Places in a text by offset; asked in order, all together cost one pass.

    ``first`` is where the text begins.
    """

    def __init__(self, text: str, first: Place) -> None:
        self._text = text
        self._first = first
        self._offset = 0
        self._line = first.line

    def place(self, offset: int) -> Place:
        """Return the place of an offset, not before the one asked last."""
        self._line += self._text.count('\n', self._offset, offset)
        self._offset = offset
        return self._first.at(self._line)


def numbered(
    text: str, spans: Iterable[Span], first: Place
) -> Iterator[tuple[int, str]]:
    """Yield the lines in spans of a text, each with its number."""
    lines = Lines(text, first)
    for start, end in spans:
        number = lines.place(start).line
        while start < end:
            stop = text.find('\n', start, end)
            stop = end if stop < 0 else stop
            yield number, text[start:stop]
            start, number = stop + 1, number + 1


def host_name(path: str) -> str | None:
    """Return the last part of a path that can be a host's name, if any."""
    for part in reversed(re.split('[/:]', path)):
        bare = _EXTENSIONS.sub('', part)
        name = _AFTER.sub('', _BEFORE.sub('', bare))
        if not (
            _NO_HOST.fullmatch(name)
            or UUID.search(name)
            or architecture_of(name)
        ):
            return name
    return None


def count(text: str | None) -> int | None:
    """Return a text as a number of something, None if it is none."""
    return int(text) if text and re.fullmatch('[0-9]{1,6}', text) else None


def with_known_deprecation(machines: Iterable[Machine]) -> list[Machine]:
    """Return a list's machines; where none is deprecated, that is not told.

    QEMU before 4.1 and libvirt before 6.10 tell it of none.
    """
    machines = list(machines)
    if any(machine.deprecated for machine in machines):
        return machines
    return [dataclasses.replace(one, deprecated=None) for one in machines]


def named_apart(hosts: Iterable[Host]) -> list[Host]:
    """Return hosts that one text describes in the same way, named apart.

    Different lists of one name are of different hosts, though nothing says
    of which: taken for one, they would promise what only one of them has.
    """
    known: dict[str, list[Host]] = {}
    apart = []
    for host in hosts:
        same = known.setdefault(host.name, [])
        if any(host.machines == other.machines for other in same):
            continue
        same.append(host)
        if len(same) > 1:
            name = f'{host.name} ({len(same)})'
            host = dataclasses.replace(host, name=name)
        apart.append(host)
    return apart
