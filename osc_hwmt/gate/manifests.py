# SPDX-License-Identifier: Apache-2.0

"""The manifests of a gate, which may change while it serves."""

from __future__ import annotations

import collections
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from osc_hwmt.exceptions import FileError
from osc_hwmt.gate.request import Creation
from osc_hwmt.hook.manifest import Manifest
from osc_hwmt.i18n import _
from osc_hwmt.manifest import reading
from osc_hwmt.manifest.entry import Entry

#: What Nova calls each of several servers that are ordered at once
#: (nova/compute/api.py, _apply_instance_name_template).
_NUMBERED = re.compile(r'(.*)-([1-9]\d*)', re.DOTALL)

_HINT = _('copy it there')


class Listed:
    """The entries of some manifests, for many look-ups.

    Volumes of no server are not in it: no server is ordered by their names.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_name: dict[str, list[Entry]] = collections.defaultdict(list)
        self._numbered: dict[str, list[tuple[int, Entry]]] = (
            collections.defaultdict(list)
        )
        self._by_volume: dict[str, list[Entry]] = collections.defaultdict(list)
        self.count = 0
        for entry in entries:
            if not entry.detached:
                self._add(entry)

    def _add(self, entry: Entry) -> None:
        self.count += 1
        name = entry.name.strip()
        self._by_name[name].append(entry)
        numbered = _NUMBERED.fullmatch(name)
        if numbered:
            self._numbered[numbered[1]].append((int(numbered[2]), entry))
        if entry.destination_volume_id:
            self._by_volume[entry.destination_volume_id].append(entry)

    def of(self, creation: Creation) -> list[Entry]:
        """Return the entries that an order may be for, by volume and name."""
        found = [
            *self._by_volume.get(creation.volume_id or '', ()),
            *self._by_name.get(creation.name, ()),
        ]
        if creation.count > 1:
            found += [
                entry
                for number, entry in self._numbered.get(creation.name, ())
                if number <= creation.count
            ]
        return list({id(one): one for one in found}.values())

    def named(self, name: str) -> list[Entry]:
        """Return the entries of that name."""
        return list(self._by_name.get(name.strip(), ()))


class Manifests:
    """What some manifests list now.

    ``texts`` are manifests that are no files, by what to call them. With
    ``keep`` the last that could be read counts where one cannot; ``warn``
    then hears why, once.
    """

    def __init__(
        self,
        paths: Sequence[str],
        texts: Mapping[str, str] | None = None,
        *,
        keep: bool = False,
        say: Callable[[str], None] = lambda line: None,
        warn: Callable[[str], None] = lambda line: None,
    ) -> None:
        self._files = [Manifest(one, _HINT) for one in dict.fromkeys(paths)]
        self._texts = dict(texts or {})
        self._fixed: list[reading.Manifest] | None = None
        self._keep = keep
        self._say = say
        self._warn = warn
        self._read: list[reading.Manifest] = []
        self._listed: Listed | None = None
        self._warned = ''
        self._reading = threading.Lock()

    def latest(self) -> Listed:
        """Return what they list; raises FileError where one is not right."""
        with self._reading:
            try:
                return self._latest()
            except FileError as exc:
                if self._listed is None or not self._keep:
                    raise
                if str(exc) != self._warned:
                    self._warned = str(exc)
                    self._warn(
                        _('still using the manifests read before: %s') % exc
                    )
                return self._listed

    def of(self, path: str) -> reading.Manifest:
        """Return the manifest of an entry of latest()."""
        return next(one for one in self._read if one.path == path)

    def _latest(self) -> Listed:
        if self._fixed is None:
            self._fixed = [
                reading.read_manifest(text, name)
                for name, text in self._texts.items()
            ]
        read = [*self._fixed, *(one.latest() for one in self._files)]
        if self._listed is None or not _same(read, self._read):
            reading.repeated_across(read)
            entries = [entry for one in read for entry in one.entries]
            self._listed, self._read = Listed(entries), read
            self._warned = ''
            self._say(
                _('manifests read; servers in them: %d') % self._listed.count
            )
        return self._listed


def _same(
    some: Sequence[reading.Manifest], others: Sequence[reading.Manifest]
) -> bool:
    return len(some) == len(others) and all(
        one is other for one, other in zip(some, others)
    )
