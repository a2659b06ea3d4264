# SPDX-License-Identifier: Apache-2.0

"""The manifest of an import, which may change while that goes on."""

from __future__ import annotations

import os

from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error, FileError
from osc_hwmt.hook.os_migrate import Workload
from osc_hwmt.i18n import _
from osc_hwmt.local import files
from osc_hwmt.manifest import reading
from osc_hwmt.manifest.entry import Entry

_HINT = _("check os_migrate_data_dir and the hook's manifest setting")


def missing(path: str, found: int, name: str, id: str | None) -> Error:
    """Return what to say of a server or volume that is not there once."""
    return Error(
        _('%(path)s: expected 1 entry of %(name)s (%(id)s), found %(n)d')
        % {
            'path': printable(path),
            'n': found,
            'name': printable(name),
            'id': printable(id or '-'),
        }
    )


class Manifest:
    """A manifest that is read again when it has changed, and only then.

    ``hint`` says what to look after where it is not there.
    """

    def __init__(self, path: str, hint: str = _HINT) -> None:
        self.path = path
        self._hint = hint
        self._seen: tuple[int, ...] | None = None
        self._known: reading.Manifest | FileError | None = None

    def refuse_missing(self) -> None:
        """Raise FileError where it is not there."""
        self._stamp()

    def latest(self) -> reading.Manifest:
        """Return the manifest as it is now; raises FileError."""
        now = self._stamp()
        if self._known is None or now != self._seen:
            self._seen = now
            self._known = self._read()
        if isinstance(self._known, FileError):
            raise self._known
        return self._known

    def _read(self) -> reading.Manifest | FileError:
        try:
            text = files.read(self.path).text
            return reading.read_manifest(text, self.path)
        except FileError as exc:
            return exc

    def entry(self, workload: Workload) -> Entry:
        """Return the workload's entry; raises Error if there is not one."""
        found = [
            entry
            for entry in self.latest().entries
            if workload.server_id == entry.server_id
            or (workload.server_id is None and workload.name == entry.name)
        ]
        if len(found) == 1:
            return found[0]
        raise missing(self.path, len(found), workload.name, workload.server_id)

    def place(self, workload: Workload) -> tuple[str, bool]:
        """Return where a workload is in it: the path and the line.

        And whether it boots from an image at the source. Raises Error.
        """
        entry = self.entry(workload)
        return f'{entry.path}:{entry.line}', entry.image_backed

    def _stamp(self) -> tuple[int, ...]:
        try:
            found = os.stat(self.path)
        except FileNotFoundError as exc:
            raise FileError(
                _('no manifest at %(path)s, where it is expected: %(hint)s')
                % {'path': printable(self.path), 'hint': self._hint}
            ) from exc
        except OSError as exc:
            raise FileError(
                _('%(path)s: cannot be read: %(why)s')
                % {'path': self.path, 'why': exc.strerror}
            ) from exc
        # The last one also tells of rights that were given.
        return (
            found.st_ino,
            found.st_size,
            found.st_mtime_ns,
            found.st_ctime_ns,
        )
