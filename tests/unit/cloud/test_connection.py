# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import email.utils
import time
from typing import Any

import requests
from keystoneauth1 import fixture
from openstack import exceptions as sdk_exceptions

from osc_hwmt.cloud import connection
from osc_hwmt.exceptions import CloudError, ConfigurationError
from tests.unit.support import cases, http


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
        self.assertIn('cloud dst: cannot log in', str(error))
        self.assertNotIn(http.PASSWORD, str(error))

    def test_a_login_without_a_project_is_told_at_once(self) -> None:
        # Its catalog may be empty, or have no public endpoint for anything.
        self.log_in_as(None)
        error = self.assertRaises(CloudError, self.connect)
        self.assertIn(
            'cloud dst: the login is not scoped to a project', str(error)
        )
        self.assertIn('OS_PROJECT_NAME', str(error))

    def test_a_password_in_an_address_is_refused_and_not_repeated(
        self,
    ) -> None:
        for key, config in (
            ('auth_url', {'auth': {'auth_url': 'https://u:pw7@k.test/v3'}}),
            (
                'compute_endpoint_override',
                {'compute_endpoint_override': 'https://pw7@n.test/v2.1'},
            ),
        ):
            self.region.config = config
            said = str(self.assertRaises(CloudError, self.connect))
            self.assertIn(
                f'cloud dst: {key} contains a user name or pass', said
            )
            self.assertNotIn('pw7', said)
        self.assertEqual([], self.wire.request_history)

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

    def test_a_service_is_one_object(self) -> None:
        cloud = self.connect()
        self.assertIs(cloud.compute, cloud.compute)
        self.assertIs(cloud.block_storage, cloud.block_storage)
        self.assertIs(cloud.images, cloud.images)
        self.assertIs(cloud.identity, cloud.identity)

    def test_the_clouds_clock_is_compared_with_ours(self) -> None:
        for ahead in (0, 3600, -40):
            date = email.utils.formatdate(time.time() + ahead, usegmt=True)
            self.log_in_as('project-own', Date=date)
            self.region = http.new_region()
            found = self.connect().clock_ahead
            self.assertIsNotNone(found)
            self.assertLess(abs(float(found or 0) - ahead), 2, date)

    def test_a_cloud_that_tells_no_time_is_used_all_the_same(self) -> None:
        for headers in (
            {},
            {'Date': 'tea time'},
            {'Date': 'Mon, 01 Jan 0001 00:00:00 GMT'},
            {'Date': 'Fri, 31 Dec 9999 23:59:59 -2359'},
            {'Date': 'Fri, 31 Dec 9999 23:59:59 GMT'},
        ):
            self.log_in_as('project-own', **headers)
            self.region = http.new_region()
            self.assertIsNone(self.connect().clock_ahead)


class OpenCloudTest(http.CloudTestCase):
    def test_the_region_is_what_the_configuration_selects(self) -> None:
        configuration = Configuration(self.region)
        cloud = connection.open_cloud(configuration, 'dst', 4, cloud='dst')
        self.assertEqual({'cloud': 'dst'}, configuration.selected)
        self.assertIs(self.region.opened, cloud.session)

    def test_a_cloud_that_is_not_described_is_told_apart(self) -> None:
        why = sdk_exceptions.ConfigException('Cloud dst was not found.')
        error = self.assertRaises(
            ConfigurationError,
            connection.open_cloud,
            Configuration(why),
            'dst',
            4,
            cloud='dst',
        )
        self.assertEqual('Cloud dst was not found', str(error))


class OpenFromFileTest(cases.TestCase):
    def test_a_file_that_is_not_there_is_told_apart(self) -> None:
        error = self.assertRaises(
            ConfigurationError,
            connection.open_from_file,
            '/nowhere/clouds.yaml',
            'dst',
        )
        self.assertEqual(
            '/nowhere/clouds.yaml: cannot be read: No such file or directory',
            str(error),
        )


class Configuration:
    """As much of openstack.config's OpenStackConfig as is used."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def get_one(self, **selected: Any) -> Any:
        self.selected = selected
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


class TokenTest(http.CloudTestCase):
    """A cloud as the owner of another token reaches it."""

    def with_token(self, status: int = 200) -> connection.ConnectedCloud:
        cloud = self.connect()
        token = fixture.V3Token()
        token.set_project_scope(id='theirs', name='crm', domain_name='D')
        token.add_service('volumev3').add_endpoint(
            'public', 'http://cinder.test/v3/theirs', region='RegionOne'
        )
        self.wire.get(
            f'{http.KEYSTONE}/auth/tokens',
            status_code=status,
            json=token if status == 200 else {'error': {'message': 'no'}},
        )
        return cloud.with_token('their-token')

    def test_the_token_is_its_own_subject_and_everything_is_done_with_it(
        self,
    ) -> None:
        cloud = self.with_token()
        for name in ('X-Auth-Token', 'X-Subject-Token'):
            self.assertEqual('their-token', self.last.headers[name])
        project = cloud.identity.own_project()
        self.assertEqual(('theirs', 'crm'), (project.id, project.name))
        self.wire.get(
            'http://cinder.test/v3/theirs/volumes/v', status_code=404
        )
        self.assertIsNone(cloud.block_storage.volume('v'))
        self.assertEqual('their-token', self.last.headers['X-Auth-Token'])

    def test_a_token_that_keystone_does_not_know_is_told(self) -> None:
        error = self.assertRaises(CloudError, self.with_token, 404)
        self.assertEqual(404, error.code)
        self.assertNotIn('their-token', str(error))

    def test_the_addresses_of_a_service_begin_with_the_one_in_use(
        self,
    ) -> None:
        cloud = self.connect()
        self.assertEqual([http.NOVA], cloud.addresses('compute'))
        error = self.assertRaises(CloudError, cloud.addresses, 'dns')
        self.assertIn('cannot find its dns service', str(error))
