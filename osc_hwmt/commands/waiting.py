# SPDX-License-Identifier: Apache-2.0

"""What apply --wait says while it waits, and how it writes."""

from __future__ import annotations

import contextlib
import os
import time
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from osc_hwmt.commands import base
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.cloud.interface import Cloud
    from osc_hwmt.destination.apply import Run
    from osc_hwmt.destination.plan import Set
    from osc_hwmt.destination.wait import Round
    from osc_hwmt.journal.file import Journal


class LiveLines:
    """A line for each news, and on a terminal how all stands below them.

    Without a stream nothing is said.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._on_terminal = stream is not None and stream.isatty()
        self._drawn = 0
        self._told: set[str] = set()

    def __call__(self, one: Round) -> None:
        from osc_hwmt.tables import wait

        self.end()
        for line in wait.news(one):
            # What went wrong stays so in the rounds that follow.
            if line not in self._told:
                self._told.add(line)
                self.tell(line)
        if one.trouble:
            self.tell(_('%s; looking again') % one.trouble)
        if self._on_terminal:
            self._draw(wait.standing(one.results))

    def tell(self, text: str) -> None:
        """Write a line in place of what is drawn."""
        self.end()
        self._write(f'{text}\n')

    def end(self) -> None:
        """Take away what is drawn."""
        if self._drawn:
            # A key that was typed, as Ctrl-C, has moved the cursor.
            self._write(f'\r\x1b[{self._drawn}A\x1b[J')
            self._drawn = 0

    def _draw(self, lines: Iterable[str]) -> None:
        # One that changes, as nobody would know whether it still looks.
        title = _('Looked at %s:') % time.strftime('%H:%M:%S')
        # A line that reached the margin would take two.
        cells = self._columns() - 1
        for line in (title, *lines):
            self._write(f'{_cut(line, cells)}\n')
            self._drawn += 1

    def _columns(self) -> int:
        """Return the width of the terminal, which may be another now."""
        with contextlib.suppress(OSError):
            if self._stream is not None:
                found = os.get_terminal_size(self._stream.fileno()).columns
                return found or _COLUMNS
        return _COLUMNS

    def _write(self, text: str) -> None:
        # A terminal that was closed is no reason to stop.
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.write(text)
                self._stream.flush()


#: Of a terminal that does not tell its own.
_COLUMNS = 80


def _cut(line: str, cells: int) -> str:
    """Return as much of a line as so many cells of a terminal take."""
    for place, char in enumerate(line):
        cells -= 2 if unicodedata.east_asian_width(char) in 'WF' else 1
        if cells < 0:
            return line[:place]
    return line


class JournaledWriter:
    """Writes what has come into one journal, opened when it is needed."""

    def __init__(
        self,
        cloud: Cloud,
        concurrency: int,
        journal: Callable[[], Journal],
        tell: Callable[[str], None],
    ) -> None:
        self._cloud = cloud
        self._concurrency = concurrency
        self._open = journal
        self._tell = tell
        self._journal: Journal | None = None
        self._at_the_end = contextlib.ExitStack()

    def __call__(self, steps: Sequence[Set]) -> Run:
        from osc_hwmt.destination import apply

        if self._journal is None:
            self._journal = self._at_the_end.enter_context(self._open())
        return apply.carry_out(
            [step.write for step in steps],
            self._cloud,
            self._journal,
            self._concurrency,
            stopping=lambda: self._tell(base.STOPPING),
            waiting=lambda: self._tell(base.TAKING_TURNS),
        )

    @property
    def path(self) -> str | None:
        """The journal, None while nothing was written."""
        return self._journal.path if self._journal else None

    def end(self) -> None:
        """Close the journal."""
        self._at_the_end.close()
