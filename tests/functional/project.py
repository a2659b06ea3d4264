# SPDX-License-Identifier: Apache-2.0

"""A project of the destination, changed while commands run."""

from __future__ import annotations

import unittest
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.clouds.scenario import MACHINE_TYPE
from tests.functional import fleet as fleets
from tests.functional.base import Answer, FunctionalTest
from tests.functional.destination import Destination
from tests.functional.terminal import Terminal


class ProjectTestCase(FunctionalTest):
    """A project that is its own, whose volumes a test changes as it likes."""

    destination: Destination

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        if not fleets.available():
            raise unittest.SkipTest('only the test clouds can be held up')
        cls.destination = Destination.made()
        cls.addClassCleanup(cls.destination.remove)

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.destination.empty)
        self.seeder = self.destination.seeder
        self.project_id = self.destination.project_id
        self.configuration = self.directory / 'clouds.yaml'
        self.write(
            self.configuration, {'clouds': {'dst': self.destination.cloud}}
        )

    def write(self, path: Path, data: object) -> None:
        path.write_text(yaml.safe_dump(data), encoding='utf-8')

    def manifest(
        self,
        wishes: Mapping[str, str],
        named: Mapping[str, str] | None = None,
    ) -> None:
        """Write a manifest of servers, their machine types and volumes."""
        self.write(
            self.directory / 'vms.yml',
            {
                'resources': [
                    _resource(name, wanted, (named or {}).get(name))
                    for name, wanted in wishes.items()
                ]
            },
        )

    def volume(self, name: str, **properties: str) -> str:
        """Make a server's volume."""
        return self.seeder.volume(
            self.project_id,
            f'{name}-boot',
            bootable=True,
            properties=properties,
        )

    def rename(self, volume_id: str, name: str) -> None:
        self.seeder.adapter('volumev3', self.project_id).put(
            f'/volumes/{volume_id}', json={'volume': {'name': f'{name}-boot'}}
        )

    def reset(self, volume_id: str, status: str) -> None:
        """Let a volume be in a status until the test ends."""
        self.seeder.volume_action(
            self.project_id, volume_id, {'os-reset_status': {'status': status}}
        )
        if status != 'available':
            self.addCleanup(self.reset, volume_id, 'available')

    def shown(self, volume_id: str) -> dict[str, Any]:
        return self.seeder.show_volume(self.project_id, volume_id)

    def machine_type_of(self, volume_id: str) -> str | None:
        found: Mapping[str, str] = self.shown(volume_id).get(
            'volume_image_metadata', {}
        )
        return found.get(MACHINE_TYPE)

    def apply(self, *words: str, code: int = 0) -> Answer:
        """Return what apply answers."""
        return self.machine_type(
            'apply', '--destination-cloud', 'dst', *words, code=code
        )

    def approved(
        self, *words: str, change: Callable[[], None], code: int
    ) -> tuple[Answer, str]:
        """Return what apply answers where the cloud changes before the "y".

        Also returned is what it asked.
        """
        terminal = Terminal()
        self.addCleanup(terminal.close)
        process = self.start(
            *('migrate', 'machine-type', 'apply', '-f', 'json'),
            *('--destination-cloud', 'dst', *words),
            stdin=terminal.end,
            stderr=terminal.end,
        )
        asked = terminal.read_until('[y/N] ')
        change()
        terminal.type('y\n')
        return self.end(process, code, asked), asked


def _resource(name: str, wanted: str, volume_id: str | None) -> dict[str, Any]:
    return {
        'type': 'openstack.compute.Server',
        'params': {
            'name': name,
            MACHINE_TYPE: wanted,
            'volumes': [
                {
                    'type': 'openstack.network.ServerVolume',
                    'params': {'name': f'{name}-boot'},
                    '_info': {
                        'id': str(uuid.uuid4()),
                        'is_bootable': True,
                        'size': 1,
                    },
                }
            ],
        },
        '_info': {'id': str(uuid.uuid4())},
        '_migration_params': {'boot_volume': {'uuid': volume_id}},
    }
