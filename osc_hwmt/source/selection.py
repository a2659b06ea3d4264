# SPDX-License-Identifier: Apache-2.0

"""What was found of a source server, and what export was asked to write."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from osc_hwmt.cloud.interface import Cloud, Scope
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model import properties
from osc_hwmt.model.inventory import MACHINE_TYPE, Inventory, Project, Server
from osc_hwmt.model.server_patterns import EVERY_SERVER, ServerPatterns
from osc_hwmt.source.facts import ServerFacts
from osc_hwmt.source.overrides import Override


@dataclasses.dataclass(frozen=True)
class RequestedProperties:
    """Which properties beside the machine type export writes.

    The ``named`` ones whatever was found, so that a null can be edited;
    with ``hardware`` each shipped one that was found.
    """

    named: frozenset[str] = frozenset()
    hardware: bool = False

    def keys(self, entries: Iterable[Entry] = ()) -> frozenset[str]:
        """Return all keys to look for; what entries have is refreshed."""
        return self.named.union(
            properties.SHIPPED if self.hardware else (),
            *(entry.other_hardware for entry in entries),
        )

    def of(self, found: ServerFacts, entry: Entry | None = None) -> list[str]:
        """Return the other keys to write into one server's entry, sorted."""
        carried = entry.other_hardware if entry else frozenset()
        chosen = self.named.union(carried, found.wanted)
        return sorted(
            key
            for key, conclusion in found.fact.properties.items()
            if key != MACHINE_TYPE
            and (key in chosen or (self.hardware and conclusion.value))
        )


#: What is exported where nothing more is asked for.
ONLY_MACHINE_TYPE = RequestedProperties()


@dataclasses.dataclass(frozen=True)
class Selection:
    """What to look at: some ``servers`` of the scope, or all.

    The ``overrides`` are what an operator wants of them, a later one before
    an earlier one.
    """

    scope: Scope
    servers: ServerPatterns = EVERY_SERVER
    requested: RequestedProperties = ONLY_MACHINE_TYPE
    overrides: Sequence[Override] = ()

    def chooses(self, name: str, server_id: str) -> bool:
        """Tell whether a server of the scope was asked for."""
        return self.servers.fit(name, server_id)


def scope(
    cloud: Cloud, project: str | None, domain: str | None, everything: bool
) -> Scope:
    """Return whose servers are meant; raises Error for a doubtful project."""
    if not project:
        return Scope(all_projects=everything)
    fitting = [
        one
        for one in cloud.identity.projects()
        if project in (one.id, one.name) and domain in (None, one.domain_name)
    ]
    if len(fitting) != 1:
        raise Error(
            _(
                '--project %(name)s: %(n)d projects of cloud %(cloud)s have '
                'that name or ID'
            )
            % {
                'name': printable(project),
                'n': len(fitting),
                'cloud': cloud.name,
            }
        )
    return Scope(project_id=fitting[0].id)


def chosen(inventory: Inventory, selection: Selection) -> list[Server]:
    """Return the servers that were asked for; raises Error if one is not."""
    selection.servers.refuse_idle(
        ((one.name, one.id) for one in inventory.servers),
        _('on the source'),
    )
    return [
        server
        for server in inventory.servers
        if selection.chooses(server.name, server.id)
    ]


def looked_at(entry: Entry, own: Project, selection: Selection) -> bool:
    """Tell whether the source would have shown this server, if it is there."""
    if not selection.chooses(entry.name, entry.server_id):
        return False
    if selection.scope.all_projects or entry.project_id is None:
        return True
    wanted = selection.scope.project_id or own.id
    return entry.project_id == wanted
