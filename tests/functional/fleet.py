# SPDX-License-Identifier: Apache-2.0

"""Many destination volumes, their manifest, and a way to them with faults.

The volumes are rows in the database of a test cloud of ours, so these tests
need one.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from openstack import config

from tests.clouds import state
from tests.clouds.scenario import I440FX, Q35
from tests.clouds.volume_rows import VolumeRow, VolumeRows
from tests.functional.faulty_proxy import FaultyProxy, Rule
from tests.functional.with_clouds import DESTINATION, TEST_CLOUDS

KEY = 'hw_machine_type'
#: What a volume has beside, and keeps.
OTHER = {'os_type': 'windows'}
DIRECT, FAULTY = 'dst', 'faulty'


def available() -> bool:
    """Tell whether the destination is a test cloud of ours."""
    return TEST_CLOUDS in os.environ


class Fleet:
    """Volumes that a manifest wants i440fx on, and some bystanders.

    The first volume has another machine type before, the second one some
    other property, the others have nothing.
    """

    def __init__(self, count: int) -> None:
        region = config.OpenStackConfig().get_one(
            cloud=os.environ[DESTINATION]
        )
        session = region.get_session()
        self._prefix = f'hwmt-{secrets.token_hex(3)}-'
        self._admin = {
            key: region.config[key]
            for key in ('auth', 'region_name', 'interface')
        }
        self.endpoint = session.get_endpoint(
            service_type='volumev3',
            interface=region.get_interface() or 'public',
            region_name=region.region_name,
        )
        self.database = VolumeRows(
            state.default_directory(),
            state.DESTINATION,
            session.get_project_id(),
            self._prefix,
        )
        rows = self.database.add(count + 2)
        self.volumes: list[VolumeRow] = rows[:count]
        self.bystanders: list[VolumeRow] = rows[count:]
        self.directory = Path(tempfile.mkdtemp(prefix=self._prefix))
        self.configuration = self.directory / 'clouds.yaml'
        self._write_configuration(self.endpoint)
        self.reset()

    def reset(self) -> None:
        """Give all volumes what they had in the beginning."""
        first, second, *others = self.volumes
        self.database.set_image_metadata([one.id for one in others], {})
        self.database.set_image_metadata([first.id], {KEY: Q35})
        self.database.set_image_metadata([second.id], OTHER)
        self.database.set_image_metadata(
            [one.id for one in self.bystanders], {**OTHER, KEY: 'virt'}
        )

    def remove(self) -> None:
        """Delete everything that was made."""
        self.database.remove()
        shutil.rmtree(self.directory)

    def through(self, rule: Rule) -> FaultyProxy:
        """Return a proxy that the cloud FAULTY is reached by from now on."""
        proxy = FaultyProxy(self.endpoint, rule)
        proxy.listen()
        self._write_configuration(proxy.url)
        return proxy

    def reached_by(self, url: str, **settings: Any) -> None:
        """Let the cloud FAULTY have another address of Cinder."""
        self._write_configuration(url, **settings)

    def move(self, port: int) -> None:
        """Let another port of this machine answer for Cinder from now on."""
        here = urlsplit(self.endpoint)
        netloc = f'{here.hostname}:{port}'
        self.endpoint = here._replace(netloc=netloc).geturl()
        self._admin['block_storage_endpoint_override'] = self.endpoint
        self._write_configuration(self.endpoint)

    def _write_configuration(self, url: str, **settings: Any) -> None:
        clouds = {
            DIRECT: self._admin,
            FAULTY: {
                **self._admin,
                'block_storage_endpoint_override': url,
                **settings,
            },
        }
        self.configuration.write_text(yaml.safe_dump({'clouds': clouds}))

    def manifest(self, count: int | None = None) -> str:
        """Return a manifest that finds the volumes by their names.

        It has all of them, or the first ``count``.
        """
        return str(
            yaml.safe_dump(
                {
                    'resources': [
                        _resource(number, volume)
                        for number, volume in enumerate(self.volumes[:count])
                    ]
                }
            )
        )

    def expected(self) -> dict[str, list[tuple[str, str]]]:
        """Return the image metadata after a run that nothing disturbed."""
        wanted = [(KEY, I440FX)]
        found = {one.id: wanted for one in self.volumes}
        found[self.volumes[1].id] = sorted([*wanted, *OTHER.items()])
        for one in self.bystanders:
            found[one.id] = sorted([(KEY, 'virt'), *OTHER.items()])
        return {key: found[key] for key in sorted(found)}

    def machine_types(self) -> dict[str, str | None]:
        """Return what each volume has now; twice is an error."""
        held = self.database.image_metadata()
        found: dict[str, str | None] = {}
        for volume in self.volumes:
            values = [
                value for key, value in held.get(volume.id, []) if key == KEY
            ]
            if len(values) > 1:
                raise AssertionError(f'{volume.id} has it twice: {values}')
            found[volume.id] = values[0] if values else None
        return found


def _resource(number: int, volume: VolumeRow) -> dict[str, Any]:
    return {
        'type': 'openstack.compute.Server',
        'params': {
            'name': f'vm-{number:06}',
            KEY: I440FX,
            'volumes': [
                {
                    'type': 'openstack.network.ServerVolume',
                    'params': {'name': volume.name},
                    '_info': {
                        'id': f'source-volume-{number:06}',
                        'is_bootable': True,
                        'size': 1,
                    },
                }
            ],
        },
        '_info': {'id': f'source-{number:06}'},
        '_migration_params': {},
    }
