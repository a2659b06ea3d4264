# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.collected.place import host_name
from tests.unit.collected.base import A
from tests.unit.support import cases


class HostNameTest(cases.TestCase):
    def test_a_files_or_a_directorys_name_tells_it(self) -> None:
        for path in (
            'compute-0.xml',
            'compute-0.txt.gz',
            'old/compute-0.tar.gz',
            'compute-0/capabilities.xml',
            'compute-0/domcapabilities-q35.xml',
            'compute-0/dumpxml/instance-0000002a.xml',
            f'compute-0/{A}.xml',
            'compute-0-capabilities.xml',
            'compute-0.machine-help.txt',
            'compute-0_domcapabilities_q35.xml',
            'qmp-compute-0.json',
            'all.tar:compute-0/etc/libvirt/qemu/instance-0000002a.xml',
            'compute-0.tgz:etc/libvirt/qemu/instance-0000002a.xml',
            'compute-0.tgz:./1.xml',
        ):
            self.assertEqual('compute-0', host_name(path), path)

    def test_a_whole_name_stays_whole(self) -> None:
        for name in ('compute-0.example.com', 'kvm-01', 'host1', 'qemu'[:3]):
            self.assertEqual(name, host_name(f'{name}.xml'))

    def test_hosts_of_one_directory_are_not_mixed_up(self) -> None:
        paths = (f'computes/compute-{n}.capabilities.xml' for n in range(9))
        self.assertEqual(9, len(set(map(host_name, paths))))

    def test_nothing_is_made_of_names_that_tell_nothing(self) -> None:
        for path in ('-', 'capabilities.xml', 'root/domains.xml', './', '42'):
            self.assertIsNone(host_name(path), path)
