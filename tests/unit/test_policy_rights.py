# SPDX-License-Identifier: Apache-2.0

"""The page on policy has every request that the package makes."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests_mock
from keystoneauth1 import fixture

from osc_hwmt.cloud import interface
from osc_hwmt.cloud.interface import (
    ComputeHost,
    ResourceKind,
    Scope,
    TemporaryResource,
)
from osc_hwmt.cloud.mark import Purpose, RunMark
from osc_hwmt.exceptions import CloudError
from tests.policy_rights import RIGHTS, WITHOUT_RULE
from tests.unit.support import http

ID = 'an-id'
MARK = RunMark.new(Purpose.PROBE, 600.0)
HOST = ComputeHost('compute-0', 'nova', True, True, 'QEMU')
#: Listings with nothing in them, and what is asked for by its id.
ANSWER: Mapping[str, Any] = {
    **{
        kind: []
        for kind in (
            *('projects', 'domains', 'servers', 'services', 'hypervisors'),
            *('flavors', 'images', 'volumes', 'snapshots'),
        )
    },
    'id': ID,
    'flavor': {'id': ID},
    'server': {'id': ID, 'name': 'web', 'status': 'ACTIVE'},
}
RESOURCES = [
    TemporaryResource(kind, ID, MARK.name, MARK) for kind in ResourceKind
]
#: How to have each method of the gateways make its requests.
CALLS: Mapping[str, Mapping[str, Callable[[Any], object]]] = {
    'compute': {
        'servers': lambda nova: [
            nova.servers(scope) for scope in (Scope(), Scope('one'))
        ],
        'newest_microversion': lambda nova: nova.newest_microversion(),
        'server_name': lambda nova: nova.server_name(ID),
    },
    'block_storage': {
        'volumes': lambda cinder: [
            cinder.volumes(scope) for scope in (Scope(), Scope('one'))
        ],
        'volume': lambda cinder: cinder.volume(ID),
        'image_metadata': lambda cinder: cinder.image_metadata(ID),
        'set_image_metadata': lambda cinder: cinder.set_image_metadata(
            ID, {'hw_machine_type': 'pc'}
        ),
        'unset_image_metadata': lambda cinder: cinder.unset_image_metadata(
            ID, ['hw_machine_type']
        ),
    },
    'images': {
        'image': lambda glance: glance.image(ID),
        'named': lambda glance: glance.named('web'),
    },
    'identity': {
        'own_project': lambda keystone: keystone.own_project(),
        'projects': lambda keystone: keystone.projects(),
    },
    'temporary': {
        'made': lambda made: made.made(list(ResourceKind)),
        'delete': lambda made: list(map(made.delete, RESOURCES)),
        'is_there': lambda made: list(map(made.is_there, RESOURCES)),
    },
    'probing': {
        'hosts': lambda nova: nova.hosts(),
        'flavor_id': lambda nova: nova.flavor_id('m1'),
        'create_flavor': lambda nova: nova.create_flavor(MARK),
        'create_image': lambda nova: nova.create_image(MARK, 'pc'),
        'fill_image': lambda nova: nova.fill_image(ID, b''),
        'create_server': lambda nova: nova.create_server(MARK, HOST, ID, ID),
        'build': lambda nova: nova.build(ID),
    },
    'inspecting': {
        'quota_left': lambda inspecting: inspecting.quota_left(),
        'create_image': lambda nova: nova.create_image(ID, 'web', MARK),
        'volume_of': lambda cinder: cinder.volume_of(ID),
    },
}


class PolicyRightsTest(http.CloudTestCase):
    def test_each_request_has_its_rule_and_each_rule_its_request(
        self,
    ) -> None:
        self.wire.register_uri(
            requests_mock.ANY,
            re.compile(r'^http://(nova|cinder|glance|keystone)\.test/.+/.+'),
            json=self.answer,
        )
        self.log_in_as('project-own')
        cloud = self.connect()
        tokens = f'{http.KEYSTONE}/auth/tokens'
        self.wire.get(tokens, json=fixture.V3Token())
        cloud.with_token('a-token')
        for gateway, calls in CALLS.items():
            for call in calls.values():
                try:
                    call(getattr(cloud, gateway))
                except CloudError as exc:
                    self.assertNotIn('No mock address', str(exc))
        made = set(map(_normal, self.wire.request_history))
        self.assertEqual(
            {one.request for one in RIGHTS if one.request} | set(WITHOUT_RULE),
            made,
        )

    def answer(self, request: Any, _context: object) -> Mapping[str, Any]:
        if 'os-show_image_metadata' in (request.text or ''):
            return {'metadata': {}}
        return ANSWER

    def test_each_method_of_a_gateway_is_called(self) -> None:
        cloud = self.connect()
        gateways = {
            name
            for name, member in vars(interface.Cloud).items()
            if isinstance(member, property)
            and member.fget.__annotations__['return'][0].isupper()
        }
        self.assertEqual(gateways, set(CALLS))
        for gateway, calls in CALLS.items():
            methods = {
                name
                for name, _ in inspect.getmembers(
                    getattr(cloud, gateway), inspect.ismethod
                )
                if name[0] != '_'
            }
            self.assertEqual(methods, set(calls))


def _normal(request: Any) -> str:
    """Return a request as the table has it."""
    url = urlsplit(request.url)
    path = re.sub(r'^(/v2\.1|/v2|/v3)(/project-own)?(?=/|$)', '', url.path)
    path = re.sub(r'(?<=/)an-id(?=/|$)', '{id}', path) or '/'
    words = [request.method, path]
    if path.endswith('/action'):
        (action,) = json.loads(request.text)
        words.append(action)
    if 'all_tenants' in parse_qs(url.query):
        words.append('all_tenants')
    return ' '.join(words)
