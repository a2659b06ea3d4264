# SPDX-License-Identifier: Apache-2.0

"""Each row of the knowledge in the package, and what follows from them."""

from __future__ import annotations

import collections
from collections.abc import Iterator
from importlib import resources

import yaml

from osc_hwmt.compatibility import release_file
from osc_hwmt.compatibility.hosts import Support, architecture_of
from osc_hwmt.compatibility.release_file import SHIPPED
from osc_hwmt.compatibility.releases import HostRelease, MachineList, Status
from osc_hwmt.compatibility.support import Abilities
from osc_hwmt.model.machine_type import (
    Family,
    Vendor,
    parse_machine_type,
    same_family,
)
from osc_hwmt.yaml_text.nodes import compose
from tests.unit.support import cases
from tests.unit.support.machine_names import EVERY

TEXT = resources.files('osc_hwmt').joinpath(SHIPPED).read_text('utf-8')
KNOWLEDGE = release_file.load()
#: Defaults that cannot have been in use on all the hosts they were meant
#: for; the note of the product says so.
ON_NO_HOST = {('rhosp16.2', 'aarch64')}


def _lists() -> Iterator[tuple[HostRelease, str, MachineList]]:
    for host in KNOWLEDGE.hosts.values():
        for architecture, one in host.lists.items():
            yield host, architecture, one


def _abilities(release: str) -> Abilities:
    return KNOWLEDGE.abilities(KNOWLEDGE.release(release))


class FormTest(cases.TestCase):
    def test_no_key_stands_twice(self) -> None:
        self.assertIsNotNone(compose(TEXT, SHIPPED))

    def test_no_machine_type_stands_twice(self) -> None:
        for name, host in yaml.safe_load(TEXT)['hosts'].items():
            for one in host['architectures'].values():
                names = list(one.get('aliases', ()))
                for row in one['machine_types']:
                    names += row['names']
                self.assertEqual(len(names), len(set(names)), name)

    def test_a_name_is_plain_and_means_one_release(self) -> None:
        names = collections.Counter(
            name for one in KNOWLEDGE.releases() for name in one.names()
        )
        self.assertEqual({1}, set(names.values()))
        for name in names:
            self.assertRegex(name, '^[a-z0-9][a-z0-9.-]{0,63}$')

    def test_computes_run_hosts_of_the_file(self) -> None:
        for product in KNOWLEDGE.products.values():
            self.assertLessEqual(set(product.hosts), set(KNOWLEDGE.hosts))

    def test_texts_are_of_one_printable_line(self) -> None:
        for product in KNOWLEDGE.products.values():
            for text in (product.title, product.source, product.nova):
                self.assertTrue(text and text.isprintable(), product.name)
            self.assertTrue(product.note.isprintable(), product.name)
        for host, _architecture, one in _lists():
            for text in (host.title, one.source):
                self.assertTrue(text and text.isprintable(), host.name)
            self.assertTrue(host.note.isprintable(), host.name)


class HostsTest(cases.TestCase):
    def test_every_row_has_known_machine_types_and_a_source(self) -> None:
        for host, architecture, one in _lists():
            self.assertEqual(set(), set(one.machines) - set(EVERY), host.name)
            for name in one.machines:
                self.assertEqual(architecture, architecture_of(name), name)
            self.assertGreater(
                len(one.source), 20, f'{host.name} {architecture}'
            )

    def test_every_alias_stands_for_a_machine_type_of_its_host(self) -> None:
        for host, architecture, one in _lists():
            aliases = [
                name
                for name in one.machines
                if parse_machine_type(name).is_alias
            ]
            self.assertTrue(aliases, f'{host.name} {architecture}')
            for alias in aliases:
                target = one.machines[alias].canonical
                if target is None:
                    self.assertIn(alias, host.note, 'nothing says why')
                    continue
                self.assertIn(target, one.machines, host.name)
                self.assertTrue(same_family(alias, target), alias)

    def test_an_alias_stands_for_the_newest_of_a_vendor(self) -> None:
        for host, _architecture, one in _lists():
            names = [parse_machine_type(name) for name in one.machines]
            for alias, machine in one.machines.items():
                target = parse_machine_type(machine.canonical or '')
                # The alias of powernv moves when emulation is good enough.
                if target.family in (Family.OTHER, Family.POWERNV):
                    continue
                newest = max(
                    other.version or ()
                    for other in names
                    if (other.family, other.vendor)
                    == (target.family, target.vendor)
                )
                self.assertEqual(
                    newest, target.version, f'{host.name} {alias}'
                )

    def test_every_family_has_its_alias(self) -> None:
        for host, architecture, one in _lists():
            families = {
                parse_machine_type(name).family for name in one.machines
            }
            for family in families - {Family.ISAPC, Family.MICROVM}:
                self.assertTrue(
                    any(
                        parse_machine_type(name).is_alias
                        and parse_machine_type(name).family is family
                        for name in one.machines
                    ),
                    f'{host.name} {architecture} {family}',
                )

    def test_a_distributor_keeps_to_names_of_its_own(self) -> None:
        for host, _architecture, one in _lists():
            vendors = {
                parse_machine_type(name).vendor for name in one.machines
            }
            if host.name.startswith('rhel'):
                self.assertEqual({Vendor.RHEL, Vendor.UNKNOWN}, vendors)
            elif host.name.startswith('qemu'):
                self.assertEqual({Vendor.QEMU, Vendor.UNKNOWN}, vendors)

    def test_a_release_adds_machine_types_to_the_one_before(self) -> None:
        # Within a major release RHEL takes nothing away on x86_64.
        for major, minors in (('8', '0 2 4 6'), ('9', '0 1 2 4 6 8')):
            hosts = [
                KNOWLEDGE.hosts[f'rhel{major}.{minor}'].lists['x86_64']
                for minor in minors.split()
            ]
            for older, newer in zip(hosts, hosts[1:]):
                self.assertLessEqual(set(older.machines), set(newer.machines))


