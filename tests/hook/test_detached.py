# SPDX-License-Identifier: Apache-2.0

"""Volumes that no server has, and their own import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.functional.destination import MACHINE_TYPE
from tests.hook.importing import PC, ImportTest, Played, detached


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

    def imported(self, words: Sequence[str] = (), **options: Any) -> Played:
        """Return what a play says that imports the volumes."""
        playbook = 'osc_hwmt.machine_type.import_detached_volumes'
        return self.play(*words, playbook=playbook, **options)

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

    def test_without_cinder_none_is_even_exported(self) -> None:
        played = self.imported(clouds_file=self.without_cinder(), code=2)
        self.assertIn('cloud dst: cannot', played.all)
        self.assertNotIn('[Make them at the destination]', played.out)
        self.assertEqual({}, self.machine_types())

    def test_nor_without_a_manifest(self) -> None:
        played = self.imported(manifest='/nowhere.yml', code=2)
        self.assertIn('no manifest at /nowhere.yml', played.all)
        self.assertEqual({}, self.machine_types())

    def test_a_volume_that_fails_is_kept_and_the_source_cleaned_up(
        self,
    ) -> None:
        # Whether or not a task comes after that, in which the play can fail.
        for words, code in (((), 2), (('--skip-tags', 'after'), 1)):
            with self.subTest(code):
                self.destination.empty()
                journals = self.home / f'journals-{code}'
                journals.mkdir()
                played = self.imported(
                    words=('-e', f'meanwhile="rmdir {journals}"', *words),
                    journal_directory=str(journals),
                    retry_minutes='0',
                    code=code,
                )
                self.assertRegex(
                    played.out, r'Clean up at the source\] \*+\nchanged'
                )
                self.assertIn(
                    'the volumes are kept: run apply once this is fixed',
                    played.all,
                )
                self.assertNotIn('2 volumes', played.out)
                self.assertEqual({'kept', 'plain'}, set(self.machine_types()))
