# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import requests

from osc_hwmt.cloud import connection
from osc_hwmt.exceptions import CloudError
from tests.unit.cloud import http


class ConnectTest(http.CloudTestCase):
    def test_the_token_is_there_before_any_thread_needs_it(self) -> None:
        self.connect()
        self.assertEqual('POST', self.last.method)
        self.assertTrue(self.last.url.endswith('/auth/tokens'))

    def test_wrong_credentials_show_at_once_and_stay_secret(self) -> None:
        self.wire.post(
            f'{http.KEYSTONE}/auth/tokens',
            status_code=401,
            json={'error': {'code': 401, 'message': 'not authorized'}},
        )
        error = self.assertRaises(CloudError, self.connect)
        self.assertEqual(401, error.code)
        self.assertIn('cloud dst: can not log in', str(error))
        self.assertNotIn(http.PASSWORD, str(error))

    def test_a_keystone_that_does_not_answer_is_told(self) -> None:
        self.wire.get(
            http.KEYSTONE, exc=requests.exceptions.ConnectionError('no')
        )
        self.wire.post(
            f'{http.KEYSTONE}/auth/tokens',
            exc=requests.exceptions.ConnectionError('no'),
        )
        error = self.assertRaises(CloudError, self.connect)
        self.assertIsNone(error.code)

    def test_no_request_waits_for_ever(self) -> None:
        self.assertEqual(connection.TIMEOUT, self.connect().session.timeout)
        self.assertEqual(connection.TIMEOUT, self.last.timeout)

    def test_the_timeout_of_clouds_yaml_counts(self) -> None:
        self.region.config['api_timeout'] = 7
        self.assertEqual(7.0, self.connect().session.timeout)

    def test_as_many_connections_are_kept_as_requests_run(self) -> None:
        session: Any = self.connect().session.session
        for scheme in ('http://', 'https://'):
            self.assertEqual(
                4,
                session.adapters[scheme].poolmanager.connection_pool_kw[
                    'maxsize'
                ],
            )

    def test_one_service_is_one_object(self) -> None:
        cloud = self.connect()
        self.assertIs(cloud.compute, cloud.compute)
        self.assertIs(cloud.block_storage, cloud.block_storage)
        self.assertIs(cloud.images, cloud.images)
        self.assertIs(cloud.identity, cloud.identity)
