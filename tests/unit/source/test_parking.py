# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import yaml

from osc_hwmt.exceptions import ManifestError
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.source.parking import parked
from tests.unit.support import cases
from tests.unit.support.fakes import PC, manifest_text, resource, source_volume

KEY = 'hw_machine_type'
METADATA = 'volume_image_metadata'
PARKED = 'volume_image_metadata_parked'
PATH = 'workloads.yml'


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

    def test_null_takes_its_place_and_it_is_kept(self) -> None:
        for end in ('\n', '\r\n'):
            text = self.text.replace('\n', end)
            after = parked(text, PATH).text
            self.assertEqual(
                {**_params(text), METADATA: None, PARKED: {KEY: PC}},
                _params(after),
            )
            self.assertEqual(after, parked(after, PATH).text)

    def test_what_is_parked_is_out_of_the_way_and_still_counts(self) -> None:
        for text, trapped in (
            (self.text, ('source-volume-1',)),
            (parked(self.text, PATH).text, ()),
        ):
            (entry,) = read_manifest(text, PATH).entries
            self.assertEqual(trapped, entry.trapped_volumes)
            assert entry.boot_volume is not None
            self.assertEqual(PC, entry.boot_volume.said[KEY].value)

    def test_comments_stay(self) -> None:
        text = self.text.replace(
            f'{METADATA}:\n', f'{METADATA}:  # of the image\n          # c\n'
        )
        self.assertIn(
            f'{PARKED}:  # of the image\n          # c\n',
            parked(text, PATH).text,
        )

    def test_metadata_beside_parked_metadata_is_refused(self) -> None:
        after = parked(self.text, PATH).text
        both = after.replace(f'{METADATA}: null', f'{METADATA}: {{a: b}}')
        error = self.assertRaises(ManifestError, read_manifest, both, PATH)
        (problem,) = error.problems
        self.assertIn(
            f'): {PARKED}: expected volume_image_metadata to be null',
            problem.text,
        )

    def test_os_migrates_own_file_has_three_that_trip_it(self) -> None:
        edited = parked(cases.real_workloads(), PATH)
        self.assertEqual(3, len(edited.touched))
