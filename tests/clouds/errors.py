# SPDX-License-Identifier: Apache-2.0

"""What can go wrong with a test cloud."""

from __future__ import annotations

from pathlib import Path

from tests.clouds import logs

SHOWN_LINES = 15


class CloudError(Exception):
    """The clouds cannot be had; the message says why and what to do."""


class Failed(CloudError):
    """A program failed; the message ends with the last lines of its log."""

    def __init__(self, what: str, log: Path) -> None:
        super().__init__(
            f'{what}. The last lines of {log}:\n{logs.tail(log, SHOWN_LINES)}'
        )


class SeedError(Exception):
    """Something could not be made or deleted; the message says why."""
