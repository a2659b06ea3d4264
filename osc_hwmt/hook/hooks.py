# SPDX-License-Identifier: Apache-2.0

"""The hooks of a play, one for each manifest, opened as they are needed."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence

from osc_hwmt.cloud import connection
from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.collected import load
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error
from osc_hwmt.hook import os_migrate
from osc_hwmt.hook.play import Surroundings
from osc_hwmt.hook.workloads import Hook
from osc_hwmt.i18n import _
from osc_hwmt.journal.format import expected_note, is_note
from osc_hwmt.journal.place import Place


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the operator configured; None is what the play itself says.

    ``retry_minutes`` is how long the play waits for a volume that cannot be
    set yet. Without ``keep_volumes`` os-migrate deletes what was copied.
    """

    destination_cloud: str
    clouds_file: str | None
    manifest: str | None
    journal_directory: str | None
    stop: bool
    ignore_unsupported: bool = False
    destination_release: str | None = None
    destination_hosts: Sequence[str] = ()
    strict: bool = False
    retry_minutes: float = 0
    keep_volumes: bool = True


class Hooks:
    """The hooks of a play; ``say`` shows a line to the operator."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._say = say
        self._by_path: dict[str, Hook] = {}

    def path(self, around: Surroundings, name: str) -> str | None:
        """Return a play's manifest, None where the play does not say it."""
        if self._settings.manifest:
            return self._settings.manifest
        directory = around.data_directory
        return in_directory(directory, name) if directory else None

    def of(
        self, around: Surroundings, name: str = os_migrate.WORKLOADS
    ) -> Hook:
        """Return the hook for a play's manifest; raises Error."""
        path = self.path(around, name)
        if path is None:
            raise _no_directory(name)
        if path not in self._by_path:
            if around.note is not None and not is_note(around.note):
                raise Error(f'osc_hwmt_note: {expected_note(around.note)}')
            place = Place(self._settings.journal_directory)
            hook = Hook(
                path,
                place,
                lambda: self._open_cloud(around),
                load.computes(
                    self._settings.destination_release,
                    self._settings.destination_hosts,
                ),
                self._settings.ignore_unsupported,
                self._say,
                self._settings.strict,
                around.note,
            )
            # Not yet where there is no manifest: then it would say nothing.
            hook.refuse_missing()
            place.make()
            self._by_path[path] = hook
            self._say(
                _(
                    'sets what %(path)s wants on cloud '
                    '%(cloud)s%(ignoring)s; on failure: %(failure)s'
                )
                % {
                    'path': printable(path),
                    'cloud': self._settings.destination_cloud,
                    'ignoring': _(', including unsupported machine types')
                    if self._settings.ignore_unsupported
                    else '',
                    'failure': 'stop' if self._settings.stop else 'warn',
                }
            )
        return self._by_path[path]

    def close(self) -> list[str]:
        """End all journals, and return their paths."""
        for hook in self._by_path.values():
            hook.close()
        return [
            path for hook in self._by_path.values() for path in hook.journals
        ]

    def _open_cloud(self, around: Surroundings) -> Cloud:
        path = self._settings.clouds_file or around.clouds_file
        if path is None and around.data_directory:
            path = in_directory(around.data_directory, os_migrate.CLOUDS)
        if path is None:
            raise _no_directory(os_migrate.CLOUDS)
        return connection.open_from_file(
            path, self._settings.destination_cloud, **around.tls
        )


def in_directory(directory: str, name: str) -> str:
    """Return the path of a file of os-migrate's data directory."""
    return os.path.join(os.path.expanduser(directory), name)


def _no_directory(name: str) -> Error:
    return Error(
        _("os_migrate_data_dir is not set: name %s in the hook's settings")
        % name
    )
