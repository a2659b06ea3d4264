# SPDX-License-Identifier: Apache-2.0

"""Directories to which nobody else can write."""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
from collections.abc import Iterator

from osc_hwmt.display import printable
from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _


@contextlib.contextmanager
def opened(path: str, make: bool = False) -> Iterator[int]:
    """Return the descriptor of a directory that is this user's alone.

    With ``make`` it is created in its parent where there is none. Raises
    FileError where it is not there, is of another user, or can be written to
    by others.
    """
    try:
        if make:
            with contextlib.suppress(FileExistsError):
                os.mkdir(path, 0o700)
        descriptor = os.open(
            path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
        )
    except OSError as exc:
        raise FileError(
            _('directory %(path)s: %(why)s')
            % {'path': printable(path), 'why': exc.strerror}
        ) from exc
    try:
        _refuse_others(path, os.fstat(descriptor))
        yield descriptor
    finally:
        os.close(descriptor)


def per_user() -> list[str]:
    """Return where this user's own directory may be, the best place first.

    It does not depend on the environment, which differs between a login, a
    cron job and sudo: runs that look into two places do not see each other.
    """
    user = os.geteuid()
    # Whose it is is looked at when it is opened.
    places = [f'/tmp/osc-hwmt-{user}']  # noqa: S108
    with contextlib.suppress(KeyError):
        home = pwd.getpwuid(user).pw_dir
        if os.path.isdir(home):
            places.insert(0, os.path.join(home, '.local/state/osc-hwmt'))
    return places


@contextlib.contextmanager
def own_opened() -> Iterator[int]:
    """Return the descriptor of the first place that can be this user's.

    A home may be missing or read-only, as in a container. Raises FileError
    with what is wrong with each place.
    """
    wrong = []
    with contextlib.ExitStack() as stack:
        for path in per_user():
            try:
                _make_parent(path)
                descriptor = stack.enter_context(opened(path, make=True))
            except FileError as exc:
                wrong.append(str(exc))
                continue
            if os.access('.', os.W_OK | os.X_OK, dir_fd=descriptor):
                yield descriptor
                return
            wrong.append(_('directory %s: not writable') % printable(path))
        raise FileError('; '.join(wrong))


def _make_parent(path: str) -> None:
    with contextlib.suppress(OSError):
        os.makedirs(os.path.dirname(path), exist_ok=True)


def _refuse_others(path: str, found: os.stat_result) -> None:
    if found.st_uid != os.geteuid():
        raise FileError(
            _(
                'directory %(path)s: expected it to belong to you (user '
                '%(own)d), but it belongs to user %(found)d'
            )
            % {
                'path': printable(path),
                'own': os.geteuid(),
                'found': found.st_uid,
            }
        )
    mode = stat.S_IMODE(found.st_mode)
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise FileError(
            _(
                'directory %(path)s: expected it to be writable only by you, '
                'found mode %(mode)04o'
            )
            % {'path': printable(path), 'mode': mode}
        )
