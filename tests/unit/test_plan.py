# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from osc_hwmt import plan
from osc_hwmt.fitness import Severity
from osc_hwmt.inventory import Inventory
from osc_hwmt.manifest.entry import Entry, Intent, SourceVolume, Wanted
from osc_hwmt.match import Match, Rule
from osc_hwmt.plan import (
    Left,
    Refusal,
    Refused,
    Set,
    Step,
    Unchanged,
)
from osc_hwmt.write import Change
from tests import fakes
from tests.fakes import PC, Q35, entry, image, server, volume
from tests.unit import base

KEY = 'hw_machine_type'


def _plan(entries: Sequence[Entry], inventory: Inventory) -> tuple[Step, ...]:
    matches = plan.match_all(entries, inventory, {})
    return plan.build(entries, inventory, matches)


def _step(one: Entry, inventory: Inventory) -> Step:
    (step,) = _plan([one], inventory)
    return step


class PlanTestCase(base.TestCase):
    def refused(
        self, refusal: Refusal, one: Entry, inventory: Inventory
    ) -> Refused:
        step = self.expect(Refused, _step(one, inventory))
        self.assertEqual(refusal, step.refusal, step.reason)
        self.assertTrue(step.remedy, 'every refusal has a remedy')
        return step

    def changes(self, one: Entry, **metadata: str) -> tuple[Change, ...]:
        cloud = fakes.holding(volumes=[volume(image_metadata=metadata)])
        return self.expect(Set, _step(one, cloud)).changes


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
        self.assertTrue(self.expect(Set, _step(entry(), cloud)).too_late)

    def test_unless_nova_read_then_what_is_wanted_now(self) -> None:
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
        self.assertFalse(self.expect(Set, _step(entry(), cloud)).too_late)


class SeveralPropertiesTest(PlanTestCase):
    def test_all_that_differ_are_one_step_the_machine_type_first(self) -> None:
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

    def test_one_that_differs_is_enough(self) -> None:
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
        self.assertEqual(Left(one), _step(one, fakes.holding()))

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
        self.expect(Unchanged, _step(one, as_wanted))


class NothingToDoTest(PlanTestCase):
    def test_what_is_there_already_is_unchanged(self) -> None:
        cloud = fakes.holding(volumes=[volume(image_metadata={KEY: PC})])
        step = self.expect(Unchanged, _step(entry(), cloud))
        self.assertEqual('volume-1', step.holder.id)

    def test_what_is_absent_already_needs_no_removal(self) -> None:
        cloud = fakes.holding(volumes=[volume(image_metadata={'a': 'b'})])
        self.assertIsInstance(
            _step(entry(wanted=Wanted(Intent.REMOVE)), cloud), Unchanged
        )

    def test_null_leaves_it_to_the_destination(self) -> None:
        cloud = fakes.holding(volumes=[volume(image_metadata={KEY: Q35})])
        one = entry(wanted=Wanted(Intent.LEAVE))
        self.assertEqual(Left(one), _step(one, cloud))

    def test_null_needs_no_volume(self) -> None:
        one = entry(wanted=Wanted(Intent.LEAVE))
        self.assertEqual({}, plan.match_all([one], fakes.holding(), {}))
        self.assertEqual(Left(one), _step(one, fakes.holding()))


class DetachedVolumeTest(PlanTestCase):
    def test_a_volume_without_a_wish_is_left(self) -> None:
        one = entry(wanted=Wanted(Intent.MISSING), detached=True)
        self.assertEqual(Left(one), _step(one, fakes.holding()))

    def test_other_hardware_may_be_wanted_alone(self) -> None:
        one = entry(
            wanted=Wanted(Intent.MISSING),
            properties={'os_type': 'linux'},
            detached=True,
        )
        self.assertEqual(
            (Change('os_type', None, 'linux'),), self.changes(one)
        )

    def test_one_that_is_not_there_can_only_be_mapped(self) -> None:
        one = entry(detached=True)
        step = self.refused(Refusal.VOLUME_NOT_FOUND, one, fakes.holding())
        self.assertIn('--volume-map', step.remedy)
        self.assertNotIn('_migration_params', step.remedy)


