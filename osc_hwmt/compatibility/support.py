# SPDX-License-Identifier: Apache-2.0

"""Whether some hosts, all together, can run a machine type."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

from osc_hwmt.compatibility.hosts import (
    Host,
    Machine,
    Support,
    alike,
    architecture_of,
    combined,
)
from osc_hwmt.model.machine_type import (
    Family,
    MachineType,
    Vendor,
    parse_machine_type,
)

#: Other names of architectures (nova/objects/fields.py,
#: Architecture.canonicalize).
_SAME_ARCHITECTURE = {
    'amd64': 'x86_64',
    'arm64': 'aarch64',
    'i386': 'i686',
    'i486': 'i686',
    'i586': 'i686',
}
#: Architectures whose guests the QEMU of another one runs, with the same
#: machine types.
_RUN_BY = {
    'i686': 'x86_64',
    'armv7l': 'aarch64',
    's390': 's390x',
    'ppc64': 'ppc64le',
}


def runs_x86(architecture: str | None) -> bool:
    """Tell whether a guest of an architecture has an x86 machine type.

    Nearly no image names an architecture; None is taken for x86_64.
    """
    name = architecture or 'x86_64'
    return _SAME_ARCHITECTURE.get(name, name) in ('x86_64', 'i686')


@dataclasses.dataclass(frozen=True)
class Ability:
    """What some hosts together say of one machine type.

    ``present`` and ``lacking`` are the hosts that can and that can't run it,
    ``deprecated_on`` those that call it deprecated. ``canonicals`` has each
    name that it stands for with the hosts where it does. ``machine`` is what
    all hosts that have it offer alike, None where none has it.
    """

    support: Support
    present: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    deprecated_on: tuple[str, ...] = ()
    canonicals: Mapping[str, tuple[str, ...]] = dataclasses.field(
        default_factory=dict
    )
    machine: Machine | None = None

    @property
    def canonical(self) -> str | None:
        """Return what it stands for; None where hosts differ or don't say."""
        if len(self.canonicals) == 1:
            ((name, hosts),) = self.canonicals.items()
            if len(hosts) == len(self.present):
                return name
        return None

    @property
    def differs(self) -> bool:
        """Tell whether the hosts do not offer it alike."""
        return bool(
            self.lacking
            or len(self.canonicals) > 1
            or 0 < len(self.deprecated_on) < len(self.present)
        )


@dataclasses.dataclass(frozen=True)
class Abilities:
    """What some hosts can run: made by of() once, asked often."""

    hosts: tuple[Host, ...]
    _answers: dict[tuple[str, str | None], Ability] = dataclasses.field(
        default_factory=dict, compare=False, repr=False
    )

    @classmethod
    def of(cls, records: Iterable[Host]) -> Abilities:
        """Return the abilities of hosts, each of which may have records."""
        return cls(combined(records))

    def architectures(self) -> tuple[str | None, ...]:
        """Return the architectures that were told of, None for unnamed ones.

        Those that run on another one's QEMU are left out where that is there.
        """
        every = {one for host in self.hosts for one in host.machines}
        also = {one for one in every if _RUN_BY.get(one or '') in every}
        return tuple(sorted(every - also, key=lambda one: one or ''))

    def ability(
        self, machine_type: str, architecture: str | None = None
    ) -> Ability:
        """Return what the hosts say of a machine type.

        Hosts of other architectures have no say. Where the architecture is
        not known (None) it is that of the machine type's family.
        """
        key = (machine_type, architecture or architecture_of(machine_type))
        if key not in self._answers:
            self._answers[key] = _ability(
                machine_type,
                list(_said(self.hosts, machine_type, key[1])),
            )
        return self._answers[key]

    def common(self, architecture: str | None = None) -> dict[str, Machine]:
        """Return, by name, what every host of an architecture has.

        None stands for each architecture that was told of.
        """
        every = [architecture] if architecture else self.architectures()
        return {
            name: found.machine
            for one in every
            for name in self._names(one)
            for found in (self.ability(name, one),)
            if found.machine and not found.lacking
        }

    def nearest(
        self, machine_type: str, architecture: str | None = None
    ) -> str | None:
        """Return what all hosts have that is most like a machine type.

        It is of the same family: what the family's alias stands for; else
        the next version of the same vendor; else the newest of another one;
        else the alias itself. None where all hosts have nothing of it.
        """
        wanted = parse_machine_type(machine_type)
        kin = [
            one
            for one in map(parse_machine_type, self.common(architecture))
            if one.family is wanted.family is not Family.OTHER
        ]
        # A vendor's own alias is for that vendor's machine types.
        for vendor in (wanted.vendor, Vendor.UNKNOWN):
            meant = {
                target
                for alias in kin
                if alias.is_alias and alias.vendor is vendor
                for target in self.ability(alias.name, architecture).canonicals
            }
            targets = [one for one in kin if one.name in meant]
            if targets:
                # Where hosts differ, the oldest is what a new guest could get
                # on any of them.
                return min(targets, key=lambda one: one.sort_key).name
        closest = min(
            kin, key=lambda one: _distance(wanted, one), default=None
        )
        return closest.name if closest else None

    def _names(self, architecture: str | None) -> set[str]:
        return {
            name
            for host in self.hosts
            for key in _keys(host, architecture)
            for name in host.machines[key]
        }


