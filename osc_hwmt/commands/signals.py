# SPDX-License-Identifier: Apache-2.0

"""What asks a command to end while it has something to finish first."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import TYPE_CHECKING, Callable, NoReturn, Optional

from osc_hwmt.commands.screen import write_at_once
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.probes.cleanup import Run


#: What a shell reports of a command that Ctrl-C ended.
INTERRUPTED = 130
#: Ctrl-C, a polite kill, and a terminal that went away.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_Handler = Callable[[int, Optional[FrameType]], None]


class Interrupted(KeyboardInterrupt):
    """A signal came; ``number`` is its number."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    @property
    def exit_code(self) -> int:
        """What a shell says of a program that the signal ended."""
        return 128 + self.number


@contextlib.contextmanager
def raised() -> Iterator[None]:
    """Let every such signal raise Interrupted in the main thread."""
    with _handled(_raise):
        yield


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted(number)


@contextlib.contextmanager
def postponed(run: Run) -> Iterator[None]:
    """Let the first signal stop a run, and a second one leave it as it is.

    The first is raised as KeyboardInterrupt once the run has cleaned up. No
    request is cut off by it, so whatever is created is known.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        if run.stop.is_set():
            _leave(run)
        run.stop.set()
        write_at_once(
            _(
                'Interrupted: removing the temporary resources. Interrupt '
                'again to leave them'
            )
        )

    with _handled(stop):
        yield
    if run.stop.is_set():
        raise KeyboardInterrupt


@contextlib.contextmanager
def _handled(handler: _Handler) -> Iterator[None]:
    """Let a function handle the signals meanwhile.

    One that is ignored stays so: nohup has SIGHUP ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may say what a signal does
        return
    before = {
        number: signal.signal(number, handler)
        for number in _SIGNALS
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _leave(run: Run) -> None:
    """End the process at once, and say what stays in the cloud."""
    known = run.known
    if known:
        write_at_once(_('Left in the cloud, for the next run to remove:'))
    for thing in known:
        write_at_once(f'  {thing.kind.value} {thing.id}  {thing.name}')
    write_at_once(
        _('Resources that are being created now are also named %s')
        % run.mark.name
    )
    os._exit(INTERRUPTED)
