# SPDX-License-Identifier: Apache-2.0

"""Locks of one user on one machine.

Runs that write to one project take turns: Cinder has no compare-and-swap, so
two that write at once could both find a volume as planned. A run that makes
temporary resources holds a lock of its own, by which a later one sees whether
it is still going on. The kernel lets go of a lock when its process ends,
kill -9 included.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator

from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _


@contextlib.contextmanager
def held(
    path: str, waiting: Callable[[], None] | None = None
) -> Iterator[None]:
    """Hold a lock file, once whoever has it lets go.

    ``waiting`` is called before that takes time. Raises OSError where there
    is no place for the file, or its file system has no locks.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting is not None:
                waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def held_projects(
    project_ids: Iterable[str], waiting: Callable[[], None]
) -> Iterator[None]:
    """Hold the locks of some projects; run without where there can be none."""
    with contextlib.ExitStack() as stack:
        # In one order, so that two runs never wait for each other.
        for project_id in sorted(set(project_ids)):
            with contextlib.suppress(OSError):
                stack.enter_context(held(_project_path(project_id), waiting))
        yield


@contextlib.contextmanager
def held_run(run: str) -> Iterator[None]:
    """Hold the lock of a new run; raises FileError if that cannot be."""
    path = _run_path(run)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(held(path))
        except OSError as exc:
            raise FileError(
                _('lock %(path)s: cannot be created: %(why)s')
                % {'path': path, 'why': exc.strerror}
            ) from exc
        stack.callback(forget_run, run)
        yield


def run_ended(run: str) -> bool:
    """Tell whether a run is known to be over.

    It is not known of one that another machine or another user began.
    """
    try:
        descriptor = os.open(_run_path(run), os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def forget_run(run: str) -> None:
    """Remove the file of a run that is over."""
    with contextlib.suppress(OSError):
        os.unlink(_run_path(run))


def _project_path(project_id: str) -> str:
    """Return a lock's file, whose name a cloud has no part in."""
    directory = os.environ.get('XDG_RUNTIME_DIR') or tempfile.gettempdir()
    name = hashlib.sha256(project_id.encode()).hexdigest()[:16]
    return os.path.join(directory, f'osc-hwmt-project-{name}.lock')


def _run_path(run: str) -> str:
    return os.path.join(tempfile.gettempdir(), f'osc-hwmt-{run}.lock')
