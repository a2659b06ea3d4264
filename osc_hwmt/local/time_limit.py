# SPDX-License-Identifier: Apache-2.0

"""A bound for work of the processor that nothing else can stop."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in what takes more of the processor's time.

    Python looks for signals while it searches for a regular expression, which
    has no limit of its own (CPython, Modules/_sre). Only the main thread may
    set one; elsewhere there is none.
    """

    def raise_it(_number: int, _frame: FrameType | None) -> NoReturn:
        raise TimeoutError

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGVTALRM, raise_it)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
