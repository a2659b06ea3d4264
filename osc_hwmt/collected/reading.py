# SPDX-License-Identifier: Apache-2.0

"""Everything that operators collected from hosts, read and put together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import IO

from osc_hwmt.collected import recognise, texts
from osc_hwmt.compatibility.hosts import Host
from osc_hwmt.display import few, printable
from osc_hwmt.exceptions import FileError, Problem
from osc_hwmt.i18n import _
from osc_hwmt.model.evidence import Guest

#: How many warnings of one file are told; the rest is counted.
_WARNINGS = 50


@dataclasses.dataclass(frozen=True)
class Collected:
    """What was collected: servers, hosts, and what was not understood.

    A server that several files tell of in the same words is one guest; where
    they differ each is there. A host may have several records.
    """

    guests: tuple[Guest, ...]
    hosts: tuple[Host, ...]
    warnings: tuple[Problem, ...]


NOTHING = Collected((), (), ())


def guests(names: Sequence[str], stdin: IO[bytes] | None = None) -> Collected:
    """Return what was collected, of which something has to be a server.

    Raises FileError.
    """
    collected = read(names, stdin)
    if not collected.guests:
        raise _nothing(
            names, collected, _('no machine types of servers found')
        )
    return collected


def hosts(names: Sequence[str], stdin: IO[bytes] | None = None) -> Collected:
    """Return what was collected, of which something has to be of a host.

    Raises FileError.
    """
    collected = read(names, stdin)
    if not collected.hosts:
        raise _nothing(names, collected, _('no machine types of hosts found'))
    return collected


def anything(
    names: Sequence[str], stdin: IO[bytes] | None = None
) -> Collected:
    """Return what was collected, of which something has to be of either.

    Raises FileError.
    """
    collected = read(names, stdin)
    if not (collected.guests or collected.hosts):
        raise _nothing(
            names,
            collected,
            _('no machine types of servers or hosts found'),
        )
    return collected


def read(names: Iterable[str], stdin: IO[bytes] | None = None) -> Collected:
    """Return what files, directories, archives and ``-`` hold.

    Raises FileError where one can't be read or where nothing in it is
    understood.
    """
    guests: dict[object, Guest] = {}
    hosts: list[Host] = []
    warnings: list[Problem] = []
    errors: list[Problem] = []
    for text in texts.texts(names, stdin):
        if isinstance(text, Problem):
            warnings.append(text)
            continue
        records = recognise.records(text.content, text.path)
        if records is None:
            place = Problem(
                printable(text.path), 1, 1, _('unrecognised content')
            )
            (errors if text.named else warnings).append(place)
            continue
        problems = []
        for record in records:
            if isinstance(record, Guest):
                guests.setdefault(_words(record), record)
            elif isinstance(record, Host):
                hosts.append(record)
            else:
                problems.append(record)
        warnings += _some(problems)
    if errors:
        raise FileError('\n'.join(few(errors)))
    return Collected(tuple(guests.values()), tuple(hosts), tuple(warnings))


def _words(guest: Guest) -> object:
    """Return what a record says of a server, wherever that stands."""
    return (
        guest.server_id,
        guest.evidence,
        guest.machine_type,
        guest.architecture,
        frozenset(guest.properties.items()),
        guest.boot_volume_id,
        guest.vcpus,
        guest.disks,
        guest.interfaces,
    )


def _some(problems: Sequence[Problem]) -> Sequence[Problem]:
    """Return the first problems of a file, and how many there are more."""
    if len(problems) <= _WARNINGS:
        return problems
    last = problems[_WARNINGS]
    left = len(problems) - _WARNINGS
    text = _('and %s more like these') % f'{left:,}'
    more = dataclasses.replace(last, text=text)
    return (*problems[:_WARNINGS], more)


def _nothing(
    names: Iterable[str], collected: Collected, wanted: str
) -> FileError:
    where = ', '.join(map(printable, few(list(names), 10)))
    return FileError(
        '\n'.join(
            (
                _('%(where)s: %(wanted)s')
                % {'where': where, 'wanted': wanted},
                *few(collected.warnings),
            )
        )
    )
