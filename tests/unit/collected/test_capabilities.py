# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.compatibility.hosts import Devices, Machine
from tests.unit.collected.base import CaptureTestCase, sample

PC, Q35 = 'pc-i440fx-rhel7.6.0', 'pc-q35-rhel9.2.0'


class CapabilitiesTest(CaptureTestCase):
    def test_a_hosts_machine_types_are_told_by_architecture(self) -> None:
        (host,) = self.hosts(sample('capabilities-rocky-9.2.xml'))
        self.assertEqual('compute-0', host.name)
        self.assertEqual('compute-0.txt:1', host.origin)
        self.assertEqual(frozenset(), host.partial)
        self.assertEqual(
            {
                'x86_64': {
                    PC: Machine(PC, None, True, 240),
                    'pc': Machine('pc', PC, True, 240),
                    Q35: Machine(Q35, None, False, 710),
                    'q35': Machine('q35', Q35, False, 710),
                },
                'i686': {
                    PC: Machine(PC, None, True, 240),
                    'pc': Machine('pc', PC, True, 240),
                },
            },
            host.machines,
        )

    def test_old_libvirt_tells_less(self) -> None:
        for machines, expected in (
            (
                "<machine canonical='pc-i440fx-bionic' maxCpus='255'>ubuntu"
                '</machine>',
                [Machine('ubuntu', 'pc-i440fx-bionic', None, 255)],
            ),
            (
                "<machine canonical='pc-1.2'>pc</machine><domain type='kvm'>"
                '<machine>pc</machine><machine>pc-1.2</machine></domain>',
                [Machine('pc', 'pc-1.2'), Machine('pc-1.2')],
            ),
        ):
            text = (
                "<capabilities><guest><arch name='x86_64'>"
                f'{machines}</arch></guest></capabilities>'
            )
            self.assertEqual(
                {one.name: one for one in expected},
                self.machines(text, 'x86_64'),
            )

    def test_a_host_that_runs_no_guests_is_told(self) -> None:
        (problem,) = self.problems('<capabilities><host/></capabilities>')
        self.assertIn('no machine type', problem)

    def test_two_lists_of_one_file_are_of_two_hosts(self) -> None:
        one = sample('capabilities-rocky-9.2.xml')
        other = one.replace('9.2.0', '9.4.0')
        names = [host.name for host in self.hosts(one + one + other)]
        self.assertEqual(['compute-0', 'compute-0 (2)'], names)


class DomainCapabilitiesTest(CaptureTestCase):
    def test_domain_capabilities_are_of_one_machine_type(self) -> None:
        (host,) = self.hosts(sample('domcapabilities-rocky-9.2.xml'))
        self.assertEqual(frozenset(['x86_64']), host.partial)
        self.assertEqual(
            {
                'x86_64': {
                    Q35: Machine(
                        Q35,
                        max_cpus=710,
                        devices=Devices(
                            disk_buses=frozenset(
                                ['fdc', 'scsi', 'virtio', 'usb', 'sata']
                            ),
                            video_models=frozenset(
                                'vga cirrus virtio none bochs ramfb'.split()
                            ),
                        ),
                    )
                }
            },
            host.machines,
        )

    def test_devices_are_what_libvirt_says_of_them(self) -> None:
        for old, new, models in (
            ("<video supported='yes'>", "<video supported='no'>", frozenset()),
            # What it does not say is not known.
            ("name='modelType'", "name='other'", None),
            ('video', 'other', None),
        ):
            text = sample('domcapabilities-rocky-9.2.xml').replace(old, new)
            devices = self.machines(text, 'x86_64')[Q35].devices
            self.assertEqual(models, devices.video_models, new)

    def test_several_documents_of_a_host_are_of_that_host(self) -> None:
        one = sample('domcapabilities-rocky-9.2.xml')
        hosts = self.hosts(one + one.replace(Q35, PC))
        self.assertEqual({'compute-0'}, {host.name for host in hosts})

    def test_a_machine_type_that_is_none_is_told(self) -> None:
        (problem,) = self.problems(
            sample('domcapabilities-rocky-9.2.xml').replace(Q35, 'none')
        )
        self.assertIn("found 'none'", problem)

    def test_what_virsh_says_of_an_unsupported_one_is_noise(self) -> None:
        noise = (
            'error: failed to get emulator capabilities\n'
            "error: invalid argument: the machine 'pc-i440fx-rhel7.6.0' is "
            "not supported by emulator '/usr/bin/qemu-system-x86_64'\n"
        )
        text = noise + sample('domcapabilities-rocky-9.2.xml')
        self.assertEqual([Q35], list(self.machines(text, 'x86_64')))
