# SPDX-License-Identifier: Apache-2.0

"""Answers by wire beneath the real keystoneauth1 and python-cinderclient."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests_mock
from keystoneauth1 import fixture, session
from keystoneauth1.identity import v3

from osc_hwmt.cloud import connection
from osc_hwmt.cloud.retry import RetryGate
from tests.unit.support import cases

KEYSTONE = 'http://keystone.test/v3'
NOVA = 'http://nova.test/v2.1'
CINDER = 'http://cinder.test/v3/project-own'
GLANCE = 'http://glance.test'
PASSWORD = 'correct horse'
TOKEN = 'gAAAA-token'


@dataclasses.dataclass
class Region:
    """As much of openstack.config's CloudRegion as is used."""

    opened: session.Session
    config: dict[str, Any] = dataclasses.field(default_factory=dict)
    region_name: str = 'RegionOne'

    def get_session(self) -> session.Session:
        return self.opened

    def get_interface(self, _service_type: str) -> str:
        return 'public'

    def get_endpoint(self, _service_type: str) -> str | None:
        return None

    def get_requests_verify_args(self) -> tuple[bool, None]:
        return True, None


def new_region() -> Region:
    """Return a region whose session knows nothing of its cloud yet."""
    auth = v3.Password(
        KEYSTONE,
        username='robot',
        password=PASSWORD,
        user_domain_name='Default',
        project_name='erp',
        project_domain_name='Default',
    )
    return Region(session.Session(auth=auth))


class CloudTestCase(cases.TestCase):
    """A cloud of which every answer is given by the test."""

    def setUp(self) -> None:
        super().setUp()
        self.wire = requests_mock.Mocker()
        self.wire.start()
        self.addCleanup(self.wire.stop)
        self.naps: list[float] = []
        self.replace(
            'osc_hwmt.cloud.connection.RetryGate',
            functools.partial(
                RetryGate, rest=self.rest, clock=lambda: sum(self.naps)
            ),
        )
        self.wire.get(
            KEYSTONE, json={'version': fixture.V3Discovery(KEYSTONE)}
        )
        self.log_in_as('project-own')
        self.compute_offers('2.60')
        self.wire.get(
            GLANCE,
            json={
                'versions': [
                    {
                        'id': 'v2.9',
                        'status': 'CURRENT',
                        'links': [{'rel': 'self', 'href': f'{GLANCE}/v2/'}],
                    }
                ]
            },
        )
        self.region = new_region()

    def rest(self, seconds: float) -> bool:
        self.naps.append(seconds)
        return False

    def log_in_as(self, project_id: str | None, **headers: str) -> None:
        """Let Keystone give a token of that project, or an unscoped one."""
        token = fixture.V3Token()
        if project_id:
            token.set_project_scope(id=project_id, name='erp', domain_name='D')
            for kind, url in (
                ('identity', KEYSTONE),
                ('compute', NOVA),
                ('volumev3', CINDER),
                ('image', GLANCE),
            ):
                token.add_service(kind).add_endpoint(
                    'public', url, region='RegionOne'
                )
        self.wire.post(
            f'{KEYSTONE}/auth/tokens',
            json=token,
            headers={'X-Subject-Token': TOKEN, **headers},
        )

    def compute_offers(self, microversion: str) -> None:
        """Let Nova offer microversions up to this one."""
        version = {
            'id': 'v2.1',
            'status': 'CURRENT',
            'version': microversion,
            'min_version': '2.1' if microversion else '',
            'links': [{'rel': 'self', 'href': NOVA}],
        }
        self.wire.get(NOVA, json={'version': version})

    def connect(self) -> connection.ConnectedCloud:
        return connection.connect(self.region, 'dst', 4)

    @property
    def last(self) -> Any:
        """The last request that was made."""
        return self.wire.last_request

    def queries(self, path: str) -> list[dict[str, str]]:
        """Return the queries of all requests for a path, in their order."""
        return [
            {
                key: values[0]
                for key, values in parse_qs(
                    urlsplit(request.url).query
                ).items()
            }
            for request in self.wire.request_history
            if urlsplit(request.url).path == path
        ]

    def hosts(self) -> set[str]:
        """Return the hosts that any request went to."""
        return {
            urlsplit(request.url).netloc
            for request in self.wire.request_history
        }
