# SPDX-License-Identifier: Apache-2.0

"""One run at a time that writes to a project.

Cinder has no compare-and-swap: two runs that write at once could both find a
volume as planned. Those of one user on one machine take turns.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator


@contextlib.contextmanager
def held(
    project_ids: Iterable[str], waiting: Callable[[], None]
) -> Iterator[None]:
    """Hold the locks of some projects, once whoever has them lets go.

    ``waiting`` is called before that takes time. The kernel lets go of them
    when a process ends, kill -9 included.
    """
    with contextlib.ExitStack() as stack:
        # In one order, so that two runs never wait for each other.
        for project_id in sorted(set(project_ids)):
            stack.enter_context(_held(_path(project_id), waiting))
        yield


@contextlib.contextmanager
def _held(path: str, waiting: Callable[[], None]) -> Iterator[None]:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError:
        yield  # no place for locks is no reason not to run
        return
    try:
        # Nor is a file system without them.
        with contextlib.suppress(OSError):
            _lock(descriptor, waiting)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, waiting: Callable[[], None]) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting()
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _path(project_id: str) -> str:
    """Return a lock's file, whose name a cloud has no part in."""
    directory = os.environ.get('XDG_RUNTIME_DIR') or tempfile.gettempdir()
    name = hashlib.sha256(project_id.encode()).hexdigest()[:16]
    return os.path.join(directory, f'osc-hwmt-project-{name}.lock')
