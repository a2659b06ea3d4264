# SPDX-License-Identifier: Apache-2.0

"""export --inspect on a real cloud: what Nova recorded, and nothing left.

Nova's fake driver records nothing by itself. But what a volume has when a
server is built from it is recorded, and stays when the volume loses it.
"""

from __future__ import annotations

import json
import signal
from typing import Any

from tests.clouds import scenario
from tests.functional import moments
from tests.functional.base import Answer, FunctionalTest, Pair

PREFIX = 'osc-hwmt-inspect-'
EXPORT = ('migrate', 'machine-type', 'export', '--long', '-f', 'json')
INSPECT = (*EXPORT, '--inspect', '--auto-approve')
OF_MEMBER = ('--source-cloud', 'dst-member')
RECORDED = {'hw_machine_type': 'pc', 'hw_disk_bus': 'scsi'}

pair: Pair
#: Built from two volumes, from one of which nothing was recorded, from one of
#: which it was, and from one that says its type itself.
two: dict[str, Any]
one: dict[str, Any]
lone: dict[str, Any]
typed: dict[str, Any]


def setUpModule() -> None:
    """Make members and some servers, once for all tests of this module."""
    global pair, two, one, lone, typed
    pair = Pair.with_members()
    FunctionalTest.configuration = pair.configuration
    try:
        two = _server('two', 2, RECORDED)
        one = _server('one', 1, {})
        lone = _server('lone', 1, RECORDED)
        typed = _server('typed', 1, {'hw_machine_type': 'q35'})
        _forget(two)
        _forget(lone)
    except BaseException:
        pair.remove()
        raise


def tearDownModule() -> None:
    """Delete them."""
    pair.remove()


def _server(
    name: str, volumes: int, properties: dict[str, str]
) -> dict[str, Any]:
    """Return a new server; the volumes are bootable, the last one boots."""
    seeder = pair.seeders[1]
    project_id = pair.destination.projects[scenario.MEMBER].id
    ids = [
        seeder.volume(
            project_id,
            seeder.prefixed(f'{name}-{number}'),
            bootable=True,
            properties=properties,
        )
        for number in range(volumes)
    ]
    return seeder.server(
        project_id,
        seeder.prefixed(name),
        block_devices=[
            {
                'boot_index': 0 if volume_id == ids[-1] else -1,
                'uuid': volume_id,
                'source_type': 'volume',
                'destination_type': 'volume',
            }
            for volume_id in ids
        ],
    )


def _volumes(server: dict[str, Any]) -> list[str]:
    attached = server['os-extended-volumes:volumes_attached']
    return [volume['id'] for volume in attached]


def _forget(server: dict[str, Any]) -> None:
    """Take everything off a server's volumes that Nova has recorded."""
    project_id = pair.destination.projects[scenario.MEMBER].id
    for volume_id in _volumes(server):
        for key in RECORDED:
            pair.seeders[1].volume_action(
                project_id,
                volume_id,
                {'os-unset_image_metadata': {'key': key}},
            )


