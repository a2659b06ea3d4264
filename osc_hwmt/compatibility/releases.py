# SPDX-License-Identifier: Apache-2.0

"""What is known beforehand of releases: their machine types and defaults."""

from __future__ import annotations

import dataclasses
import difflib
import enum
import re
from collections.abc import Iterator, Mapping
from typing import Union

from osc_hwmt.compatibility.hosts import Host, Machine
from osc_hwmt.compatibility.nova_releases import NovaRelease
from osc_hwmt.compatibility.support import Abilities
from osc_hwmt.display import printable
from osc_hwmt.exceptions import UsageError
from osc_hwmt.i18n import _

#: The architecture of servers that record none: nearly no image names one,
#: and nearly every cloud has but this one.
USUAL_ARCHITECTURE = 'x86_64'


class Status(enum.Enum):
    """How well something is known; the best comes first."""

    ATTESTED = 'attested'
    INTERPOLATED = 'interpolated'
    UNVERIFIED = 'unverified'


@dataclasses.dataclass(frozen=True)
class MachineList:
    """The machine types of one architecture of a host release, by name.

    Aliases are among them. ``complete`` is False where there may be others.
    """

    machines: Mapping[str, Machine]
    status: Status
    source: str
    complete: bool = True


@dataclasses.dataclass(frozen=True)
class HostRelease:
    """A release of what compute hosts run; ``also`` are other names of it.

    ``lists`` goes by architecture.
    """

    name: str
    title: str
    lists: Mapping[str, MachineList]
    also: tuple[str, ...] = ()
    note: str = ''

    def names(self) -> tuple[str, ...]:
        """Return all names, the first one first."""
        return (self.name, *self.also)

    def record(self) -> Host:
        """Return what such a host can run."""
        return Host(
            self.name,
            _('built-in list for %s') % self.title,
            {key: one.machines for key, one in self.lists.items()},
            frozenset(
                key for key, one in self.lists.items() if not one.complete
            ),
        )


@dataclasses.dataclass(frozen=True)
class Product:
    """A release of an OpenStack product.

    ``hosts`` are the host releases that its computes run, each with how well
    that is known. ``default_machine_types`` goes by architecture.
    ``pcie_ports`` and ``records_machine_type`` are None where not known;
    ``status`` and ``source`` are those of the defaults and of these two.
    """

    name: str
    title: str
    hosts: Mapping[str, Status]
    default_machine_types: Mapping[str, str]
    status: Status
    source: str
    also: tuple[str, ...] = ()
    nova: str = ''
    pcie_ports: int | None = None
    records_machine_type: bool | None = None
    note: str = ''

    def names(self) -> tuple[str, ...]:
        """Return all names, the first one first."""
        return (self.name, *self.also)

    def default(self, architecture: str | None) -> str | None:
        """Return what a server got that asked for no machine type.

        None for the architecture means that the server records none.
        """
        return self.default_machine_types.get(
            architecture or USUAL_ARCHITECTURE
        )


Release = Union[Product, HostRelease]


@dataclasses.dataclass(frozen=True)
class Knowledge:
    """All that is known, by the names of the releases.

    ``nova`` are the releases of Nova, the oldest first.
    """

    products: Mapping[str, Product] = dataclasses.field(default_factory=dict)
    hosts: Mapping[str, HostRelease] = dataclasses.field(default_factory=dict)
    nova: tuple[NovaRelease, ...] = ()

    def releases(self) -> Iterator[Release]:
        """Yield everything that has a name, the products first."""
        yield from self.products.values()
        yield from self.hosts.values()

    def release(self, name: str) -> Release:
        """Return a product or a host release by any of its names.

        Raises UsageError, with the names that were perhaps meant, if there is
        none.
        """
        for one in self.releases():
            if name in one.names():
                return one
        raise UsageError(
            _('unknown release %(name)s%(hint)s; known releases: %(known)s')
            % {
                'name': printable(name),
                'hint': self._hint(name),
                'known': ', '.join(one.name for one in self.releases()),
            }
        )

    def product(self, name: str) -> Product:
        """Return a product; raises UsageError where the name means none."""
        found = self.release(name)
        if isinstance(found, Product):
            return found
        raise UsageError(
            _(
                '%(name)s is a release of compute hosts, not of an OpenStack '
                'product, and has no default machine type; known products: '
                '%(known)s'
            )
            % {'name': found.name, 'known': ', '.join(self.products)}
        )

    def host_releases(self, release: Release) -> tuple[HostRelease, ...]:
        """Return what the computes of a release may run."""
        if isinstance(release, HostRelease):
            return (release,)
        return tuple(self.hosts[name] for name in release.hosts)

    def records(self, release: Release) -> tuple[Host, ...]:
        """Return what each kind of compute host of a release can run."""
        return tuple(one.record() for one in self.host_releases(release))

    def abilities(self, release: Release | None = None) -> Abilities:
        """Return what the compute hosts of a release can run, or all hosts."""
        hosts = self.host_releases(release) if release else self.hosts.values()
        return Abilities.of(one.record() for one in hosts)

    def architecture(self, name: str | None) -> str | None:
        """Return an architecture; raises UsageError if it is not known."""
        known = dict.fromkeys(
            architecture
            for host in self.hosts.values()
            for architecture in host.lists
        )
        if name is None or name in known:
            return name
        raise UsageError(
            _('unknown architecture %(name)s; known architectures: %(known)s')
            % {'name': printable(name), 'known': ', '.join(known)}
        )

    def _hint(self, name: str) -> str:
        """Return which releases were perhaps meant by a name."""
        wanted = _squeezed(name)
        meant = {
            _squeezed(text): one.name
            for one in self.releases()
            for text in one.names()
        }
        near = (
            [text for text in meant if text == wanted]
            or [text for text in meant if wanted and wanted in text]
            or difflib.get_close_matches(wanted, meant)
        )
        names = dict.fromkeys(meant[text] for text in near)
        if not names:
            return ''
        return _(' (did you mean %s?)') % _(' or ').join(names)


def _squeezed(name: str) -> str:
    """Return a name as it is spelled here: RHOSP 16.2 is rhosp16.2."""
    return re.sub('[^a-z0-9.]', '', name.lower())