#: What is known where nothing was collected.
NO_HOSTS = Abilities(())


def _distance(wanted: MachineType, other: MachineType) -> tuple[object, ...]:
    """Return how unlike another one of the family is, to sort by."""
    version = other.version or ()
    older = tuple(-number for number in version)
    if not version:
        return 3, (), other.name
    if other.vendor is not wanted.vendor:
        return 2, older, other.name
    if version < (wanted.version or ()):
        return 1, older, other.name
    return 0, version, other.name


def _keys(host: Host, architecture: str | None) -> list[str | None]:
    """Return which lists of a host answer for an architecture."""
    if architecture is None:
        return list(host.machines)
    same = _SAME_ARCHITECTURE.get(architecture, architecture)
    for key in (same, _RUN_BY.get(same), None):
        if key in host.machines:
            return [key]
    return []


def _said(
    hosts: Iterable[Host], machine_type: str, architecture: str | None
) -> Iterator[tuple[str, Machine | None]]:
    """Yield the hosts that have a say, with None where they lack it."""
    for host in hosts:
        keys = _keys(host, architecture)
        found = next(
            (
                host.machines[key][machine_type]
                for key in keys
                if machine_type in host.machines[key]
            ),
            None,
        )
        if found or (keys and not host.partial.intersection(keys)):
            yield host.name, found


def _ability(
    machine_type: str, said: Sequence[tuple[str, Machine | None]]
) -> Ability:
    if not said:
        return Ability(Support.UNKNOWN)
    offers = {host: machine for host, machine in said if machine}
    lacking = tuple(host for host, machine in said if not machine)
    deprecated_on = tuple(
        host for host, machine in offers.items() if machine.deprecated
    )
    canonicals: dict[str, tuple[str, ...]] = {}
    is_alias = parse_machine_type(machine_type).is_alias
    for host, machine in offers.items():
        target = machine.canonical or (None if is_alias else machine_type)
        if target:
            canonicals[target] = (*canonicals.get(target, ()), host)
    support = Support.SUPPORTED
    if lacking:
        support = Support.UNSUPPORTED
    elif deprecated_on:
        support = Support.DEPRECATED
    answer = Ability(
        support, tuple(offers), lacking, deprecated_on, canonicals
    )
    if not offers:
        return answer
    target = answer.canonical if answer.canonical != machine_type else None
    machine = dataclasses.replace(alike(offers.values()), canonical=target)
    return dataclasses.replace(answer, machine=machine)
