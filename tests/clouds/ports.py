# SPDX-License-Identifier: Apache-2.0

"""Free ports for the programs of a cloud."""

from __future__ import annotations

import fcntl
import functools
import os
import random
import socket
from collections.abc import Collection, Sequence

from tests.clouds import cache
from tests.clouds.cloud import LOOPBACK
from tests.clouds.errors import CloudError

# Below what systems give to outgoing connections, which would otherwise
# take a port between our look at it and the program's start.
FIRST, LAST = 20000, 32000
ATTEMPTS = 500


def choose(programs: Sequence[str], taken: Collection[int]) -> dict[str, int]:
    """Return a free port for each program, none of those ``taken``.

    :raises CloudError: when there are not enough.
    """
    chosen: dict[str, int] = {}
    for _ in range(ATTEMPTS):
        if len(chosen) == len(programs):
            return chosen
        port = random.randint(FIRST, LAST)
        if (
            port not in {*taken, *chosen.values()}
            and _reserve(port)
            and is_free(port)
        ):
            chosen[programs[len(chosen)]] = port
    raise CloudError(f'There are no free ports from {FIRST} to {LAST}.')


@functools.cache
def _reservations() -> int:
    """Return the file of which the bytes with the ports' numbers are locked.

    A port is free until its program listens, which is later than our look at
    it; the kernel gives the bytes back when this process ends.
    """
    path = cache.directory() / 'ports.lock'
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _reserve(port: int) -> bool:
    """Tell whether no other run has chosen the port and begins to use it."""
    try:
        fcntl.lockf(_reservations(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
