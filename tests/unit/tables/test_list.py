# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

from cliff import columns

from osc_hwmt.compatibility import release_file
from osc_hwmt.compatibility.listing import Choice, listed
from osc_hwmt.model.machine_type import Family
from osc_hwmt.tables import list as list_table
from tests.unit.support import cases

KNOWN = release_file.read_release_file(
    """
products:
  old:
    title: Old cloud
    nova: Train
    hosts: {linux1: attested}
    default_machine_types: {x86_64: pc-i440fx-1.4, aarch64: virt}
    status: attested
    source: its templates
    records_machine_type: no
  new:
    title: New cloud
    hosts: {linux2: attested, linux3: unverified}
    default_machine_types: {x86_64: q35}
    pcie_ports: 24
    status: interpolated
    source: a page
    note: "Mind the \\x1b gap."
  blind:
    title: blind
    hosts: {}
    default_machine_types: {}
    status: attested
    source: a page
hosts:
  linux1:
    title: linux1
    architectures:
      x86_64:
        status: attested
        source: a dump
        complete: false
        machine_types: [{names: [pc-i440fx-1.4, pc-i440fx-2.0]}]
  linux2:
    title: linux2
    also: [linux2.1]
    architectures:
      x86_64:
        status: attested
        source: another dump
        aliases: {pc: pc-i440fx-2.0, q35: pc-q35-2.0, ubuntu: null}
        machine_types:
        - names: [pc-i440fx-2.0]
          deprecated: true
        - names: [pc-q35-2.0]
          deprecated: false
          max_cpus: 255
  linux3:
    title: linux3
    architectures:
      x86_64:
        status: unverified
        source: hearsay
        aliases: {pc: pc-i440fx-2.0, q35: pc-q35-3.0}
        machine_types:
        - names: [pc-i440fx-2.0, pc-q35-2.0, pc-q35-3.0]
          deprecated: false
"""
)


EVERYTHING = Choice()


def _human(cell: Any) -> Any:
    if isinstance(cell, columns.FormattableColumn):
        return cell.human_readable()
    return cell


class TableTestCase(cases.TestCase):
    def read(self, table: list_table.Table) -> list[dict[str, Any]]:
        """Return rows as a human reads them."""
        names, rows = table
        for row in rows:
            self.assertEqual(len(names), len(row))
        return [dict(zip(names, map(_human, row))) for row in rows]


class ReleasesTest(TableTestCase):
    def read_releases(
        self, architecture: str | None = None
    ) -> dict[str, dict[str, Any]]:
        table = list_table.releases(KNOWN, architecture)
        return {row['Release']: row for row in self.read(table)}

    def test_products_come_before_hosts(self) -> None:
        self.assertEqual(
            ['old', 'new', 'blind', 'linux1', 'linux2', 'linux3'],
            list(self.read_releases()),
        )

    def test_a_product_has_hosts_and_a_default(self) -> None:
        told = {
            'Release': 'new',
            'Title': 'New cloud',
            'Hosts': 'linux2, linux3',
            'Default Machine Type': 'q35',
            'Recorded': '-',
            'Status': 'interpolated',
        }
        found = self.read_releases()['new']
        self.assertEqual(told, {name: found[name] for name in told})

    def test_the_default_is_that_of_an_architecture(self) -> None:
        found = self.read_releases('aarch64')
        self.assertEqual('virt', found['old']['Default Machine Type'])
        self.assertEqual('-', found['new']['Default Machine Type'])

    def test_everything_else_is_told(self) -> None:
        found = self.read_releases()
        self.assertEqual('Train', found['old']['Nova'])
        self.assertEqual('its templates', found['old']['Known From'])
        self.assertEqual(24, found['new']['PCIe Ports'])
        self.assertEqual('linux2.1', found['linux2']['Other Names'])
        self.assertEqual('x86_64: another dump', found['linux2']['Known From'])


