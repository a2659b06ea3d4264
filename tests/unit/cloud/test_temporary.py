# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime
import json
import re
from typing import Any

from osc_hwmt.cloud.interface import ResourceKind, TemporaryResource
from osc_hwmt.cloud.mark import Purpose, RunMark
from osc_hwmt.exceptions import CloudError
from tests.unit.support import http

MARK = RunMark.new(Purpose.INSPECT, 600.0)
OTHER = RunMark.new(Purpose.PROBE, 600.0)
PLACES = {
    ResourceKind.SERVER: f'{http.NOVA}/servers',
    ResourceKind.IMAGE: f'{http.GLANCE}/v2/images',
    ResourceKind.SNAPSHOT: f'{http.CINDER}/snapshots',
    ResourceKind.FLAVOR: f'{http.NOVA}/flavors',
}


def _row(id: str, name: str | None, **more: Any) -> dict[str, Any]:
    return {'id': id, 'name': name, **more}


class TemporaryTest(http.CloudTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.temporary = self.connect().temporary

    def ids(self, kind: ResourceKind) -> list[str]:
        return [one.id for one in self.temporary.made([kind])]

    def test_a_server_and_a_flavor_need_the_name_twice(self) -> None:
        for kind, path, rows, query in (
            (
                ResourceKind.SERVER,
                'servers',
                [
                    _row('ours', MARK.name, metadata=MARK.properties),
                    _row('bare', MARK.name, metadata={}),
                    _row('copied', MARK.name, metadata=OTHER.properties),
                    _row('foreign', 'web', metadata=MARK.properties),
                    {'id': 'in-a-cell-that-is-down'},
                ],
                {'name': '^osc-hwmt-', 'limit': '1000'},
            ),
            (
                ResourceKind.FLAVOR,
                'flavors',
                [
                    _row('ours', MARK.name, description=MARK.name),
                    _row('bare', MARK.name, description=None),
                ],
                {'is_public': 'none', 'limit': '1000'},
            ),
        ):
            self.wire.get(f'{PLACES[kind]}/detail', json={path: rows})
            self.assertEqual(['ours'], self.ids(kind))
            self.assertEqual([query], self.queries(f'/v2.1/{path}/detail'))

    def test_an_image_is_of_this_project_and_has_the_property(self) -> None:
        name = f'{MARK.name}-8a7a98d4-a48c-472a-a226-3da6f739a6f6'
        # An image of a server has the server's own properties as well.
        bare = _row('bare', None)
        ours = _row('ours', name, **MARK.properties)
        self.wire.get(
            PLACES[ResourceKind.IMAGE],
            [
                {'json': {'images': [bare], 'next': '/v2/images?marker=x'}},
                {'json': {'images': [ours]}},
            ],
        )
        (found,) = self.temporary.made([ResourceKind.IMAGE])
        self.assertEqual(
            ('ours', name, MARK), (found.id, found.name, found.mark)
        )
        first, second = self.queries('/v2/images')
        self.assertEqual('project-own', first['owner'])
        self.assertEqual({**first, 'marker': 'bare'}, second)

    def test_a_snapshot_has_nothing_but_its_name(self) -> None:
        rows = [
            _row('ours', f'snapshot for {MARK.name}'),
            _row('foreign', 'snapshot for golden'),
            _row('bare', None),
        ]
        self.wire.get(
            f'{PLACES[ResourceKind.SNAPSHOT]}/detail', json={'snapshots': rows}
        )
        (found,) = self.temporary.made([ResourceKind.SNAPSHOT])
        self.assertEqual(('ours', False), (found.id, found.proven))

    def test_a_snapshot_is_proven_by_the_image_that_it_was_made_with(
        self,
    ) -> None:
        devices = json.dumps([{'snapshot_id': 'ours', 'boot_index': 0}])
        image = {'block_device_mapping': devices}
        name = f'snapshot for {MARK.name}'
        self.wire.get(
            f'{PLACES[ResourceKind.SNAPSHOT]}/detail',
            json={'snapshots': [_row('ours', name), _row('namesake', name)]},
        )
        for properties, proven in (
            (MARK.properties, {'ours'}),
            (OTHER.properties, set()),
            ({}, set()),
        ):
            self.wire.get(
                PLACES[ResourceKind.IMAGE],
                json={'images': [_row('i', MARK.name, **image, **properties)]},
            )
            found = self.temporary.made(
                [ResourceKind.SNAPSHOT, ResourceKind.IMAGE]
            )
            self.assertEqual(
                proven,
                {
                    one.id
                    for one in found
                    if one.kind is ResourceKind.SNAPSHOT and one.proven
                },
            )

    def test_what_is_younger_than_a_run_is_not_its(self) -> None:
        end = MARK.expires
        for seconds, expected in ((0, ['x']), (1, [])):
            created = end + datetime.timedelta(seconds=seconds)
            for kind, member, time in (
                (ResourceKind.SNAPSHOT, 'created_at', created.isoformat()),
                (ResourceKind.IMAGE, 'created_at', f'{created:%FT%TZ}'),
            ):
                path = PLACES[kind].rpartition('/')[2]
                row = _row('x', MARK.name, **MARK.properties)
                self.wire.get(
                    re.compile(PLACES[kind]),
                    json={path: [{**row, member: time}]},
                )
                self.assertEqual(expected, self.ids(kind))

    def test_only_the_kinds_that_are_asked_for_are_listed(self) -> None:
        before = len(self.wire.request_history)
        self.assertEqual([], self.temporary.made([]))
        self.assertEqual(before, len(self.wire.request_history))

    def test_a_resource_is_deleted_where_it_lives(self) -> None:
        for kind, place in PLACES.items():
            self.wire.delete(f'{place}/a.b', status_code=204)
            self.temporary.delete(TemporaryResource(kind, 'a.b', 'x', MARK))
            self.assertEqual('DELETE', self.last.method, kind)

    def test_what_is_gone_needs_no_deletion(self) -> None:
        for kind, place in PLACES.items():
            resource = TemporaryResource(kind, 'x', 'x', MARK)
            self.wire.delete(f'{place}/x', status_code=404)
            self.temporary.delete(resource)
            self.wire.get(f'{place}/x', status_code=404)
            self.assertFalse(self.temporary.is_there(resource), kind)
            self.wire.get(f'{place}/x', json={})
            self.assertTrue(self.temporary.is_there(resource), kind)

    def test_a_refusal_names_the_resource(self) -> None:
        for kind, place in PLACES.items():
            self.wire.delete(f'{place}/x', status_code=409, json={})
            self.wire.get(f'{place}/x', status_code=500, json={})
            for request, verb, code in (
                (self.temporary.delete, 'delete', 409),
                (self.temporary.is_there, 'read', 500),
            ):
                error = self.assertRaises(
                    CloudError,
                    request,
                    TemporaryResource(kind, 'x', 'x', MARK),
                )
                self.assertEqual(code, error.code)
                self.assertIn(f'cannot {verb} {kind.value} x', str(error))
