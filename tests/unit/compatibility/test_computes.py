# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.compatibility.computes import NOTHING_KNOWN, Computes
from osc_hwmt.compatibility.hosts import Devices, Host, Machine, Offer, Support
from osc_hwmt.compatibility.support import Abilities
from tests.unit.support import cases
from tests.unit.support.fakes import PC

OLD = 'pc-i440fx-rhel7.4.0'
BUSES = Devices(disk_buses=frozenset(('virtio',)))


def _host(name: str, *machines: Machine) -> Host:
    return Host(
        name, 'a test', {'x86_64': {one.name: one for one in machines}}
    )


def _computes(*hosts: Host) -> Computes:
    return Computes(
        Abilities.of(hosts), {'x86_64': 'q35'}, 24, known_from='a test'
    )


class OfferTest(cases.TestCase):
    def test_an_offer_is_what_all_hosts_have_alike(self) -> None:
        computes = _computes(
            _host('a', Machine(PC, max_cpus=240, devices=BUSES)),
            _host('b', Machine(PC, deprecated=True, max_cpus=255)),
        )
        offer = computes.offer(PC, 'x86_64')
        self.assertEqual(
            (Support.DEPRECATED, 240, BUSES, 24, 'a test'),
            (
                offer.support,
                offer.max_cpus,
                offer.devices,
                offer.pcie_ports,
                offer.known_from,
            ),
        )

    def test_what_a_host_lacks_comes_with_the_nearest(self) -> None:
        computes = _computes(
            _host('a', Machine(PC), Machine(OLD)), _host('b', Machine(PC))
        )
        offer = computes.offer(OLD, None)
        self.assertEqual(
            (Support.UNSUPPORTED, ('b',), PC),
            (offer.support, offer.lacking, offer.nearest),
        )

    def test_nothing_known_is_unknown_from_nowhere(self) -> None:
        self.assertEqual(
            Offer(Support.UNKNOWN), NOTHING_KNOWN.offer(PC, 'x86_64')
        )

    def test_the_oldest_rhel_among_the_hosts_counts(self) -> None:
        nine = _host('a', Machine('pc-q35-rhel9.4.0'), Machine(PC))
        ten = _host('b', Machine('pc-q35-rhel10.0.0'))
        debian = _host('c', Machine('pc-q35-7.2'))
        for hosts, major in (
            ((nine,), 9),
            ((ten,), 10),
            ((nine, ten), 9),
            ((nine, debian), None),
            ((), None),
        ):
            offer = _computes(*hosts).offer(None, None)
            self.assertEqual(major, offer.rhel_major)


class DefaultTest(cases.TestCase):
    def test_a_default_goes_by_architecture_or_is_of_x86_64(self) -> None:
        computes = _computes()
        self.assertEqual(
            ['q35', 'q35', None],
            [computes.default(one) for one in ('x86_64', None, 's390x')],
        )
