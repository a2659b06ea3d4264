# SPDX-License-Identifier: Apache-2.0

"""A server that moves boots on the chipset that its manifest says."""

from __future__ import annotations

from tests.boot.base import I440FX, NAME, RHEL, BootTest, Legacy
from tests.clouds.seeder import SeedError

legacy: Legacy


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
        row = self.exported('--default-machine-type', I440FX).rows[0]
        self.assertEqual(I440FX, row['Wanted'])
        self.on_destination('apply', '--auto-approve')

        server = self.site.build(NAME, volume)
        greeting = self.site.greeting(server, boots=2)
        self.assertEqual(('i440FX', '0x1237'), (greeting.chipset, greeting.id))
        self.assertEqual(I440FX, self.site.machine_type(server))
        self.on_destination('verify')

    def test_a_server_gets_the_chipset_that_a_human_wrote(self) -> None:
        volume = self.copied_volume(legacy)
        self.exported('--default-machine-type', I440FX)
        self.edit('q35')
        self.on_destination('apply', '--auto-approve')

        server = self.site.build(NAME, volume)
        greeting = self.site.greeting(server, boots=2)
        self.assertEqual(('Q35', '0x29c0'), (greeting.chipset, greeting.id))
        self.assertRegex(self.site.machine_type(server), '^pc-q35-')

    def test_a_server_nobody_spoke_of_gets_the_destinations(self) -> None:
        volume = self.copied_volume(legacy)
        self.exported()
        applied = self.on_destination('apply', '--auto-approve')
        self.assertEqual('left to the destination', applied.rows[0]['Result'])

        server = self.site.build(NAME, volume)
        self.assertEqual('Q35', self.site.greeting(server, boots=2).chipset)
        self.assertRegex(self.site.machine_type(server), '^pc-q35-')
        self.on_destination('verify')


class RefusedTest(BootTest):
    """What Nova's compute does not build, and how it says so."""

    def test_a_type_that_no_compute_has(self) -> None:
        volume = self.copied_volume(legacy)
        self.exported('--default-machine-type', RHEL)
        self.on_destination('apply', '--auto-approve')

        error = self.assertRaises(SeedError, self.site.build, NAME, volume)
        self.assertIn('Exceeded maximum number of retries', str(error))

    def test_an_ide_disk_needs_i440fx(self) -> None:
        volume = self.copied_volume(
            legacy, hw_machine_type='pc', hw_disk_bus='ide'
        )
        server = self.site.build(NAME, volume)
        self.assertEqual('i440FX', self.site.greeting(server, None).chipset)

    def test_an_ide_disk_has_no_place_on_q35(self) -> None:
        volume = self.copied_volume(
            legacy, hw_machine_type='q35', hw_disk_bus='ide'
        )
        error = self.assertRaises(SeedError, self.site.build, NAME, volume)
        self.assertIn('Exceeded maximum number of retries', str(error))
