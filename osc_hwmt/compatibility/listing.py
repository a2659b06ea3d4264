# SPDX-License-Identifier: Apache-2.0

"""The machine types that some hosts offer, chosen and put in order."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from osc_hwmt.compatibility.releases import USUAL_ARCHITECTURE
from osc_hwmt.compatibility.support import Abilities, Ability
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _
from osc_hwmt.model.machine_type import Family, MachineType, parse_machine_type


@dataclasses.dataclass(frozen=True)
class Choice:
    """Which machine types are wanted; None does not choose.

    ``differing`` are those that the hosts do not offer alike.
    """

    family: Family | None = None
    architecture: str | None = None
    differing: bool = False

    @property
    def is_of_machine_types(self) -> bool:
        """Tell whether it chooses by more than the architecture."""
        return self.family is not None or self.differing

    def takes(self, listed: Listed) -> bool:
        """Tell whether a machine type is wanted."""
        return (
            self.family in (None, listed.machine_type.family)
            and self.architecture in (None, listed.architecture)
            and (listed.ability.differs or not self.differing)
        )


@dataclasses.dataclass(frozen=True)
class Listed:
    """A machine type of an architecture, and what the hosts say of it."""

    architecture: str | None
    machine_type: MachineType
    ability: Ability


def listed(abilities: Abilities, choice: Choice) -> list[Listed]:
    """Return the machine types that any host offers.

    The usual architecture comes first, and in a family the older name.
    Raises Error for an architecture that no host tells of.
    """
    there = abilities.architectures()
    if there and choice.architecture not in (None, *there):
        raise Error(
            _('no host has architecture %(name)s; the hosts have %(told)s')
            % {
                'name': printable(choice.architecture or ''),
                'told': ', '.join(printable(one or '-') for one in there),
            }
        )
    return sorted(
        (one for one in _every(abilities) if choice.takes(one)),
        key=lambda one: (
            one.architecture != USUAL_ARCHITECTURE,
            one.architecture or '',
            one.machine_type.sort_key,
        ),
    )


def _every(abilities: Abilities) -> Iterator[Listed]:
    for architecture in abilities.architectures():
        names = {
            name
            for host in abilities.hosts
            for name in host.machines.get(architecture, ())
        }
        for name in names:
            yield Listed(
                architecture,
                parse_machine_type(name),
                abilities.ability(name, architecture),
            )
