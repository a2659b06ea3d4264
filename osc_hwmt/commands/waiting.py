# SPDX-License-Identifier: Apache-2.0

"""What apply --wait says while it waits, and how it writes."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TextIO

from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.apply import Run
    from osc_hwmt.cloud.interface import Cloud
    from osc_hwmt.journal.file import Journal
    from osc_hwmt.plan import Set
    from osc_hwmt.wait import Round


class Said:
    """A line for each write, and on a terminal how all stands below them.

    Without a stream nothing is said.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._on_terminal = stream is not None and stream.isatty()
        self._drawn = 0

    def __call__(self, one: Round) -> None:
        from osc_hwmt import report

        self.end()
        for result in one.fresh:
            self._write(f'{report.result_line(result)}\n')
        if one.trouble:
            self._write(_('%s; looking again') % one.trouble + '\n')
        if self._on_terminal:
            self._draw(report.standing(one.results))

    def _draw(self, lines: Iterable[str]) -> None:
        # A line that reached the margin would take two.
        width = shutil.get_terminal_size().columns - 1
        for line in lines:
            self._write(f'{line[:width]}\n')
            self._drawn += 1

    def end(self) -> None:
        """Take away what is drawn."""
        if self._drawn:
            self._write(f'\x1b[{self._drawn}A\x1b[J')
            self._drawn = 0

    def _write(self, text: str) -> None:
        # A terminal that was closed is no reason to stop.
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._stream.write(text)
                self._stream.flush()


class Pen:
    """Writes what has come into one journal, opened when it is needed."""

    def __init__(
        self, cloud: Cloud, concurrency: int, journal: Callable[[], Journal]
    ) -> None:
        self._cloud = cloud
        self._concurrency = concurrency
        self._open = journal
        self._journal: Journal | None = None
        self._at_the_end = contextlib.ExitStack()

    def __call__(self, steps: Sequence[Set]) -> Run:
        from osc_hwmt import apply

        if self._journal is None:
            self._journal = self._at_the_end.enter_context(self._open())
        return apply.carry_out(
            [step.write for step in steps],
            self._cloud,
            self._journal,
            self._concurrency,
        )

    @property
    def path(self) -> str | None:
        """The journal, None while nothing was written."""
        return self._journal.path if self._journal else None

    def end(self) -> None:
        """Close the journal."""
        self._at_the_end.close()
