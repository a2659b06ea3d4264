# SPDX-License-Identifier: Apache-2.0

"""Which machine types a host can run, and several records of one host."""

from __future__ import annotations

import dataclasses
import enum
import functools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from osc_hwmt.model.machine_type import Family, parse_machine_type

_Value = TypeVar('_Value')

#: The architecture that the machine types of a family are of.
_ARCHITECTURES = {
    **dict.fromkeys(
        (
            Family.I440FX,
            Family.Q35,
            Family.ISAPC,
            Family.MICROVM,
            Family.XENFV,
            Family.XENPV,
        ),
        'x86_64',
    ),
    Family.VIRT: 'aarch64',
    Family.S390: 's390x',
    Family.PSERIES: 'ppc64le',
    Family.POWERNV: 'ppc64le',
}


class Support(enum.Enum):
    """Whether the destination's hosts can run a machine type."""

    SUPPORTED = 'supported'
    DEPRECATED = 'deprecated'
    UNSUPPORTED = 'unsupported'
    UNKNOWN = 'unknown'


@dataclasses.dataclass(frozen=True)
class Devices:
    """What a machine type can be given on a host, in libvirt's words.

    None means not told.
    """

    disk_buses: frozenset[str] | None = None
    video_models: frozenset[str] | None = None


@dataclasses.dataclass(frozen=True)
class Machine:
    """A machine type that a host offers.

    ``canonical`` is the name that an alias stands for there, None where the
    name is no alias and where that was not told. ``deprecated`` and
    ``max_cpus`` are None where that was not told: QEMU before 4.1 and
    libvirt before 6.10 do not tell.
    """

    name: str
    canonical: str | None = None
    deprecated: bool | None = None
    max_cpus: int | None = None
    devices: Devices = Devices()


@dataclasses.dataclass(frozen=True)
class Host:
    """One compute host, or all hosts of one release.

    ``machines`` goes by architecture, then by machine type. The architecture
    is None where it was not told. ``partial`` are the architectures of which
    only some machine types were told, so that others may be there too.
    ``origin`` says where this is known from, for messages.
    """

    name: str
    origin: str
    machines: Mapping[str | None, Mapping[str, Machine]]
    partial: frozenset[str | None] = frozenset()


@dataclasses.dataclass(frozen=True)
class Offer:
    """What the destination's hosts say of one machine type.

    ``lacking`` names hosts that do not have it, ``nearest`` what all of them
    have instead in its family. ``canonical`` is what an alias stands for
    there, ``max_cpus`` the smallest limit and ``devices`` what all can give.
    ``rhel_major`` is 9 on RHEL 9 and its rebuilds, None elsewhere.
    ``known_from`` is empty where nothing at all is known of the destination.
    """

    support: Support
    lacking: tuple[str, ...] = ()
    nearest: str | None = None
    canonical: str | None = None
    max_cpus: int | None = None
    devices: Devices = Devices()
    rhel_major: int | None = None
    pcie_ports: int | None = None
    known_from: str = ''


@dataclasses.dataclass(frozen=True)
class _List:
    architecture: str | None
    machines: Mapping[str, Machine]
    partial: bool


def combined(records: Iterable[Host]) -> tuple[Host, ...]:
    """Return one record of each host, in the order of their first ones.

    A host has what all its complete lists have; partial ones only tell more
    about that. A list without an architecture becomes one of each that its
    machine types belong to, and stays without where they tell none.
    """
    by_name: dict[str, list[Host]] = {}
    for record in records:
        by_name.setdefault(record.name, []).append(record)
    return tuple(_combined(same) for same in by_name.values())


def alike(machines: Iterable[Machine]) -> Machine:
    """Return what the machines of one name, at least one, have in common.

    It is deprecated where anyone says so; what one of them does not tell the
    others do.
    """
    return functools.reduce(_alike, machines)


def architecture_of(machine_type: str) -> str | None:
    """Return the architecture of a machine type's family, None if unknown."""
    return _ARCHITECTURES.get(parse_machine_type(machine_type).family)


def _combined(records: list[Host]) -> Host:
    lists: dict[str | None, list[_List]] = {}
    for record in records:
        for one in _lists(record):
            lists.setdefault(one.architecture, []).append(one)
    return Host(
        records[0].name,
        ', '.join(dict.fromkeys(record.origin for record in records)),
        {key: _together(several) for key, several in lists.items()},
        frozenset(
            key
            for key, several in lists.items()
            if all(one.partial for one in several)
        ),
    )


def _lists(host: Host) -> Iterator[_List]:
    for architecture, machines in host.machines.items():
        partial = architecture in host.partial
        found = {architecture_of(name) for name in machines} - {None}
        if architecture is not None or not found:
            yield _List(architecture, machines, partial)
            continue
        for one in found:
            own = {
                name: machine
                for name, machine in machines.items()
                if architecture_of(name) in (one, None)
            }
            yield _List(one, own, partial)


def _together(lists: list[_List]) -> dict[str, Machine]:
    """Return the machines of one host's lists; aliases know their targets."""
    complete = [one.machines.keys() for one in lists if not one.partial]
    names = (
        set.intersection(*map(set, complete))
        if complete
        else {name for one in lists for name in one.machines}
    )
    machines = {
        name: alike(
            one.machines[name] for one in lists if name in one.machines
        )
        for name in sorted(names)
    }
    for name, machine in machines.items():
        target = machines.get(machine.canonical or '')
        if target:
            machines[name] = dataclasses.replace(
                alike((machine, target)), canonical=machine.canonical
            )
    return machines


def _alike(one: Machine, other: Machine) -> Machine:
    mine, theirs = one.devices, other.devices
    return Machine(
        one.name,
        _told(
            one.canonical,
            other.canonical,
            lambda name, another: name if name == another else None,
        ),
        _told(one.deprecated, other.deprecated, operator.or_),
        _told(one.max_cpus, other.max_cpus, min),
        Devices(
            _told(mine.disk_buses, theirs.disk_buses, operator.and_),
            _told(mine.video_models, theirs.video_models, operator.and_),
        ),
    )


def _told(
    one: _Value | None,
    other: _Value | None,
    both: Callable[[_Value, _Value], _Value | None],
) -> _Value | None:
    """Return what two records tell, which is what one does if alone."""
    if one is None or other is None:
        return other if one is None else one
    return both(one, other)
