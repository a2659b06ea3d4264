# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.manifest.entry import Intent, Wanted
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.model.evidence import Evidence
from tests.unit.support.fakes import (
    PC,
    Q35,
    facts,
    manifest_text,
    resource,
    source_volume,
)
from tests.unit.support.reading import (
    KEY,
    PATH,
    ManifestTestCase,
    by_hand,
    entry_of,
)


class WantedTest(ManifestTestCase):
    def test_a_machine_type_null_and_nothing_are_three_wishes(self) -> None:
        for written, wanted in (
            ({KEY: PC}, Wanted(Intent.SET, PC)),
            # A type that nobody knows is carried as it is.
            ({KEY: 'x'}, Wanted(Intent.SET, 'x')),
            ({KEY: None}, Wanted(Intent.LEAVE)),
            ({KEY: ''}, Wanted(Intent.REMOVE)),
            ({}, Wanted(Intent.MISSING)),
        ):
            self.assertEqual(wanted, entry_of(params=written).wanted)

    def test_the_volumes_own_word_counts_where_ours_is_missing(self) -> None:
        params = {'volumes': [source_volume(machine_type=Q35)]}
        for info, wanted in (
            ({KEY: facts(PC)}, Wanted(Intent.SET, Q35)),
            # os-migrate exported it again: what was wanted is not known.
            ({}, Wanted(Intent.MISSING)),
        ):
            entry = entry_of(params=params, info=info)
            self.assertEqual(wanted, entry.wanted)
            self.assertEqual(not info, entry.lacks_machine_type)

    def test_an_edit_in_either_place_wins_over_what_is_untouched(
        self,
    ) -> None:
        for here, there, wanted in (
            (Q35, PC, Wanted(Intent.SET, Q35)),
            ('null', PC, Wanted(Intent.LEAVE)),
            (PC, Q35, Wanted(Intent.SET, Q35)),
            (PC, "''", Wanted(Intent.REMOVE)),
            # Two edits that agree are one.
            (Q35, Q35, Wanted(Intent.SET, Q35)),
        ):
            manifest = read_manifest(by_hand(here, there, PC), PATH)
            self.assertEqual(wanted, manifest.entries[0].wanted, (here, there))

    def test_an_edit_where_the_volume_had_nothing_counts(self) -> None:
        entry = entry_of(
            params={
                KEY: None,
                'volumes': [source_volume(machine_type=Q35)],
            },
            info={KEY: facts(None, 'none')},
        )
        self.assertEqual(Wanted(Intent.SET, Q35), entry.wanted)

    def test_what_a_stronger_source_contradicted_is_no_edit(self) -> None:
        entry = entry_of(
            params={KEY: PC, 'volumes': [source_volume(machine_type=Q35)]},
            info={
                KEY: facts(
                    PC,
                    'libvirt-domain',
                    contradicted_by=[
                        {'evidence': 'volume-image-metadata', 'value': Q35}
                    ],
                )
            },
        )
        self.assertEqual(Wanted(Intent.SET, PC), entry.wanted)

    def test_two_edits_that_differ_are_refused_with_both_lines(self) -> None:
        for here, there in ((Q35, 'virt'), ('null', Q35), ("''", Q35)):
            problem = self.problem(by_hand(here, there, PC))
            self.assertEqual(
                (5, 1),
                (problem.line, problem.column),
                'where our own key stands',
            )
            self.assertIn('line 9', problem.text)
            self.assertIn('web', problem.text)
            self.assertIn(there, problem.text)

    def test_a_data_volumes_word_means_nothing(self) -> None:
        entry = entry_of(
            params={
                'volumes': [
                    source_volume('a'),
                    source_volume('b', machine_type=Q35, bootable=False),
                ]
            }
        )
        self.assertEqual(Wanted(Intent.MISSING), entry.wanted)


class OtherHardwareTest(ManifestTestCase):
    """Every property of hardware is read like the machine type."""

    BUS = 'hw_disk_bus'

    def test_each_property_that_is_written_is_a_wish(self) -> None:
        entry = entry_of(
            params={KEY: PC, self.BUS: 'scsi', 'os_type': None, 'hw_pmu': ''}
        )
        self.assertEqual(
            {
                KEY: Wanted(Intent.SET, PC),
                self.BUS: Wanted(Intent.SET, 'scsi'),
                'os_type': Wanted(Intent.LEAVE),
                'hw_pmu': Wanted(Intent.REMOVE),
            },
            dict(entry.wanted_properties),
        )

    def test_what_is_not_written_is_not_asked_for(self) -> None:
        volume = source_volume(machine_type=PC)
        volume['params']['volume_image_metadata'][self.BUS] = 'scsi'
        entry = entry_of(params={'volumes': [volume]}, info={KEY: facts()})
        self.assertEqual([KEY], list(entry.wanted_properties))

    def test_facts_are_recorded_by_property(self) -> None:
        entry = entry_of(
            info={KEY: facts(), self.BUS: facts('ide', 'libvirt-domain')}
        )
        assert entry.recorded is not None
        found = entry.recorded.of(self.BUS)
        assert found is not None
        self.assertEqual(
            ('ide', Evidence.LIBVIRT_DOMAIN), (found.value, found.evidence)
        )
        self.assertIsNone(entry.recorded.of('os_type'))

    def edited(self, bus: str) -> str:
        """Return a manifest with that bus, and another on the volume."""
        volume = source_volume(machine_type=PC)
        volume['params']['volume_image_metadata'][self.BUS] = 'scsi'
        return manifest_text(
            resource(
                params={KEY: PC, self.BUS: bus, 'volumes': [volume]},
                info={KEY: facts(), self.BUS: facts('ide')},
            )
        )

    def test_an_edit_on_the_volume_counts_where_the_key_is_asked_for(
        self,
    ) -> None:
        (entry,) = read_manifest(self.edited('ide'), PATH).entries
        self.assertEqual('scsi', entry.wanted_properties[self.BUS].value)

    def test_two_edits_that_differ_name_the_property(self) -> None:
        problem = self.problem(self.edited('sata'))
        self.assertIn('params.hw_disk_bus is sata', problem.text)
        self.assertIn('has scsi', problem.text)

    def test_yaml_values_are_taken_as_they_are_written(self) -> None:
        text = by_hand(
            f'{PC}\n    hw_pmu: yes\n    hw_tpm_version: 2.0', 'null', PC
        )
        wanted = read_manifest(text, PATH).entries[0].wanted_properties
        self.assertEqual(
            ('yes', '2.0'),
            (wanted['hw_pmu'].value, wanted['hw_tpm_version'].value),
        )
