# SPDX-License-Identifier: Apache-2.0

"""The journal's file: every write, before and after, one line each."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import glob
import json
import logging
import os
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

import osc_hwmt
from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _
from osc_hwmt.journal import format as journal_format
from osc_hwmt.journal.format import Header, Input, Record
from osc_hwmt.journal.history import History
from osc_hwmt.local import files
from osc_hwmt.model.changes import Write, WriteResult

LOG = logging.getLogger(__name__)


class Journal:
    """A new journal file, locked, of which every line is on the disk.

    It is a context manager. Raises FileError wherever a line can't be
    written: then the write it announces must not happen.
    """

    def __init__(self, path: str, header: Header) -> None:
        self.path = path
        self._changed = threading.Condition()
        self._waiting: list[str] = []
        self._taken = 0
        self._on_disk = 0
        self._writing = False
        # A journal with a gap tells nothing, so the first failure ends it.
        self._broken: str | None = None
        self._file = _created(path)
        self._append(journal_format.header_line(header))

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._file.close()

    def intend(self, write: Write) -> None:
        """Record what is about to be written to a volume."""
        self._append(journal_format.intent_line(write))

    def ended(
        self, volume_id: str, result: WriteResult, error: str | None = None
    ) -> None:
        """Record what became of the write announced for a volume."""
        self._append(journal_format.outcome_line(volume_id, result, error))

    def end(self, reason: str) -> None:
        """Record that the run ended by itself, and why."""
        self._append(journal_format.end_line(reason))

    def _append(self, record: Mapping[str, Any]) -> None:
        """Return when the line is on the disk.

        Lines of several threads go there together: a disk's fsync takes as
        long for many lines as for one.
        """
        with self._changed:
            now = datetime.datetime.now(datetime.timezone.utc)
            line = json.dumps({'time': now.isoformat(), **record})
            self._waiting.append(line + '\n')
            self._taken += 1
            mine = self._taken
            while self._on_disk < mine and not self._broken:
                if self._writing:
                    self._changed.wait()
                else:
                    self._write_waiting()
            if self._broken:
                raise FileError(self._broken)

    def _write_waiting(self) -> None:
        """Put the waiting lines on the disk, without the lock meanwhile."""
        text, upto = ''.join(self._waiting), self._taken
        self._waiting.clear()
        self._writing = True
        self._changed.release()
        broken: str | None = _('journal %s: was not finished') % self.path
        try:
            _write_through(self._file.fileno(), text.encode('ascii'))
            broken = None
        except OSError as exc:
            broken = _('journal %(path)s: cannot be written: %(why)s') % {
                'path': self.path,
                'why': exc.strerror,
            }
        finally:
            self._changed.acquire()
            self._writing = False
            self._on_disk, self._broken = upto, broken
            self._changed.notify_all()


@contextlib.contextmanager
def opened(path: str) -> Iterator[tuple[Record, Input]]:
    """Return what a journal says and its digest, keeping others away from it.

    Raises FileError for a journal that a run is writing or undoing now, and
    for a file that is none.
    """
    with _file(path) as file:
        _lock(file.fileno(), path)
        text = _text(file, path)
        yield journal_format.read_journal(text, path), digest(path, text)


def read(path: str) -> Record:
    """Return what a journal says so far, even of a run that goes on.

    Raises FileError.
    """
    with _file(path) as file:
        return journal_format.read_journal(_text(file, path), path)


def history(manifests: Iterable[str], named: Iterable[str] = ()) -> History:
    """Return what the journals beside some manifests, and others, tell.

    One beside a manifest that can't be read is told and passed over. Raises
    FileError for any other.
    """
    named = list(dict.fromkeys(named))
    records = [read(path) for path in named]
    for manifest in manifests:
        for path in _beside(manifest):
            if path not in named:
                try:
                    records.append(read(path))
                except FileError as exc:
                    LOG.warning('%s', exc)
    return History(records)


def unfinished(manifest: str) -> Record | None:
    """Return the newest journal beside a manifest if its run was killed.

    A journal that can't be read, or that a run is writing now, is none.
    """
    with contextlib.suppress(FileError):
        for path in _beside(manifest)[-1:]:
            with opened(path) as (record, _input):
                return None if record.ended else record
    return None


def path_beside(path: str) -> str:
    """Return a new journal's path, with the time in it, beside a file."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return f'{path}.{now:%Y%m%dT%H%M%S%fZ}.journal'


def header(
    command: str,
    cloud: Cloud,
    inputs: Sequence[Input],
    options: Mapping[str, Any],
    plan: Input | None = None,
) -> Header:
    """Return what a run's journal begins with.

    ``options`` are those of the command line that shape what is written, and
    ``plan`` is the file in which it was approved, if there is one.
    """
    return Header(
        tool=f'osc-hwmt {osc_hwmt.version()}',
        command=command,
        cloud=cloud.name,
        auth_url=cloud.auth_url,
        region=cloud.region_name,
        project_id=cloud.identity.own_project().id,
        inputs=tuple(inputs),
        options=dict(options),
        clock_ahead=cloud.clock_ahead,
        plan=plan,
    )


def digest(path: str, text: str) -> Input:
    """Return a file's name with the SHA-256 of its text."""
    return Input(path, files.digest(files.encoded(text)).hex())


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


def _write_through(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
    os.fsync(descriptor)


def _lock(descriptor: int, path: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        raise FileError(
            _('journal %s: is in use by a run that has not ended') % path
        ) from exc


def _created(path: str) -> IO[bytes]:
    """Return the new file, readable by its owner alone and locked."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        file = os.fdopen(descriptor, 'wb', buffering=0)
        # Without its name on the disk the file would be lost.
        files.sync(os.path.dirname(path) or '.')
    except OSError as exc:
        raise FileError(
            _('journal %(path)s: cannot be created: %(why)s')
            % {'path': path, 'why': exc.strerror}
        ) from exc
    _lock(descriptor, path)
    return file


def _beside(path: str) -> list[str]:
    """Return the journals of all runs that put theirs beside a file."""
    return sorted(glob.glob(f'{glob.escape(path)}.*.journal'))
