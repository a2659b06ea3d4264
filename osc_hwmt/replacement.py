# SPDX-License-Identifier: Apache-2.0

"""A file replaced at once, or left as it is."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable

from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _


def replace(
    path: str,
    pieces: Iterable[bytes],
    check: Callable[[], object] = lambda: None,
) -> None:
    """Put the pieces where a file is or shall be, all of them at once.

    A new file is readable by its owner alone; an old one keeps its owner and
    its mode, and a link stays a link. ``check`` is called when everything is
    written and nothing replaced yet; what it raises ends the replacement.
    Raises FileError if that fails; then the file is as it was.
    """
    target = os.path.realpath(path)
    directory = os.path.dirname(target)
    try:
        descriptor, temporary = tempfile.mkstemp(
            dir=directory, prefix=f'.{os.path.basename(target)}.'
        )
        try:
            with os.fdopen(descriptor, 'wb') as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            check()
            _take_over(target, temporary)
            os.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        _sync(directory)
    except OSError as exc:
        raise FileError(
            _('%(path)s: can not be written: %(why)s')
            % {'path': path, 'why': exc.strerror}
        ) from exc


def _take_over(target: str, temporary: str) -> None:
    """Give a new file the owner and the mode of the one it replaces."""
    try:
        old = os.stat(target)
    except FileNotFoundError:
        return
    new = os.stat(temporary)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.chown(temporary, old.st_uid, old.st_gid)
    os.chmod(temporary, old.st_mode & 0o7777)


def _sync(directory: str) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
