# SPDX-License-Identifier: Apache-2.0

"""What is known of releases and machine types, as rows and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from osc_hwmt.compatibility.hosts import Support
from osc_hwmt.compatibility.listing import Listed
from osc_hwmt.compatibility.releases import Knowledge, Product, Release, Status
from osc_hwmt.compatibility.support import Abilities
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.tables.cells import (
    HostsColumn,
    ListColumn,
    OptionalColumn,
    Row,
    YesNoColumn,
)

Table = tuple[tuple[str, ...], list[Row]]

_RELEASE_COLUMNS = (
    'Release',
    'Title',
    'Hosts',
    'Default Machine Type',
    'Recorded',
    'Status',
    'Other Names',
    'Nova',
    'PCIe Ports',
    'Known From',
    'Note',
)
_MACHINE_COLUMNS = (
    'Architecture',
    'Family',
    'Machine Type',
    'Alias Of',
    'Deprecated',
    'Hosts',
)
_YES_NO = {True: _('yes'), False: _('no'), None: '-'}
#: How many hosts a cell names before it counts them.
_NAMED = 3


def releases(knowledge: Knowledge, architecture: str | None) -> Table:
    """Return a table of all releases, with a default of an architecture."""
    return _RELEASE_COLUMNS, [
        _release_row(one, architecture) for one in knowledge.releases()
    ]


def brief(columns: Sequence[str]) -> tuple[str, ...]:
    """Return those columns of a table that fit a terminal."""
    if 'Release' in columns:
        return ('Release', 'Hosts', 'Default Machine Type', 'Recorded')
    if 'Destination' in columns:
        return ('Machine Type', 'Destination', 'Nearest')
    who = 'Lacking' if 'Lacking' in columns else 'Hosts'
    return ('Machine Type', 'Alias Of', 'Deprecated', who)


def machines(
    listed: Iterable[Listed],
    knowledge: Knowledge,
    release: Release | None,
    destination: Abilities | None,
    asked: Abilities | None = None,
) -> Table:
    """Return a table of machine types.

    That of a release, or of hosts that were asked, tells which of the hosts
    lack one, and with a destination what becomes of each there.
    """
    columns: tuple[str, ...] = _MACHINE_COLUMNS
    if release or asked:
        columns = (*columns, 'Lacking')
    if destination:
        columns = (*columns, 'Destination', 'Nearest')
    columns = (*columns, 'Max CPUs', 'Status', 'Known From')
    rows = []
    for one in listed:
        row = _machine_row(one, bool(asked))
        if release or asked:
            row = (*row, HostsColumn(one.ability.lacking))
        if destination:
            row = (*row, *_fate(one, destination))
        machine = one.ability.machine
        row = (
            *row,
            machine.max_cpus if machine else None,
            *(_told(one, asked) if asked else _known(one, knowledge)),
        )
        rows.append(row)
    return columns, rows


def _release_row(release: Release, architecture: str | None) -> Row:
    product = release if isinstance(release, Product) else None
    return (
        release.name,
        release.title,
        ListColumn(product.hosts if product else ()),
        OptionalColumn(product.default(architecture) if product else None),
        YesNoColumn(product.records_machine_type if product else None),
        ', '.join(_statuses(release)),
        ListColumn(release.also),
        OptionalColumn((product.nova or None) if product else None),
        product.pcie_ports if product else None,
        _sources(release),
        release.note,
    )


def _machine_row(listed: Listed, asked: bool) -> Row:
    ability = listed.ability
    return (
        OptionalColumn(listed.architecture),
        listed.machine_type.family.value,
        listed.machine_type.name,
        OptionalColumn(_alias_of(listed)),
        YesNoColumn(
            ability.machine.deprecated if ability.machine else None,
            _some(ability.deprecated_on, ability.present),
        ),
        HostsColumn(ability.present) if asked else ListColumn(ability.present),
    )


def _fate(listed: Listed, destination: Abilities) -> Row:
    name = listed.machine_type.name
    found = destination.ability(name, listed.architecture).support
    nearest = None
    if found is Support.UNSUPPORTED:
        nearest = destination.nearest(name, listed.architecture)
    return (found.value, OptionalColumn(nearest))


def _known(listed: Listed, knowledge: Knowledge) -> Row:
    """Return how well it is known of the releases, and the source."""
    lists = {
        host: knowledge.hosts[host].lists[listed.architecture]
        for host in listed.ability.present
        if listed.architecture
    }
    return (
        ', '.join(_distinct(one.status for one in lists.values())),
        printable(
            '; '.join(f'{host}: {one.source}' for host, one in lists.items())
        ),
    )


def _told(listed: Listed, asked: Abilities) -> Row:
    """Return that hosts told it, and where that was read."""
    present = set(listed.ability.present)
    origins = list(
        dict.fromkeys(
            host.origin for host in asked.hosts if host.name in present
        )
    )
    return (_('collected'), HostsColumn(origins).human_readable())


def about(release: Release, knowledge: Knowledge) -> Iterator[str]:
    """Yield what to know beside a list of a release's machine types."""
    if isinstance(release, Product):
        yield from _about_product(release)
    for host in knowledge.host_releases(release):
        for architecture, one in host.lists.items():
            if not one.complete:
                yield _(
                    '%(host)s may have more machine types for %(architecture)s'
                ) % {'host': host.name, 'architecture': architecture}
    if release.note:
        yield printable(release.note)


