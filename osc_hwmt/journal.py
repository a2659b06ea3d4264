# SPDX-License-Identifier: Apache-2.0

"""The journal: every write, before and after, one JSON document a line."""

from __future__ import annotations

import datetime
import fcntl
import hashlib
import json
import os
import threading
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import IO, Any

import osc_hwmt
from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _
from osc_hwmt.manifest import Manifest
from osc_hwmt.plan import Change

#: Of the format, not of the tool: it changes when a reader has to.
VERSION = 1


class Journal:
    """A new journal file, locked, of which every line is on the disk.

    It is a context manager. Raises FileError wherever a line can't be
    written: then the write it announces must not happen.
    """

    def __init__(self, path: str, header: Mapping[str, Any]) -> None:
        self.path = path
        self._lock = threading.Lock()
        # A journal with a gap tells nothing, so the first failure ends it.
        self._broken: str | None = None
        self._file = _created(path)
        self._append({'journal': VERSION, **header})

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def intend(
        self,
        volume_id: str,
        server_id: str,
        server: str,
        changes: tuple[Change, ...],
    ) -> None:
        """Record what is about to be written to a volume."""
        self._append(
            {
                'intent': volume_id,
                'server_id': server_id,
                'server': server,
                'changes': {
                    change.key: {'old': change.old, 'new': change.new}
                    for change in changes
                },
            }
        )

    def succeeded(self, volume_id: str) -> None:
        """Record that the write announced for a volume was done."""
        self._append({'outcome': volume_id, 'result': 'done'})

    def failed(self, volume_id: str, error: str) -> None:
        """Record that the write announced for a volume failed."""
        self._append(
            {'outcome': volume_id, 'result': 'failed', 'error': error}
        )

    def _append(self, record: Mapping[str, Any]) -> None:
        now = datetime.datetime.now(datetime.timezone.utc)
        line = json.dumps({'time': now.isoformat(), **record})
        with self._lock:
            if self._broken:
                raise FileError(self._broken)
            try:
                self._file.write(line + '\n')
                self._file.flush()
                os.fsync(self._file.fileno())
            except OSError as exc:
                self._broken = _(
                    'journal %(path)s: can not be written: %(why)s'
                ) % {'path': self.path, 'why': exc.strerror}
                raise FileError(self._broken) from exc


def _created(path: str) -> IO[str]:
    """Return the new file, readable by its owner alone and locked."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as exc:
        raise FileError(
            _('journal %(path)s: can not be created: %(why)s')
            % {'path': path, 'why': exc.strerror}
        ) from exc
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return os.fdopen(descriptor, 'w', encoding='ascii')


def path_beside(manifest_path: str) -> str:
    """Return a new journal's path, with the time in it, beside a manifest."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return f'{manifest_path}.{now:%Y%m%dT%H%M%S%fZ}.journal'


def header(cloud: Cloud, manifests: Sequence[Manifest]) -> dict[str, Any]:
    """Return what a journal begins with: the tool, the cloud, the wishes."""
    return {
        'tool': f'osc-hwmt {osc_hwmt.version()}',
        'cloud': cloud.name,
        'project_id': cloud.identity.own_project().id,
        'manifests': [
            {
                'path': one.path,
                'sha256': hashlib.sha256(one.text.encode()).hexdigest(),
            }
            for one in manifests
        ],
    }