class ProductsTest(cases.TestCase):
    def test_a_default_can_run_where_it_is_the_default(self) -> None:
        for product in KNOWLEDGE.products.values():
            abilities = _abilities(product.name)
            defaults = set(product.default_machine_types.values())
            self.assertEqual(set(), defaults - set(EVERY), product.name)
            for architecture, name in product.default_machine_types.items():
                found = abilities.ability(name, architecture).support
                if (product.name, architecture) in ON_NO_HOST:
                    self.assertIs(Support.UNSUPPORTED, found)
                    self.assertIn(name, product.note)
                elif not product.hosts:
                    self.assertIs(Support.UNKNOWN, found)
                    self.assertTrue(product.note, product.name)
                else:
                    self.assertIn(
                        found,
                        (Support.SUPPORTED, Support.DEPRECATED),
                        f'{product.name} {name}',
                    )

    def test_what_is_said_of_a_product_has_its_reasons(self) -> None:
        for product in KNOWLEDGE.products.values():
            self.assertGreater(len(product.source), 20)
            if Status.UNVERIFIED in product.hosts.values():
                self.assertTrue(
                    product.note or product.name == 'rhosp14', product.name
                )
            # nova/conf/libvirt.py: num_pcie_ports, 0 to 28.
            self.assertIn(product.pcie_ports, range(29))
            # Nova records machine types since Wallaby.
            self.assertIs(
                product.nova not in ('Queens', 'Rocky', 'Stein', 'Train'),
                product.records_machine_type,
            )


class ToRhosoTest(cases.TestCase):
    """The migration that this package is for."""

    def setUp(self) -> None:
        super().setUp()
        self.rhoso = _abilities('rhoso18')

    def test_the_default_of_16_and_13_still_runs(self) -> None:
        for release in ('rhosp13', 'rhosp16.1', 'rhosp16.2'):
            default = KNOWLEDGE.product(release).default(None)
            self.assertIsNotNone(default)
            ability = self.rhoso.ability(str(default), 'x86_64')
            self.assertIs(Support.DEPRECATED, ability.support)
            self.assertEqual('pc-i440fx-rhel7.6.0', ability.canonical)

    def test_what_only_newer_computes_have_does_not_count(self) -> None:
        ability = self.rhoso.ability('pc-q35-rhel9.6.0')
        self.assertIs(Support.UNSUPPORTED, ability.support)
        self.assertEqual(('rhel9.4',), ability.lacking)

    def test_q35_means_what_the_compute_runs(self) -> None:
        self.assertEqual(
            ['pc-q35-rhel9.4.0', 'pc-q35-rhel9.6.0'],
            list(self.rhoso.ability('q35').canonicals),
        )

    def test_every_machine_type_of_16_is_there_or_has_a_nearest(self) -> None:
        for architecture in ('x86_64', 'aarch64', 's390x'):
            source = KNOWLEDGE.hosts['rhel8.4'].lists[architecture]
            for name in source.machines:
                nearest = self.rhoso.nearest(name, architecture)
                self.assertIsNotNone(nearest, name)
                self.assertTrue(same_family(name, str(nearest)), name)
