# SPDX-License-Identifier: Apache-2.0

"""What can go wrong with a test cloud."""

from __future__ import annotations

from pathlib import Path

SHOWN_LINES = 15


class CloudError(Exception):
    """The clouds cannot be had; the message says why and what to do."""


class Failed(CloudError):
    """A program failed; the message ends with the last lines of its log."""

    def __init__(self, what: str, log: Path) -> None:
        super().__init__(f'{what}. The last lines of {log}:\n{tail(log)}')


def tail(log: Path, lines: int = SHOWN_LINES) -> str:
    """Return the last lines of a log, indented, or that there are none."""
    if not log.exists():
        return '  (there is no log)'
    text = log.read_text(errors='replace').splitlines()[-lines:]
    return '\n'.join(f'  {line}' for line in text) or '  (the log is empty)'
