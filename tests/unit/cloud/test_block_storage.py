# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime
from typing import Any

import requests

from osc_hwmt.cloud.interface import Scope
from osc_hwmt.exceptions import CloudError
from osc_hwmt.model.inventory import Attachment, Volume
from tests.unit.support import http

DETAIL = f'{http.CINDER}/volumes/detail'
DETAIL_PATH = '/v3/project-own/volumes/detail'
ACTION = f'{http.CINDER}/volumes/volume-1/action'
NEXT = [{'rel': 'next', 'href': 'http://evil.test/volumes?marker=x'}]


def _row(id: str = 'volume-1', **more: Any) -> dict[str, Any]:
    return {
        'id': id,
        'name': 'web-boot',
        'size': 10,
        'bootable': 'true',
        'status': 'in-use',
        'attachments': [],
        **more,
    }


class BlockStorageTestCase(http.CloudTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.storage = self.connect().block_storage

    def listed(self, *rows: dict[str, Any]) -> list[Volume]:
        self.wire.get(DETAIL, json={'volumes': list(rows)})
        return self.storage.volumes(Scope())


class VolumesTest(BlockStorageTestCase):
    def test_a_row_becomes_a_volume(self) -> None:
        (volume,) = self.listed(
            _row(
                attachments=[{'server_id': 's', 'device': '/dev/vda'}],
                created_at='2026-11-28T22:43:19.000000',
                volume_image_metadata={'hw_machine_type': 'pc'},
                **{'os-vol-tenant-attr:tenant_id': 'project-own'},
            )
        )
        self.assertEqual(
            Volume(
                'volume-1',
                'web-boot',
                'project-own',
                10,
                True,
                'in-use',
                (Attachment('s', '/dev/vda'),),
                {'hw_machine_type': 'pc'},
                created=datetime.datetime(
                    2026, 11, 28, 22, 43, 19, tzinfo=datetime.timezone.utc
                ),
            ),
            volume,
        )

    def test_what_cinder_leaves_out_is_not_invented(self) -> None:
        (volume,) = self.listed(
            _row(name=None, bootable='false', attachments=[{'server_id': 's'}])
        )
        self.assertEqual(
            ('', False, None, (Attachment('s', None),)),
            (
                volume.name,
                volume.bootable,
                volume.project_id,
                volume.attachments,
            ),
        )

    def test_the_scope_says_whose_volumes(self) -> None:
        for scope, expected in (
            (Scope(), {}),
            (Scope(all_projects=True), {'all_tenants': '1'}),
            (Scope('p'), {'all_tenants': '1', 'project_id': 'p'}),
        ):
            self.wire.get(DETAIL, json={'volumes': []})
            self.wire.reset_mock()
            self.storage.volumes(scope)
            self.assertEqual(
                [{'limit': '1000', **expected}], self.queries(DETAIL_PATH)
            )

    def test_a_row_with_metadata_vouches_for_its_page(self) -> None:
        silent, speaking = self.listed(
            _row('a'), _row('b', volume_image_metadata={'k': 'v'})
        )
        self.assertEqual({}, silent.image_metadata)
        self.assertEqual({'k': 'v'}, speaking.image_metadata)

    def test_a_page_without_any_metadata_is_in_doubt(self) -> None:
        for volume in self.listed(_row('a'), _row('b')):
            self.assertIsNone(volume.image_metadata)
            self.assertEqual('a', volume.unproven_page)

    def test_a_page_does_not_vouch_for_another(self) -> None:
        speaking = _row('a', volume_image_metadata={'k': 'v'})
        self.wire.get(
            DETAIL,
            [
                {'json': {'volumes': [speaking], 'volumes_links': NEXT}},
                {'json': {'volumes': [_row('b')]}},
            ],
        )
        first, second = self.storage.volumes(Scope())
        self.assertIsNone(second.image_metadata)
        self.assertEqual(
            (None, 'b'), (first.unproven_page, second.unproven_page)
        )
        self.assertEqual(
            [{'limit': '1000'}, {'limit': '1000', 'marker': 'a'}],
            self.queries(DETAIL_PATH),
        )

    def test_the_target_of_a_host_migration_is_no_volume(self) -> None:
        found = self.listed(
            _row(
                'a',
                migration_status='target:b',
                volume_image_metadata={'k': 'v'},
            ),
            _row('b', migration_status='migrating'),
            _row('c', migration_status=None),
        )
        self.assertEqual(['b', 'c'], [one.id for one in found])
        self.assertEqual({}, found[0].image_metadata, 'it vouches for a page')


class VolumeTest(BlockStorageTestCase):
    URL = f'{http.CINDER}/volumes/volume-1'

    def test_a_volume_is_one_request_and_invents_no_metadata(self) -> None:
        metadata = {'hw_machine_type': 'pc'}
        for row, known in (
            (_row(volume_image_metadata=metadata), metadata),
            (_row(), None),
        ):
            self.wire.get(self.URL, json={'volume': row})
            before = self.wire.call_count
            volume = self.expect(Volume, self.storage.volume('volume-1'))
            self.assertEqual(known, volume.image_metadata)
            self.assertEqual(1, self.wire.call_count - before)

    def test_a_volume_that_is_gone_is_none_and_no_other_failure(self) -> None:
        self.wire.get(self.URL, status_code=404, json={})
        self.assertIsNone(self.storage.volume('volume-1'))
        self.wire.get(self.URL, status_code=500, json={})
        error = self.assertRaises(CloudError, self.storage.volume, 'volume-1')
        self.assertEqual(500, error.code)


class ImageMetadataTest(BlockStorageTestCase):
    URL = VolumeTest.URL

    def test_the_honest_call_tells_what_there_is(self) -> None:
        self.wire.post(ACTION, json={'metadata': {'k': 'v'}})
        self.assertEqual({'k': 'v'}, self.storage.image_metadata('volume-1'))
        self.assertIn('os-show_image_metadata', self.last.json())

    def test_not_found_on_a_volume_that_exists_means_none(self) -> None:
        self.wire.get(self.URL, json={'volume': _row()})
        words = 'Glance metadata for volume/snapshot volume-1 cannot be found.'
        for body, method in (
            ({'itemNotFound': {'code': 404, 'message': words}}, 'POST'),
            ({}, 'GET'),
        ):
            self.wire.post(ACTION, status_code=404, json=body)
            self.assertEqual({}, self.storage.image_metadata('volume-1'))
            self.assertEqual(method, self.last.method, 'a needless request')

    def test_forbidden_is_unknown_and_not_unset(self) -> None:
        self.wire.post(ACTION, status_code=403, json={})
        self.assertIsNone(self.storage.image_metadata('volume-1'))

    def test_a_volume_that_is_gone_and_other_failures_are_errors(self) -> None:
        self.wire.get(self.URL, status_code=404)
        for code in (404, 500):
            self.wire.post(ACTION, status_code=code, json={})
            error = self.assertRaises(
                CloudError, self.storage.image_metadata, 'volume-1'
            )
            self.assertEqual(code, error.code)


class WriteTest(BlockStorageTestCase):
    def test_keys_are_set_in_one_request_that_answers_with_all(self) -> None:
        self.wire.post(ACTION, json={'metadata': {'a': '1', 'b': '2'}})
        now = self.storage.set_image_metadata('volume-1', {'b': '2'})
        self.assertEqual({'a': '1', 'b': '2'}, now)
        self.assertEqual(
            {'os-set_image_metadata': {'metadata': {'b': '2'}}},
            self.last.json(),
        )

    def unset(self, *answers: dict[str, Any]) -> None:
        self.wire.post(ACTION, list(answers))
        self.storage.unset_image_metadata('volume-1', ['k'])

    def test_a_key_is_removed(self) -> None:
        self.unset({'json': {}})
        self.assertEqual(
            {'os-unset_image_metadata': {'key': 'k'}}, self.last.json()
        )

    def test_a_key_that_is_absent_is_as_good_as_removed(self) -> None:
        gone = {'status_code': 404, 'json': {}}
        self.unset(gone, {'json': {'metadata': {'other': '1'}}})
        error = self.assertRaises(
            CloudError, self.unset, gone, {'json': {'metadata': {'k': '1'}}}
        )
        self.assertEqual(404, error.code, 'it stays')

    def test_a_refused_removal_is_an_error(self) -> None:
        error = self.assertRaises(
            CloudError, self.unset, {'status_code': 403, 'json': {}}
        )
        self.assertEqual(403, error.code)

    def test_a_write_is_made_once(self) -> None:
        # Whoever makes it again has to look first.
        self.wire.post(ACTION, status_code=503, json={})
        self.assertRaises(
            CloudError, self.storage.set_image_metadata, 'volume-1', {'k': 'v'}
        )
        self.assertEqual([], self.naps)


class RetryTest(BlockStorageTestCase):
    def test_reading_is_tried_again(self) -> None:
        self.wire.get(
            DETAIL,
            [
                {'status_code': 503, 'json': {}},
                {'exc': requests.exceptions.ConnectionError('reset')},
                {'text': '{"volumes": [{"id"'},
                {'json': {'volumes': [_row()]}},
            ],
        )
        self.assertEqual(1, len(self.storage.volumes(Scope())))
        self.assertEqual(3, len(self.naps))

    def test_the_honest_question_is_tried_again_or_asked_once(self) -> None:
        answer = {'json': {'metadata': {'k': 'v'}}}
        self.wire.post(ACTION, [{'status_code': 429, 'json': {}}, answer])
        self.assertEqual({'k': 'v'}, self.storage.image_metadata('volume-1'))
        self.naps.clear()
        self.wire.post(ACTION, status_code=503, json={})
        error = self.assertRaises(
            CloudError,
            self.storage.image_metadata,
            'volume-1',
            retrying=False,
        )
        self.assertTrue(error.transient)
        self.assertEqual([], self.naps)
