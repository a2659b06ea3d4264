# SPDX-License-Identifier: Apache-2.0

"""What was found of a source server, and what export was asked to write."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from osc_hwmt.evidence import Fact
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model import properties
from osc_hwmt.model.inventory import MACHINE_TYPE, Server
from osc_hwmt.model.memory import nothing, slotted


@slotted
@dataclasses.dataclass(frozen=True)
class Origin:
    """As much of a source server as a manifest says beside its hardware."""

    id: str
    name: str
    project_id: str
    image_id: str | None

    @classmethod
    def of(cls, server: Server) -> Origin:
        """Return what a manifest says of a server."""
        return cls(server.id, server.name, server.project_id, server.image_id)


@slotted
@dataclasses.dataclass(frozen=True)
class Found:
    """A source server and what is known of its hardware.

    ``origin`` is None for a volume that no server has. ``ordered`` is what
    an operator wants with this export, whatever was found or edited before.
    """

    origin: Origin | None
    fact: Fact
    ordered: Mapping[str, str | None] = dataclasses.field(
        default_factory=nothing
    )


@dataclasses.dataclass(frozen=True)
class Asked:
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

    def of(self, found: Found, entry: Entry | None = None) -> list[str]:
        """Return the other keys to write into one server's entry, sorted."""
        carried = entry.other_hardware if entry else frozenset()
        chosen = self.named.union(carried, found.ordered)
        return sorted(
            key
            for key, conclusion in found.fact.properties.items()
            if key != MACHINE_TYPE
            and (key in chosen or (self.hardware and conclusion.value))
        )


#: What is exported where nothing more is asked for.
ONLY_MACHINE_TYPE = Asked()
