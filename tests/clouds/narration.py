# SPDX-License-Identifier: Apache-2.0

"""Lines that tell what happens and how long it took."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator


class Narrator:
    """Tells the story of one run on standard error, safe for threads."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def elapsed(self) -> float:
        """Return the seconds since the story began."""
        return time.monotonic() - self._began

    def say(self, line: str) -> None:
        """Print a line with the time since the beginning."""
        with self._lock:
            print(
                f'[{self.elapsed():6.1f}s] {line}', file=sys.stderr, flush=True
            )

    @contextlib.contextmanager
    def step(self, line: str) -> Iterator[None]:
        """Say what was done, and how long it took, when it is done."""
        began = time.monotonic()
        yield
        self.say(f'{line} ({time.monotonic() - began:.1f} s)')

    def about(self, subject: str) -> Strand:
        """Return the part of the story that is about one subject."""
        return Strand(self, subject)


class Strand:
    """The part of a story that is about one subject, such as a cloud."""

    def __init__(self, narrator: Narrator, subject: str) -> None:
        self._narrator = narrator
        self._subject = subject

    def say(self, line: str) -> None:
        """Print a line about the subject."""
        self._narrator.say(f'{self._subject}: {line}')

    @contextlib.contextmanager
    def step(self, line: str) -> Iterator[None]:
        """Say what was done for the subject, and how long it took."""
        with self._narrator.step(f'{self._subject}: {line}'):
            yield
