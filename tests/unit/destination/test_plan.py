# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from osc_hwmt.destination import plan, undecided
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import (
    LeftToDestination,
    Set,
    Unchanged,
    Undecided,
)
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.manifest.entry import Entry, Intent, Wanted
from osc_hwmt.model.changes import Change
from osc_hwmt.model.inventory import Inventory
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC, Q35, entry, image, server, volume
from tests.unit.support.planning import PlanTestCase, built, step_of

KEY = 'hw_machine_type'
HERE = (fakes.OWN.name, fakes.OWN.domain_name)


class StatusTest(PlanTestCase):
    """Where a volume's status says more than its metadata."""

    def test_a_volume_in_error_or_going_is_neither_set_nor_well(self) -> None:
        for status in (
            *('error', 'deleting', 'unmanaging', 'error_deleting'),
            *('error_managing', 'error_restoring', 'error_extending'),
            'error_backing-up',
        ):
            for now in ({}, {KEY: PC}):
                one = volume(image_metadata=now, status=status)
                refused = self.refused(
                    Refusal.VOLUME_UNUSABLE,
                    entry(),
                    fakes.holding(volumes=[one]),
                )
                self.assertIn(f'in status {status}', refused.reason)
                self.assertEqual((one,), refused.candidates)

    def test_a_broken_volume_that_was_named_is_refused_as_well(self) -> None:
        cloud = fakes.holding(volumes=[volume(status='error')])
        self.refused(
            Refusal.VOLUME_UNUSABLE,
            entry(destination_volume_id='volume-1'),
            cloud,
        )

    def test_a_broken_volume_of_a_server_that_exists_is_refused_as_well(
        self,
    ) -> None:
        broken = volume(attached_to='server-1', status='error_deleting')
        cloud = fakes.holding(servers=[server()], volumes=[broken])
        refused = self.refused(Refusal.VOLUME_UNUSABLE, entry(), cloud)
        self.assertIn('server server-1 has volume volume-1', refused.reason)

    def test_the_remedy_does_not_set_free_what_goes(self) -> None:
        for status, said in (('error', '--state available'), ('deleting', '')):
            cloud = fakes.holding(volumes=[volume(status=status)])
            refused = self.refused(Refusal.VOLUME_UNUSABLE, entry(), cloud)
            self.assertEqual(bool(said), '--state' in refused.remedy)
            self.assertIn('copy the data again', refused.remedy)

    def test_what_is_still_filled_is_to_be_set_but_not_well(self) -> None:
        for status in ('creating', 'downloading', 'restoring-backup'):
            self.expect(
                Set,
                step_of(
                    entry(), fakes.holding(volumes=[volume(status=status)])
                ),
            )
            well = volume(image_metadata={KEY: PC}, status=status)
            refused = self.refused(
                Refusal.VOLUME_NOT_READY,
                entry(),
                fakes.holding(volumes=[well]),
            )
            self.assertIn(f'still in status {status}', refused.reason)

    def test_any_other_status_changes_nothing(self) -> None:
        for status in ('reserved', 'uploading', 'maintenance', 'backing-up'):
            for now, kind in (({}, Set), ({KEY: PC}, Unchanged)):
                one = volume(image_metadata=now, status=status)
                step = step_of(entry(), fakes.holding(volumes=[one]))
                self.assertIsInstance(step, kind, status)


