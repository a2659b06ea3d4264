# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
import datetime

from osc_hwmt.cloud.interface import ResourceKind
from osc_hwmt.cloud.mark import Purpose, RunMark
from osc_hwmt.exceptions import CloudError
from osc_hwmt.probes import cleanup
from tests.unit.support import cases
from tests.unit.support.cloud import FakeCloud

ALL = tuple(ResourceKind)


class TemporaryTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.replace('tempfile.tempdir', str(self.directory()))
        self.replace('osc_hwmt.probes.cleanup.PAUSE', 0.0)
        self.cloud = FakeCloud()
        self.temporary = self.cloud.temporary
        self.run = self.new_run()

    def new_run(self, limit: float = 600.0) -> cleanup.Run:
        mark = RunMark.new(Purpose.PROBE, limit)
        return cleanup.Run(self.cloud, mark, ALL, 2)

    def make(self, kind: ResourceKind) -> str:
        return self.run.add(kind, self.temporary.put(kind, self.run.mark)).id


class RunTest(TemporaryTestCase):
    def test_everything_goes_and_servers_go_before_what_made_them(
        self,
    ) -> None:
        with self.run:
            for kind in reversed(cleanup.ORDER):
                self.make(kind)
        self.assertEqual({}, self.temporary.held)
        self.assertEqual(list(cleanup.ORDER), self.temporary.deleted)
        self.assertIs(ResourceKind.SERVER, cleanup.ORDER[0])
        self.assertIs(ResourceKind.FLAVOR, cleanup.ORDER[-1])
        self.assertEqual(((), None), (self.run.left, self.run.unchecked))

    def test_an_exception_passes_through_after_the_removal(self) -> None:
        def use() -> None:
            with self.run:
                self.make(ResourceKind.SERVER)
                raise KeyError('a defect')

        self.assertRaises(KeyError, use)
        self.assertEqual({}, self.temporary.held)

    def test_what_was_created_without_an_answer_is_found(self) -> None:
        with self.run:
            self.temporary.put(ResourceKind.SERVER, self.run.mark)
        self.assertEqual({}, self.temporary.held)

    def test_another_runs_resources_stay(self) -> None:
        other = self.temporary.put(ResourceKind.SERVER, self.new_run().mark)
        with self.run:
            self.make(ResourceKind.SERVER)
        self.assertEqual([other], list(self.temporary.held))

    def test_a_refused_deletion_is_tried_again(self) -> None:
        self.temporary.troubles['delete volume snapshot'] = [
            CloudError('status must be available', 400),
            CloudError('busy', 503),
        ]
        with self.run:
            self.make(ResourceKind.SNAPSHOT)
        self.assertEqual(((), {}), (self.run.left, self.temporary.held))

    def test_a_forbidden_deletion_is_not_tried_again(self) -> None:
        self.temporary.troubles['delete server'] = [
            CloudError('policy does not allow it', 403)
        ]
        with self.run:
            server = self.make(ResourceKind.SERVER)
            self.make(ResourceKind.FLAVOR)
        (left,) = self.run.left
        self.assertEqual(server, left.resource.id)
        self.assertIn('policy does not allow it', left.reason)
        self.assertEqual([server], list(self.temporary.held))

    def test_what_stays_is_told_with_its_reason(self) -> None:
        self.replace('osc_hwmt.probes.cleanup.REMOVAL_LIMIT', 0.0)
        self.temporary.stuck = {ResourceKind.SERVER}
        self.temporary.troubles['delete image'] = [
            CloudError('protected', 403)
        ]
        with self.run:
            server, image = (
                self.make(ResourceKind.SERVER),
                self.make(ResourceKind.IMAGE),
            )
            self.make(ResourceKind.FLAVOR)
        reasons = {left.resource.id: left.reason for left in self.run.left}
        self.assertEqual({server, image}, reasons.keys())
        self.assertIn('still exists', reasons[server])
        self.assertIn('protected', reasons[image])
        self.assertEqual({server, image}, self.temporary.held.keys())

    def test_what_is_known_goes_although_the_cloud_lists_nothing(self) -> None:
        self.temporary.troubles['list'] = [CloudError('out of order', 500)]
        with self.run:
            self.make(ResourceKind.SERVER)
        self.assertEqual({}, self.temporary.held)
        self.assertIn('out of order', self.run.unchecked or '')

    def test_what_is_known_is_what_exists(self) -> None:
        with self.run:
            self.make(ResourceKind.IMAGE)
            resource = self.run.add(
                ResourceKind.SERVER,
                self.temporary.put(ResourceKind.SERVER, self.run.mark),
            )
            self.assertEqual(2, len(self.run.known))
            self.run.remove([resource])
            (image,) = self.run.known
            self.assertEqual(ResourceKind.IMAGE, image.kind)

    def test_a_sweep_takes_what_has_a_name(self) -> None:
        with self.run:
            mark = self.run.mark
            for server in ('this', 'that'):
                self.temporary.put(
                    ResourceKind.SNAPSHOT,
                    mark,
                    f'snapshot for {mark.name}-{server}',
                )
            self.run.sweep('-this')
            (left,) = self.temporary.held.values()
            self.assertTrue(left.name.endswith('-that'), left)


