# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.destination.plan import Set, Unchanged
from osc_hwmt.destination.planner import assess
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.exceptions import Error
from tests.unit.support import cases
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import PC, entry, server, volume


class AssessTest(cases.TestCase):
    def test_only_volumes_that_matter_are_asked_for(self) -> None:
        cloud = FakeCloud(
            volumes=[
                volume(image_metadata={'hw_machine_type': PC}),
                volume('other', 'db-boot'),
            ]
        )
        cloud.block_storage.unproven |= {'volume-1', 'other'}
        (step,) = assess(cloud, [entry()], {}, 4)
        self.assertIsInstance(step, Unchanged)
        self.assertEqual(
            [('image_metadata', 'volume-1')], cloud.calls_of('image_metadata')
        )

    def test_a_volume_that_may_not_be_seen_is_refused(self) -> None:
        cloud = FakeCloud(volumes=[volume()])
        cloud.block_storage.forbidden.add('volume-1')
        (step,) = assess(cloud, [entry()], {}, 4)
        refused = self.expect(Refused, step)
        self.assertEqual(Refusal.METADATA_UNKNOWN, refused.refusal)

    def test_servers_that_a_cell_keeps_back_are_told(self) -> None:
        cloud = FakeCloud(volumes=[volume()])
        cloud.compute.unreadable.append('server-9')
        with self.assertLogs(
            'osc_hwmt.destination.planner', 'WARNING'
        ) as told:
            assess(cloud, [entry()], {}, 4)
        self.assertIn('1 servers are in a cell that is down', told.output[0])

    def test_nothing_is_written(self) -> None:
        cloud = FakeCloud(volumes=[volume()])
        (step,) = assess(cloud, [entry()], {}, 4)
        self.assertIsInstance(step, Set)
        self.assertEqual([], cloud.writes)

    def test_the_operators_map_is_obeyed(self) -> None:
        cloud = FakeCloud(volumes=[volume(), volume('said', 'x')])
        (step,) = assess(cloud, [entry()], {'web': 'said'}, 4)
        self.assertEqual('said', self.expect(Set, step).match.volume.id)

    def test_a_cloud_that_has_the_source_volume_is_the_source(self) -> None:
        cloud = FakeCloud(volumes=[volume('source-volume-1')])
        one = entry('disk', 'source-volume-1', detached=True)
        error = self.assertRaises(Error, assess, cloud, [one], {}, 4)
        self.assertIn('has volume source-volume-1 itself', str(error))

    def test_the_source_is_never_taken_for_the_destination(self) -> None:
        cloud = FakeCloud(
            servers=[server(id='source-1')], volumes=[volume()], name='src'
        )
        error = self.assertRaises(Error, assess, cloud, [entry()], {}, 4)
        self.assertIn('cloud src is the source', str(error))
        self.assertIn('source-1', str(error))
