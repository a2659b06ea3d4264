# SPDX-License-Identifier: Apache-2.0

"""What outlives a checkout: environments and golden states."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

KEY_LENGTH = 12


def directory() -> Path:
    """Return the cache's directory; it is made when it is missing."""
    named = os.environ.get('OSC_HWMT_CLOUDS_CACHE')
    if named:
        path = Path(named).absolute()
    else:
        home = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
        path = Path(home) / 'osc-hwmt'
    path.mkdir(parents=True, exist_ok=True)
    return path


def key(*parts: str | bytes) -> str:
    """Return a short digest of everything that makes a thing what it is."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(f'{len(data)}:'.encode() + data)
    return digest.hexdigest()[:KEY_LENGTH]


@contextlib.contextmanager
def locked(path: Path, when_busy: Callable[[], None]) -> Iterator[int]:
    """Hold a lock file; yield its descriptor.

    A child that inherits the descriptor keeps the lock as long as it runs,
    so that what a killed parent left behind is not disturbed.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        wait_for_lock(descriptor, when_busy)
        yield descriptor
    finally:
        os.close(descriptor)


def wait_for_lock(descriptor: int, when_busy: Callable[[], None]) -> None:
    """Lock an open file; call ``when_busy`` before waiting for another."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        when_busy()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
