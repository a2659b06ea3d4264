# SPDX-License-Identifier: Apache-2.0

"""The journals of earlier runs, read."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
from collections.abc import Container, Iterable, Iterator
from typing import IO

from osc_hwmt.display import printable
from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _
from osc_hwmt.journal import format as journal_format
from osc_hwmt.journal.format import Input, Record
from osc_hwmt.journal.history import History
from osc_hwmt.journal.place import Place
from osc_hwmt.local import files

LOG = logging.getLogger(__name__)

#: Three times what a run for 100,000 servers writes.
MAX_BYTES = 128 * 1024 * 1024


@contextlib.contextmanager
def opened(path: str) -> Iterator[tuple[Record, Input]]:
    """Return what a journal says and its digest, keeping others away from it.

    Raises FileError for a journal that a run is writing or undoing now, and
    for a file that is none.
    """
    with _file(path) as file:
        lock(file.fileno(), path)
        if _owner(file) not in (os.geteuid(), 0):
            LOG.warning(
                _('journal %(path)s: belongs to user %(user)d'),
                {'path': printable(path), 'user': _owner(file)},
            )
        text = _text(file, path)
        yield journal_format.read_journal(text, path), digest(path, text)


def read(path: str, owners: Container[int] = ()) -> Record:
    """Return what a journal says so far, even of a run that goes on.

    With ``owners`` it has to be of one of these users. Raises FileError.
    """
    with _file(path) as file:
        if owners and _owner(file) not in owners:
            raise _unreadable(path, _('it belongs to user %d') % _owner(file))
        return journal_format.read_journal(_text(file, path), path)


def history(
    place: Place, manifests: Iterable[str], named: Iterable[str] = ()
) -> History:
    """Return what the journals of a place, and others, tell; see all_of()."""
    return History(all_of(place, manifests, named))


def all_of(
    place: Place, manifests: Iterable[str], named: Iterable[str] = ()
) -> list[Record]:
    """Return the journals of a place, and others.

    One of the place that can't be read, or is of another user, is told and
    passed over. Raises FileError for any other.
    """
    manifests, named = list(manifests), list(dict.fromkeys(named))
    records = [read(path) for path in named]
    sought = [one for one in place.journals(manifests) if one not in named]
    return [*records, *readable(sought, manifests)]


def readable(
    paths: Iterable[str], manifests: Iterable[str] = ()
) -> Iterator[Record]:
    """Yield what can be read of some journals, and tell what can't be.

    They have to be of this user, of root, or of who owns one of the
    manifests and so decides what is wanted anyway: anybody else who can put
    a file there could make up a past.
    """
    owners = _trusted(manifests)
    for path in paths:
        try:
            yield read(path, owners)
        except FileError as exc:
            LOG.warning(
                _('%s; ignored, and with it the writes that it recorded'),
                exc,
            )


def _trusted(manifests: Iterable[str]) -> set[int]:
    """Return this user, root, and who owns some manifests."""
    users = {os.geteuid(), 0}
    for manifest in manifests:
        with contextlib.suppress(OSError):
            users.add(os.stat(manifest).st_uid)
    return users


def unfinished(place: Place, manifest: str) -> Record | None:
    """Return the newest journal of a manifest if its run was killed.

    A journal that can't be read, is of another user, or that a run is
    writing now, is none.
    """
    beside = Place().journals([manifest])
    sought = os.path.abspath(manifest)
    owners = _trusted([manifest])
    found = []
    for path in place.journals([manifest]):
        with contextlib.suppress(FileError):
            record = read(path, owners)
            of = {os.path.abspath(one.path) for one in record.header.inputs}
            if path in beside or sought in of:
                found.append(record)
    newest = max(found, key=lambda one: one.begun, default=None)
    if newest:
        with contextlib.suppress(FileError), opened(newest.path) as (now, _in):
            return None if now.ended else now
    return None


def digest(path: str, text: str) -> Input:
    """Return a file's name with the SHA-256 of its text."""
    return Input(path, files.digest(files.encoded(text)).hex())


def lock(descriptor: int, path: str) -> None:
    """Keep others away from a journal; raises FileError if one has it."""
    try:
        _try_lock(descriptor)
    except BlockingIOError as exc:
        raise FileError(
            _('journal %s: in use by a run that has not ended')
            % printable(path)
        ) from exc
    except OSError as exc:
        raise FileError(
            _('journal %(path)s: cannot be locked: %(why)s')
            % {'path': printable(path), 'why': exc.strerror}
        ) from exc


def _try_lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        if exc.errno != errno.EBADF:
            raise
        # NFS locks for one alone only what is open for writing (flock(2)).
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)


def _file(path: str) -> IO[bytes]:
    try:
        return files.regular(path)
    except OSError as exc:
        raise _unreadable(path, exc.strerror) from exc


def _text(file: IO[bytes], path: str) -> str:
    try:
        content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise _unreadable(
                path, _('expected at most %d MiB') % (MAX_BYTES >> 20)
            )
        return content.decode()
    except OSError as exc:
        raise _unreadable(path, exc.strerror) from exc
    except UnicodeDecodeError as exc:
        raise _unreadable(path, _('it is not a text file')) from exc


def _owner(file: IO[bytes]) -> int:
    return os.fstat(file.fileno()).st_uid


def _unreadable(path: str, why: str | None) -> FileError:
    return FileError(
        _('journal %(path)s: cannot be read: %(why)s')
        % {'path': printable(path), 'why': why}
    )
