# SPDX-License-Identifier: Apache-2.0

"""Makes things in a cloud through its public APIs, and takes them away."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from keystoneauth1.adapter import Adapter
from keystoneauth1.session import Session

from tests.clouds import deletion
from tests.clouds.access import Access
from tests.clouds.created import Created, Made, Record
from tests.clouds.errors import SeedError
from tests.clouds.parallel import WORKERS, in_parallel
from tests.clouds.polling import wait

LIMIT = 180.0
FLAVOR = 'm1.hwmt'
FLAVOR_VARIABLE = 'OSC_HWMT_FLAVOR'
IMAGE_SIZE = 1 << 20


class Seeder:
    """Makes things in one cloud and remembers all that it made.

    The session has to be an administrator's.  ``record`` is called with
    everything made so far, whenever something was made or deleted.
    """

    def __init__(
        self,
        session: Session,
        region_name: str | None = None,
        prefix: str = '',
        *,
        interface: str = 'public',
        limit: float = LIMIT,
        record: Record | None = None,
    ) -> None:
        self.prefix = prefix
        self._access = Access(session, region_name, interface)
        self._limit = limit
        self._made = Made(record)

    @property
    def created(self) -> tuple[Created, ...]:
        """Return what was made and not deleted, in the order of making."""
        return self._made.all

    def prefixed(self, name: str) -> str:
        """Return a name that tells which run it belongs to."""
        return self.prefix + name

    def adopt(self, created: Iterable[Created]) -> None:
        """Take over what an earlier run has made."""
        self._made.adopt(created)

    def adapter(
        self, service_type: str, project_id: str | None = None
    ) -> Adapter:
        """Return access to a service, in a project if one is given."""
        return self._access.adapter(service_type, project_id)

    # Keystone

    def domain(self, name: str) -> str:
        """Return the id of a domain, which is made when it is missing."""
        return self._found('domain', name=name) or self._create(
            self.adapter('identity'), 'domain', {'name': name}
        )

    def project(
        self, name: str, domain_id: str, parent_id: str | None = None
    ) -> str:
        """Return the id of a project, which is made when it is missing.

        The administrator gets its role there, to act in it.
        """
        attributes = {'name': name, 'domain_id': domain_id}
        project_id = self._found('project', **attributes)
        if project_id is None:
            if parent_id is not None:
                attributes['parent_id'] = parent_id
            identity = self.adapter('identity')
            project_id = self._create(identity, 'project', attributes)
        self._grant(project_id, self._access.user_id, 'admin')
        return project_id

    def member(self, name: str, domain_id: str, project_id: str) -> str | None:
        """Make a user who is a member of a project; return the password.

        A user of that name is taken as it is, and None returned.
        """
        password = None
        attributes = {'name': name, 'domain_id': domain_id}
        user_id = self._found('user', **attributes)
        if user_id is None:
            password = secrets.token_urlsafe(18)
            user_id = self._create(
                self.adapter('identity'),
                'user',
                {**attributes, 'password': password},
            )
        self._grant(project_id, user_id, 'member')
        return password

    # Glance, Cinder, Nova

    def image(
        self,
        project_id: str,
        name: str,
        properties: Mapping[str, str],
        data: bytes = bytes(IMAGE_SIZE),
    ) -> str:
        """Make a raw image and return its id."""
        glance = self.adapter('image', project_id)
        answer = glance.post(
            '/images',
            json={
                **properties,
                'name': name,
                'disk_format': 'raw',
                'container_format': 'bare',
            },
        )
        image_id = str(answer.json()['id'])
        self._made.remember(Created('image', image_id, project_id))
        glance.put(
            f'/images/{image_id}/file',
            data=data,
            headers={'Content-Type': 'application/octet-stream'},
        )
        return image_id

    def flavor(self, name: str = FLAVOR, memory: int = 64) -> str:
        """Return the id of a small flavor; the environment may name one.

        ``memory`` is in megabytes.
        """
        named = os.environ.get(FLAVOR_VARIABLE)
        if named:
            return named
        compute = self.adapter('compute')
        name = self.prefixed(name)
        for flavor in compute.get('/flavors').json()['flavors']:
            if flavor['name'] == name:
                return str(flavor['id'])
        return self._create(
            compute,
            'flavor',
            {'name': name, 'ram': memory, 'vcpus': 1, 'disk': 1},
        )

    def volume(
        self,
        project_id: str,
        name: str,
        *,
        size: int = 1,
        bootable: bool = False,
        image_id: str | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> str:
        """Make a volume, wait until it is available, and return its id.

        ``properties`` become its image metadata.

        :raises SeedError: when it does not become available.
        """
        attributes = {'name': name, 'size': size}
        if image_id is not None:
            attributes['imageRef'] = image_id
        cinder = self.adapter('volumev3', project_id)
        volume_id = self._create(cinder, 'volume', attributes, project_id)
        self.await_volume(project_id, volume_id)
        if bootable and image_id is None:
            self.volume_action(
                project_id, volume_id, {'os-set_bootable': {'bootable': True}}
            )
        if properties:
            self.volume_action(
                project_id,
                volume_id,
                {'os-set_image_metadata': {'metadata': dict(properties)}},
            )
        return volume_id

    def volume_action(
        self, project_id: str, volume_id: str, body: Mapping[str, Any]
    ) -> None:
        """Do one of Cinder's actions on a volume."""
        self.adapter('volumev3', project_id).post(
            f'/volumes/{volume_id}/action', json=body
        )

    def show_volume(self, project_id: str, volume_id: str) -> dict[str, Any]:
        """Return a volume as Cinder shows it."""
        shown: dict[str, Any] = (
            self.adapter('volumev3', project_id)
            .get(f'/volumes/{volume_id}')
            .json()['volume']
        )
        return shown

    def await_volume(
        self, project_id: str, volume_id: str, wanted: str = 'available'
    ) -> dict[str, Any]:
        """Return a volume once it has the wanted status.

        :raises SeedError: when it gets into an error, or takes too long.
        """

        def look() -> dict[str, Any]:
            volume = self.show_volume(project_id, volume_id)
            if volume['status'].startswith('error'):
                raise SeedError(
                    f'Volume {volume_id} is in status {volume["status"]}.'
                )
            return volume

        return wait(
            f'volume {volume_id} is {wanted}',
            look,
            lambda volume: bool(volume['status'] == wanted),
            self._limit,
        )

    def server(
        self,
        project_id: str,
        name: str,
        *,
        image_id: str | None = None,
        block_devices: Sequence[Mapping[str, Any]] = (),
        flavor_id: str | None = None,
    ) -> dict[str, Any]:
        """Make a server without a network, and return it when it is active.

        :raises SeedError: with Nova's fault when it does not become active.
        """
        attributes: dict[str, Any] = {
            'name': name,
            'flavorRef': flavor_id or self.flavor(),
            'networks': 'none',
        }
        if image_id is not None:
            attributes['imageRef'] = image_id
        if block_devices:
            attributes['block_device_mapping_v2'] = list(block_devices)
        server_id = self._create(
            self.adapter('compute', project_id),
            'server',
            attributes,
            project_id,
        )
        return self.await_server(project_id, server_id)

    def server_action(
        self, project_id: str, server_id: str, body: Mapping[str, Any]
    ) -> None:
        """Do one of Nova's actions on a server."""
        self.adapter('compute', project_id).post(
            f'/servers/{server_id}/action', json=body
        )

    def await_server(
        self, project_id: str, server_id: str, wanted: str = 'ACTIVE'
    ) -> dict[str, Any]:
        """Return a server once it has the wanted status and is at rest.

        :raises SeedError: with Nova's fault when it gets into an error, or
            when it takes too long.
        """
        compute = self.adapter('compute', project_id)

        def look() -> dict[str, Any]:
            server: dict[str, Any] = compute.get(
                f'/servers/{server_id}'
            ).json()['server']
            if server['status'] == 'ERROR':
                fault = server.get('fault', {}).get('message', 'no fault')
                raise SeedError(
                    f'Server {server["name"]!r} ({server_id}) is in ERROR: '
                    f'{fault}'
                )
            return server

        return wait(
            f'server {server_id} is {wanted}',
            look,
            lambda server: (
                server['status'] == wanted
                and not server.get('OS-EXT-STS:task_state')
            ),
            self._limit,
        )

    # Deleting

    def clean(self, workers: int = WORKERS) -> None:
        """Delete all that was made; what is gone already is fine.

        :raises SeedError: when something does not go.
        """
        for kind in deletion.ORDER:
            doomed = [
                each for each in reversed(self.created) if each.kind == kind
            ]
            if kind in deletion.SIDE_BY_SIDE:
                in_parallel(self.delete, doomed, workers)
            else:
                for each in doomed:
                    self.delete(each)

    def delete(self, created: Created) -> None:
        """Delete one thing, and return when it is gone.

        :raises SeedError: when it does not go.
        """
        deletion.delete(self._access, created, self._limit)
        self._made.forget(created)

    def _create(
        self,
        adapter: Adapter,
        kind: str,
        attributes: Mapping[str, Any],
        project_id: str | None = None,
    ) -> str:
        answer = adapter.post(f'/{kind}s', json={kind: attributes})
        created_id = str(answer.json()[kind]['id'])
        self._made.remember(Created(kind, created_id, project_id))
        return created_id

    def _found(self, kind: str, **names: str) -> str | None:
        """Return the id of what Keystone has by these names, if it has."""
        identity = self.adapter('identity')
        found = identity.get(f'/{kind}s', params=names).json()[f'{kind}s']
        return str(found[0]['id']) if found else None

    def _grant(self, project_id: str, user_id: str, role: str) -> None:
        role_id = self._found('role', name=role)
        if role_id is None:
            raise SeedError(f'The cloud has no role "{role}".')
        self.adapter('identity').put(
            f'/projects/{project_id}/users/{user_id}/roles/{role_id}'
        )