class SetTest(PlanTestCase):
    def test_a_volume_without_a_machine_type_gets_it(self) -> None:
        self.assertEqual((Change(KEY, None, PC),), self.changes(entry()))

    def test_another_machine_type_is_replaced(self) -> None:
        self.assertEqual(
            (Change(KEY, Q35, PC),),
            self.changes(entry(), hw_machine_type=Q35),
        )

    def test_other_keys_are_not_touched(self) -> None:
        changes = self.changes(entry(), os_type='windows', hw_disk_bus='ide')
        self.assertEqual([KEY], [change.key for change in changes])

    def test_an_empty_wish_removes(self) -> None:
        removing = entry(wanted=Wanted(Intent.REMOVE))
        self.assertEqual(
            (Change(KEY, Q35, None),),
            self.changes(removing, hw_machine_type=Q35),
        )

    def test_a_server_that_exists_makes_it_too_late(self) -> None:
        cloud = fakes.holding(
            servers=[server()], volumes=[volume(attached_to='server-1')]
        )
        self.assertTrue(self.expect(Set, step_of(entry(), cloud)).too_late)

    def test_a_server_that_read_what_is_wanted_is_in_time(self) -> None:
        step = Set(
            entry(),
            Match(volume(), Rule.NAME, server()),
            (Change('hw_machine_type', Q35, PC),),
        )
        for read, late in (
            ({'hw_machine_type': PC}, False),
            ({'hw_machine_type': Q35}, True),
            ({}, True),
        ):
            self.assertEqual(
                late, dataclasses.replace(step, read=read).too_late, read
            )

    def test_what_is_right_now_may_have_come_too_late(self) -> None:
        step = Unchanged(entry(), volume(), server=server())
        for read, late in (
            ({'hw_machine_type': PC}, False),
            ({'hw_machine_type': None}, True),
            ({}, False),
        ):
            self.assertEqual(
                late, dataclasses.replace(step, read=read).too_late, read
            )

    def test_each_property_that_is_wanted_counts(self) -> None:
        one = entry(properties={'hw_disk_bus': 'scsi', 'hw_pmu': None})
        read: dict[str, str | None] = {'hw_machine_type': PC}
        self.assertIsNone(plan.is_as_wanted(one, read))
        self.assertTrue(
            plan.is_as_wanted(one, {**read, 'hw_disk_bus': 'scsi'})
        )
        self.assertFalse(plan.is_as_wanted(one, {'hw_disk_bus': None}))

    def test_without_a_server_it_is_in_time(self) -> None:
        cloud = fakes.holding(volumes=[volume()])
        self.assertFalse(self.expect(Set, step_of(entry(), cloud)).too_late)


class SeveralPropertiesTest(PlanTestCase):
    def test_properties_are_one_step_the_machine_type_first(
        self,
    ) -> None:
        one = entry(
            properties={
                'hw_disk_bus': 'scsi',
                'hw_firmware_type': 'uefi',
                'os_type': '',
                'hw_pmu': None,
            }
        )
        self.assertEqual(
            (
                Change(KEY, None, PC),
                Change('hw_disk_bus', 'ide', 'scsi'),
                Change('os_type', 'linux', None),
            ),
            self.changes(
                one,
                hw_disk_bus='ide',
                hw_firmware_type='uefi',
                os_type='linux',
                hw_pmu='true',
            ),
        )

    def test_a_property_that_differs_is_enough(self) -> None:
        one = entry(properties={'os_type': 'linux'})
        self.assertEqual(
            (Change('os_type', None, 'linux'),),
            self.changes(one, hw_machine_type=PC),
        )

    def test_a_machine_type_that_is_left_does_not_leave_the_rest(self) -> None:
        one = entry(
            wanted=Wanted(Intent.LEAVE), properties={'os_type': 'linux'}
        )
        self.assertEqual(
            (Change('os_type', None, 'linux'),),
            self.changes(one, hw_machine_type=Q35),
        )

    def test_all_that_is_left_needs_no_volume(self) -> None:
        one = entry(wanted=Wanted(Intent.LEAVE), properties={'os_type': None})
        self.assertEqual(LeftToDestination(one), step_of(one, fakes.holding()))

    def test_an_image_needs_all_of_them(self) -> None:
        one = entry(
            image_name='rhel',
            boot_volume=None,
            properties={'os_type': 'linux', 'hw_disk_bus': ''},
        )
        cloud = fakes.holding(
            images=[image(hw_machine_type=PC, hw_disk_bus='ide')]
        )
        step = self.refused(Refusal.ON_IMAGE, one, cloud)
        self.assertEqual(
            'openstack image set --property os_type=linux image-1 && '
            'openstack image unset --property hw_disk_bus image-1',
            step.remedy,
        )
        as_wanted = fakes.holding(
            images=[image(hw_machine_type=PC, os_type='linux')]
        )
        self.expect(Unchanged, step_of(one, as_wanted))


