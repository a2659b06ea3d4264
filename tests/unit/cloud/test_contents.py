# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

from osc_hwmt.cloud import contents
from osc_hwmt.cloud.interface import Scope
from osc_hwmt.destination import planner
from osc_hwmt.exceptions import CloudError
from osc_hwmt.manifest.entry import Intent, Wanted
from osc_hwmt.model.inventory import Project, Volume
from tests.unit.support import cases, fakes
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import entry, image, server, volume

HR = Project('project-hr', 'hr', 'corp')


class SourceTest(cases.TestCase):
    def test_a_clear_cloud_costs_its_pages_and_nothing_more(self) -> None:
        cloud = FakeCloud(
            servers=[
                server(id=f'server-{n}', volumes=[f'volume-{n}'])
                for n in range(50)
            ],
            volumes=[volume(f'volume-{n}') for n in range(50)],
        )
        found = contents.source(cloud, [Scope()], 4)
        self.assertEqual(50, len(found.servers))
        self.assertEqual(
            [('servers', 'own'), ('volumes', 'own')], sorted(cloud.calls)
        )

    def test_only_boot_volumes_in_doubt_are_asked_for(self) -> None:
        cloud = FakeCloud(
            servers=[server(volumes=['boot', 'data'])],
            volumes=[
                volume('boot', image_metadata={'k': 'v'}),
                volume('data', bootable=False),
                volume('loose'),
            ],
        )
        cloud.block_storage.unproven |= {'boot', 'data', 'loose'}
        found = contents.source(cloud, [Scope()], 4)
        self.assertEqual(
            [('image_metadata', 'boot')], cloud.calls_of('image_metadata')
        )
        self.assertEqual({'k': 'v'}, found.volumes['boot'].image_metadata)

    def test_volumes_of_these_ids_are_asked_for_as_well(self) -> None:
        cloud = FakeCloud(
            volumes=[
                volume('a', project_id=HR.id),
                *map(volume, ('b', 'c')),
            ],
            projects=[fakes.OWN, HR],
        )
        cloud.block_storage.unproven = {'a', 'b'}
        found = contents.source(
            cloud, [Scope(all_projects=True)], 4, {'a', 'c'}
        )
        self.assertEqual(
            [('image_metadata', 'a')], cloud.calls_of('image_metadata')
        )
        self.assertEqual({}, found.volumes['a'].image_metadata)
        self.assertEqual(HR, found.projects[HR.id])

    def test_what_may_not_be_seen_stays_unknown(self) -> None:
        cloud = FakeCloud(servers=[server()], volumes=[volume()])
        cloud.block_storage.forbidden.add('volume-1')
        found = contents.source(cloud, [Scope()], 4)
        self.assertIsNone(found.volumes['volume-1'].image_metadata)

    def test_an_image_is_read_once_for_all_its_servers(self) -> None:
        cloud = FakeCloud(
            servers=[
                server(id='a', image_id='image-1'),
                server(id='b', image_id='image-1'),
                server(id='c', image_id='gone'),
            ],
            images=[image()],
        )
        found = contents.source(cloud, [Scope()], 4)
        self.assertEqual(
            [('image', 'gone'), ('image', 'image-1')], cloud.calls_of('image')
        )
        self.assertEqual(['image-1'], list(found.images))

    def test_names_of_other_projects_are_read_at_once(self) -> None:
        servers = [server(), server(id='b', project_id=HR.id)]
        for projects, name in ((None, None), ([fakes.OWN, HR], 'hr')):
            cloud = FakeCloud(servers=servers)
            cloud.identity.held = projects
            found = contents.source(cloud, [Scope(all_projects=True)], 4)
            self.assertEqual(name, found.projects[HR.id].name)
            self.assertEqual([('projects',)], cloud.calls_of('projects'))

    def test_a_server_that_two_scopes_show_is_one_server(self) -> None:
        cloud = FakeCloud(servers=[server()], volumes=[volume()])
        scopes = [Scope(), Scope(all_projects=True)]
        self.assertEqual(1, len(contents.source(cloud, scopes, 4).servers))

    def test_servers_of_a_cell_that_is_down_are_told(self) -> None:
        cloud = FakeCloud()
        cloud.compute.unreadable.append('server-9')
        found = contents.source(cloud, [Scope()], 4)
        self.assertEqual(('server-9',), found.unreadable_servers)


