# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
import threading

from osc_hwmt.cloud.interface import QuotaLeft, ResourceKind
from osc_hwmt.exceptions import CloudError, Error
from osc_hwmt.model.evidence import Evidence, Guest
from osc_hwmt.model.inventory import MACHINE_TYPE, Image, Server
from osc_hwmt.probes import inspect
from osc_hwmt.probes.cleanup import Run
from osc_hwmt.probes.inspect import Answer, NotInspected
from tests.unit.support import cases, fakes
from tests.unit.support.cloud import FakeCloud


def _server(number: int = 1, *, volumes: int = 1, status: str = '') -> Server:
    server = fakes.server(
        f'web-{number}',
        f'0000000{number}-a472-472a-a226-3da6f739a6f6',
        [f'volume-{number}-{index}' for index in range(volumes)],
    )
    return dataclasses.replace(server, status=status or server.status)


class NovaRecordTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.replace('tempfile.tempdir', str(self.directory()))
        self.replace('osc_hwmt.probes.cleanup.PAUSE', 0.0)
        self.cloud = FakeCloud(name='src')
        self.inspecting = self.cloud.inspecting
        self.temporary = self.cloud.temporary

    def choose(
        self, *servers: Server
    ) -> tuple[list[inspect.Target], list[NotInspected]]:
        volumes = {
            volume_id: fakes.volume(volume_id, size=10)
            for server in servers
            for volume_id in server.volume_ids
        }
        return inspect.choose(servers, volumes)

    def inspect(self, *servers: Server, concurrency: int = 2) -> list[Answer]:
        """Return the answers, and check that nothing is left."""
        targets, _not_inspected = self.choose(*servers)
        self.inspection = Run(
            self.cloud,
            inspect.mark(targets, concurrency),
            inspect.KINDS,
            concurrency,
        )
        for target in targets:
            self.inspecting.devices.setdefault(
                target.server.id,
                {volume.id: None for volume in target.volumes},
            )
        try:
            with self.inspection:
                return inspect.inspect(
                    self.cloud, self.inspection, targets, concurrency
                )
        finally:
            self.assertEqual({}, self.temporary.held)
            self.assertEqual((), self.inspection.left)

    def reasons(self, answers: list[Answer]) -> list[str]:
        return [self.expect(NotInspected, one).reason for one in answers]


class ChooseTest(NovaRecordTestCase):
    def test_servers_on_volumes_in_a_state_that_nova_takes(self) -> None:
        servers = [
            _server(1, status='ACTIVE'),
            _server(2, status='SHUTOFF', volumes=2),
        ]
        targets, not_inspected = self.choose(*servers)
        self.assertEqual(servers, [one.server for one in targets])
        self.assertEqual([10, 20], [one.gigabytes for one in targets])
        self.assertEqual([], not_inspected)

    def test_a_server_that_can_not_be_inspected_is_told_with_its_reason(
        self,
    ) -> None:
        for server, reason in (
            (fakes.server(image_id='image-1'), 'boots from an image'),
            (_server(status='SHELVED_OFFLOADED'), 'SHELVED_OFFLOADED'),
            (_server(volumes=0), 'not all of its volumes'),
        ):
            targets, (not_inspected,) = self.choose(server)
            self.assertEqual([], targets)
            self.assertIn(reason, not_inspected.reason)
        targets, (not_inspected,) = inspect.choose([_server(volumes=2)], {})
        self.assertIn('not all', not_inspected.reason)

    def test_a_release_that_records_nothing_is_refused(self) -> None:
        inspect.require_records(self.cloud)
        self.cloud.compute.microversion = (2, 87)
        error = self.assertRaises(Error, inspect.require_records, self.cloud)
        self.assertIn('2.88), this one has 2.87 and records no', str(error))


