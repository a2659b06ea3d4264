# SPDX-License-Identifier: Apache-2.0

"""Volumes that no server has, and their own import."""

from __future__ import annotations

from typing import Any

from tests.functional.destination import MACHINE_TYPE
from tests.hook.importing import HERE, PC, ImportTest, Played, detached


class DetachedTest(ImportTest):
    """Volumes that no server has."""

    def setUp(self) -> None:
        super().setUp()
        self.write(
            self.data / 'detached_volumes.yml',
            {
                'os_migrate_version': '1.0.5',
                'resources': [detached('kept', PC), detached('plain', None)],
            },
        )

    def imported(self, **options: Any) -> Played:
        """Return what a play says that imports the volumes."""
        return self.play(playbook=HERE / 'import_detached.yml', **options)

    def machine_types(self) -> dict[str, str | None]:
        """Return what the volumes have, by name."""
        return {
            volume['name']: volume.get('volume_image_metadata', {}).get(
                MACHINE_TYPE
            )
            for volume in self.destination.listed('volumev3', 'volumes')
        }

    def test_each_gets_what_their_own_file_says(self) -> None:
        played = self.imported()
        self.assertEqual({'kept': PC, 'plain': None}, self.machine_types())
        self.assertIn('detached_volumes.yml: 1 volume: 1 set', played.all)

    def test_where_that_fails_the_play_stops(self) -> None:
        played = self.imported(clouds_file=self.without_cinder(), code=2)
        self.assertIn('cloud dst: cannot', played.all)
        self.assertNotIn('2 volumes', played.out)