class MachinesTest(TableTestCase):
    def read_machines(
        self,
        name: str | None,
        to: str | None = None,
        choice: Choice = EVERYTHING,
    ) -> dict[str, dict[str, Any]]:
        release = KNOWN.release(name) if name else None
        table = list_table.machines(
            listed(KNOWN.abilities(release), choice),
            KNOWN,
            release,
            KNOWN.abilities(KNOWN.release(to)) if to else None,
        )
        return {row['Machine Type']: row for row in self.read(table)}

    def test_a_release_tells_which_host_lacks_what(self) -> None:
        told = {
            'Architecture': 'x86_64',
            'Family': 'q35',
            'Machine Type': 'pc-q35-3.0',
            'Alias Of': '-',
            'Deprecated': 'no',
            'Hosts': 'linux3',
            'Lacking': 'linux2',
        }
        found = self.read_machines('new')['pc-q35-3.0']
        self.assertEqual(told, {name: found[name] for name in told})
        self.assertEqual(
            '-', self.read_machines('linux3')['pc-q35-3.0']['Lacking']
        )

    def test_an_alias_says_what_it_means_and_where(self) -> None:
        found = self.read_machines('new')
        self.assertEqual('pc-i440fx-2.0', found['pc']['Alias Of'])
        self.assertEqual(
            'pc-q35-2.0 (linux2), pc-q35-3.0 (linux3)',
            found['q35']['Alias Of'],
        )
        self.assertEqual('(unknown)', found['ubuntu']['Alias Of'])

    def test_hosts_may_differ_on_what_is_deprecated(self) -> None:
        found = self.read_machines('new')
        self.assertEqual('yes (linux2)', found['pc-i440fx-2.0']['Deprecated'])
        self.assertEqual('no', found['pc-q35-2.0']['Deprecated'])
        self.assertEqual(
            '-', self.read_machines('old')['pc-i440fx-2.0']['Deprecated']
        )

    def test_without_a_release_nobody_lacks_anything(self) -> None:
        found = self.read_machines(None, choice=Choice(family=Family.I440FX))[
            'pc-i440fx-2.0'
        ]
        self.assertEqual('linux1, linux2, linux3', found['Hosts'])
        self.assertNotIn('Lacking', found)

    def test_the_fate_of_each_at_a_destination_is_told(self) -> None:
        found = self.read_machines('old', to='linux3')
        self.assertEqual(
            ('unsupported', 'pc-i440fx-2.0'),
            (
                found['pc-i440fx-1.4']['Destination'],
                found['pc-i440fx-1.4']['Nearest'],
            ),
        )
        self.assertEqual(
            ('supported', '-'),
            (
                found['pc-i440fx-2.0']['Destination'],
                found['pc-i440fx-2.0']['Nearest'],
            ),
        )

    def test_how_well_and_from_where_is_told(self) -> None:
        found = self.read_machines('new')['pc-q35-2.0']
        self.assertEqual(255, found['Max CPUs'])
        self.assertEqual('attested, unverified', found['Status'])
        self.assertEqual(
            'linux2: another dump; linux3: hearsay', found['Known From']
        )


class BriefTest(TableTestCase):
    def test_every_table_has_a_few_columns_that_fit_a_terminal(self) -> None:
        new = KNOWN.release('new')
        every = listed(KNOWN.abilities(new), EVERYTHING)
        for table, last in (
            (list_table.releases(KNOWN, None), 'Recorded'),
            (list_table.machines(every, KNOWN, None, None), 'Hosts'),
            (list_table.machines(every, KNOWN, new, None), 'Lacking'),
            (
                list_table.machines(every, KNOWN, new, KNOWN.abilities(new)),
                'Nearest',
            ),
        ):
            names = list_table.brief(table[0])
            self.assertEqual(last, names[-1])
            self.assertEqual([], [one for one in names if one not in table[0]])


class AboutTest(cases.TestCase):
    def about(self, name: str) -> str:
        return '\n'.join(list_table.about(KNOWN.release(name), KNOWN))

    def test_a_product_tells_its_computes_and_defaults(self) -> None:
        self.assertEqual(
            'Old cloud: compute hosts linux1 (attested)\n'
            'Default machine type (attested): x86_64=pc-i440fx-1.4, '
            'aarch64=virt\n'
            'Nova Train, PCIe ports: -, records machine types: no\n'
            'linux1 may have more machine types for x86_64',
            self.about('old'),
        )

    def test_what_is_not_known_is_said(self) -> None:
        self.assertIn('compute hosts unknown', self.about('blind'))
        self.assertIn('(attested): unknown', self.about('blind'))

    def test_the_note_of_a_release_is_last_and_printable(self) -> None:
        last = self.about('new').splitlines()[-1]
        self.assertEqual('Mind the \\x1b gap.', last)
