# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.model.evidence import Evidence
from tests.unit.collected.base import (
    NOVA_27,
    CaptureTestCase,
    domain,
    sample,
    server_id,
)


class RealDomainTest(CaptureTestCase):
    def test_the_machine_type_that_runs_is_told(self) -> None:
        for said, expected in (
            ('pc', 'pc-i440fx-7.2'),
            ('q35', 'pc-q35-7.2'),
            ('nothing', 'pc-q35-7.2'),
        ):
            guest = self.guest(sample(NOVA_27[said]))
            self.assertEqual(expected, guest.machine_type, said)
            self.assertIs(Evidence.LIBVIRT_DOMAIN, guest.evidence)

    def test_the_server_and_its_boot_volume_are_told(self) -> None:
        guest = self.guest(sample(NOVA_27['pc']))
        self.assertEqual(
            'a108412f-24d6-4860-829b-1f4da75a1937', guest.server_id
        )
        self.assertEqual(
            'bbb97e58-f525-41ab-9f36-fff3beeb2aba', guest.boot_volume_id
        )
        self.assertEqual(
            ('x86_64', 1, 1, 0),
            (guest.architecture, guest.vcpus, guest.disks, guest.interfaces),
        )
        self.assertEqual('compute-0.txt:1', guest.origin)
        self.assertEqual('compute-0', guest.host)

    def test_a_plain_server_has_a_bios_and_virtio(self) -> None:
        self.assertEqual(
            {'hw_firmware_type': 'bios', 'hw_disk_bus': 'virtio'},
            self.guest(sample(NOVA_27['nothing'])).properties,
        )


class RichDomainTest(CaptureTestCase):
    def test_all_that_nova_would_have_to_be_told_is_there(self) -> None:
        guest = self.guest(sample('domain-windows-uefi.xml'))
        self.assertEqual(
            {
                'hw_firmware_type': 'uefi',
                'os_secure_boot': 'required',
                'hw_disk_bus': 'scsi',
                'hw_cdrom_bus': 'sata',
                'hw_scsi_model': 'virtio-scsi',
                'hw_video_model': 'qxl',
                'hw_vif_model': 'virtio',
                'hw_vif_multiqueue_enabled': 'true',
                'hw_pointer_model': 'usbtablet',
                'hw_tpm_model': 'tpm-crb',
                'hw_tpm_version': '2.0',
                'hw_watchdog_action': 'poweroff',
                'hw_qemu_guest_agent': 'true',
                'hw_time_hpet': 'true',
                'os_type': 'windows',
                'hw_cpu_sockets': '2',
                'hw_cpu_cores': '2',
                'hw_cpu_threads': '2',
            },
            guest.properties,
        )
        self.assertEqual(
            (8, 2, 2), (guest.vcpus, guest.disks, guest.interfaces)
        )
        self.assertEqual(
            (
                '5d0c7f7e-3b64-4e5f-9b0b-6d8f8f0d9c11',
                '0b7e2d0c-95a4-4a86-8b0e-3ff0b7b2d6f4',
            ),
            (guest.server_id, guest.boot_volume_id),
        )


