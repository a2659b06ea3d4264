# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from osc_hwmt.destination.match import (
    Destination,
    Match,
    Mismatch,
    Rule,
    destination_project,
    destination_volume_name,
)
from osc_hwmt.destination.refusals import Refusal
from osc_hwmt.manifest import entry as entries
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.inventory import Attachment, Inventory, Project, by_name
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import entry, server, volume

OTHER = Project('project-other', 'hr', 'corp')


class MatchTestCase(cases.TestCase):
    def found(
        self,
        one: Entry,
        inventory: Inventory,
        volume_map: Mapping[str, str] | None = None,
    ) -> Match:
        matched = Destination(inventory, volume_map or {}).match(one)
        return self.expect(Match, matched)

    def missed(
        self,
        refusal: Refusal,
        one: Entry,
        inventory: Inventory,
        volume_map: Mapping[str, str] | None = None,
    ) -> Mismatch:
        matched = self.expect(
            Mismatch, Destination(inventory, volume_map or {}).match(one)
        )
        self.assertEqual(refusal, matched.refusal, matched.reason)
        return matched


class SaidByTheOperatorTest(MatchTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.cloud = fakes.holding(
            volumes=[volume('named', 'odd', size=1), volume('namesake')]
        )

    def test_the_manifests_volume_wins_over_a_namesake(self) -> None:
        one = entry(destination_volume_id='named')
        match = self.found(one, self.cloud)
        self.assertEqual(
            ('named', Rule.OPERATOR), (match.volume.id, match.rule)
        )

    def test_a_map_may_name_the_volume_the_server_or_its_name(self) -> None:
        for key in ('source-volume-1', 'source-1', 'web'):
            match = self.found(entry(), self.cloud, {key: 'named'})
            self.assertEqual(
                ('named', Rule.OPERATOR), (match.volume.id, match.rule)
            )

    def test_the_same_said_twice_is_said_once(self) -> None:
        one = entry(destination_volume_id='named')
        said = {'web': 'named', 'source-1': 'named'}
        self.assertEqual('named', self.found(one, self.cloud, said).volume.id)

    def test_two_different_words_are_ambiguous(self) -> None:
        one = entry(destination_volume_id='named')
        mismatch = self.missed(
            Refusal.VOLUME_AMBIGUOUS, one, self.cloud, {'web': 'namesake'}
        )
        self.assertIn('namesake, named', mismatch.reason)

    def test_a_volume_that_is_not_there_is_not_replaced(self) -> None:
        one = entry(destination_volume_id='gone')
        mismatch = self.missed(Refusal.VOLUME_NOT_FOUND, one, self.cloud)
        self.assertIn('gone', mismatch.reason)

    def test_a_volume_of_another_project_is_nobodys(self) -> None:
        # A run for both projects lists the volumes of both.
        cloud = fakes.holding(
            volumes=[volume('theirs', project_id=OTHER.id)],
            projects=[fakes.OWN, OTHER],
        )
        own = fakes.recorded(project=(fakes.OWN.name, 'Default'))
        theirs = fakes.recorded(project=(OTHER.name, OTHER.domain_name))
        cases: tuple[tuple[dict[str, Any], str, dict[str, str]], ...] = (
            (
                {'destination_volume_id': 'theirs'},
                '_migration_params.boot_volume.uuid',
                {},
            ),
            ({}, '--volume-map', {'web': 'theirs'}),
        )
        for named, by, said in cases:
            mismatch = self.missed(
                Refusal.VOLUME_NOT_FOUND,
                entry(recorded=own, **named),
                cloud,
                said,
            )
            self.assertEqual(
                f'volume theirs (named by {by}) does not exist in project '
                'erp, or belongs to another project',
                mismatch.reason,
            )
            self.found(entry(recorded=theirs, **named), cloud, said)

    def test_a_server_that_has_the_volume_already_is_told(self) -> None:
        cloud = fakes.holding(
            servers=[server(volumes=['named'])],
            volumes=[volume('named', attached_to='server-1')],
        )
        one = entry(destination_volume_id='named')
        self.assertEqual(cloud.servers[0], self.found(one, cloud).server)

    def test_a_server_of_another_name_makes_it_too_late_as_well(self) -> None:
        built = server('renamed', volumes=['named'])
        cloud = fakes.holding(
            servers=[built],
            volumes=[volume('named', attached_to='server-1')],
        )
        one = entry(destination_volume_id='named')
        self.assertEqual(built, self.found(one, cloud).server)

    def test_a_server_that_has_it_as_a_data_disk_does_not_count(self) -> None:
        # So os-migrate fills it: from a conversion host of its own.
        for host in (
            server('host', volumes=['boot', 'named']),
            server('host', image_id='image-1'),
        ):
            cloud = fakes.holding(
                servers=[host],
                volumes=[
                    volume('boot', 'host-boot', attached_to='server-1'),
                    volume('named', attached_to='server-1', device='/dev/vdb'),
                ],
            )
            one = entry(destination_volume_id='named')
            self.assertIsNone(self.found(one, cloud).server)

    def test_the_server_that_boots_from_it_counts_beside_others(self) -> None:
        # A volume that several servers share: the first is not visible here.
        shared = volume('named', attached_to='server-1')
        hidden = Attachment('hidden', '/dev/vdb')
        cloud = fakes.holding(
            servers=[server(volumes=['named'])],
            volumes=[
                dataclasses.replace(
                    shared, attachments=(hidden, *shared.attachments)
                )
            ],
        )
        one = entry(destination_volume_id='named')
        self.assertEqual(cloud.servers[0], self.found(one, cloud).server)

    def test_a_server_that_lacks_the_volume_does_not_count(self) -> None:
        cloud = fakes.holding(
            servers=[server(volumes=['other'])],
            volumes=[volume('named'), volume('other', attached_to='server-1')],
        )
        one = entry(destination_volume_id='named')
        self.assertIsNone(self.found(one, cloud).server)


class DestinationServerTest(MatchTestCase):
    def test_the_boot_volume_of_the_server_of_that_name(self) -> None:
        cloud = fakes.holding(
            servers=[server()],
            volumes=[
                volume('volume-1', 'renamed', attached_to='server-1'),
                volume('namesake'),
            ],
        )
        match = self.found(entry(), cloud)
        self.assertEqual(
            ('volume-1', Rule.SERVER, cloud.servers[0]),
            (match.volume.id, match.rule, match.server),
        )

    def test_two_servers_of_that_name_are_ambiguous(self) -> None:
        cloud = fakes.holding(
            servers=[server(), server(id='server-2')],
            volumes=[volume()],
        )
        mismatch = self.missed(Refusal.VOLUME_AMBIGUOUS, entry(), cloud)
        self.assertIn('server-1, server-2', mismatch.reason)

    def test_a_server_of_another_project_is_another_server(self) -> None:
        cloud = fakes.holding(
            servers=[server(project_id=OTHER.id)], volumes=[volume()]
        )
        self.assertEqual(Rule.NAME, self.found(entry(), cloud).rule)

    def test_a_server_that_boots_from_an_image_has_no_volume(self) -> None:
        cloud = fakes.holding(
            servers=[server(image_id='image-1')], volumes=[volume()]
        )
        # Time will not mend it, so --wait does not wait.
        mismatch = self.missed(Refusal.SERVER_ON_IMAGE, entry(), cloud)
        self.assertIn('boots from an image', mismatch.reason)

    def beside(self, device: str) -> Inventory:
        """Return a server that was created with an image and a volume."""
        created = dataclasses.replace(
            server(image_id='image-1'), volume_ids=('volume-1',)
        )
        attached = volume(attached_to='server-1', device=device)
        return fakes.holding(servers=[created], volumes=[attached])

    def test_an_image_beside_the_boot_volume_is_what_nova_read(self) -> None:
        cloud = self.beside('/dev/vda')
        for known in (entry(), entry(destination_volume_id='volume-1')):
            mismatch = self.missed(Refusal.IMAGE_BESIDE_VOLUME, known, cloud)
            self.assertIn(
                'with both image image-1 and boot volume volume-1',
                mismatch.reason,
            )

    def test_a_data_disk_is_not_beside_the_image(self) -> None:
        self.missed(Refusal.SERVER_ON_IMAGE, entry(), self.beside('/dev/vdb'))

    def test_an_unclear_boot_volume_is_ambiguous(self) -> None:
        cloud = fakes.holding(
            servers=[server(volumes=['a', 'b'])],
            volumes=[volume('a'), volume('b')],
        )
        mismatch = self.missed(Refusal.VOLUME_AMBIGUOUS, entry(), cloud)
        self.assertEqual(['a', 'b'], [one.id for one in mismatch.candidates])


class NameAndSizeTest(MatchTestCase):
    def test_the_only_bootable_volume_of_that_name_and_size(self) -> None:
        cloud = fakes.holding(
            volumes=[
                volume('right'),
                volume('larger', size=11),
                volume('data', bootable=False),
                volume('other', 'db-boot'),
                volume('theirs', project_id=OTHER.id),
            ]
        )
        match = self.found(entry(), cloud)
        self.assertEqual(
            ('right', Rule.NAME, None),
            (match.volume.id, match.rule, match.server),
        )

    def test_a_volume_that_another_server_boots_from_is_told(self) -> None:
        built = server('renamed')
        cloud = fakes.holding(
            servers=[built], volumes=[volume(attached_to='server-1')]
        )
        self.assertEqual(built, self.found(entry(), cloud).server)

    def test_two_that_fit_are_ambiguous(self) -> None:
        cloud = fakes.holding(volumes=[volume('a'), volume('b')])
        mismatch = self.missed(Refusal.VOLUME_AMBIGUOUS, entry(), cloud)
        self.assertEqual(['a', 'b'], [one.id for one in mismatch.candidates])
        self.assertIn('web-boot', mismatch.reason)

    def test_what_a_failed_import_left_is_not_meant(self) -> None:
        for status in ('error', 'error_restoring', 'deleting'):
            cloud = fakes.holding(
                volumes=[volume('left', status=status), volume('right')]
            )
            self.assertEqual('right', self.found(entry(), cloud).volume.id)

    def test_where_nothing_else_is_there_it_is_found_all_the_same(
        self,
    ) -> None:
        cloud = fakes.holding(volumes=[volume('left', status='error')])
        self.assertEqual('left', self.found(entry(), cloud).volume.id)

    def test_several_that_cannot_be_used_are_no_question_of_which(
        self,
    ) -> None:
        cloud = fakes.holding(
            volumes=[
                volume('a', status='error'),
                volume('b', status='deleting'),
            ]
        )
        mismatch = self.missed(Refusal.VOLUME_UNUSABLE, entry(), cloud)
        self.assertEqual(['a', 'b'], [one.id for one in mismatch.candidates])

    def test_a_volume_that_is_still_made_may_be_meant(self) -> None:
        cloud = fakes.holding(
            volumes=[volume('a', status='creating'), volume('b')]
        )
        self.missed(Refusal.VOLUME_AMBIGUOUS, entry(), cloud)

    def test_none_that_fits_names_what_was_looked_for(self) -> None:
        cloud = fakes.holding(volumes=[volume('small', size=9)])
        mismatch = self.missed(Refusal.VOLUME_NOT_FOUND, entry(), cloud)
        self.assertIn('web-boot with 10 GiB', mismatch.reason)
        self.assertIn('project erp', mismatch.reason)
        self.assertEqual(['small'], [one.id for one in mismatch.candidates])

    def test_nothing_of_that_name_is_not_imported_yet(self) -> None:
        cloud = fakes.holding(volumes=[volume('other', 'db-boot')])
        mismatch = self.missed(Refusal.NOT_IMPORTED_YET, entry(), cloud)
        self.assertEqual((), mismatch.candidates)

    def test_an_unknown_size_fits_any(self) -> None:
        one = entry()
        assert one.boot_volume is not None
        one = dataclasses.replace(
            one, boot_volume=dataclasses.replace(one.boot_volume, size=None)
        )
        cloud = fakes.holding(volumes=[volume('any', size=77)])
        self.assertEqual('any', self.found(one, cloud).volume.id)
        mismatch = self.missed(Refusal.NOT_IMPORTED_YET, one, fakes.holding())
        self.assertNotIn('GiB', mismatch.reason)

    def test_without_a_name_there_is_nothing_to_look_for(self) -> None:
        cloud = fakes.holding(volumes=[volume('a', '')])
        known = entry().boot_volume
        assert known is not None
        nameless = dataclasses.replace(known, name='')
        for boot_volume, why in (
            (nameless, f'volume {known.id} has no name on the source'),
            (None, 'does not say which volume it boots from'),
        ):
            mismatch = self.missed(
                Refusal.VOLUME_NAME_UNKNOWN,
                entry(boot_volume=boot_volume),
                cloud,
            )
            self.assertIn(why, mismatch.reason)

    def test_a_volume_without_a_project_is_the_sessions(self) -> None:
        cloud = fakes.holding(volumes=[volume('a', project_id=None)])
        self.assertEqual('a', self.found(entry(), cloud).volume.id)


class ImageBackedTest(MatchTestCase):
    def test_an_image_at_the_destination_needs_no_volume(self) -> None:
        one = entry(image_name='rhel', boot_volume=None)
        mismatch = self.missed(Refusal.ON_IMAGE, one, fakes.holding())
        self.assertIn('image rhel', mismatch.reason)

    def test_a_copied_image_is_looked_for_as_a_volume(self) -> None:
        one = entry(image_name='rhel', copies_image=True, boot_volume=None)
        cloud = fakes.holding(volumes=[volume('copy', 'os-migrate-web')])
        self.assertEqual('copy', self.found(one, cloud).volume.id)

    def test_a_server_that_was_built_on_a_volume_has_one(self) -> None:
        one = entry(image_name='rhel', boot_volume=None)
        cloud = fakes.holding(
            servers=[server()], volumes=[volume(attached_to='server-1')]
        )
        self.assertEqual(Rule.SERVER, self.found(one, cloud).rule)


class DestinationProjectTest(MatchTestCase):
    def entry_of(self, name: str | None, domain: str | None) -> Entry:
        return entry(recorded=fakes.recorded(project=(name, domain)))

    def test_an_entry_without_facts_belongs_to_the_session(self) -> None:
        self.assertEqual(
            fakes.OWN, destination_project(entry(), fakes.OWN, {})
        )

    def test_facts_without_a_projects_name_belong_to_none(self) -> None:
        one = dataclasses.replace(
            self.entry_of(None, None), project_id='project-x'
        )
        self.assertIsNone(destination_project(one, fakes.OWN, {}))
        cloud = fakes.holding(volumes=[volume()])
        mismatch = self.missed(Refusal.PROJECT_NOT_FOUND, one, cloud)
        self.assertIn('name of its project project-x', mismatch.reason)

    def test_name_and_domain_both_count(self) -> None:
        namesake = Project('project-x', 'hr', 'lab')
        projects = by_name([namesake, OTHER])
        self.assertEqual(
            OTHER,
            destination_project(
                self.entry_of('hr', 'corp'), fakes.OWN, projects
            ),
        )

    def test_no_project_is_a_doubt_that_names_it(self) -> None:
        one = self.entry_of('sales', 'corp')
        cloud = fakes.holding(volumes=[volume()], projects=[fakes.OWN, OTHER])
        mismatch = self.missed(Refusal.PROJECT_NOT_FOUND, one, cloud)
        self.assertIn('sales of domain corp', mismatch.reason)

    def test_volumes_of_that_project_are_looked_at(self) -> None:
        cloud = fakes.holding(
            volumes=[volume('own'), volume('theirs', project_id=OTHER.id)],
            projects=[fakes.OWN, OTHER],
        )
        match = self.found(self.entry_of('hr', 'corp'), cloud)
        self.assertEqual('theirs', match.volume.id)


class DestinationVolumeNameTest(cases.TestCase):
    def test_the_name_is_the_source_volumes(self) -> None:
        self.assertEqual('web-boot', destination_volume_name(entry()))

    def test_the_operator_may_have_renamed_it(self) -> None:
        one = entry(destination_volume_name='new', image_name='rhel')
        self.assertEqual('new', destination_volume_name(one))

    def test_a_copied_image_has_os_migrates_prefix(self) -> None:
        self.assertEqual(
            'os-migrate-web',
            destination_volume_name(entry(image_name='rhel')),
        )


class DetachedVolumeTest(MatchTestCase):
    """A volume that no server has is found by itself, not by a server."""

    def entry(self, *, bootable: bool = True, name: str = 'disk') -> Entry:
        volume = entries.SourceVolume('source-volume-1', name, 10, bootable)
        return entry(
            name, 'source-volume-1', boot_volume=volume, detached=True
        )

    def test_name_and_size_tell_it(self) -> None:
        cloud = fakes.holding(
            volumes=[volume('a', 'disk'), volume('b', 'disk', size=9)]
        )
        match = self.found(self.entry(), cloud)
        self.assertEqual(('a', Rule.NAME), (match.volume.id, match.rule))

    def test_a_volume_that_did_not_boot_need_not_boot_there(self) -> None:
        cloud = fakes.holding(volumes=[volume('a', 'disk', bootable=False)])
        self.found(self.entry(bootable=False), cloud)
        mismatch = self.missed(Refusal.VOLUME_NOT_FOUND, self.entry(), cloud)
        self.assertIn('has no bootable volume named disk', mismatch.reason)

    def test_a_server_of_its_name_is_another_thing(self) -> None:
        cloud = fakes.holding(
            servers=[server('disk')],
            volumes=[
                volume('volume-1', 'other', attached_to='server-1'),
                volume('a', 'disk'),
            ],
        )
        match = self.found(self.entry(), cloud)
        self.assertEqual(('a', None), (match.volume.id, match.server))

    def test_a_map_names_it_by_its_id_alone(self) -> None:
        cloud = fakes.holding(volumes=[volume('a', 'disk'), volume('b')])
        said = {'source-volume-1': 'b', 'disk': 'a'}
        self.assertEqual('b', self.found(self.entry(), cloud, said).volume.id)

    def test_a_volume_without_a_name_has_to_be_mapped(self) -> None:
        cloud = fakes.holding(volumes=[volume('a', '')])
        self.missed(Refusal.VOLUME_NAME_UNKNOWN, self.entry(name=''), cloud)

    def test_a_server_that_boots_from_it_makes_it_too_late(self) -> None:
        cloud = fakes.holding(
            servers=[server('any')],
            volumes=[volume('volume-1', 'disk', attached_to='server-1')],
        )
        match = self.found(self.entry(), cloud)
        assert match.server is not None
        self.assertEqual('any', match.server.name)