class NothingToDoTest(PlanTestCase):
    def test_what_is_there_already_is_unchanged(self) -> None:
        cloud = fakes.holding(volumes=[volume(image_metadata={KEY: PC})])
        step = self.expect(Unchanged, step_of(entry(), cloud))
        self.assertEqual('volume-1', step.holder.id)

    def test_what_is_absent_already_needs_no_removal(self) -> None:
        cloud = fakes.holding(volumes=[volume(image_metadata={'a': 'b'})])
        self.assertIsInstance(
            step_of(entry(wanted=Wanted(Intent.REMOVE)), cloud), Unchanged
        )

    def test_null_leaves_it_to_the_destination(self) -> None:
        cloud = fakes.holding(volumes=[volume(image_metadata={KEY: Q35})])
        one = entry(wanted=Wanted(Intent.LEAVE))
        self.assertEqual(LeftToDestination(one), step_of(one, cloud))

    def test_null_needs_no_volume(self) -> None:
        one = entry(wanted=Wanted(Intent.LEAVE))
        self.assertEqual({}, plan.match_all([one], fakes.holding(), {}))
        self.assertEqual(LeftToDestination(one), step_of(one, fakes.holding()))


class UndecidedTest(PlanTestCase):
    def test_a_null_that_nobody_chose_is_undecided(self) -> None:
        one = fakes.undecided()
        self.assertEqual(Undecided(one), step_of(one, fakes.holding()))
        on_image = fakes.undecided(image_name='rhel', boot_volume=None)
        self.assertIsInstance(step_of(on_image, fakes.holding()), Undecided)

    def test_other_null_is_left_to_the_destination(self) -> None:
        for differing in (
            {'recorded': fakes.recorded(None, left_to_destination=True)},
            {'recorded': fakes.recorded(PC)},
            {'recorded': fakes.recorded(None, unknown=True)},
            {'recorded': None},
            {'detached': True},
        ):
            one = fakes.undecided(**differing)
            self.assertEqual(
                LeftToDestination(one), step_of(one, fakes.holding())
            )

    def test_other_hardware_of_it_is_set_all_the_same(self) -> None:
        one = fakes.undecided(properties={'os_type': 'linux'})
        self.assertEqual(
            (Change('os_type', None, 'linux'),), self.changes(one)
        )


class DetachedVolumeTest(PlanTestCase):
    def test_a_volume_without_a_wish_is_left(self) -> None:
        one = entry(wanted=Wanted(Intent.MISSING), detached=True)
        self.assertEqual(LeftToDestination(one), step_of(one, fakes.holding()))

    def test_other_hardware_may_be_wanted_alone(self) -> None:
        one = entry(
            wanted=Wanted(Intent.MISSING),
            properties={'os_type': 'linux'},
            detached=True,
        )
        self.assertEqual(
            (Change('os_type', None, 'linux'),), self.changes(one)
        )

    def test_a_missing_volume_can_only_be_mapped(self) -> None:
        one = entry(detached=True)
        step = self.refused(Refusal.NOT_IMPORTED_YET, one, fakes.holding())
        self.assertIn('--volume-map', step.remedy)
        self.assertNotIn('_migration_params', step.remedy)


_WISHES = st.sampled_from(
    [
        Wanted(Intent.SET, PC),
        Wanted(Intent.SET, Q35),
        Wanted(Intent.REMOVE),
        Wanted(Intent.LEAVE),
        Wanted(Intent.MISSING),
    ]
)