class InspectTest(NovaRecordTestCase):
    def test_the_record_is_what_the_image_has_as_properties(self) -> None:
        server = _server()
        self.inspecting.recorded[server.id] = {
            MACHINE_TYPE: 'pc',
            'hw_disk_bus': 'virtio',
            'hw_architecture': 'x86_64',
            'owner_user_name': 'robot',
        }
        (guest,) = self.inspect(server)
        self.assertEqual(
            Guest(
                server_id=server.id,
                evidence=Evidence.NOVA_RECORD,
                machine_type='pc',
                origin='inspected on cloud src',
                architecture='x86_64',
                properties={
                    'hw_disk_bus': 'virtio',
                    'hw_architecture': 'x86_64',
                },
                boot_volume_id=server.volume_ids[0],
            ),
            guest,
        )

    def test_the_boot_volume_shows(self) -> None:
        server = _server(volumes=3)
        self.inspecting.devices[server.id] = {
            'volume-1-2': None,
            'volume-1-1': 0,
            'volume-1-0': -1,
        }
        (guest,) = self.inspect(server)
        self.assertEqual(
            'volume-1-1', self.expect(Guest, guest).boot_volume_id
        )
        self.assertEqual(
            3, self.temporary.deleted.count(ResourceKind.SNAPSHOT)
        )

    def test_no_more_servers_at_once_than_asked_for(self) -> None:
        both = threading.Barrier(2)
        self.inspecting.on_image = lambda: both.wait(30)
        answers = self.inspect(*map(_server, range(1, 7)))
        self.assertEqual(6, len([self.expect(Guest, one) for one in answers]))
        self.assertEqual(2, self.temporary.most[ResourceKind.SNAPSHOT])

    def test_a_server_that_nova_refuses_stops_no_other(self) -> None:
        busy, other = _server(1), _server(2)
        self.temporary.troubles[f'image {busy.id}'] = [
            CloudError('task_state rebooting', 409)
        ]
        refused, guest = self.inspect(busy, other)
        self.assertIn('rebooting', self.reasons([refused])[0])
        self.expect(Guest, guest)

    def test_snapshots_of_an_image_that_failed_half_way_are_deleted(
        self,
    ) -> None:
        server, other = _server(1, volumes=2), _server(2)
        self.inspecting.half_done[server.id] = CloudError('backend', 500)
        refused, guest = self.inspect(server, other, concurrency=1)
        self.assertIn('backend', self.reasons([refused])[0])
        self.expect(Guest, guest)
        self.assertEqual(
            1, self.temporary.most[ResourceKind.SNAPSHOT], 'not at once'
        )

    def test_an_image_that_can_not_be_read_tells_nothing(self) -> None:
        self.replace(
            'tests.unit.support.cloud.FakeImages.image',
            lambda _images, _id: None,
        )
        (reason,) = self.reasons(self.inspect(_server()))
        self.assertIn('cannot be read', reason)

    def test_an_image_of_an_odd_form_is_deleted_with_its_snapshots(
        self,
    ) -> None:
        # Nothing is recorded there, which is unset and no failure.
        for text in ('', 'no JSON', '{}', '[1]', '[{"snapshot_id": 5}]'):
            odd = Image('x', 'x', {'block_device_mapping': text})
            self.replace(
                'tests.unit.support.cloud.FakeImages.image',
                lambda _images, _id, odd=odd: odd,
            )
            (guest,) = self.inspect(_server())
            self.assertIsNone(self.expect(Guest, guest).machine_type, text)

    def test_an_interruption_finishes_what_was_begun_and_no_more(
        self,
    ) -> None:
        self.inspecting.on_image = lambda: self.inspection.stop.set()
        answers = self.inspect(*map(_server, range(1, 7)), concurrency=1)
        self.expect(Guest, answers[0])
        self.assertEqual({'interrupted'}, set(self.reasons(answers[1:])))


class QuotaTest(NovaRecordTestCase):
    def test_snapshots_wait_for_room(self) -> None:
        for room, volumes in (
            (QuotaLeft(2, None), 2),
            (QuotaLeft(None, 29), 1),
        ):
            self.inspecting.left = room
            self.temporary.most.clear()
            self.inspecting.devices.clear()
            servers = [_server(n, volumes=volumes) for n in range(1, 6)]
            for answer in self.inspect(*servers, concurrency=4):
                self.expect(Guest, answer)
            self.assertLessEqual(
                self.temporary.most[ResourceKind.SNAPSHOT], 2, room
            )

    def test_a_server_that_will_never_fit_is_not_begun(self) -> None:
        for room in (QuotaLeft(2, None), QuotaLeft(None, 25)):
            self.inspecting.left = room
            big, small = _server(1, volumes=3), _server(2)
            refused, guest = self.inspect(big, small)
            self.assertIn(
                'no room for 3 snapshot(s) of 30 GiB',
                self.reasons([refused])[0],
            )
            self.expect(Guest, guest)

    def test_a_quota_used_up_by_others_ends_it(self) -> None:
        servers = [_server(number) for number in range(1, 5)]
        self.temporary.troubles[f'image {servers[1].id}'] = [
            CloudError('Quota exceeded for snapshots', 403)
        ]
        answers = self.inspect(*servers, concurrency=1)
        self.expect(Guest, answers[0])
        for reason in self.reasons(answers[1:]):
            self.assertIn('Quota exceeded for snapshots', reason)
        self.assertEqual(1, self.temporary.deleted.count(ResourceKind.IMAGE))

    def test_without_knowing_the_quota_nothing_is_made(self) -> None:
        self.temporary.troubles['read limits'] = [CloudError('no', 500)]
        self.assertRaises(CloudError, self.inspect, _server())
        self.assertEqual([], self.temporary.deleted)
