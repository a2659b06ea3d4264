# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.compatibility.hosts import Machine
from osc_hwmt.compatibility.releases import (
    HostRelease,
    Knowledge,
    MachineList,
    Product,
    Status,
)
from osc_hwmt.exceptions import Error
from tests.unit.support import cases


def _host(name: str, *machine_types: str, also: str = '') -> HostRelease:
    machines = {one: Machine(one) for one in machine_types}
    one = MachineList(machines, Status.ATTESTED, 'a dump')
    return HostRelease(
        name, name.upper(), {'x86_64': one}, tuple(also.split())
    )


KNOWN = Knowledge(
    {
        'rhoso18': Product(
            'rhoso18',
            'RHOSO 18',
            {'rhel9.4': Status.ATTESTED, 'rhel9.6': Status.UNVERIFIED},
            {'x86_64': 'q35', 'aarch64': 'virt'},
            Status.ATTESTED,
            'nova.conf',
            ('rhoso18.0',),
        ),
        'rhosp16.2': Product(
            'rhosp16.2', 'RHOSP 16.2', {}, {}, Status.ATTESTED, 'heat'
        ),
    },
    {
        'rhel9.4': _host('rhel9.4', 'pc-q35-rhel9.4.0', also='rhel9.5'),
        'rhel9.6': _host('rhel9.6', 'pc-q35-rhel9.4.0', 'pc-q35-rhel9.6.0'),
    },
)


class ReleaseTest(cases.TestCase):
    def unknown(self, name: str) -> str:
        return str(self.assertRaises(Error, KNOWN.release, name))

    def test_a_release_has_any_of_its_names(self) -> None:
        for name, found in (
            ('rhoso18', 'rhoso18'),
            ('rhoso18.0', 'rhoso18'),
            ('rhel9.5', 'rhel9.4'),
        ):
            self.assertEqual(found, KNOWN.release(name).name)

    def test_what_was_perhaps_meant_is_said(self) -> None:
        for name, meant in (
            ('RHOSP-16.2', 'did you mean rhosp16.2?'),
            ('rhel 9.5', 'did you mean rhel9.4?'),
            ('rhel9', 'did you mean rhel9.4 or rhel9.6?'),
            ('16.2', 'did you mean rhosp16.2?'),
            ('rhso18', 'did you mean rhoso18?'),
        ):
            self.assertIn(meant, self.unknown(name))

    def test_what_is_known_is_said(self) -> None:
        for name in ('windows', '', '\x1b[2J'):
            said = self.unknown(name)
            self.assertIn('rhoso18, rhosp16.2, rhel9.4, rhel9.6', said)
            self.assertNotIn('mean', said)
            self.assertNotIn('\x1b', said)

    def test_hosts_are_no_product(self) -> None:
        self.assertEqual('rhoso18', KNOWN.product('rhoso18.0').name)
        error = self.assertRaises(Error, KNOWN.product, 'rhel9.4')
        self.assertIn('known products: rhoso18, rhosp16.2', str(error))


class AbilitiesTest(cases.TestCase):
    def test_what_all_hosts_of_a_product_have_is_supported(self) -> None:
        abilities = KNOWN.abilities(KNOWN.release('rhoso18'))
        self.assertEqual({'pc-q35-rhel9.4.0'}, set(abilities.common('x86_64')))
        self.assertEqual(
            ('rhel9.4',), abilities.ability('pc-q35-rhel9.6.0').lacking
        )

    def test_a_host_release_is_its_own_host(self) -> None:
        (host,) = KNOWN.abilities(KNOWN.release('rhel9.5')).hosts
        self.assertEqual('rhel9.4', host.name)
        self.assertIn('RHEL9.4', host.origin)

    def test_abilities_are_those_of_the_hosts_that_are_meant(self) -> None:
        unknown = KNOWN.abilities(KNOWN.release('rhosp16.2'))
        self.assertEqual((), unknown.hosts)
        hosts = KNOWN.abilities().hosts
        self.assertEqual(['rhel9.4', 'rhel9.6'], [one.name for one in hosts])

    def test_an_architecture_is_one_of_some_host(self) -> None:
        self.assertEqual('x86_64', KNOWN.architecture('x86_64'))
        self.assertIsNone(KNOWN.architecture(None))
        error = self.assertRaises(Error, KNOWN.architecture, 'amd64')
        self.assertIn(
            'unknown architecture amd64; known architectures: x86_64',
            str(error),
        )

    def test_a_list_that_is_not_complete_is_partial(self) -> None:
        one = MachineList({}, Status.ATTESTED, 'a page', complete=False)
        host = HostRelease('x', 'X', {'x86_64': one, 'aarch64': one})
        self.assertEqual({'x86_64', 'aarch64'}, host.record().partial)


class DefaultTest(cases.TestCase):
    def test_the_usual_architecture_is_meant_where_none_is_recorded(
        self,
    ) -> None:
        product = KNOWN.product('rhoso18')
        self.assertEqual('q35', product.default(None))
        self.assertEqual('virt', product.default('aarch64'))
        self.assertIsNone(product.default('s390x'))