def _about_product(product: Product) -> Iterator[str]:
    yield _('%(title)s: compute hosts %(hosts)s') % {
        'title': printable(product.title),
        'hosts': ', '.join(
            f'{name} ({status.value})'
            for name, status in product.hosts.items()
        )
        or _('unknown, and so are the machine types that they support'),
    }
    yield _('Default machine type (%(status)s): %(defaults)s') % {
        'status': product.status.value,
        'defaults': ', '.join(
            f'{architecture}={machine_type}'
            for architecture, machine_type in (
                product.default_machine_types.items()
            )
        )
        or _('unknown'),
    }
    yield _(
        'Nova %(nova)s, PCIe ports: %(ports)s, records machine types: '
        '%(records)s'
    ) % {
        'nova': printable(product.nova or '-'),
        'ports': '-' if product.pcie_ports is None else product.pcie_ports,
        'records': _YES_NO[product.records_machine_type],
    }


def _alias_of(listed: Listed) -> str | None:
    """Return what an alias stands for; hosts are named where they differ."""
    targets = {
        target: hosts
        for target, hosts in listed.ability.canonicals.items()
        if target != listed.machine_type.name
    }
    if not targets:
        return _('(unknown)') if listed.machine_type.is_alias else None
    if len(targets) > _NAMED:
        return _('(%d different machine types)') % len(targets)
    told = sum(len(hosts) for hosts in targets.values())
    if len(targets) == 1 and told == len(listed.ability.present):
        return next(iter(targets))
    return ', '.join(
        f'{target} ({_named(hosts)})' for target, hosts in targets.items()
    )


def _some(few: tuple[str, ...], all_of: tuple[str, ...]) -> str:
    """Return which hosts, where it is neither none nor all of them."""
    return _named(few) if 0 < len(few) < len(all_of) else ''


def _named(hosts: tuple[str, ...]) -> str:
    if len(hosts) > _NAMED:
        return _('%d hosts') % len(hosts)
    return ', '.join(hosts)


def _sources(release: Release) -> str:
    if isinstance(release, Product):
        return release.source
    return '; '.join(
        f'{architecture}: {one.source}'
        for architecture, one in release.lists.items()
    )


def _statuses(release: Release) -> list[str]:
    if isinstance(release, Product):
        return [release.status.value]
    return _distinct(one.status for one in release.lists.values())


def _distinct(statuses: Iterable[Status]) -> list[str]:
    found = set(statuses)
    return [status.value for status in Status if status in found]
