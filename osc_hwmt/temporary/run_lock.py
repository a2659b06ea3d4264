# SPDX-License-Identifier: Apache-2.0

"""Whether a run of this machine is still at work, however it may have ended.

Each run holds a lock on a file of its own in the directory for temporary
files. The kernel lets go of it when the process ends, kill -9 included.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator

from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _


@contextlib.contextmanager
def held(run: str) -> Iterator[None]:
    """Hold the lock of a new run; raises FileError if that can't be."""
    path = _path(run)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as exc:
        raise FileError(
            _('lock %(path)s: can not be created: %(why)s')
            % {'path': path, 'why': exc.strerror}
        ) from exc
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        forget(run)
        os.close(descriptor)


def ended(run: str) -> bool:
    """Tell whether a run is known to be over.

    It is not known of one that another machine or another user began.
    """
    try:
        descriptor = os.open(_path(run), os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def forget(run: str) -> None:
    """Remove the file of a run that is over."""
    with contextlib.suppress(OSError):
        os.unlink(_path(run))


def _path(run: str) -> str:
    return os.path.join(tempfile.gettempdir(), f'osc-hwmt-{run}.lock')
