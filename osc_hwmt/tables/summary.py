# SPDX-License-Identifier: Apache-2.0

"""Counts in one sentence, what stands beside them, and the exit codes."""

from __future__ import annotations

import collections
import enum
import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence

from osc_hwmt.destination import undecided
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry

#: How many commands that decide are told.
_TOLD = 5
#: How many projects have a line of their own.
PROJECTS = 50


class ExitCode(enum.IntEnum):
    """What the commands end with; 2 is argparse's, for wrong usage."""

    WELL = 0
    FAILED = 1
    DIFFERENT = 3


def counted(subject: str, words: Iterable[str]) -> str:
    """Return how often each word is said of a subject."""
    counts = collections.Counter(words)
    parts = ', '.join(f'{counts[word]} {word}' for word in sorted(counts))
    return f'{subject}: {parts}' if parts else subject


def by_project(said: Iterable[tuple[Entry, Iterable[str]]]) -> str:
    """Return how often each word is said of entries, in a line.

    Of several projects each has a line before that, up to fifty.
    """
    projects: dict[str, list[tuple[Entry, Iterable[str]]]] = {}
    for entry, words in said:
        projects.setdefault(entry.project, []).append((entry, tuple(words)))
    every = [one for some in projects.values() for one in some]
    subject = of_entries(entry for entry, _words in every)
    lines = []
    if len(projects.keys() - {''}) > 1:
        subject = in_projects(subject, len(projects))
        names = sorted(projects)
        lines = [
            f'  {printable(name) or "-"}: {_line(projects[name])}'
            for name in names[:PROJECTS]
        ]
        if len(names) > PROJECTS:
            lines.append(more_projects(len(names) - PROJECTS))
    return '\n'.join((*lines, _line(every, subject)))


def _line(
    said: Sequence[tuple[Entry, Iterable[str]]], subject: str | None = None
) -> str:
    return counted(
        subject or of_entries(entry for entry, _words in said),
        itertools.chain.from_iterable(words for _entry, words in said),
    )


def more_projects(number: int) -> str:
    """Return that so many projects have no line of their own."""
    return _('  and %d more projects') % number


def in_projects(what: str, number: int) -> str:
    """Return what was counted with how many projects it is of."""
    return _('%(what)s in %(n)d projects') % {'what': what, 'n': number}


def of_entries(entries: Iterable[Entry]) -> str:
    """Return how many servers, and volumes of no server."""
    detached = collections.Counter(entry.detached for entry in entries)
    return of_numbers(detached[False], detached[True])


def of_numbers(servers: int, volumes: int) -> str:
    """Return these numbers of servers, and of volumes of no server."""
    parts = []
    if servers or not volumes:
        parts.append(
            _('1 server') if servers == 1 else _('%d servers') % servers
        )
    if volumes:
        parts.append(of_volumes(volumes))
    return ', '.join(parts)


def of_volumes(number: int, projects: Collection[str] = ()) -> str:
    """Return how many they are, and of how many projects if of several."""
    volumes = _('1 volume') if number == 1 else _('%d volumes') % number
    if len(projects) < 2:
        return volumes
    return in_projects(volumes, len(projects))


def notes(
    entries: Sequence[Entry], known_from: str, left_out: int, absent: int = 0
) -> Iterator[str]:
    """Yield what was not checked at the destination, and what is undecided.

    ``known_from`` says what tells which machine types it can run,
    ``left_out`` counts the entries of the manifests that were not chosen,
    and ``absent`` those of which the destination has nothing yet.
    """
    if not known_from and any(entry.wanted.value for entry in entries):
        yield _(
            'Not checked: whether the destination can run these machine '
            'types. Use --destination-release or --destination-hosts'
        )
    if left_out:
        yield not_selected(left_out)
    if absent:
        yield (_('Not checked (not imported yet): %d') % absent)
    remedies = dict.fromkeys(
        undecided.remedy(entry) for entry in entries if entry.is_undecided
    )
    if remedies:
        yield _('To decide the undecided servers:')
    for remedy in itertools.islice(remedies, _TOLD):
        yield f'  {printable(remedy)}'
    if len(remedies) > _TOLD:
        yield _('  and %d more of these') % (len(remedies) - _TOLD)


def not_selected(number: int) -> str:
    """Return that so many entries of the manifests were not chosen."""
    return _('Not checked (not selected): %d') % number
