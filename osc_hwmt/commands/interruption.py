# SPDX-License-Identifier: Apache-2.0

"""Ctrl-C while a run has things in a cloud that have to go first."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.temporary import Run

#: What a shell reports of a command that Ctrl-C ended.
INTERRUPTED = 130
#: Ctrl-C, a polite kill, and a terminal that went away.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def postponed(run: Run) -> Iterator[None]:
    """Let the first signal stop a run, and a second one leave it as it is.

    The first is raised as KeyboardInterrupt once the run has cleaned up. No
    request is cut off by it, so whatever is created is known.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        if run.stop.is_set():
            _leave(run)
        run.stop.set()
        _say(
            _(
                'Interrupted: removing what was made. Once more leaves it '
                'where it is'
            )
        )

    before: dict[signal.Signals, Any] = {
        number: signal.signal(number, stop) for number in _SIGNALS
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if run.stop.is_set():
        raise KeyboardInterrupt


def _leave(run: Run) -> None:
    """End the process at once, and say what stays in the cloud."""
    known = run.known
    if known:
        _say(_('Left in the cloud, for the next run to remove:'))
    for thing in known:
        _say(f'  {thing.kind.value} {thing.id}  {thing.name}')
    _say(_('What is being made now is called %s too') % run.mark.name)
    os._exit(INTERRUPTED)


def _say(text: str) -> None:
    """Write to the terminal whatever the rest of the program is doing."""
    os.write(2, f'{text}\n'.encode())