class RefusedTest(PlanTestCase):
    def test_a_volume_that_is_not_there(self) -> None:
        step = self.refused(Refusal.VOLUME_NOT_FOUND, entry(), fakes.holding())
        self.assertIn('workloads.yml:2', step.remedy)

    def test_a_volume_that_is_ambiguous_names_the_candidates(self) -> None:
        cloud = fakes.holding(volumes=[volume('a'), volume('b')])
        step = self.refused(Refusal.VOLUME_AMBIGUOUS, entry(), cloud)
        self.assertEqual(['a', 'b'], [one.id for one in step.candidates])
        self.assertTrue(step.remedy.startswith('say which: '), step.remedy)
        self.assertIn('workloads.yml:2', step.remedy)

    def test_a_project_that_is_not_there(self) -> None:
        one = entry(recorded=fakes.recorded(project=('hr', 'corp')))
        step = self.refused(Refusal.PROJECT_NOT_FOUND, one, fakes.holding())
        self.assertIn('create the project first', step.remedy)

    def test_two_servers_on_one_volume_are_both_refused(self) -> None:
        cloud = fakes.holding(volumes=[volume()])
        other = SourceVolume('source-volume-2', 'web-boot', 10, True)
        steps = _plan(
            [entry(), entry('db', 'source-2', line=9, boot_volume=other)],
            cloud,
        )
        web, db = (self.expect(Refused, step) for step in steps)
        self.assertEqual(
            [Refusal.VOLUME_CLAIMED_TWICE] * 2, [web.refusal, db.refusal]
        )
        self.assertTrue(web.reason.startswith('db (workloads.yml:9)'), web)
        self.assertTrue(db.reason.startswith('web (workloads.yml:2)'), db)
        self.assertIn('name the volume of each', web.remedy)

    def test_a_volume_that_is_there_as_a_servers_is_to_be_left_out(
        self,
    ) -> None:
        cloud = fakes.holding(volumes=[volume()])
        alone = entry('web-boot', 'source-volume-1', detached=True)
        for step in _plan([entry(), alone], cloud):
            refused = self.expect(Refused, step)
            self.assertIn('leave one of them out', refused.remedy)

    def test_metadata_that_may_not_be_seen_is_not_overwritten(self) -> None:
        cloud = fakes.holding(volumes=[volume(known=False)])
        self.refused(Refusal.METADATA_UNKNOWN, entry(), cloud)

    def test_a_manifest_without_our_keys_is_told(self) -> None:
        one = entry(wanted=Wanted(Intent.MISSING))
        step = self.refused(Refusal.NOT_IN_MANIFEST, one, fakes.holding())
        self.assertIn('os-migrate drops', step.reason)
        self.assertIn('workloads.yml:2', step.remedy)

    def test_what_os_migrate_dropped_is_told(self) -> None:
        for detached in (False, True):
            one = entry(
                wanted=Wanted(Intent.MISSING), lost=True, detached=detached
            )
            step = self.refused(Refusal.NOT_IN_MANIFEST, one, fakes.holding())
            self.assertIn('with whatever was edited', step.reason)

    def test_a_manifest_that_does_not_say_is_told(self) -> None:
        one = entry(
            wanted=Wanted(Intent.MISSING), recorded=fakes.recorded(None)
        )
        step = self.refused(Refusal.NOT_IN_MANIFEST, one, fakes.holding())
        self.assertNotIn('os-migrate drops', step.reason)


class OnImageTest(PlanTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.entry = entry(image_name='rhel', boot_volume=None)

    def test_an_image_that_says_it_needs_nothing(self) -> None:
        cloud = fakes.holding(images=[image(hw_machine_type=PC)])
        step = self.expect(Unchanged, _step(self.entry, cloud))
        self.assertEqual('image-1', step.holder.id)

    def test_an_image_that_says_something_else_gets_a_command(self) -> None:
        cloud = fakes.holding(images=[image(hw_machine_type=Q35)])
        step = self.refused(Refusal.ON_IMAGE, self.entry, cloud)
        self.assertIn(Q35, step.reason)
        self.assertEqual(
            f'openstack image set --property {KEY}={PC} image-1', step.remedy
        )

    def test_an_image_that_shall_say_nothing_gets_a_command(self) -> None:
        removing = entry(
            image_name='rhel',
            boot_volume=None,
            wanted=Wanted(Intent.REMOVE),
        )
        cloud = fakes.holding(images=[image(hw_machine_type=Q35)])
        step = self.refused(Refusal.ON_IMAGE, removing, cloud)
        self.assertEqual(
            f'openstack image unset --property {KEY} image-1', step.remedy
        )

    def test_two_images_of_that_name_prove_nothing(self) -> None:
        cloud = fakes.holding(
            images=[
                image('a', hw_machine_type=PC),
                image('b', hw_machine_type=PC),
            ]
        )
        step = self.refused(Refusal.ON_IMAGE, self.entry, cloud)
        self.assertIn('2 images', step.reason)
        self.assertIn('<image>', step.remedy)

    def test_no_image_of_that_name_is_told(self) -> None:
        step = self.refused(
            Refusal.ON_IMAGE,
            self.entry,
            fakes.holding(images=[image(name='x')]),
        )
        self.assertIn('0 images', step.reason)


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


class AnyCloudTest(base.TestCase):
    @given(_entries(), _inventories())
    def test_every_entry_gets_one_step_in_its_order(
        self, entries: list[Entry], cloud: Inventory
    ) -> None:
        steps = _plan(entries, cloud)
        self.assertEqual(entries, [step.entry for step in steps])

    @given(_entries(), _inventories())
    def test_no_volume_is_set_twice_or_without_a_change(
        self, entries: list[Entry], cloud: Inventory
    ) -> None:
        sets = [one for one in _plan(entries, cloud) if isinstance(one, Set)]
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
        for step in _plan(entries, cloud):
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


class RefuseUnfitTest(PlanTestCase):
    def test_an_error_refuses_whatever_the_step_was(self) -> None:
        errors = tuple(
            fakes.concern(code, Severity.ERROR) for code in ('a', 'b')
        )
        for step in (
            Set(entry(), Match(volume(), Rule.NAME, None), (), errors),
            Unchanged(entry(), volume(), errors),
            Left(entry(), errors),
        ):
            (after,) = plan.refuse_unfit([step])
            refused = self.expect(Refused, after)
            self.assertEqual(
                (Refusal.UNFIT, 'a speaks; b speaks', 'mend a; mend b'),
                (refused.refusal, refused.reason, refused.remedy),
            )
            self.assertEqual(errors, refused.concerns)

    def test_a_warning_refuses_nothing(self) -> None:
        warning = (fakes.concern('a', Severity.WARNING),)
        step = Unchanged(entry(), volume(), warning)
        self.assertEqual((step,), plan.refuse_unfit([step]))

    def test_what_is_refused_already_keeps_its_reason(self) -> None:
        error = (fakes.concern('a', Severity.ERROR),)
        step = Refused(
            entry(), Refusal.NOT_IN_MANIFEST, 'why', 'how', concerns=error
        )
        self.assertEqual((step,), plan.refuse_unfit([step]))
