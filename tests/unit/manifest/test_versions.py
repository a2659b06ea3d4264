# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.manifest.entry import Entry, Intent, Wanted
from osc_hwmt.manifest.reading import read_manifest
from tests.unit.support import cases
from tests.unit.support.reading import KEY, PATH


class RealFileTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.manifest = read_manifest(cases.real_workloads(), PATH)
        self.by_name = {one.name: one for one in self.manifest.entries}

    def test_every_server_is_an_entry_in_file_order(self) -> None:
        self.assertEqual(
            [
                'img-backed',
                'nova-unnamed',
                "app 'quoted' ünï",
                'erp-win2012',
                'srv-p311',
            ],
            [one.name for one in self.manifest.entries],
        )

    def test_the_boot_volume_is_told_from_the_data_volume(self) -> None:
        boot = self.by_name['erp-win2012'].boot_volume
        assert boot is not None
        self.assertEqual(
            ('erp-boot', 1, 'pc-i440fx-rhel7.6.0'),
            (boot.name, boot.size, boot.said[KEY].value),
        )

    def test_an_image_backed_server_names_its_image(self) -> None:
        entry = self.by_name['img-backed']
        self.assertTrue(entry.image_backed)
        self.assertEqual('img-p311', entry.image_name)
        self.assertIsNone(entry.boot_volume)
        self.assertFalse(entry.copies_image)

    def test_before_an_export_nothing_is_said_to_be_wanted(self) -> None:
        for entry in self.manifest.entries:
            self.assertEqual(Wanted(Intent.MISSING), entry.wanted)
            self.assertTrue(entry.lacks_machine_type)


class EveryVersionTest(cases.TestCase):
    """Files in the form that each version of os-migrate writes."""

    def entries(self, name: str) -> list[Entry]:
        text = (cases.DATA / f'os-migrate-{name}.yml').read_text('utf-8')
        return list(read_manifest(text, PATH).entries)

    def test_first_ones_have_servers_and_no_volumes(self) -> None:
        for name, names in (
            ('0.3.0-workloads', ['erp-win2012', 'null']),
            ('0.9.0-workloads', ['erp-win2012', 'web-1']),
        ):
            entries = self.entries(name)
            self.assertEqual(names, [one.name for one in entries])
            self.assertEqual({None}, {one.boot_volume for one in entries})
            self.assertEqual(
                {Intent.MISSING}, {one.wanted.intent for one in entries}
            )
        self.assertEqual(
            [(True, None), (False, 'rhel-7.9')],
            [(one.copies_image, one.image_name) for one in entries],
        )

    def test_attached_volumes_came_without_image_metadata(self) -> None:
        (entry,) = self.entries('0.17.0-workloads')
        # Two bootable ones: which is the boot volume is for export to find.
        self.assertIsNone(entry.boot_volume)
        self.assertEqual((), entry.trapped_volumes)
        self.assertFalse(entry.detached)

    def test_detached_volumes_have_a_file_of_their_own(self) -> None:
        root, scratch = self.entries('1.0.2-detached_volumes')
        self.assertEqual(
            [True, True, True, False],
            [
                root.detached,
                scratch.detached,
                root.lacks_machine_type,
                scratch.lacks_machine_type,
            ],
        )
