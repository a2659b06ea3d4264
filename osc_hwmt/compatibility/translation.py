# SPDX-License-Identifier: Apache-2.0

"""Another machine type than the one found, for the manifest to want."""

from __future__ import annotations

import dataclasses

from osc_hwmt.compatibility.hosts import Support
from osc_hwmt.compatibility.support import NO_HOSTS, Abilities
from osc_hwmt.manifest.entry import Kind, Proposal
from osc_hwmt.model.machine_type import parse_machine_type


@dataclasses.dataclass(frozen=True)
class Proposer:
    """What an operator allows export to change, and what it knows for that.

    ``source`` are the hosts that servers come from, ``destination`` those
    that they go to.
    """

    source: Abilities = NO_HOSTS
    destination: Abilities = NO_HOSTS
    pin: bool = False
    translate: bool = False

    def propose(
        self, machine_type: str, architecture: str | None
    ) -> Proposal | None:
        """Return another machine type, None to keep the one that was found.

        Pinning takes what the alias stood for at the source, or where the
        destination lacks that, what it stands for there.
        """
        pinned = self._pinned(machine_type, architecture)
        wanted = pinned or machine_type
        if self.translate and self._is_lacking(wanted, architecture):
            nearest = self.destination.nearest(wanted, architecture)
            if nearest:
                return Proposal(Kind.TRANSLATED, nearest)
        return Proposal(Kind.PINNED, pinned) if pinned else None

    def _pinned(
        self, machine_type: str, architecture: str | None
    ) -> str | None:
        if not self.pin or not parse_machine_type(machine_type).is_alias:
            return None
        there = self.source.ability(machine_type, architecture).canonical
        if there and not self._is_lacking(there, architecture):
            return there
        return self.destination.ability(machine_type, architecture).canonical

    def _is_lacking(self, machine_type: str, architecture: str | None) -> bool:
        ability = self.destination.ability(machine_type, architecture)
        return ability.support is Support.UNSUPPORTED


#: Proposes nothing.
KEEP = Proposer()
