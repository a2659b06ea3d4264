# SPDX-License-Identifier: Apache-2.0

"""What writes for the callers of a gateway: a journal for each project."""

from __future__ import annotations

import threading
from collections.abc import Callable

from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.compatibility.computes import Computes
from osc_hwmt.destination.boot_volumes import BootVolumes
from osc_hwmt.gate.manifests import Manifests
from osc_hwmt.journal import file as journal
from osc_hwmt.journal import reading
from osc_hwmt.journal.history import GATE
from osc_hwmt.journal.place import Place
from osc_hwmt.local.locks import Turns
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.inventory import Project


class Writers:
    """Returns what writes for an entry in a project.

    A journal is of one project and one manifest. ``say`` hears of what takes
    its time.
    """

    def __init__(
        self,
        manifests: Manifests,
        place: Place,
        computes: Computes,
        *,
        strict: bool,
        ignore_unsupported: bool,
        say: Callable[[str], None],
    ) -> None:
        self._manifests = manifests
        self._place = place
        self._computes = computes
        self._strict = strict
        self._ignore_unsupported = ignore_unsupported
        self._say = say
        self._known: dict[tuple[str, str], BootVolumes] = {}
        self._looking = threading.Lock()

    def __call__(self, entry: Entry, project: Project) -> BootVolumes:
        key = entry.path, project.id
        with self._looking:
            if key not in self._known:
                self._known[key] = self._new(entry.path)
            return self._known[key]

    def close(self) -> list[str]:
        """Close all journals and return their paths."""
        for one in self._known.values():
            one.close()
        return [path for one in self._known.values() for path in one.journals]

    def _new(self, path: str) -> BootVolumes:
        return BootVolumes(
            lambda cloud: self._journal(path, cloud),
            self._computes,
            strict=self._strict,
            ignore_unsupported=self._ignore_unsupported,
            new=True,
            turns=Turns(self._place.directory, self._say),
        )

    def _journal(self, path: str, cloud: Cloud) -> journal.Journal:
        read = self._manifests.of(path)
        header = journal.header(
            GATE,
            cloud,
            [reading.digest(read.path, read.text)],
            {'ignore_unsupported': self._ignore_unsupported},
        )
        return journal.Journal(
            self._place.new(GATE, header.cloud, path), header
        )
