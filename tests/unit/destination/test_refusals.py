# SPDX-License-Identifier: Apache-2.0

"""Which steps of a plan are refused, and what each says."""

from __future__ import annotations

import dataclasses

from osc_hwmt.compatibility.rules.definition import Severity
from osc_hwmt.destination import plan
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import LeftToDestination, Set, Unchanged
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.manifest.entry import Intent, SourceVolume, Wanted
from tests.unit.support import fakes
from tests.unit.support.fakes import PC, Q35, entry, image, volume
from tests.unit.support.planning import PlanTestCase, built, step_of

KEY = 'hw_machine_type'


class RefusedTest(PlanTestCase):
    def test_a_volume_that_is_not_there(self) -> None:
        step = self.refused(Refusal.NOT_IMPORTED_YET, entry(), fakes.holding())
        self.assertIn('workloads.yml:2', step.remedy)

    def test_a_volume_that_is_ambiguous_names_the_candidates(self) -> None:
        cloud = fakes.holding(volumes=[volume('a'), volume('b')])
        step = self.refused(Refusal.VOLUME_AMBIGUOUS, entry(), cloud)
        self.assertEqual(['a', 'b'], [one.id for one in step.candidates])
        self.assertTrue(
            step.remedy.startswith('name the right one with '), step.remedy
        )
        self.assertIn('workloads.yml:2', step.remedy)

    def test_a_project_that_is_not_there(self) -> None:
        one = entry(recorded=fakes.recorded(project=('hr', 'corp')))
        step = self.refused(Refusal.PROJECT_NOT_FOUND, one, fakes.holding())
        self.assertIn('create the project first', step.remedy)

    def test_two_servers_on_one_volume_are_both_refused(self) -> None:
        cloud = fakes.holding(volumes=[volume()])
        other = SourceVolume('source-volume-2', 'web-boot', 10, True)
        steps = built(
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
        for step in built([entry(), alone], cloud):
            refused = self.expect(Refused, step)
            self.assertIn('leave one of them out', refused.remedy)

    def test_metadata_that_may_not_be_seen_is_not_overwritten(self) -> None:
        cloud = fakes.holding(volumes=[volume(known=False)])
        self.refused(Refusal.METADATA_UNKNOWN, entry(), cloud)

    def test_a_manifest_without_our_keys_is_told(self) -> None:
        one = entry(wanted=Wanted(Intent.MISSING))
        step = self.refused(Refusal.MACHINE_TYPE_MISSING, one, fakes.holding())
        self.assertIn('export drops the keys', step.reason)
        self.assertEqual('run export again', step.remedy)

    def test_a_machine_type_that_nobody_wrote_down_is_told(self) -> None:
        found = fakes.recorded(None)
        for recorded, reason, remedy in (
            (
                dataclasses.replace(found, unknown='hidden'),
                'export could not read its machine type: hidden',
                '--source-hosts',
            ),
            (found, 'params.hw_machine_type is missing', 'run export again'),
        ):
            one = entry(wanted=Wanted(Intent.MISSING), recorded=recorded)
            step = self.refused(
                Refusal.MACHINE_TYPE_MISSING, one, fakes.holding()
            )
            self.assertEqual(reason, step.reason)
            self.assertIn(remedy, step.remedy)
            self.assertIn('workloads.yml:2', step.remedy)


class OnImageTest(PlanTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.entry = entry(image_name='rhel', boot_volume=None)

    def test_an_image_that_says_it_needs_nothing(self) -> None:
        cloud = fakes.holding(images=[image(hw_machine_type=PC)])
        step = self.expect(Unchanged, step_of(self.entry, cloud))
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
        self.assertIn('2 images have that name: a, b', step.reason)
        self.assertNotIn('openstack image set', step.remedy)

    def test_no_image_of_that_name_is_told(self) -> None:
        step = self.refused(
            Refusal.ON_IMAGE,
            self.entry,
            fakes.holding(images=[image(name='x')]),
        )
        self.assertIn('no image of that name', step.reason)
        self.assertIn('create the image first', step.remedy)


class RefuseUnfitTest(PlanTestCase):
    def test_an_error_refuses_whatever_the_step_was(self) -> None:
        errors = tuple(
            fakes.concern(code, Severity.ERROR) for code in ('a', 'b')
        )
        for step in (
            Set(entry(), Match(volume(), Rule.NAME, None), (), errors),
            Unchanged(entry(), volume(), errors),
            LeftToDestination(entry(), errors),
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
            entry(), Refusal.MACHINE_TYPE_MISSING, 'why', 'how', concerns=error
        )
        self.assertEqual((step,), plan.refuse_unfit([step]))
