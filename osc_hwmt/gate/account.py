# SPDX-License-Identifier: Apache-2.0

"""What became of the orders so far, said as they come and at the end."""

from __future__ import annotations

import collections
import dataclasses
import threading
from collections.abc import Callable

from osc_hwmt.display import printable
from osc_hwmt.gate.decision import Verdict, Word
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry


@dataclasses.dataclass(frozen=True)
class Ordered:
    """An order for a server that a manifest lists."""

    name: str
    verdict: Verdict
    goes_on: bool


class Account:
    """Hears what becomes of each order; ``say`` gets a line of it.

    ``kept`` are those of listed servers; of all others there is a number.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.kept: list[Ordered] = []
        self._say = say
        self._counts: collections.Counter[Word] = collections.Counter()
        self._counting = threading.Lock()

    def told(self, name: str, verdict: Verdict, goes_on: bool) -> None:
        """Say what became of an order, and keep it."""
        with self._counting:
            self._counts[verdict.word] += 1
            if verdict.word is not Word.NOT_LISTED:
                self.kept.append(Ordered(name, verdict, goes_on))
        self._say(line(name, verdict, goes_on))

    @property
    def summary(self) -> str:
        """Return how many orders became what."""
        words = ', '.join(
            f'{n} {word.value}' for word, n in self._counts.most_common()
        )
        total = sum(self._counts.values())
        return _('%(n)d requests to create a server: %(words)s') % {
            'n': total,
            'words': words or '-',
        }


def line(name: str, verdict: Verdict, goes_on: bool) -> str:
    """Return what became of an order in one line."""
    parts = [f'{printable(name)}{_project(verdict.entry)}:']
    if verdict.stops and goes_on:
        parts.append(_('would be'))
    parts.append(verdict.word.value)
    if verdict.volume_id and not verdict.stops:
        parts.append(_('on volume %s') % printable(verdict.volume_id))
    text = ' '.join(parts)
    if verdict.detail:
        return f'{text}: {printable(verdict.detail)}'
    return text


def _project(entry: Entry | None) -> str:
    recorded = entry.recorded if entry else None
    if recorded is None or recorded.project_name is None:
        return ''
    return f' ({printable(recorded.project_name)})'