class DestinationTest(cases.TestCase):
    def test_the_sessions_project_needs_no_list_of_projects(self) -> None:
        cloud = FakeCloud(volumes=[volume()])
        one = entry(recorded=fakes.recorded(project=('erp', 'Default')))
        found = planner.destination(cloud, [one, entry()], 4)
        self.assertEqual(['volume-1'], list(found.volumes))
        self.assertEqual(
            [('servers', 'own'), ('volumes', 'own')], sorted(cloud.calls)
        )

    def test_only_the_projects_of_the_entries_are_listed(self) -> None:
        cloud = FakeCloud(projects=[fakes.OWN, HR, Project('x', 'it', 'lab')])
        one = entry(recorded=fakes.recorded(project=('hr', 'corp')))
        planner.destination(cloud, [one], 4)
        self.assertEqual([('volumes', HR.id)], cloud.calls_of('volumes'))

    def test_a_user_who_may_not_list_projects_knows_the_own(self) -> None:
        cloud = FakeCloud(volumes=[volume()])
        cloud.identity.held = None
        one = entry(recorded=fakes.recorded(project=('hr', 'corp')))
        found = planner.destination(cloud, [one, entry()], 4)
        self.assertEqual([fakes.OWN.id], list(found.projects))
        self.assertEqual([('volumes', 'own')], cloud.calls_of('volumes'))

    def test_a_keystone_that_fails_is_an_error(self) -> None:
        def fail() -> list[Project]:
            raise CloudError('no', 500)

        cloud = FakeCloud()
        cloud.identity.projects = fail  # type: ignore[method-assign]
        one = entry(recorded=fakes.recorded(project=('hr', 'corp')))
        self.assertRaises(CloudError, planner.destination, cloud, [one], 4)

    def test_doubtful_volumes_wait_for_the_confirmation(self) -> None:
        cloud = FakeCloud(volumes=[volume(image_metadata={'k': 'v'})])
        cloud.block_storage.unproven.add('volume-1')
        found = planner.destination(cloud, [entry()], 4)
        self.assertEqual([], cloud.calls_of('image_metadata'))
        doubtful = found.volumes['volume-1']
        sure = contents.confirm(cloud, [doubtful, doubtful], 4)
        self.assertEqual({'k': 'v'}, sure['volume-1'].image_metadata)
        self.assertEqual(1, len(cloud.calls_of('image_metadata')))

    def test_what_the_listing_told_is_not_asked_again(self) -> None:
        cloud = FakeCloud(volumes=[volume()])
        clear = cloud.block_storage.held['volume-1']
        self.assertEqual(
            {'volume-1': clear}, contents.confirm(cloud, [clear], 4)
        )
        self.assertEqual([], cloud.calls)

    def test_an_image_is_looked_for_once_where_it_matters(self) -> None:
        cloud = FakeCloud(images=[image()])
        entries = [
            entry('a', 'a', image_name='rhel'),
            entry('b', 'b', image_name='rhel'),
            entry('c', 'c', image_name='x', wanted=Wanted(Intent.LEAVE)),
        ]
        found = planner.destination(cloud, entries, 4)
        self.assertEqual(['image-1'], list(found.images))
        self.assertEqual(
            [('images named', 'rhel')], cloud.calls_of('images named')
        )

    def test_no_entries_cost_nothing(self) -> None:
        cloud = FakeCloud()
        planner.destination(cloud, [], 4)
        self.assertEqual([], cloud.calls)


