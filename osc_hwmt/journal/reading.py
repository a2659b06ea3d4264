# SPDX-License-Identifier: Apache-2.0

"""The journals of earlier runs, read."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from collections.abc import Iterable, Iterator
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


@contextlib.contextmanager
def opened(path: str) -> Iterator[tuple[Record, Input]]:
    """Return what a journal says and its digest, keeping others away from it.

    Raises FileError for a journal that a run is writing or undoing now, and
    for a file that is none.
    """
    with _file(path) as file:
        lock(file.fileno(), path)
        text = _text(file, path)
        yield journal_format.read_journal(text, path), digest(path, text)


def read(path: str) -> Record:
    """Return what a journal says so far, even of a run that goes on.

    Raises FileError.
    """
    with _file(path) as file:
        return journal_format.read_journal(_text(file, path), path)


def history(
    place: Place, manifests: Iterable[str], named: Iterable[str] = ()
) -> History:
    """Return what the journals of a place, and others, tell.

    One of the place that can't be read is told and passed over. Raises
    FileError for any other.
    """
    named = list(dict.fromkeys(named))
    records = [read(path) for path in named]
    for path in place.journals(manifests):
        if path not in named:
            try:
                records.append(read(path))
            except FileError as exc:
                LOG.warning('%s', exc)
    return History(records)


def unfinished(place: Place, manifest: str) -> Record | None:
    """Return the newest journal of a manifest if its run was killed.

    A journal that can't be read, or that a run is writing now, is none.
    """
    beside = Place().journals([manifest])
    sought = os.path.realpath(manifest)
    found = []
    for path in place.journals([manifest]):
        with contextlib.suppress(FileError):
            record = read(path)
            of = {os.path.realpath(one.path) for one in record.header.inputs}
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


def lock(descriptor: int, path: str, kind: int = fcntl.LOCK_EX) -> None:
    """Keep others away from a journal; raises FileError if one has it."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        raise FileError(
            _('journal %s: is in use by a run that has not ended')
            % printable(path)
        ) from exc
    except OSError as exc:
        raise FileError(
            _('journal %(path)s: cannot be locked: %(why)s')
            % {'path': printable(path), 'why': exc.strerror}
        ) from exc


def _file(path: str) -> IO[bytes]:
    try:
        return open(path, 'rb')
    except OSError as exc:
        raise _unreadable(path, exc.strerror) from exc


def _text(file: IO[bytes], path: str) -> str:
    try:
        return file.read().decode()
    except OSError as exc:
        raise _unreadable(path, exc.strerror) from exc
    except UnicodeDecodeError as exc:
        raise _unreadable(path, _('it is no text')) from exc


def _unreadable(path: str, why: str | None) -> FileError:
    return FileError(
        _('journal %(path)s: cannot be read: %(why)s')
        % {'path': path, 'why': why}
    )
