# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.model import properties
from tests.unit.support import cases


class NamesTest(cases.TestCase):
    def test_what_nova_reads_of_hardware_may_be_asked_for(self) -> None:
        for key in (
            'hw_machine_type',
            'hw_firmware_type',
            'hw_video_ram',
            'hw_numa_cpus.0',
            'os_type',
        ):
            self.assertIsNone(properties.refusal(key), key)

    def test_an_images_identity_is_refused_as_such(self) -> None:
        for key in (
            'image_id',
            'checksum',
            'img_signature_key_type',
            'signature_verified',
            'cinder_encryption_key_id',
            'owner_specified.openstack.md5',
            'min_disk',
            'hw_ephemeral_encryption_secret_uuid',
        ):
            self.assertTrue(properties.is_identity(key), key)
            self.assertIn('never copied', properties.refusal(key) or '')

    def test_what_is_no_hardware_is_refused(self) -> None:
        for key in ('os_admin_user', 'trait:HW_CPU_X86_VMX', 'hw_x', ''):
            self.assertIn(
                'not a hardware property', properties.refusal(key) or ''
            )

    def test_a_misspelled_key_is_recognised(self) -> None:
        for key, meant in (
            ('hw_frimware_type', 'hw_firmware_type'),
            ('hw_disk_buss', 'hw_disk_bus'),
            ('machine_type', 'hw_machine_type'),
        ):
            self.assertIn(meant, properties.refusal(key) or '')

    def test_no_key_of_os_migrates_own_is_taken_for_ours(self) -> None:
        for key in (
            *('availability_zone', 'config_drive', 'description', 'name'),
            *('disk_config', 'key_name', 'metadata', 'user_data', 'tags'),
            *('scheduler_hints', 'ports', 'flavor_ref', 'floating_ips'),
            *('image_ref', 'security_group_refs', 'volumes', 'volume_type'),
            *('params', '_info', '_migration_params', 'type'),
        ):
            self.assertIsNone(properties.nearest(key), key)
            self.assertFalse(properties.is_identity(key), key)

    def test_what_is_shipped_is_hardware(self) -> None:
        for key in properties.SHIPPED:
            self.assertTrue(properties.is_property(key), key)
            self.assertFalse(properties.is_identity(key), key)
        self.assertNotIn('hw_machine_type', properties.SHIPPED)


class ValuesTest(cases.TestCase):
    def test_values_that_nova_takes_are_taken(self) -> None:
        for key, value in (
            ('hw_firmware_type', 'uefi'),
            ('hw_video_model', 'none'),
            ('hw_scsi_model', 'LSILogic'),
            ('os_type', 'Windows'),
            ('hw_qemu_guest_agent', 'Yes'),
            ('hw_video_ram', '64'),
            ('hw_tpm_version', '2.0'),
            ('os_distro', 'rhel'),
            ('hw_numa_cpus.0', '0-3'),
            ('hw_machine_type', 'pc-q35-rhel9.4.0'),
        ):
            self.assertIsNone(properties.expected(key, value), key)

    def test_other_values_are_answered_with_the_legal_ones(self) -> None:
        for key, value, legal in (
            ('hw_firmware_type', 'efi', 'one of bios, uefi'),
            ('hw_firmware_type', 'UEFI', 'one of bios, uefi'),
            ('hw_qemu_guest_agent', 'maybe', 'true or false'),
            ('hw_video_ram', '64M', 'a whole number'),
            ('os_distro', 'a\x1b', '1 to 255 printable characters'),
            ('hw_machine_type', 'x86_64=pc', 'a machine type such as'),
        ):
            self.assertIn(legal, properties.expected(key, value) or '', key)
