# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

from osc_hwmt.manifest.entry import Entry
from osc_hwmt.manifest.reading import read_manifest
from tests.unit.support.fakes import (
    PC,
    Q35,
    facts,
    manifest_text,
    source_volume,
)
from tests.unit.support.reading import KEY, ManifestTestCase


class DetachedVolumeTest(ManifestTestCase):
    """os-migrate keeps volumes that no server has in a file of their own."""

    def entry(
        self,
        params: dict[str, Any] | None = None,
        info: dict[str, Any] | None = None,
        **volume: Any,
    ) -> Entry:
        one = source_volume('volume-1', **volume)
        one['params'].update(params or {})
        one['_info'].update(info or {})
        (entry,) = read_manifest(
            manifest_text(one), 'detached_volumes.yml'
        ).entries
        return entry

    def test_a_volume_is_an_entry(self) -> None:
        entry = self.entry({KEY: PC, 'os_type': 'linux'}, name='disk', size=7)
        self.assertEqual(
            (True, 'volume-1', 'disk', PC, 'linux'),
            (
                entry.detached,
                entry.server_id,
                entry.name,
                entry.wanted.value,
                entry.wanted_properties['os_type'].value,
            ),
        )
        assert entry.boot_volume is not None
        self.assertEqual(
            ('disk', 7, True),
            (
                entry.boot_volume.name,
                entry.boot_volume.size,
                entry.boot_volume.bootable,
            ),
        )

    def test_what_its_metadata_has_counts_once_it_was_exported(self) -> None:
        entry = self.entry(machine_type=PC)
        self.assertTrue(entry.lacks_machine_type)
        self.assertFalse(entry.leaves_all)
        entry = self.entry(info={KEY: facts(PC)}, machine_type=PC)
        self.assertEqual(PC, entry.wanted.value)

    def test_an_edit_in_either_place_counts(self) -> None:
        info = {KEY: facts(PC)}
        self.assertEqual(
            Q35, self.entry({KEY: Q35}, info, machine_type=PC).wanted.value
        )
        self.assertEqual(
            Q35, self.entry({KEY: PC}, info, machine_type=Q35).wanted.value
        )

    def test_of_most_nothing_has_to_be_said(self) -> None:
        self.assertFalse(self.entry().lacks_machine_type)
        self.assertTrue(self.entry().leaves_all)
        self.assertTrue(self.entry({KEY: None}).leaves_all)
        self.assertFalse(self.entry({KEY: ''}).leaves_all)
        self.assertFalse(self.entry({'os_type': 'linux'}).leaves_all)

    def test_a_volume_may_have_no_name_but_has_an_id(self) -> None:
        self.assertEqual('', self.entry(name='').name)
        text = manifest_text(source_volume(''))
        self.assertIn('the volume ID in _info.id', self.problem(text).text)

    def test_what_is_wanted_of_a_volume_is_checked(self) -> None:
        one = source_volume('volume-1', machine_type='p c')
        one['params'][KEY] = 7.6
        one['params']['hw_machine_typ'] = PC
        texts = [found.text for found in self.problems(manifest_text(one))]
        self.assertEqual(3, len(texts), texts)
        for text in texts:
            self.assertIn('web-boot (volume-1)', text)

    def test_a_volume_stands_once(self) -> None:
        text = manifest_text(source_volume('a'), source_volume('a', 'other'))
        self.assertIn('volume a is already in', self.problem(text).text)
