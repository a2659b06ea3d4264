# SPDX-License-Identifier: Apache-2.0

"""Two clouds with the servers of some projects, and what plays the importer.

The volumes are rows in the clouds' databases, and so are the servers of the
source: copies of one that Nova built. Those of the destination are built by
Nova too, or copied, which takes no time.
"""

from __future__ import annotations

import dataclasses
import itertools
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import yaml
from openstack import config

from tests.clouds import state
from tests.clouds.scenario import I440FX, MACHINE_TYPE, Q35
from tests.clouds.seeder import Seeder
from tests.clouds.server_rows import ServerRows
from tests.clouds.volume_rows import VolumeRows
from tests.functional.faulty_proxy import FaultyProxy

#: What ten servers have in the image metadata of their boot volumes.
_FOUND = (I440FX, Q35, I440FX, None, I440FX, I440FX, Q35, None, I440FX, I440FX)
_BUILDING = 300.0


@dataclasses.dataclass(frozen=True)
class Size:
    """How much there is to migrate, and in how many waves."""

    servers: int
    projects: int
    waves: int


@dataclasses.dataclass(frozen=True)
class Planned:
    """A server that is to move, and the wave in which it does.

    ``found`` is what the source recorded of it.
    """

    name: str
    project: int
    wave: int
    found: str | None

    @property
    def volume(self) -> str:
        """Return the name of its boot volume."""
        return f'{self.name}-boot'


class Cloud:
    """One of the two clouds, an administrator's way to it, and its rows."""

    def __init__(self, name: str, run: str, projects: int) -> None:
        self.name = name
        region = config.OpenStackConfig().get_one(cloud=name)
        self.session = region.get_session()
        self.seeder = Seeder(self.session, region.region_name, f'{run}-')
        self.settings: dict[str, Any] = {
            key: region.config[key]
            for key in ('auth', 'region_name', 'interface')
        }
        domain = self.seeder.domain('Default')
        self.project_ids = [
            self.seeder.project(f'{run}-p{number:02}', domain)
            for number in range(projects)
        ]
        directory = state.default_directory()
        self.volumes = [
            VolumeRows(directory, name, one, f'{run}-')
            for one in self.project_ids
        ]
        # Servers are copied from one that Nova built.
        (boot,) = self.volumes[0].add_named([f'{run}-template'])
        self.template = self.build(0, boot.name, boot.id)
        self.seeder.await_server(self.project_ids[0], self.template)
        self.copies = ServerRows(directory, name, self.template, boot.id)

    def as_member(self, project: int) -> dict[str, Any]:
        """Return the way of a new member of a project."""
        name = self.seeder.prefixed(f'member-{project}')
        password = self.seeder.member(
            name, self.seeder.domain('Default'), self.project_ids[project]
        )
        return {
            **self.settings,
            'auth': {
                'auth_url': self.settings['auth']['auth_url'],
                'username': name,
                'password': password,
                'user_domain_name': 'Default',
                'project_id': self.project_ids[project],
            },
        }

    def build(self, project: int, name: str, volume_id: str) -> str:
        """Let Nova build a server; return its id at once."""
        project_id = self.project_ids[project]
        return self.seeder._create(
            self.seeder.adapter('compute', project_id),
            'server',
            {
                'name': name,
                'flavorRef': self.seeder.flavor(),
                'networks': 'none',
                'block_device_mapping_v2': [
                    {
                        'boot_index': 0,
                        'uuid': volume_id,
                        'source_type': 'volume',
                        'destination_type': 'volume',
                        'delete_on_termination': True,
                    }
                ],
            },
            project_id,
        )

    def held(self) -> dict[str, dict[str, str]]:
        """Return the image metadata of all volumes, by their ids."""
        return {
            volume_id: dict(pairs)
            for volume_id, pairs in self.volumes[0].image_metadata().items()
        }