class HardwareTest(CaptureTestCase):
    def properties(
        self, devices: str = '', rest: str = '', arch: str = 'x86_64'
    ) -> dict[str, str]:
        text = domain(devices=devices, rest=rest, arch=arch)
        return dict(self.guest(text).properties)

    def test_the_boot_disk_is_the_first_in_boot_order(self) -> None:
        def disk(volume: int, order: int, bus: str) -> str:
            return (
                f"<disk device='disk'><target bus='{bus}'/><boot order="
                f"'{order}'/><serial>{server_id(volume)}</serial></disk>"
            )

        text = domain(devices=disk(7, 2, 'virtio') + disk(8, 1, 'ide'))
        guest = self.guest(text)
        self.assertEqual(server_id(8), guest.boot_volume_id)
        self.assertEqual('ide', guest.properties['hw_disk_bus'])

    def test_a_disk_that_is_no_volume_has_no_volume_id(self) -> None:
        for serial in ('', '<serial>WD-123</serial>'):
            guest = self.guest(
                domain(devices=f"<disk><target bus='ide'/>{serial}</disk>")
            )
            self.assertIsNone(guest.boot_volume_id)
            self.assertEqual(1, guest.disks)

    def test_drives_are_no_disks(self) -> None:
        devices = (
            "<disk device='cdrom'><target bus='ide'/></disk>"
            "<disk device='floppy'><target bus='fdc'/></disk>"
        )
        guest = self.guest(domain(devices=devices))
        self.assertEqual(0, guest.disks)
        self.assertEqual('ide', guest.properties['hw_cdrom_bus'])
        self.assertEqual('fdc', guest.properties['hw_floppy_bus'])
        self.assertNotIn('hw_disk_bus', guest.properties)

    def test_firmware_is_told_as_far_as_it_is_known(self) -> None:
        for text, firmware in (
            (domain(), 'bios'),
            (domain(arch='aarch64'), None),
            (domain().replace('<os>', "<os firmware='efi'>"), 'uefi'),
        ):
            found = self.guest(text).properties
            self.assertEqual(firmware, found.get('hw_firmware_type'))
            self.assertNotIn('os_secure_boot', found)

    def test_a_keyboard_and_tablet_of_one_bus_are_an_input_bus(self) -> None:
        usb, other = 'tablet usb,keyboard usb', 'aarch64'
        virtio = 'tablet virtio,keyboard virtio,keyboard ps2'
        for devices, arch, expected in (
            (usb, 'x86_64', {'hw_input_bus': 'usb'}),
            (virtio, 'x86_64', {'hw_input_bus': 'virtio'}),
            # Elsewhere than on x86 a keyboard is on USB anyway.
            (usb, other, {'hw_pointer_model': 'usbtablet'}),
            ('mouse ps2', 'x86_64', {}),
        ):
            found = self.properties(
                ''.join(
                    "<input type='{}' bus='{}'/>".format(*one.split())
                    for one in devices.split(',')
                ),
                arch=arch,
            )
            found.pop('hw_firmware_type', None)
            self.assertEqual(expected, found, devices)

    def test_interfaces_that_differ_have_no_one_model(self) -> None:
        devices = "<interface><model type='{}'/></interface>"
        same = devices.format('e1000') * 2
        self.assertEqual('e1000', self.properties(same)['hw_vif_model'])
        self.assertNotIn(
            'hw_vif_model',
            self.properties(same + devices.format('virtio')),
        )

    def test_what_nova_has_no_word_for_is_left_out(self) -> None:
        devices = (
            "<interface><model type='virtio-transitional'/></interface>"
            "<video><model type='ramfb'/></video>"
            "<controller type='scsi' model='lsi-new'/>"
            "<watchdog model='itco' action='reset'/>"
        )
        self.assertEqual(
            {'hw_firmware_type': 'bios'}, self.properties(devices)
        )

    def test_a_socket_for_each_vcpu_is_what_nova_does_anyway(self) -> None:
        rest = "<cpu><topology sockets='8' cores='1' threads='1'/></cpu>"
        self.assertNotIn('hw_cpu_sockets', self.properties(rest=rest))

    def test_a_clock_of_local_time_is_a_windows_guests(self) -> None:
        for clock in (
            "<clock offset='localtime'/>",
            "<clock offset='variable' basis='localtime' adjustment='5'/>",
        ):
            self.assertEqual('windows', self.properties(rest=clock)['os_type'])
        rest = "<clock offset='utc'/>"
        self.assertNotIn('os_type', self.properties(rest=rest))


class UnusableTest(CaptureTestCase):
    def test_a_domain_without_an_id_is_told(self) -> None:
        for uuid in ('', '<uuid/>', '<uuid>x</uuid>'):
            text = domain().replace(f'<uuid>{server_id(1)}</uuid>', uuid)
            (problem,) = self.problems(text)
            self.assertIn('instance-00000001: expected a UUID', problem)

    def test_a_domain_without_a_machine_type_is_told(self) -> None:
        for machine in ('', 'x y', 'none'):
            (problem,) = self.problems(domain(machine=machine))
            self.assertIn(server_id(1), problem)
            self.assertIn('expected a machine type', problem)
        (problem,) = self.problems(
            f'<domain><uuid>{server_id(1)}</uuid></domain>'
        )
        self.assertIn('expected a machine type', problem)
