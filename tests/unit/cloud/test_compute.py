# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime
from typing import Any

from osc_hwmt.cloud.interface import Scope
from osc_hwmt.exceptions import CloudError
from osc_hwmt.model.inventory import Server
from tests.unit.support import http

DETAIL = f'{http.NOVA}/servers/detail'
PATH = '/v2.1/servers/detail'
NEXT = [{'rel': 'next', 'href': 'http://evil.test/servers?marker=x'}]


def _row(id: str = 'server-1', **more: Any) -> dict[str, Any]:
    return {
        'id': id,
        'name': 'web',
        'tenant_id': 'project-own',
        'status': 'ACTIVE',
        'image': '',
        'os-extended-volumes:volumes_attached': [{'id': 'volume-1'}],
        **more,
    }


class ServersTest(http.CloudTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.compute = self.connect().compute

    def microversion(self) -> str:
        headers = self.last.headers
        return str(headers['OpenStack-API-Version'])

    def test_a_row_becomes_a_server(self) -> None:
        row = _row(**{'OS-EXT-SRV-ATTR:root_device_name': '/dev/vda'})
        self.wire.get(DETAIL, json={'servers': [row]})
        self.assertEqual(
            (
                Server(
                    'server-1',
                    'web',
                    'project-own',
                    'ACTIVE',
                    None,
                    ('volume-1',),
                    '/dev/vda',
                    devices=1,
                ),
            ),
            self.compute.servers(Scope()).readable,
        )

    def test_a_server_tells_its_time_its_size_and_what_goes_with_it(
        self,
    ) -> None:
        row = _row(
            created='2026-11-24T12:00:07Z',
            flavor={'vcpus': 4, 'ram': 512},
            addresses={
                'blue': [
                    {'addr': ip, 'OS-EXT-IPS-MAC:mac_addr': mac}
                    for ip, mac in (
                        ('10.0.0.2', 'fa:16:3e:00:00:01'),
                        ('fd00::2', 'fa:16:3e:00:00:01'),
                        ('10.0.0.3', 'fa:16:3e:00:00:02'),
                    )
                ]
            },
        )
        row['os-extended-volumes:volumes_attached'] = [
            {'id': 'volume-1', 'delete_on_termination': True},
            {'id': 'volume-2', 'delete_on_termination': False},
        ]
        self.wire.get(DETAIL, json={'servers': [row]})
        (server,) = self.compute.servers(Scope()).readable
        self.assertEqual(
            datetime.datetime(
                2026, 11, 24, 12, 0, 7, tzinfo=datetime.timezone.utc
            ),
            server.created,
        )
        self.assertEqual(('volume-1',), server.deleted_with)
        self.assertEqual((4, 4), (server.vcpus, server.devices))

    def test_a_time_that_is_none_is_one_line_and_no_traceback(self) -> None:
        self.wire.get(DETAIL, json={'servers': [_row(created='soon')]})
        error = self.assertRaises(CloudError, self.compute.servers, Scope())
        self.assertIn('soon', str(error))

    def test_an_image_backed_server_has_its_image(self) -> None:
        recorded = {'hw_machine_type': 'q35'}
        for properties in ({}, {'properties': recorded}):
            row = _row(image={'id': 'image-1', **properties})
            del row['os-extended-volumes:volumes_attached']
            self.wire.get(DETAIL, json={'servers': [row]})
            (server,) = self.compute.servers(Scope()).readable
            self.assertEqual(
                ('image-1', (), None, properties.get('properties')),
                (
                    server.image_id,
                    server.volume_ids,
                    server.root_device,
                    server.image_properties,
                ),
            )

    def test_the_microversion_is_the_newest_that_serves(self) -> None:
        for minor, used in (
            (46, 'compute 2.3'),
            (68, 'compute 2.47'),
            (69, 'compute 2.69'),
            (97, 'compute 2.69'),
            (98, 'compute 2.98'),
            (100, 'compute 2.98'),
        ):
            self.compute_offers(f'2.{minor}')
            self.wire.get(DETAIL, json={'servers': []})
            self.region = http.new_region()
            compute = self.connect().compute
            compute.servers(Scope())
            self.assertEqual(used, self.microversion(), minor)
            self.assertEqual((2, minor), compute.newest_microversion())

    def test_a_server_of_a_cell_that_is_down_is_named_by_its_id(self) -> None:
        self.compute_offers('2.69')
        down = {'id': 'server-2', 'status': 'UNKNOWN', 'tenant_id': 'p'}
        self.wire.get(DETAIL, json={'servers': [_row(), down]})
        found = self.compute.servers(Scope())
        self.assertEqual(['server-1'], [one.id for one in found.readable])
        self.assertEqual(('server-2',), found.unreadable)

    def test_pages_of_a_scope_follow_our_marker_and_no_link(self) -> None:
        self.wire.get(
            DETAIL,
            [
                {'json': {'servers': [_row('a')], 'servers_links': NEXT}},
                {'json': {'servers': [_row('b')]}},
            ],
        )
        found = self.compute.servers(Scope('p')).readable
        self.assertEqual(['a', 'b'], [one.id for one in found])
        query = {'limit': '1000', **Scope('p').query}
        self.assertEqual([query, {**query, 'marker': 'a'}], self.queries(PATH))
        self.assertNotIn('evil.test', self.hosts())
