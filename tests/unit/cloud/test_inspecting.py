# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.cloud.interface import QuotaLeft
from osc_hwmt.cloud.mark import Purpose, RunMark
from osc_hwmt.exceptions import CloudError
from tests.unit.support import http

MARK = RunMark.new(Purpose.INSPECT, 600.0)
ACTION = f'{http.NOVA}/servers/server-1/action'


class InspectingTest(http.CloudTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.inspecting = self.connect().inspecting

    def test_the_quota_leaves_what_is_not_used(self) -> None:
        for limits, room in (
            ((10, 4, 1000, 300), QuotaLeft(6, 700)),
            ((10, 12, 1000, 300), QuotaLeft(-2, 700)),
            ((-1, 4, -1, 300), QuotaLeft(None, None)),
        ):
            names = (
                'maxTotalSnapshots',
                'totalSnapshotsUsed',
                'maxTotalVolumeGigabytes',
                'totalGigabytesUsed',
            )
            absolute = dict(zip(names, limits))
            self.wire.get(
                f'{http.CINDER}/limits',
                json={'limits': {'absolute': absolute}},
            )
            self.assertEqual(room, self.inspecting.quota_left())

    def test_a_quota_of_which_the_use_is_hidden_is_an_error(self) -> None:
        absolute = {'maxTotalSnapshots': 10, 'maxTotalVolumeGigabytes': -1}
        self.wire.get(
            f'{http.CINDER}/limits', json={'limits': {'absolute': absolute}}
        )
        error = self.assertRaises(CloudError, self.inspecting.quota_left)
        self.assertIn('read the volume limits', str(error))

    def test_an_image_of_a_server_has_the_mark(self) -> None:
        self.wire.post(ACTION, json={'image_id': 'image-1'})
        name = f'{MARK.name}-server-1'
        made = self.inspecting.create_image('server-1', name, MARK)
        self.assertEqual('image-1', made)
        self.assertEqual(
            {
                'createImage': {
                    'name': name,
                    'metadata': {'osc_hwmt_run': MARK.name},
                }
            },
            self.last.json(),
        )
        self.assertEqual(
            'compute 2.45', self.last.headers['OpenStack-API-Version']
        )

    def test_what_nova_refuses_has_its_words_and_its_code(self) -> None:
        self.wire.post(
            ACTION,
            status_code=403,
            json={'forbidden': {'code': 403, 'message': 'Quota exceeded'}},
        )
        error = self.assertRaises(
            CloudError, self.inspecting.create_image, 'server-1', 'x', MARK
        )
        self.assertEqual(403, error.code)
        self.assertIn('image of server server-1: Quota exceeded', str(error))

    def test_a_snapshot_knows_its_volume(self) -> None:
        self.wire.get(
            f'{http.CINDER}/snapshots/snapshot-1',
            json={'snapshot': {'id': 'snapshot-1', 'volume_id': 'volume-1'}},
        )
        self.assertEqual('volume-1', self.inspecting.volume_of('snapshot-1'))