class PresumeTest(cases.TestCase):
    """Of a page that shows nothing, a few are asked for."""

    def setUp(self) -> None:
        super().setUp()
        ids = [f'v{number:02}' for number in range(30)]
        self.cloud = FakeCloud(volumes=[volume(id) for id in ids])
        self.storage = self.cloud.block_storage
        self.storage.page_size = 15

    def presumed(self) -> dict[str, Volume]:
        listed = self.storage.volumes(Scope())
        self.cloud.calls.clear()
        return contents.presume(self.cloud, listed, 4)

    def test_blank_pages_cost_a_few_questions_each(self) -> None:
        found = self.presumed()
        self.assertEqual(
            2 * contents.SAMPLES, len(self.cloud.calls_of('image_metadata'))
        )
        self.assertEqual({}, found['v07'].image_metadata)
        self.assertEqual('v00', found['v07'].unproven_page)
        self.assertIsNone(found['v00'].unproven_page, 'it was asked for')

    def test_a_page_that_lied_is_asked_for_volume_by_volume(self) -> None:
        self.storage.set_image_metadata('v00', {'k': 'v'})
        self.storage.set_image_metadata('v07', {'k': 'w'})
        self.storage.failed_pages.add(0)
        found = self.presumed()
        self.assertEqual({'k': 'w'}, found['v07'].image_metadata)
        self.assertEqual(
            {None},
            {found[f'v{number:02}'].unproven_page for number in range(15)},
        )
        self.assertEqual('v15', found['v16'].unproven_page)

    def test_what_may_not_be_seen_stays_unknown(self) -> None:
        self.storage.forbidden.update(self.storage.held)
        for one in self.presumed().values():
            self.assertIsNone(one.image_metadata)

    def test_a_proven_page_costs_nothing(self) -> None:
        self.storage.set_image_metadata('v00', {'k': 'v'})
        self.storage.set_image_metadata('v20', {'k': 'v'})
        self.assertEqual({}, self.presumed()['v07'].image_metadata)
        self.assertEqual([], self.cloud.calls)


class CurrentTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.ids = [f'v{number:02}' for number in range(contents.FEW + 1)]
        self.cloud = FakeCloud(
            volumes=[volume(id, image_metadata={'k': id}) for id in self.ids]
        )
        self.storage = self.cloud.block_storage

    def held(self, *ids: str) -> dict[str, Any]:
        writes = list(map(fakes.write, ids))
        found = contents.current(self.cloud, writes, 4)
        return {one.id: one.image_metadata for one in found.values()}

    def test_many_are_listed_and_few_are_asked_for(self) -> None:
        for ids, kind in (
            (self.ids, 'volumes'),
            (self.ids[:3], 'volume'),
        ):
            self.cloud.calls.clear()
            self.assertEqual({id: {'k': id} for id in ids}, self.held(*ids))
            self.assertEqual({kind}, {call[0] for call in self.cloud.calls})

    def test_what_is_gone_is_not_in_it(self) -> None:
        for ids in (self.ids, self.ids[:3]):
            self.assertNotIn('gone', self.held(*ids, 'gone'))

    def test_what_is_hidden_is_none(self) -> None:
        self.storage.forbidden.add('v01')
        for ids in (self.ids, self.ids[:3]):
            self.assertIsNone(self.held(*ids)['v01'])

    def test_what_the_listing_does_not_prove_is_asked_for(self) -> None:
        self.storage.page_size = 100
        self.storage.failed_pages.add(0)
        self.assertEqual({'k': 'v01'}, self.held(*self.ids)['v01'])

    def test_a_cloud_that_fails_is_an_error(self) -> None:
        def fail(_volume_id: str) -> None:
            raise CloudError('no', 500)

        self.storage.volume = fail  # type: ignore[method-assign,assignment]
        self.assertRaises(CloudError, self.held, 'v01')

    def test_what_goes_while_it_is_looked_at_is_not_in_it(self) -> None:
        self.storage.unproven.add('v01')

        def gone(_volume_id: str, **_options: object) -> None:
            raise CloudError('no such volume', 404)

        self.storage.image_metadata = gone  # type: ignore[method-assign,assignment]
        self.assertEqual({}, self.held('v01'))
