# SPDX-License-Identifier: Apache-2.0

"""Asking a service again and again until it is done with something."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from tests.clouds.errors import SeedError

#: Seconds between two questions.
POLL_INTERVAL = 0.3

Result = TypeVar('Result')


def wait(
    what: str,
    look: Callable[[], Result],
    is_there: Callable[[Result], bool],
    limit: float,
) -> Result:
    """Return what was seen once it is there, within a limit in seconds.

    :raises SeedError: when it is not, with what was seen last.
    """
    end = time.monotonic() + limit
    while True:
        seen = look()
        if is_there(seen):
            return seen
        if time.monotonic() > end:
            raise SeedError(f'After {limit:.0f} s not yet: {what}. {seen}')
        time.sleep(POLL_INTERVAL)
