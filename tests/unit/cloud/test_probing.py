# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import requests

from osc_hwmt.cloud.interface import Build, ComputeHost
from osc_hwmt.cloud.mark import Purpose, RunMark
from osc_hwmt.exceptions import CloudError
from tests.unit.support import http
from tests.unit.support.fake_probes import host

MARK = RunMark.new(Purpose.PROBE, 600.0)
SERVICES = f'{http.NOVA}/os-services?binary=nova-compute'
HYPERVISORS = f'{http.NOVA}/os-hypervisors/detail'
FLAVORS = f'{http.NOVA}/flavors'
SERVERS = f'{http.NOVA}/servers'
IMAGES = f'{http.GLANCE}/v2/images'


def _hypervisor(host: str, kind: str) -> dict[str, Any]:
    return {
        'id': f'node-{host}',
        'hypervisor_type': kind,
        'service': {'host': host},
    }


class ProbingTest(http.CloudTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.probing = self.connect().probing

    def test_hosts_come_by_name_with_what_their_driver_is(self) -> None:
        self.wire.get(
            SERVICES,
            json={
                'services': [
                    {
                        'host': 'compute-1',
                        'zone': 'west',
                        'state': 'down',
                        'status': 'disabled',
                    },
                    {
                        'host': 'compute-0',
                        'zone': 'nova',
                        'state': 'up',
                        'status': 'enabled',
                    },
                    {'host': 'compute-2', 'status': 'UNKNOWN'},
                ]
            },
        )
        nodes = [_hypervisor('compute-0', 'QEMU')]
        self.wire.get(HYPERVISORS, json={'hypervisors': nodes})
        self.assertEqual(
            [
                ComputeHost('compute-0', 'nova', True, True, 'QEMU'),
                ComputeHost('compute-1', 'west', False, False, None),
                ComputeHost('compute-2', '', False, False, None),
            ],
            self.probing.hosts(),
        )
        # A newer one would ask every host for its uptime.
        self.assertEqual(
            'compute 2.69', self.last.headers['OpenStack-API-Version']
        )

    def test_who_may_not_list_them_gets_an_error_of_that_kind(self) -> None:
        self.wire.get(SERVICES, status_code=403, json={})
        error = self.assertRaises(CloudError, self.probing.hosts)
        self.assertEqual(403, error.code)

    def test_a_creation_is_repeated_only_where_nothing_was_begun(self) -> None:
        for failure, attempts in (
            ({'status_code': 429}, 2),
            ({'status_code': 503}, 2),
            ({'exc': requests.exceptions.ConnectionError('no')}, 2),
            ({'status_code': 500}, 1),
            ({'status_code': 504}, 1),
            ({'json': {}}, 1),
        ):
            self.wire.post(
                FLAVORS, [failure, {'json': {'flavor': {'id': 'flavor-1'}}}]
            )
            self.wire.reset_mock()
            if attempts == 1:
                self.assertRaises(CloudError, self.probing.create_flavor, MARK)
            else:
                self.probing.create_flavor(MARK)
            self.assertEqual(attempts, self.wire.call_count, failure)

    def test_a_flavor_is_found_by_name_and_by_id(self) -> None:
        flavors = [{'id': '5', 'name': 'tiny'}, {'id': '6', 'name': 'big'}]
        self.wire.get(FLAVORS, json={'flavors': flavors})
        self.assertEqual('6', self.probing.flavor_id('big'))
        self.assertEqual('5', self.probing.flavor_id('5'))
        self.assertIsNone(self.probing.flavor_id('huge'))
        self.assertEqual('none', self.queries('/v2.1/flavors')[0]['is_public'])

    def test_a_flavor_is_private_and_as_small_as_can_be(self) -> None:
        self.wire.post(FLAVORS, json={'flavor': {'id': 'flavor-1'}})
        self.assertEqual('flavor-1', self.probing.create_flavor(MARK))
        self.assertEqual(
            {
                'name': MARK.name,
                'description': MARK.name,
                'vcpus': 1,
                'ram': 64,
                'disk': 0,
                'os-flavor-access:is_public': False,
            },
            self.last.json()['flavor'],
        )

    def test_an_image_has_the_machine_type_and_the_mark(self) -> None:
        self.wire.post(IMAGES, json={'id': 'image-1'})
        self.assertEqual('image-1', self.probing.create_image(MARK, 'none'))
        self.assertEqual(
            {
                'name': MARK.name,
                'osc_hwmt_run': MARK.name,
                'hw_machine_type': 'none',
                'visibility': 'private',
                'disk_format': 'raw',
                'container_format': 'bare',
            },
            self.last.json(),
        )

    def test_an_image_gets_its_content(self) -> None:
        self.wire.put(f'{IMAGES}/image-1/file', status_code=204)
        self.probing.fill_image('image-1', bytes(512))
        self.assertEqual(bytes(512), self.last.body)

    def test_a_server_is_forced_onto_the_host_and_has_no_network(self) -> None:
        self.wire.post(SERVERS, json={'server': {'id': 'server-1'}})
        west = host('compute-1', zone='west')
        made = self.probing.create_server(MARK, west, 'flavor-1', 'image-1')
        self.assertEqual('server-1', made)
        self.assertEqual(
            {
                'name': MARK.name,
                'metadata': {'osc_hwmt_run': MARK.name},
                'availability_zone': 'west:compute-1',
                'flavorRef': 'flavor-1',
                'imageRef': 'image-1',
                'networks': 'none',
            },
            self.last.json()['server'],
        )

    def test_a_server_that_fails_tells_its_fault(self) -> None:
        fault = {'message': 'cut', 'details': 'whole', 'code': 500}
        for row, build in (
            ({'status': 'ERROR', 'fault': fault}, ('ERROR', 'cut', 'whole')),
            ({'status': 'BUILD'}, ('BUILD', '', '')),
        ):
            self.wire.get(f'{SERVERS}/server-1', json={'server': row})
            self.assertEqual(Build(*build), self.probing.build('server-1'))

    def test_a_server_that_is_gone_is_none(self) -> None:
        self.wire.get(f'{SERVERS}/server-1', status_code=404)
        self.assertIsNone(self.probing.build('server-1'))
        self.wire.get(f'{SERVERS}/server-1', status_code=500)
        self.assertRaises(CloudError, self.probing.build, 'server-1')
