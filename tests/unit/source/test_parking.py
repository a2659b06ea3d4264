# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import yaml

from osc_hwmt.exceptions import ManifestError
from osc_hwmt.manifest.change import Edited
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.source.parking import Parking, carried_out
from tests.unit.support import cases
from tests.unit.support.fakes import PC, manifest_text, resource, source_volume

KEY = 'hw_machine_type'
METADATA = 'volume_image_metadata'
PARKED = 'volume_image_metadata_parked'
PATH = 'workloads.yml'


def _done(text: str, asked: Parking) -> Edited:
    return carried_out(asked, text, PATH)


def _params(text: str, number: int = 0) -> dict[str, Any]:
    (server,) = yaml.safe_load(text)['resources']
    found: dict[str, Any] = server['params']['volumes'][number]['params']
    return found


class ParkTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.text = manifest_text(
            resource(
                params={'volumes': [source_volume(machine_type=PC)]},
            )
        )

    def entry(self, text: str) -> Entry:
        (entry,) = read_manifest(text, PATH).entries
        return entry

    def test_null_takes_its_place_and_it_is_kept(self) -> None:
        parked = _done(self.text, Parking.PARK).text
        self.assertEqual(
            {**_params(self.text), METADATA: None, PARKED: {KEY: PC}},
            _params(parked),
        )

    def test_what_is_parked_still_counts(self) -> None:
        before = self.entry(self.text)
        after = self.entry(_done(self.text, Parking.PARK).text)
        self.assertEqual(PC, after.wanted.value)
        self.assertEqual(
            (('source-volume-1',), False, (), True),
            (
                before.trapped_volumes,
                before.has_parked,
                after.trapped_volumes,
                after.has_parked,
            ),
        )

    def test_doing_it_twice_changes_nothing_more(self) -> None:
        parked = _done(self.text, Parking.PARK).text
        self.assertEqual(parked, _done(parked, Parking.PARK).text)
        self.assertEqual(self.text, _done(self.text, Parking.PUT_BACK).text)

    def test_it_comes_back_to_the_byte(self) -> None:
        for indent in (2, 4):
            text = manifest_text(
                resource(params={'volumes': [source_volume(machine_type=PC)]}),
                indent=indent,
            )
            for written in (text, text.replace('\n', '\r\n')):
                parked = _done(written, Parking.PARK).text
                self.assertNotEqual(written, parked)
                self.assertEqual(written, _done(parked, Parking.PUT_BACK).text)

    def test_comments_and_edits_within_stay(self) -> None:
        text = self.text.replace(
            f'{METADATA}:\n', f'{METADATA}:  # of the image\n          # c\n'
        )
        parked = _done(text, Parking.PARK).text
        self.assertIn(f'{PARKED}:  # of the image\n', parked)
        edited = parked.replace(f'{KEY}: {PC}', f'{KEY}: q35 # mine')
        self.assertEqual(
            text.replace(f'{KEY}: {PC}', f'{KEY}: q35 # mine'),
            _done(edited, Parking.PUT_BACK).text,
        )

    def test_one_place_has_to_be_empty(self) -> None:
        parked = _done(self.text, Parking.PARK).text
        both = parked.replace(f'{METADATA}: null', f'{METADATA}: {{a: b}}')
        error = self.assertRaises(ManifestError, read_manifest, both, PATH)
        self.assertIn('which of the two counts', str(error))

    def test_os_migrates_own_file_comes_back_to_the_byte(self) -> None:
        text = cases.real_workloads()
        edited = _done(text, Parking.PARK)
        self.assertEqual(3, len(edited.touched))
        self.assertEqual(text, _done(edited.text, Parking.PUT_BACK).text)