class Site:
    """Both clouds, the servers, and an importer that takes orders."""

    def __init__(
        self,
        size: Size,
        *,
        copied: bool,
        servers: Sequence[Planned] | None = None,
    ) -> None:
        self.size = size
        self.run = f'hwmt-{secrets.token_hex(3)}'
        self.copied = copied
        self.source = Cloud(state.SOURCE, self.run, size.projects)
        self.destination = Cloud(state.DESTINATION, self.run, size.projects)
        self.directory = Path(tempfile.mkdtemp(prefix=f'{self.run}-'))
        self.servers = list(servers or self._planned())
        #: What the importer made, by the names of servers.
        self.volume_ids: dict[str, str] = {}
        self.server_ids: dict[str, str] = {}
        self.proxy = FaultyProxy(
            self.destination.session.get_endpoint(
                service_type='volumev3', interface='public'
            )
        )
        self.proxy.listen()
        self.configuration = self.directory / 'clouds.yaml'
        self.configuration.write_text(
            yaml.safe_dump(
                {
                    'clouds': {
                        'src': self.source.settings,
                        'dst': {
                            **self.destination.settings,
                            'block_storage_endpoint_override': self.proxy.url,
                        },
                    }
                }
            )
        )
        self._fill_source()

    def close(self) -> None:
        """Delete all that was made in the clouds."""
        self.proxy.cut()
        for cloud in (self.source, self.destination):
            made = (
                self.server_ids
                if cloud is self.destination
                else self.source_ids
            )
            if self.copied or cloud is self.source:
                cloud.copies.remove(made.values())
            cloud.seeder.clean()
            cloud.volumes[0].remove()
            cloud.volumes[0].remove(
                self.volume_ids.values()
                if cloud is self.destination
                else self.source_volumes.values()
            )

    def _planned(self) -> Iterator[Planned]:
        size = self.size
        for number, found in zip(range(size.servers), itertools.cycle(_FOUND)):
            yield Planned(
                f'{self.run}-vm{number:04}',
                number % size.projects,
                number
                // size.projects
                * size.waves
                // -(-size.servers // size.projects)
                + 1,
                found,
            )

    def _fill_source(self) -> None:
        self.source_ids: dict[str, str] = {}
        self.source_volumes: dict[str, str] = {}
        for number, rows in enumerate(self.source.volumes):
            mine = [one for one in self.servers if one.project == number]
            made = rows.add_named([one.volume for one in mine])
            ids = {one.name: row.id for one, row in zip(mine, made)}
            for found in (I440FX, Q35):
                rows.set_image_metadata(
                    [ids[one.name] for one in mine if one.found == found],
                    {MACHINE_TYPE: found},
                )
            self.source_volumes.update(ids)
            self.source_ids.update(
                self.source.copies.add(self.source.project_ids[number], ids)
            )

    # What os-migrate writes

    def workloads(self, project: int) -> str:
        """Return a workloads file as os-migrate exports a project."""
        return str(
            yaml.safe_dump(
                {
                    'os_migrate_version': '1.0.5',
                    'resources': [
                        self._resource(one)
                        for one in self.servers
                        if one.project == project
                    ],
                }
            )
        )

    def _resource(self, one: Planned) -> dict[str, Any]:
        return {
            '_info': {
                'id': self.source_ids[one.name],
                'project_id': self.source.project_ids[one.project],
                'status': 'SHUTOFF',
            },
            '_migration_params': {
                'boot_disk_copy': False,
                'boot_volume': {'uuid': None},
                'boot_volume_params': {'name': None},
                'data_copy': True,
            },
            'params': {
                'image_ref': None,
                'name': one.name,
                'volumes': [
                    {
                        '_info': {
                            'id': self.source_volumes[one.name],
                            'is_bootable': True,
                            'size': 1,
                        },
                        '_migration_params': {},
                        'params': {'name': one.volume},
                        'type': 'openstack.network.ServerVolume',
                    }
                ],
            },
            'type': 'openstack.compute.Server',
        }

    # The importer

    def copy_volumes(self, servers: Sequence[Planned]) -> None:
        """Make the boot volumes of some servers at the destination."""
        for project, some in _by_project(servers).items():
            rows = self.destination.volumes[project].add_named(
                [one.volume for one in some]
            )
            self.volume_ids.update(
                {one.name: row.id for one, row in zip(some, rows)}
            )

    def build(self, servers: Sequence[Planned], later: float = 0.0) -> None:
        """Build some servers from their volumes, and wait for them.

        Copies can be of some seconds ``later``.
        """
        cloud = self.destination
        for project, some in _by_project(servers).items():
            volumes = {one.name: self.volume_ids[one.name] for one in some}
            if self.copied:
                self.server_ids.update(
                    cloud.copies.add(
                        cloud.project_ids[project], volumes, later
                    )
                )
                continue
            self.server_ids.update(
                {
                    name: cloud.build(project, name, volume_id)
                    for name, volume_id in volumes.items()
                }
            )
        if not self.copied:
            self._await(servers)

    def _await(self, servers: Iterable[Planned]) -> None:
        until = time.monotonic() + _BUILDING
        for one in servers:
            project_id = self.destination.project_ids[one.project]
            self.destination.seeder.await_server(
                project_id, self.server_ids[one.name]
            )
            if time.monotonic() > until:
                raise TimeoutError('Nova builds no more servers')

    def rebuild(self, one: Planned) -> None:
        """Delete a server, keep its volume, and build it again."""
        cloud = self.destination
        server_id = self.server_ids[one.name]
        if self.copied:
            cloud.copies.remove([server_id])
        else:
            self.keep_volume(one)
            cloud.seeder.delete(
                next(
                    made
                    for made in cloud.seeder.created
                    if made.id == server_id
                )
            )
        self.build([one])

    def keep_volume(self, one: Planned) -> None:
        """Have Nova keep a volume when its server is deleted (2.85)."""
        server_id = self.server_ids[one.name]
        volume_id = self.volume_ids[one.name]
        self.destination.seeder.adapter(
            'compute', self.destination.project_ids[one.project]
        ).put(
            f'/servers/{server_id}/os-volume_attachments/{volume_id}',
            json={
                'volumeAttachment': {
                    'volumeId': volume_id,
                    'delete_on_termination': False,
                }
            },
            microversion='2.85',
        )

    def forget(self) -> None:
        """Delete what the importer made; it can begin anew."""
        self.destination.copies.remove(self.server_ids.values())
        self.destination.volumes[0].remove(self.volume_ids.values())
        self.server_ids.clear()
        self.volume_ids.clear()

    # Witnesses

    def on_volumes(self) -> dict[str, str | None]:
        """Return the machine type on the volume of each server there is."""
        held = self.destination.held()
        return {
            name: held.get(volume_id, {}).get(MACHINE_TYPE)
            for name, volume_id in self.volume_ids.items()
        }

    def built_with(self) -> Mapping[str, str | None]:
        """Return what Nova recorded of the machine type of each server."""
        path = state.nova_cell_of(state.default_directory(), state.DESTINATION)
        with closing(sqlite3.connect(f'file:{path}?mode=ro', uri=True)) as one:
            recorded = dict(
                one.execute(
                    'SELECT instance_uuid, value FROM'
                    ' instance_system_metadata WHERE deleted = 0 AND key = ?',
                    [f'image_{MACHINE_TYPE}'],
                )
            )
        return {
            name: recorded.get(server_id)
            for name, server_id in self.server_ids.items()
        }


def _by_project(servers: Iterable[Planned]) -> dict[int, list[Planned]]:
    found: dict[int, list[Planned]] = {}
    for one in servers:
        found.setdefault(one.project, []).append(one)
    return found
