# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from typing import Any

from osc_hwmt.compatibility import concerns
from osc_hwmt.compatibility.computes import NOTHING_KNOWN, Computes
from osc_hwmt.compatibility.hosts import Host, Machine
from osc_hwmt.compatibility.rules.definition import Hardware
from osc_hwmt.compatibility.support import Abilities
from osc_hwmt.destination import planner
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import LeftToDestination, Set, Step, Unchanged
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.manifest.entry import Entry, Wanted
from tests.unit.support import cases
from tests.unit.support.fakes import PC, Q35, entry, image, recorded, volume

KEY = 'hw_machine_type'
COMPUTES = Computes(
    Abilities.of(
        [
            Host(
                'compute-0',
                'a test',
                {'x86_64': {PC: Machine(PC), Q35: Machine(Q35)}},
            )
        ]
    ),
    defaults={'x86_64': Q35},
    pcie_ports=24,
    known_from='a test',
)


def _entry(wanted: str | None, **facts: Any) -> Entry:
    return entry(
        wanted=Wanted.of(wanted),
        recorded=dataclasses.replace(recorded(), **facts),
    )


def _codes(step: Step, computes: Computes = COMPUTES) -> set[str]:
    (judged,) = planner.add_concerns([step], computes)
    return {concern.rule.code for concern in judged.concerns}


class HardwareOfTest(cases.TestCase):
    def hardware(self, one: Entry, **carried: str) -> Hardware:
        return concerns.hardware_of(one, carried, 'q35')

    def test_the_machine_type_is_wanted_or_carried_or_the_default(
        self,
    ) -> None:
        for wanted, carried, machine_type, chosen in (
            (PC, {KEY: Q35}, PC, True),
            (None, {KEY: Q35}, Q35, True),
            (None, {}, 'q35', False),
            ('', {}, 'q35', False),
        ):
            found = self.hardware(_entry(wanted), **carried)
            self.assertEqual(
                (machine_type, chosen), (found.machine_type, found.chosen)
            )

    def test_what_a_manifest_does_not_say_is_not_known(self) -> None:
        hardware = self.hardware(entry(wanted_properties={}, recorded=None))
        self.assertEqual(
            (None, None), (hardware.machine_type, hardware.before)
        )

    def test_wanted_properties_replace_what_the_volume_carries(self) -> None:
        one = entry(properties={'hw_disk_bus': 'sata', 'hw_cdrom_bus': ''})
        hardware = self.hardware(
            one,
            hw_disk_bus='ide',
            hw_cdrom_bus='ide',
            hw_vif_model='e1000',
            image_name='x',
        )
        self.assertEqual(
            {'hw_disk_bus': 'sata', 'hw_vif_model': 'e1000'},
            hardware.properties,
        )

    def test_what_was_found_comes_from_the_manifest(self) -> None:
        hardware = self.hardware(
            _entry(PC, context={'os_type': 'linux'}, vcpus=4, devices=3)
        )
        self.assertEqual(
            (PC, {'os_type': 'linux'}, 4, 3),
            (
                hardware.before,
                hardware.found,
                hardware.vcpus,
                hardware.devices,
            ),
        )


class JudgeTest(cases.TestCase):
    def test_a_type_that_a_host_lacks_is_told_of_every_step(self) -> None:
        one = _entry('pc-i440fx-rhel7.4.0')
        for step in (
            Set(one, Match(volume(), Rule.NAME, None), ()),
            Unchanged(one, volume()),
            Refused(one, Refusal.VOLUME_NOT_FOUND, 'why', 'how'),
        ):
            self.assertIn('unsupported-machine-type', _codes(step))

    def test_what_the_volume_carries_counts(self) -> None:
        one = _entry(Q35, value=Q35)
        ide = volume(image_metadata={'hw_disk_bus': 'ide'})
        for step in (
            Set(one, Match(ide, Rule.NAME, None), ()),
            Unchanged(one, ide),
            Unchanged(one, image(hw_disk_bus='ide')),
        ):
            self.assertEqual({'ide-on-q35'}, _codes(step))

    def test_null_is_judged_by_the_destinations_default(self) -> None:
        self.assertIn(
            'chipset-changes-by-default',
            _codes(LeftToDestination(_entry(None))),
        )
        self.assertEqual(
            set(), _codes(LeftToDestination(_entry(None, value=Q35)))
        )

    def test_where_nothing_is_known_combinations_are_judged(self) -> None:
        one = _entry(Q35, value=Q35)
        ide = volume(image_metadata={'hw_disk_bus': 'ide'})
        self.assertEqual(
            {'ide-on-q35'}, _codes(Unchanged(one, ide), NOTHING_KNOWN)
        )
        self.assertEqual(
            set(), _codes(LeftToDestination(_entry(None)), NOTHING_KNOWN)
        )

    def test_the_architecture_of_the_server_decides(self) -> None:
        arm = 'virt-rhel9.4.0'
        one = _entry(arm, value=arm, architecture='aarch64')
        self.assertEqual({'support-unknown'}, _codes(Unchanged(one, volume())))
