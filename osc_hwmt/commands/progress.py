# SPDX-License-Identifier: Apache-2.0

"""How far a run has come, said beside the table while it goes on."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from osc_hwmt.commands.screen import Screen
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.destination.wait import Round

#: Seconds between two drawings of the bar, and between two lines.
_REDRAWN = 0.2
_SAID = 30.0
_WIDTH = 30


class Progress:
    """Counts what is done; may be called from several threads.

    On a terminal it draws a bar, elsewhere it writes a line now and then. A
    context manager: what it drew is gone afterwards. Without a screen it says
    nothing.
    """

    def __init__(
        self,
        total: int,
        screen: Screen | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total = total
        self._screen = screen
        self._clock = clock
        self._on_terminal = screen is not None and screen.isatty()
        self._lock = threading.Lock()
        self._done = 0
        self._failed = 0
        self._began = clock()
        self._shown = self._began

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._on_terminal:
            self._show('')

    def add(self, well: bool) -> None:
        """Count one more, that went well or did not."""
        with self._lock:
            self._done += 1
            self._failed += not well
            now = self._clock()
            if now - self._shown < (_REDRAWN if self._on_terminal else _SAID):
                return
            self._shown = now
            told = self._told(now - self._began)
            if self._on_terminal:
                self._show(f'{self._bar()} {told}')
            else:
                _write(self._screen, f'{told}\n')

    def _show(self, text: str) -> None:
        if self._screen:
            with contextlib.suppress(OSError):
                self._screen.redraw(text)
                self._screen.flush()

    def _bar(self) -> str:
        filled = _WIDTH * self._done // self._total
        return f'[{"#" * filled}{"." * (_WIDTH - filled)}]'

    def _told(self, seconds: float) -> str:
        rate = self._done / seconds
        left = round((self._total - self._done) / rate)
        told = _('%(done)d of %(total)d, %(rate).1f/s, %(left)s left') % {
            'done': self._done,
            'total': self._total,
            'rate': rate,
            'left': f'{left // 60}:{left % 60:02d}',
        }
        if self._failed:
            told += _(', %d not done') % self._failed
        return told


class LiveLines:
    """Writes a line for each news of apply --wait; without a screen none."""

    def __init__(self, screen: Screen | None) -> None:
        self._screen = screen
        self._told: set[str] = set()

    def __call__(self, one: Round) -> None:
        from osc_hwmt.tables import wait

        for line in wait.news(one):
            # What went wrong stays so in the rounds that follow.
            if line not in self._told:
                self._told.add(line)
                self.tell(line)
        if one.trouble:
            self.tell(_('%s; retrying') % one.trouble)

    def tell(self, line: str) -> None:
        """Write a line."""
        _write(self._screen, f'{line}\n')


def _write(screen: Screen | None, text: str) -> None:
    # A terminal that was closed is no reason to stop.
    if screen is not None:
        with contextlib.suppress(OSError):
            screen.write(text)
            screen.flush()
