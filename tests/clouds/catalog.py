# SPDX-License-Identifier: Apache-2.0

"""What a new cloud's Keystone has to know: services, roles, a member."""

from __future__ import annotations

from keystoneauth1.adapter import Adapter

from tests.clouds.cloud import REGION, Cloud
from tests.clouds.health import admin_session

SERVICE_NAMES = {
    'image': 'glance',
    'volumev3': 'cinderv3',
    'compute': 'nova',
    'network': 'neutron',
    'placement': 'placement',
}
INTERFACES = ('public', 'internal', 'admin')
DEMO = 'demo'


def fill(cloud: Cloud) -> None:
    """Register the services, and make the project and user ``demo``."""
    keystone = Adapter(
        admin_session(cloud), endpoint_override=cloud.identity_url
    )
    for service_type, name in SERVICE_NAMES.items():
        service = _create(keystone, 'service', type=service_type, name=name)
        for interface in INTERFACES:
            _create(
                keystone,
                'endpoint',
                service_id=service,
                interface=interface,
                region_id=REGION,
                url=cloud.endpoints[service_type],
            )
    roles = {
        role['name']: role['id']
        for role in keystone.get('/roles').json()['roles']
    }
    # Releases before 2023.2 do not make it.
    if 'service' not in roles:
        _create(keystone, 'role', name='service')
    project = _create(keystone, 'project', name=DEMO, domain_id='default')
    user = _create(
        keystone,
        'user',
        name=DEMO,
        domain_id='default',
        default_project_id=project,
        password=cloud.password,
    )
    keystone.put(f'/projects/{project}/users/{user}/roles/{roles["member"]}')


def _create(keystone: Adapter, kind: str, **attributes: str) -> str:
    """Create one object in Keystone and return its id."""
    answer = keystone.post(f'/{kind}s', json={kind: attributes})
    created: str = answer.json()[kind]['id']
    return created
