# SPDX-License-Identifier: Apache-2.0

"""Where messages of a command go: the only way to standard error."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TextIO

from osc_hwmt.display import lines, printable


class Screen:
    """A stream that gets nothing which a terminal would obey."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def isatty(self) -> bool:
        """Tell whether a human may be looking."""
        return self._stream.isatty()

    def write(self, text: str) -> None:
        """Write lines, all of which is shown as it is."""
        self._stream.write(lines(text))

    def writelines(self, several: Iterable[str]) -> None:
        """Write each of several texts."""
        for text in several:
            self.write(text)

    def redraw(self, text: str = '') -> None:
        """Write over the line that the cursor is on."""
        self._stream.write(f'\r{printable(text)}\x1b[K')

    def flush(self) -> None:
        """Let everything be seen."""
        self._stream.flush()


def write_at_once(text: str) -> None:
    """Write a line, whatever the rest of the program is doing."""
    os.write(2, lines(f'{text}\n').encode())
