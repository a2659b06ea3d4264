# SPDX-License-Identifier: Apache-2.0

"""What the destination has already of a manifest's servers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from osc_hwmt.destination.match import (
    destination_project,
    destination_volume_name,
)
from osc_hwmt.destination.plan import (
    LeftToDestination,
    Step,
    Unchanged,
    Undecided,
    server_of,
)
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.inventory import Image, Inventory, Server, by_name

#: With these a step names no volume, and the name alone can tell.
_WITHOUT_VOLUME = frozenset(
    (
        Refusal.NOT_IMPORTED_YET,
        Refusal.VOLUME_NAME_UNKNOWN,
        Refusal.MACHINE_TYPE_MISSING,
        Refusal.ON_IMAGE,
    )
)


@dataclasses.dataclass(frozen=True)
class Presence:
    """The destination's ``servers`` of some entries, by the source's ids.

    ``absent`` are the ids of entries of which it has neither a server nor a
    volume.
    """

    servers: Mapping[str, Server]
    absent: frozenset[str]


def presence(steps: Iterable[Step], inventory: Inventory) -> Presence:
    """Return what the destination has of the entries of a plan."""
    return _Destination(inventory).presence(steps)


class _Destination:
    def __init__(self, inventory: Inventory) -> None:
        own = inventory.own_project
        self._own = own
        self._projects = by_name(inventory.projects.values())
        self._servers = {
            (one.project_id, one.name): one for one in inventory.servers
        }
        self._volumes = {
            (one.project_id or own.id, one.name)
            for one in inventory.volumes.values()
        }

    def presence(self, steps: Iterable[Step]) -> Presence:
        servers: dict[str, Server] = {}
        absent = set()
        for step in steps:
            entry = step.entry
            server = server_of(step) or self._server(entry)
            if server:
                servers[entry.server_id] = server
            elif _names_no_volume(step) and not self._has_volume(entry):
                absent.add(entry.server_id)
        return Presence(servers, frozenset(absent))

    def _server(self, entry: Entry) -> Server | None:
        project = destination_project(entry, self._own, self._projects)
        if project is None or entry.detached:
            return None
        return self._servers.get((project.id, entry.name))

    def _has_volume(self, entry: Entry) -> bool:
        project = destination_project(entry, self._own, self._projects)
        name = destination_volume_name(entry)
        if project is None or not name:
            return False
        return (project.id, name) in self._volumes


def _names_no_volume(step: Step) -> bool:
    if isinstance(step, Refused):
        return step.refusal in _WITHOUT_VOLUME
    if isinstance(step, Unchanged):
        return isinstance(step.holder, Image)
    return isinstance(step, (LeftToDestination, Undecided))
