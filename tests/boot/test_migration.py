# SPDX-License-Identifier: Apache-2.0

"""A server that moves boots on the chipset that its manifest says."""

from __future__ import annotations

from tests.boot.base import I440FX, NAME, RHEL, BootTest, Legacy
from tests.clouds.errors import SeedError

legacy: Legacy
COLLECTED = ('--destination-hosts', 'capabilities.xml')


def setUpModule() -> None:
    """Boot a server on the source, once for all tests of this module."""
    global legacy
    legacy = Legacy.built()


def tearDownModule() -> None:
    """Delete it."""
    legacy.site.seeder.clean()


class MigrationTest(BootTest):
    """The source's default is i440FX, the destination's is Q35."""

    def test_a_server_keeps_the_chipset_that_nothing_recorded(self) -> None:
        self.assertEqual('i440FX', legacy.chipset)
        volume = self.copied_volume(legacy)
        row = self.exported(legacy, '--source-hosts', 'domains').rows[0]
        self.assertEqual('libvirt-domain', row['Evidence'])
        self.assertEqual(I440FX, row['Wanted'])
        self.on_destination('apply', '--auto-approve')

        server = self.site.build(NAME, volume)
        greeting = self.site.greeting(server, boots=2)
        self.assertEqual(('i440FX', '0x1237'), (greeting.chipset, greeting.id))
        self.assertEqual(I440FX, self.site.machine_type(server))
        self.assert_server('server-ok', server)

    def test_a_server_gets_the_chipset_that_a_human_wrote(self) -> None:
        volume = self.copied_volume(legacy)
        self.exported(legacy, '--source-hosts', 'domains')
        self.edit('q35')
        self.on_destination('apply', '--auto-approve')

        server = self.site.build(NAME, volume)
        greeting = self.site.greeting(server, boots=2)
        self.assertEqual(('Q35', '0x29c0'), (greeting.chipset, greeting.id))
        self.assertRegex(self.site.machine_type(server), '^pc-q35-')
        self.assert_server('server-ok', server)

    def test_a_server_nobody_spoke_of_gets_the_destinations(self) -> None:
        volume = self.copied_volume(legacy)
        row = self.exported(legacy).rows[0]
        self.assertEqual(('none', None), (row['Evidence'], row['Wanted']))
        applied = self.on_destination('apply', '--auto-approve')
        self.assertEqual('undecided', applied.rows[0]['Result'])

        server = self.site.build(NAME, volume)
        self.assertEqual('Q35', self.site.greeting(server, boots=2).chipset)
        self.assertRegex(self.site.machine_type(server), '^pc-q35-')
        self.on_destination('verify')

    def test_a_server_that_was_built_too_early_is_found(self) -> None:
        volume = self.copied_volume(legacy)
        server = self.site.build(NAME, volume)
        self.assertEqual('Q35', self.site.greeting(server, boots=2).chipset)

        self.exported(legacy, '--source-hosts', 'domains')
        late = self.on_destination('apply', '--auto-approve', code=1)
        self.assertEqual('too late', late.rows[0]['Result'])
        self.assert_server('server-differs', server, code=3)
        # Without the domain, the journal beside the manifest tells.
        row = self.on_destination('verify', code=3).row(Question='server')
        self.assertEqual('server-differs', row['Finding'], row)
        self.assertIn('(journal)', row['Detail'])

    def assert_server(self, finding: str, server: str, code: int = 0) -> None:
        """Let verify say this of a server whose domain it is given."""
        domains = self.directory / 'destination-domains'
        domains.mkdir()
        domain = self.site.virsh('dumpxml', server)
        (domains / 'legacy.xml').write_text(domain)
        answer = self.on_destination(
            'verify', '--destination-hosts', domains.name, code=code
        )
        row = answer.row(Question='server')
        self.assertEqual(finding, row['Finding'], row)
        self.assertIn(self.site.machine_type(server), row['Detail'])


class RefusedTest(BootTest):
    """What Nova's compute does not build; doc/source/background/later.rst."""

    def setUp(self) -> None:
        super().setUp()
        # As an operator collects it from the destination's computes.
        (self.directory / 'capabilities.xml').write_text(
            self.site.virsh('capabilities')
        )

    def test_a_type_that_no_compute_has(self) -> None:
        volume = self.copied_volume(legacy)
        self.exported(legacy, '--default-machine-type', RHEL)
        self.assert_refused('unsupported-machine-type', volume)

    def test_an_ide_disk_has_no_place_on_q35(self) -> None:
        volume = self.copied_volume(legacy, hw_disk_bus='ide')
        self.exported(legacy, '--default-machine-type', 'q35')
        self.assert_refused('ide-on-q35', volume)

    def test_an_ide_disk_boots_on_i440fx(self) -> None:
        volume = self.copied_volume(legacy, hw_disk_bus='ide')
        self.exported(legacy, '--default-machine-type', 'pc')
        self.on_destination('apply', '--auto-approve', *COLLECTED)
        server = self.site.build(NAME, volume)
        self.assertEqual('i440FX', self.site.greeting(server, None).chipset)

    def test_secure_boot_needs_q35(self) -> None:
        secure = {'hw_firmware_type': 'uefi', 'os_secure_boot': 'required'}
        volume = self.copied_volume(legacy, **secure)
        self.exported(legacy, '--default-machine-type', 'pc')
        self.assert_refused('secure-boot-needs-q35-and-uefi', volume)

    def test_secure_boot_is_there_on_q35(self) -> None:
        secure = {'hw_firmware_type': 'uefi', 'os_secure_boot': 'required'}
        volume = self.copied_volume(legacy, **secure)
        self.exported(legacy, '--default-machine-type', 'q35')
        self.on_destination('apply', '--auto-approve', *COLLECTED)
        # The guest itself needs a BIOS.
        server = self.site.build(NAME, volume)
        self.assertRegex(self.site.machine_type(server), '^pc-q35-')

    def assert_refused(self, finding: str, volume: str) -> None:
        """Let apply and verify refuse before Nova does, and then Nova."""
        refused = self.on_destination(
            'apply', '--auto-approve', *COLLECTED, code=1
        )
        self.assertEqual('refused', refused.rows[0]['Result'])
        self.assertEqual('', self.machine_type_of(volume))
        verified = self.on_destination('verify', *COLLECTED, code=3)
        verified.row(Finding=finding)

        self.on_destination(
            'apply', '--auto-approve', *COLLECTED, '--ignore-unsupported'
        )
        error = self.assertRaises(SeedError, self.site.build, NAME, volume)
        self.assertIn('Exceeded maximum number of retries', str(error))

    def machine_type_of(self, volume: str) -> str:
        """Return what the metadata of a volume says, '' if nothing."""
        shown = self.site.seeder.show_volume(self.site.project, volume)
        metadata = shown.get('volume_image_metadata', {})
        return str(metadata.get('hw_machine_type', ''))
