# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.destination.approved import Approved
from osc_hwmt.destination.plan import Set, Unchanged
from osc_hwmt.destination.planner import approved_look, look
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.exceptions import Error
from osc_hwmt.manifest.entry import SourceVolume
from osc_hwmt.model.inventory import Project
from tests.unit.support import cases
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import (
    OWN,
    PC,
    entry,
    image,
    recorded,
    server,
    volume,
)


class ManyProjectsTest(cases.TestCase):
    def listings(self, number: int) -> list[tuple[str, ...]]:
        """Return what is listed for one server in each of some projects."""
        names = [f'tenant-{one}' for one in range(number)]
        cloud = FakeCloud(
            projects=[OWN, *(Project(one, one, 'Default') for one in names)],
            volumes=[
                volume(f'volume-of-{one}', project_id=one)
                for one in (*names, 'stranger')
            ],
        )
        entries = [
            entry(
                server_id=f'source-of-{one}',
                recorded=recorded(PC, (one, 'Default')),
            )
            for one in names
        ]
        seen = look(cloud, entries, {}, 4)
        self.assertEqual(
            [f'volume-of-{one}' for one in names],
            [self.expect(Set, one).match.volume.id for one in seen.steps],
        )
        self.assertNotIn('volume-of-stranger', seen.volumes)
        return cloud.calls_of('servers', 'volumes', 'projects')

    def test_forty_projects_cost_one_set_of_listings(self) -> None:
        self.assertEqual(
            [('projects',), ('servers', 'all'), ('volumes', 'all')],
            self.listings(40),
        )

    def test_few_projects_are_listed_each(self) -> None:
        self.assertEqual(
            [
                ('projects',),
                ('servers', 'tenant-0'),
                ('servers', 'tenant-1'),
                ('volumes', 'tenant-0'),
                ('volumes', 'tenant-1'),
            ],
            self.listings(2),
        )


class AssessTest(cases.TestCase):
    def test_only_volumes_that_matter_are_asked_for(self) -> None:
        cloud = FakeCloud(
            volumes=[
                volume(image_metadata={'hw_machine_type': PC}),
                volume('other', 'db-boot'),
            ]
        )
        cloud.block_storage.unproven |= {'volume-1', 'other'}
        (step,) = look(cloud, [entry()], {}, 4).steps
        self.assertIsInstance(step, Unchanged)
        self.assertEqual(
            [('image_metadata', 'volume-1')], cloud.calls_of('image_metadata')
        )

    def test_a_volume_that_may_not_be_seen_is_refused(self) -> None:
        cloud = FakeCloud(volumes=[volume()])
        cloud.block_storage.forbidden.add('volume-1')
        (step,) = look(cloud, [entry()], {}, 4).steps
        refused = self.expect(Refused, step)
        self.assertEqual(Refusal.METADATA_UNKNOWN, refused.refusal)

    def test_servers_that_a_cell_keeps_back_are_told(self) -> None:
        cloud = FakeCloud(volumes=[volume()])
        cloud.compute.unreadable.append('server-9')
        with self.assertLogs(
            'osc_hwmt.destination.planner', 'WARNING'
        ) as told:
            look(cloud, [entry()], {}, 4)
        self.assertIn('1 servers are in a cell that is down', told.output[0])

    def test_nothing_is_written(self) -> None:
        cloud = FakeCloud(volumes=[volume()])
        (step,) = look(cloud, [entry()], {}, 4).steps
        self.assertIsInstance(step, Set)
        self.assertEqual([], cloud.writes)

    def test_the_operators_map_is_obeyed(self) -> None:
        cloud = FakeCloud(volumes=[volume(), volume('said', 'x')])
        (step,) = look(cloud, [entry()], {'web': 'said'}, 4).steps
        self.assertEqual('said', self.expect(Set, step).match.volume.id)

    def test_a_cloud_that_has_the_source_volume_is_the_source(self) -> None:
        cloud = FakeCloud(volumes=[volume('source-volume-1')])
        one = entry('disk', 'source-volume-1', detached=True)
        error = self.assertRaises(Error, look, cloud, [one], {}, 4)
        self.assertIn('has source volume source-volume-1', str(error))

    def test_the_source_is_never_taken_for_the_destination(self) -> None:
        cloud = FakeCloud(
            servers=[server(id='source-1')], volumes=[volume()], name='src'
        )
        error = self.assertRaises(Error, look, cloud, [entry()], {}, 4)
        self.assertIn('cloud src is the source', str(error))
        self.assertIn('source-1', str(error))


class ApprovedLookTest(cases.TestCase):
    """What is looked at right before an approved write."""

    def setUp(self) -> None:
        super().setUp()
        self.other = entry(
            'db',
            'source-2',
            boot_volume=SourceVolume('source-volume-2', 'db-boot', 10, True),
        )
        self.cloud = FakeCloud(
            volumes=[volume(), volume('volume-2', 'db-boot')],
            images=[image(name='web')],
        )
        entries = [entry(), self.other]
        steps = look(self.cloud, entries, {}, 4).steps
        self.sets = [self.expect(Set, step) for step in steps]
        self.look = approved_look(
            self.cloud, map(Approved.of, self.sets), entries, {}, 4
        )
        self.writes = [step.write for step in self.sets]
        self.cloud.calls.clear()

    def test_what_is_as_it_was_approved_is_returned_as_it_is(self) -> None:
        seen = self.look(self.writes)
        self.assertEqual(self.cloud.block_storage.held, seen)

    def test_a_look_costs_pages_and_asks_nothing_else(self) -> None:
        self.look(self.writes)
        self.assertEqual(
            [('servers', 'own'), ('volumes', 'own')], self.cloud.calls
        )

    def test_only_what_is_written_now_is_looked_at(self) -> None:
        self.cloud.block_storage.unproven |= {'volume-1', 'volume-2'}
        seen = self.look(self.writes[1:])
        self.assertEqual(['volume-2'], list(seen))
        self.assertEqual(
            [('image_metadata', 'volume-2')],
            self.cloud.calls_of('image_metadata'),
        )

    def test_what_is_not_is_told_and_the_rest_goes_on(self) -> None:
        held = self.cloud.block_storage.held
        del held['volume-1']
        seen = self.look(self.writes)
        self.assertIn('no longer exists', str(seen['volume-1']))
        self.assertEqual(held['volume-2'], seen['volume-2'])

    def test_a_volume_that_is_filled_now_is_returned_to_be_waited_for(
        self,
    ) -> None:
        for metadata in ({}, {'hw_machine_type': PC}):
            filled = volume(image_metadata=metadata, status='downloading')
            self.cloud.block_storage.held['volume-1'] = filled
            self.assertEqual(filled, self.look(self.writes)['volume-1'])
