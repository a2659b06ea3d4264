# SPDX-License-Identifier: Apache-2.0

"""A new project at the destination, and what Nova builds in it."""

from __future__ import annotations

import dataclasses
import os
import secrets
from collections.abc import Mapping
from typing import Any

from openstack import config

from tests.clouds import state, witness
from tests.clouds.created import Created
from tests.clouds.parallel import in_parallel
from tests.clouds.scenario import MACHINE_TYPE
from tests.clouds.seeder import FLAVOR, Seeder
from tests.functional.with_clouds import DESTINATION

__all__ = ['MACHINE_TYPE', 'Destination']


@dataclasses.dataclass(frozen=True)
class Destination:
    """A project in which a plain member imports, and its clouds.yaml."""

    seeder: Seeder
    project_id: str
    cloud: Mapping[str, Any]
    flavor: str

    @classmethod
    def made(cls) -> Destination:
        """Return a new project of the cloud that the environment names."""
        region = config.OpenStackConfig().get_one(
            cloud=os.environ[DESTINATION]
        )
        interface = region.get_interface() or 'public'
        prefix = f'hwmt-{secrets.token_hex(3)}-'
        seeder = Seeder(
            region.get_session(),
            region.region_name,
            prefix,
            interface=interface,
        )
        domain_id = seeder.domain('Default')
        name = seeder.prefixed('import')
        project_id = seeder.project(name, domain_id)
        password = seeder.member(name, domain_id, project_id)
        seeder.flavor()
        cloud = {
            'auth': {
                'auth_url': region.config['auth']['auth_url'],
                'username': name,
                'password': password,
                'user_domain_name': 'Default',
                'project_name': name,
                'project_domain_name': 'Default',
            },
            'region_name': region.region_name,
            'interface': interface,
        }
        return cls(seeder, project_id, cloud, seeder.prefixed(FLAVOR))

    def remove(self) -> None:
        """Delete the project and all that plays made in it."""
        self.empty()
        self.seeder.clean()

    def empty(self) -> None:
        """Delete the project's servers and volumes."""
        known = self.seeder.created
        there = [
            Created(kind, one['id'], self.project_id)
            for kind, service in (
                ('server', 'compute'),
                ('volume', 'volumev3'),
            )
            for one in self.listed(service, f'{kind}s')
        ]
        self.seeder.adopt(one for one in there if one not in known)
        for kind in ('server', 'volume'):
            in_parallel(
                self.seeder.delete,
                [one for one in self.seeder.created if one.kind == kind],
            )

    def listed(self, service: str, kind: str) -> list[dict[str, Any]]:
        """Return what the project has of some kind, as the service tells."""
        adapter = self.seeder.adapter(service, self.project_id)
        found: list[dict[str, Any]] = adapter.get(f'/{kind}/detail').json()[
            kind
        ]
        return found

    def built_with(self) -> dict[str, str | None]:
        """Return what Nova recorded of each server's machine type, by name."""
        return {
            server['name']: witness.nova_recorded_properties(
                state.default_directory(), state.DESTINATION, server['id']
            ).get(MACHINE_TYPE)
            for server in self.listed('compute', 'servers')
        }
