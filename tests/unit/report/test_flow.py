# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses

from osc_hwmt.destination import verify
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import (
    LeftToDestination,
    Set,
    Step,
    Unchanged,
    Undecided,
)
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.manifest.entry import Intent, Wanted
from osc_hwmt.model.changes import Change as Written
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.report import flow
from osc_hwmt.report.flow import Change, Stop, Way
from osc_hwmt.report.verdict import verdicts
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC, Q35, entry, volume

KEPT, CHANGED, UNDECIDED, DIFFERS = Change
DEFAULT = Stop("the destination's default")


def _way(step: Step) -> Way:
    (way,) = flow.ways(verdicts(verify.findings([step], 'apply')))
    return way


def _of(value: str | None) -> Stop:
    return Stop(value, True) if value else Stop('not set')


class WaysTest(cases.TestCase):
    def test_a_machine_type_that_arrives_is_kept(self) -> None:
        way = _way(
            Unchanged(
                entry(recorded=fakes.recorded(PC)),
                volume(image_metadata={MACHINE_TYPE: PC}),
            )
        )
        self.assertEqual(Way((_of(PC),) * 3, (KEPT, KEPT)), way)

    def test_what_an_operator_changed_is_changed(self) -> None:
        way = _way(
            Unchanged(
                entry(wanted=Wanted.of(Q35), recorded=fakes.recorded(PC)),
                volume(image_metadata={MACHINE_TYPE: Q35}),
            )
        )
        self.assertEqual(
            Way((_of(PC), _of(Q35), _of(Q35)), (CHANGED, KEPT)), way
        )

    def test_a_volume_with_something_else_differs(self) -> None:
        for now in (Q35, None):
            way = _way(
                Set(
                    entry(recorded=fakes.recorded(PC)),
                    Match(
                        volume(
                            image_metadata={MACHINE_TYPE: now} if now else {}
                        ),
                        Rule.NAME,
                        None,
                    ),
                    (Written(MACHINE_TYPE, now, PC),),
                )
            )
            self.assertEqual(
                Way((_of(PC), _of(PC), _of(now)), (KEPT, DIFFERS)), way
            )

    def test_a_volume_that_is_not_found_is_told_by_its_code(self) -> None:
        way = _way(Refused(entry(), Refusal.VOLUME_NOT_FOUND, 'why', 'do'))
        self.assertEqual(
            (Stop('not exported'), _of(PC), Stop('volume-not-found')),
            way.stops,
        )
        self.assertIs(DIFFERS, way.changes[1])

    def test_what_is_left_to_the_destination_changes_nothing(self) -> None:
        chosen = fakes.recorded(None, left_to_destination=True)
        way = _way(
            LeftToDestination(entry(wanted=Wanted.of(None), recorded=chosen))
        )
        self.assertEqual(
            Way((Stop('nothing recorded'), DEFAULT, DEFAULT), (KEPT, KEPT)),
            way,
        )

    def test_what_is_undecided_shows_where_it_goes(self) -> None:
        one = fakes.undecided()
        for default, last in (
            ('q35', Stop(DEFAULT.label, machine_type='q35')),
            (None, DEFAULT),
        ):
            self.assertEqual(
                Way(
                    (Stop('presumably i440fx'), Stop('undecided'), last),
                    (UNDECIDED, UNDECIDED),
                ),
                _way(Undecided(one, default=default)),
            )
        self.assertEqual(
            ("the destination's default (q35)", 'q35'),
            (
                Stop(DEFAULT.label, machine_type='q35').text,
                Stop(DEFAULT.label, machine_type='q35').family,
            ),
        )

    def test_a_machine_type_that_is_removed_is_the_default(self) -> None:
        way = _way(
            Unchanged(
                entry(wanted=Wanted.of(''), recorded=fakes.recorded(PC)),
                volume(),
            )
        )
        self.assertEqual(
            Way((_of(PC), DEFAULT, DEFAULT), (CHANGED, KEPT)), way
        )

    def test_what_could_not_be_read_is_unknown(self) -> None:
        unread = dataclasses.replace(fakes.recorded(None), unknown='why')
        self.assertEqual(
            Stop('unknown'),
            _way(LeftToDestination(entry(recorded=unread))).stops[0],
        )

    def test_servers_that_go_the_same_way_are_counted(self) -> None:
        steps = [
            LeftToDestination(entry(name, name, Wanted.of(None)))
            for name in ('a', 'b')
        ]
        found = flow.ways(verdicts(verify.findings(steps, 'apply')))
        self.assertEqual([2], list(found.values()))

    def test_a_difference_of_other_hardware_is_none_of_machine_types(
        self,
    ) -> None:
        way = _way(
            Set(
                entry(
                    properties={'hw_firmware_type': 'uefi'},
                    recorded=fakes.recorded(PC),
                ),
                Match(
                    volume(image_metadata={MACHINE_TYPE: PC}), Rule.NAME, None
                ),
                (Written('hw_firmware_type', None, 'uefi'),),
            )
        )
        self.assertEqual((KEPT, KEPT), way.changes)

    def test_what_the_manifest_does_not_say_is_no_change(self) -> None:
        missing = Wanted(Intent.MISSING)
        way = _way(
            Refused(
                entry(wanted=missing, recorded=fakes.recorded(PC)),
                Refusal.MACHINE_TYPE_MISSING,
                'why',
                'do',
            )
        )
        self.assertEqual(
            (Stop('missing'), (KEPT, DIFFERS)), (way.stops[1], way.changes)
        )