@st.composite
def _entries(draw: st.DrawFn) -> list[Entry]:
    return [
        entry(
            draw(st.sampled_from(['web', 'db'])),
            f'source-{number}',
            wanted=draw(_WISHES),
            properties=draw(st.sampled_from([{}, {}, {'os_type': 'linux'}])),
            recorded=draw(
                st.sampled_from(
                    [
                        None,
                        fakes.recorded(PC, HERE),
                        fakes.recorded(None, HERE),
                        fakes.recorded(None, HERE, left_to_destination=True),
                    ]
                )
            ),
            detached=draw(st.sampled_from([False, False, True])),
            image_name=draw(st.sampled_from([None, None, 'rhel'])),
            copies_image=draw(st.booleans()),
            destination_volume_id=draw(
                st.sampled_from([None, None, None, 'volume-0', 'gone'])
            ),
        )
        for number in range(draw(st.integers(0, 4)))
    ]


@st.composite
def _inventories(draw: st.DrawFn) -> Inventory:
    volumes = [
        volume(
            f'volume-{number}',
            draw(st.sampled_from(['web-boot', 'os-migrate-web', 'x'])),
            draw(st.sampled_from([{}, {KEY: PC}, {'os_type': 'linux'}])),
            size=draw(st.sampled_from([10, 20])),
            bootable=draw(st.booleans()),
            attached_to=draw(st.sampled_from([None, 'server-0'])),
            known=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    ids = [one.id for one in volumes]
    servers = [
        server(
            draw(st.sampled_from(['web', 'db'])),
            f'server-{number}',
            draw(st.lists(st.sampled_from(ids), unique=True)) if ids else [],
            draw(st.sampled_from([None, None, 'image-1'])),
        )
        for number in range(draw(st.integers(0, 2)))
    ]
    return fakes.holding(servers=servers, volumes=volumes, images=[image()])


class AnyCloudTest(cases.TestCase):
    @given(_entries(), _inventories())
    def test_every_entry_gets_one_step_in_its_order(
        self, entries: list[Entry], cloud: Inventory
    ) -> None:
        steps = built(entries, cloud)
        self.assertEqual(entries, [step.entry for step in steps])

    @given(_entries(), _inventories())
    def test_a_step_is_of_one_kind_and_strict_leaves_none_undecided(
        self, entries: list[Entry], cloud: Inventory
    ) -> None:
        kinds = (Set, Unchanged, LeftToDestination, Undecided, Refused)
        steps = built(entries, cloud)
        for step, strict in zip(steps, undecided.refuse(steps)):
            self.assertEqual(1, sum(isinstance(step, one) for one in kinds))
            self.assertNotIsInstance(strict, Undecided)
            entry = step.entry
            if isinstance(step, Undecided):
                self.assertTrue(entry.is_undecided)
            if isinstance(step, LeftToDestination):
                self.assertFalse(entry.is_undecided)
            if entry.is_undecided:
                self.assertIsInstance(strict, Refused)
            else:
                self.assertIs(step, strict)

    @given(_entries(), _inventories())
    def test_no_volume_is_set_twice_or_without_a_change(
        self, entries: list[Entry], cloud: Inventory
    ) -> None:
        sets = [one for one in built(entries, cloud) if isinstance(one, Set)]
        ids = [step.match.volume.id for step in sets]
        self.assertEqual(len(set(ids)), len(ids))
        for step in sets:
            held = cloud.volumes[step.match.volume.id].image_metadata
            self.assertIsNotNone(held, 'what is not known is not overwritten')
            for change in step.changes:
                self.assertNotEqual(change.old, change.new)
                self.assertEqual((held or {}).get(change.key), change.old)

    @given(_entries(), _inventories())
    def test_a_volume_found_by_name_was_the_only_one(
        self, entries: list[Entry], cloud: Inventory
    ) -> None:
        for step in built(entries, cloud):
            if isinstance(step, Set) and step.match.rule is Rule.NAME:
                chosen = step.match.volume
                rivals = [
                    one.id
                    for one in cloud.volumes.values()
                    if one.name == chosen.name
                    and one.bootable
                    and one.size == chosen.size
                ]
                self.assertEqual([chosen.id], rivals)