class LeftoversTest(TemporaryTestCase):
    def leftovers(self) -> cleanup.Leftovers:
        return cleanup.leftovers(self.cloud, Purpose.PROBE, ALL)

    def counts(self) -> tuple[int, int]:
        found = self.leftovers()
        return len(found.dead), len(found.doubtful)

    def test_a_run_that_may_be_at_work_is_left_alone(self) -> None:
        self.temporary.put(ResourceKind.SERVER, self.run.mark)
        self.assertEqual((0, 1), self.counts())
        with self.run:
            self.assertEqual((0, 1), self.counts(), 'it is at work')
        # A run of this machine that was killed is dead at once.
        self.temporary.put(ResourceKind.SERVER, self.run.mark)
        self.replace('osc_hwmt.local.locks.run_ended', lambda run: True)
        self.assertEqual((1, 0), self.counts())

    def test_a_run_whose_time_is_over_is_dead(self) -> None:
        self.temporary.put(ResourceKind.SERVER, self.new_run(-1.0).mark)
        self.assertEqual((1, 0), self.counts())

    def test_a_name_alone_proves_no_dead_run(self) -> None:
        id = self.temporary.put(ResourceKind.SNAPSHOT, self.new_run(-1.0).mark)
        self.temporary.held[id] = dataclasses.replace(
            self.temporary.held[id], proven=False
        )
        found = self.leftovers()
        self.assertEqual(
            ([], [id]),
            ([*found.dead], [one.id for one in found.namesakes]),
        )
        # This machine knows which runs it has begun.
        self.replace('osc_hwmt.local.locks.run_ended', lambda run: True)
        self.assertEqual((1, 0), self.counts())

    def test_runs_for_something_else_are_not_looked_at(self) -> None:
        past = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
        self.temporary.put(
            ResourceKind.IMAGE, RunMark(Purpose.INSPECT, '0123456789ab', past)
        )
        self.assertEqual(cleanup.Leftovers((), (), ()), self.leftovers())

    def test_a_dead_run_is_forgotten_once_its_resources_are_gone(self) -> None:
        forgotten: list[str] = []
        self.replace('osc_hwmt.local.locks.forget_run', forgotten.append)
        runs = [self.new_run(-1.0).mark for _ in range(2)]
        self.temporary.put(ResourceKind.SERVER, runs[0])
        self.temporary.put(ResourceKind.IMAGE, runs[1])
        self.temporary.stuck = {ResourceKind.IMAGE}
        self.replace('osc_hwmt.probes.cleanup.REMOVAL_LIMIT', 0.0)
        left = cleanup.remove_leftovers(self.cloud, self.leftovers().dead, 2)
        self.assertEqual(
            [ResourceKind.IMAGE], [one.resource.kind for one in left]
        )
        self.assertEqual([runs[0].run], forgotten)
