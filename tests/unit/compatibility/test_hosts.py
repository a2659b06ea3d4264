# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.compatibility.hosts import Devices, Host, Machine, combined
from tests.unit.support import cases

PC = 'pc-i440fx-rhel7.6.0'
Q35 = 'pc-q35-rhel9.4.0'


def host(
    *machines: Machine,
    name: str = 'compute-0',
    architecture: str | None = 'x86_64',
    partial: bool = False,
) -> Host:
    return Host(
        name,
        f'{name}.xml',
        {architecture: {one.name: one for one in machines}},
        frozenset([architecture] if partial else ()),
    )


class CombinedTest(cases.TestCase):
    def one(self, *records: Host) -> Host:
        """Return the one host that the records are of."""
        found = combined(records)
        self.assertEqual(1, len(found))
        return found[0]

    def test_hosts_come_in_the_order_of_their_first_records(self) -> None:
        found = combined(
            [host(name='b'), host(name='a'), host(Machine(PC), name='b')]
        )
        self.assertEqual(['b', 'a'], [one.name for one in found])

    def test_a_host_has_what_all_its_complete_lists_have(self) -> None:
        # One of the lists is old, and nobody knows which.
        found = self.one(
            host(Machine(PC), Machine(Q35)), host(Machine(Q35), Machine('q35'))
        )
        self.assertEqual([Q35], list(found.machines['x86_64']))
        self.assertEqual(frozenset(), found.partial)

    def test_a_partial_list_tells_more_about_a_complete_one(self) -> None:
        devices = Devices(disk_buses=frozenset(['sata']))
        found = self.one(
            host(Machine(PC), Machine(Q35, deprecated=False)),
            host(Machine(Q35, max_cpus=710, devices=devices), partial=True),
        )
        self.assertEqual(
            {
                PC: Machine(PC),
                Q35: Machine(Q35, None, False, 710, devices),
            },
            found.machines['x86_64'],
        )
        self.assertEqual(frozenset(), found.partial)

    def test_partial_lists_alone_stay_partial(self) -> None:
        found = self.one(
            host(Machine(PC), partial=True), host(Machine(Q35), partial=True)
        )
        self.assertEqual([PC, Q35], list(found.machines['x86_64']))
        self.assertEqual(frozenset(['x86_64']), found.partial)

    def test_an_alias_is_as_deprecated_as_what_it_stands_for(self) -> None:
        # The list that QEMU prints calls only the target so.
        found = self.one(host(Machine('pc', PC), Machine(PC, deprecated=True)))
        self.assertIs(True, found.machines['x86_64']['pc'].deprecated)

    def test_an_unlabelled_list_is_of_its_families_architectures(self) -> None:
        # Nova's list has those of all the QEMUs of a host in one.
        found = self.one(
            host(
                Machine(PC),
                Machine('new'),
                Machine('virt-rhel9.4.0'),
                architecture=None,
            )
        )
        self.assertEqual(
            {
                'x86_64': ['new', PC],
                'aarch64': ['new', 'virt-rhel9.4.0'],
            },
            {key: list(found.machines[key]) for key in found.machines},
        )
        found = self.one(host(Machine('new'), architecture=None))
        self.assertEqual({None}, set(found.machines), 'nothing tells it')

    def test_where_records_contradict_the_weaker_word_counts(self) -> None:
        def said(
            canonical: str, deprecated: bool, cpus: int, *buses: str
        ) -> Host:
            devices = Devices(disk_buses=frozenset(buses))
            return host(Machine('q35', canonical, deprecated, cpus, devices))

        found = self.one(
            said(Q35, False, 710, 'sata', 'virtio'),
            said('pc-q35-rhel9.2.0', True, 288, 'virtio', 'usb'),
        )
        devices = Devices(disk_buses=frozenset(['virtio']))
        self.assertEqual(
            Machine('q35', None, True, 288, devices),
            found.machines['x86_64']['q35'],
        )
