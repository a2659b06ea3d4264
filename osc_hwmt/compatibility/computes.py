# SPDX-License-Identifier: Apache-2.0

"""The computes that servers move to, as far as anything is known of them."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping

from osc_hwmt.compatibility.hosts import Host, Machine, Offer, Support
from osc_hwmt.compatibility.support import NO_HOSTS, Abilities
from osc_hwmt.model.machine_type import Vendor, parse_machine_type


@dataclasses.dataclass(frozen=True)
class Computes:
    """What a destination's hosts can run, and what they take by themselves.

    ``defaults`` are machine types by architecture. ``known_from`` names the
    files or the release that this was read from; empty means that nothing
    is known.
    """

    abilities: Abilities = NO_HOSTS
    defaults: Mapping[str, str] = dataclasses.field(default_factory=dict)
    pcie_ports: int | None = None
    known_from: str = ''

    def offer(
        self, machine_type: str | None, architecture: str | None
    ) -> Offer:
        """Return what the hosts say of a machine type.

        Of None they say that it is not known, and what they are.
        """
        said = Offer(
            Support.UNKNOWN,
            rhel_major=self._rhel_major,
            pcie_ports=self.pcie_ports,
            known_from=self.known_from,
        )
        if machine_type is None:
            return said
        ability = self.abilities.ability(machine_type, architecture)
        machine = ability.machine or Machine(machine_type)
        return dataclasses.replace(
            said,
            support=ability.support,
            lacking=ability.lacking,
            nearest=self.abilities.nearest(machine_type, architecture)
            if ability.support is Support.UNSUPPORTED
            else None,
            canonical=ability.canonical,
            max_cpus=machine.max_cpus,
            devices=machine.devices,
        )

    def default(self, architecture: str | None) -> str | None:
        """Return what is used where nothing is chosen, None if not known.

        Servers that record no architecture are taken for x86_64.
        """
        return self.defaults.get(architecture or 'x86_64')

    @functools.cached_property
    def _rhel_major(self) -> int | None:
        majors = [_rhel_major(host) for host in self.abilities.hosts]
        return min(one or 0 for one in majors) or None if majors else None


#: The target of a command that was told nothing about the destination.
NOTHING_KNOWN = Computes()


def _rhel_major(host: Host) -> int | None:
    """Return a host's RHEL release, told by its newest machine type."""
    return max(
        (
            known.version[0]
            for machines in host.machines.values()
            for name in machines
            for known in (parse_machine_type(name),)
            if known.vendor is Vendor.RHEL and known.version
        ),
        default=None,
    )