class InspectTest(FunctionalTest):
    """What Nova recorded, and what is left."""

    def setUp(self) -> None:
        super().setUp()
        self.seeder = pair.seeders[1]
        self.before = moments.things(self.seeder)
        self.addCleanup(self.nothing_is_left)

    def nothing_is_left(self) -> None:
        self.assertEqual(self.before, moments.things(self.seeder))

    def quota(self, snapshots: int) -> None:
        project = pair.destination.projects[scenario.MEMBER].id
        self.seeder.adapter('volumev3').put(
            f'/os-quota-sets/{project}',
            json={'quota_set': {'snapshots': snapshots}},
        )

    def test_a_member_learns_what_nova_recorded(self) -> None:
        without = self.openstack(*EXPORT, *OF_MEMBER)
        self.assertEqual('none', without.row(ID=one['id'])['Evidence'])
        self.assertIsNone(without.row(ID=two['id'])['Machine Type'])
        answer = self.openstack(*INSPECT, *OF_MEMBER)
        row = answer.row(ID=two['id'])
        self.assertEqual('pc', row['Machine Type'], row)
        self.assertEqual('nova-record', row['Evidence'], row)
        self.assertEqual('none', answer.row(ID=one['id'])['Evidence'])
        self.assertEqual(
            'volume-image-metadata', answer.row(ID=typed['id'])['Evidence']
        )

    def test_an_administrator_inspects_other_projects(self) -> None:
        project = pair.destination.projects[scenario.MEMBER].id
        answer = self.openstack(
            *INSPECT, '--source-cloud', 'dst', '--project', project
        )
        self.assertEqual('pc', answer.row(ID=two['id'])['Machine Type'])

    def test_verify_asks_what_a_server_of_the_destination_has(self) -> None:
        resource = {
            'type': 'openstack.compute.Server',
            'params': {'name': lone['name'], 'hw_machine_type': 'q35'},
            '_info': {'id': 'a-server-of-the-source'},
            '_migration_params': {'boot_volume': {'uuid': None}},
        }
        (self.directory / 'vms.yml').write_text(
            json.dumps({'resources': [resource]})
        )
        verify = (
            *('migrate', 'machine-type', 'verify', '--long', '-f', 'json'),
            'vms.yml',
        )
        member = ('--destination-cloud', 'dst-member')
        answer = self.openstack(*verify, *member, code=3)
        self.assertEqual('server-unknown', answer.rows[1]['Finding'])
        answer = self.openstack(
            *verify, *member, '--inspect', '--auto-approve', code=3
        )
        row = answer.rows[1]
        self.assertEqual(
            ('server-differs', 'pc'), (row['Finding'], row['Found']), row
        )

    def test_a_quota_that_is_too_small_leaves_servers_out(self) -> None:
        self.quota(1)
        self.addCleanup(self.quota, -1)
        answer = self.openstack(*INSPECT, *OF_MEMBER, code=1)
        self.assertIn(f'({two["id"]}) was not inspected', answer.err)
        self.assertIn('no room for 2 snapshot(s) of 2 GiB', answer.err)
        self.assertNotIn(one['id'], answer.err)

    def test_without_a_terminal_and_consent_nothing_is_made(self) -> None:
        answer = self.openstack(
            *EXPORT, '--inspect', *OF_MEMBER, 'vms.yml', code=1
        )
        self.assertIn('nothing was created', answer.err)
        self.assertFalse((self.directory / 'vms.yml').exists())

    def test_a_server_that_nova_makes_no_image_of_is_named(self) -> None:
        project_id = pair.destination.projects[scenario.MEMBER].id
        self.seeder.server_action(project_id, one['id'], {'shelve': None})
        self.seeder.await_server(project_id, one['id'], 'SHELVED_OFFLOADED')
        self.addCleanup(
            self.seeder.await_server, project_id, one['id'], 'ACTIVE'
        )
        self.addCleanup(
            self.seeder.server_action,
            project_id,
            one['id'],
            {'unshelve': None},
        )
        answer = self.openstack(*INSPECT, *OF_MEMBER, code=1)
        self.assertIn(
            'not create images of servers in status SHELVED', answer.err
        )
        self.assertEqual('pc', answer.row(ID=two['id'])['Machine Type'])

    def test_a_release_that_records_nothing_is_refused(self) -> None:
        seeder = pair.seeders[0]
        project_id = pair.source.projects[scenario.MEMBER].id
        volume_id = seeder.volume(
            project_id, seeder.prefixed('old'), bootable=True
        )
        seeder.server(
            project_id,
            seeder.prefixed('old'),
            block_devices=[
                {
                    'boot_index': 0,
                    'uuid': volume_id,
                    'source_type': 'volume',
                    'destination_type': 'volume',
                }
            ],
        )
        answer = self.openstack(
            *INSPECT, '--source-cloud', 'src-member', code=1
        )
        self.assertIn('--inspect needs Nova of Wallaby or later', answer.err)

    def interrupted(self, number: int) -> Answer:
        return moments.interrupted(
            self.configuration,
            self.directory,
            (*INSPECT, *OF_MEMBER),
            lambda: bool(moments.ours(self.seeder, PREFIX)),
            number,
        )

    def test_ctrl_c_removes_what_was_made(self) -> None:
        answer = self.interrupted(signal.SIGINT)
        self.assertEqual(130, answer.code, answer)
        self.assertEqual('', answer.out)

    def test_the_run_after_a_kill_removes_what_was_left(self) -> None:
        left: set[tuple[str, str, str]] = set()
        for _attempt in range(5):
            # It may be killed after everything is deleted.
            answer = self.interrupted(signal.SIGKILL)
            self.assertEqual(-signal.SIGKILL, answer.code, answer)
            left = moments.ours(self.seeder, PREFIX)
            if left:
                break
        self.assertTrue(left, 'five times there was nothing left')
        answer = self.openstack(*INSPECT, *OF_MEMBER)
        self.assertIn('Removed leftovers of earlier runs: ', answer.err)
