# SPDX-License-Identifier: Apache-2.0

"""The journal's file: every write, before and after, one line each."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import threading
from collections.abc import Mapping, Sequence
from typing import IO, Any

import osc_hwmt
from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.display import printable
from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _
from osc_hwmt.journal import format as journal_format
from osc_hwmt.journal.format import Header, Input
from osc_hwmt.journal.reading import lock
from osc_hwmt.local import files
from osc_hwmt.model.changes import Write, WriteResult


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
        try:
            lock(self._file.fileno(), path)
            self._append(journal_format.header_line(header))
            _keep_name(path)
        except FileError:
            self._file.close()
            # Nothing was announced in it.
            with contextlib.suppress(OSError):
                os.unlink(path)
            raise

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._file.close()

    def intend(self, write: Write) -> None:
        """Record what is about to be written to a volume."""
        try:
            line = journal_format.intent_line(write)
        except ValueError as exc:
            raise FileError(
                _(
                    'journal %(path)s: the write to volume %(id)s cannot be '
                    'recorded: %(why)s'
                )
                % {
                    'path': self.path,
                    'id': printable(write.volume_id),
                    'why': exc,
                }
            ) from exc
        self._append(line)

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
        broken: str | None = (
            _('journal %s: not written completely') % self.path
        )
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


def header(
    command: str,
    cloud: Cloud,
    inputs: Sequence[Input],
    options: Mapping[str, Any],
    plan: Input | None = None,
    note: str | None = None,
) -> Header:
    """Return what a run's journal begins with.

    ``options`` are those of the command line that shape what is written, and
    ``plan`` is the file in which it was approved, if there is one. ``note``
    is what the operator says of it.
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
        clock_ahead=journal_format.clock(cloud.clock_ahead),
        plan=plan,
        note=note,
    )


def _write_through(descriptor: int, content: bytes) -> None:
    while content:
        content = content[os.write(descriptor, content) :]
    os.fsync(descriptor)


def _created(path: str) -> IO[bytes]:
    """Return the new file, readable by its owner alone."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as exc:
        raise _not_created(path, exc) from exc
    return os.fdopen(descriptor, 'wb', buffering=0)


def _keep_name(path: str) -> None:
    """Put a new file's name on the disk, without which it would be lost."""
    try:
        files.sync(os.path.dirname(path) or '.')
    except OSError as exc:
        raise _not_created(path, exc) from exc


def _not_created(path: str, exc: OSError) -> FileError:
    return FileError(
        _('journal %(path)s: cannot be created: %(why)s')
        % {'path': path, 'why': exc.strerror}
    )
