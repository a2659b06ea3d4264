# SPDX-License-Identifier: Apache-2.0

"""A terminal at which a test sits."""

from __future__ import annotations

import os
import pty
import select
import time
from collections.abc import Callable

from tests.functional.base import LIMIT


class Terminal:
    """A pseudo-terminal; ``end`` is what a command gets as its own."""

    def __init__(self) -> None:
        self._test, self.end = pty.openpty()

    def close(self) -> None:
        """Hang up."""
        os.close(self._test)
        os.close(self.end)

    def read_until(self, awaited: str) -> str:
        """Return what a command has written, once that is there."""
        shown = ''
        limit = time.monotonic() + LIMIT
        while awaited not in shown:
            left = limit - time.monotonic()
            if left < 0 or not select.select([self._test], [], [], left)[0]:
                raise AssertionError(f'no {awaited!r} in {shown!r}')
            shown += os.read(self._test, 65536).decode()
        return shown

    def answer(
        self, has_ended: Callable[[], bool], question: str, answer: str
    ) -> str:
        """Return all that a command writes until it has ended.

        ``answer`` is typed whenever that ends with the question.
        """
        shown, answered = b'', 0
        limit = time.monotonic() + LIMIT
        while time.monotonic() < limit:
            ended = has_ended()
            if select.select([self._test], [], [], 0 if ended else 0.1)[0]:
                shown += os.read(self._test, 65536)
            elif ended:
                return shown.decode()
            if shown.endswith(question.encode()) and len(shown) > answered:
                self.type(answer)
                answered = len(shown)
        raise AssertionError(f'it does not end: {shown.decode()}')

    def type(self, text: str) -> None:
        """Write as a human would."""
        os.write(self._test, text.encode())
