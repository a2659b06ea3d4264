# SPDX-License-Identifier: Apache-2.0

"""A gateway in front of the destination, and what its clients need."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import fixtures
import testtools
import yaml

from tests.functional.base import LIMIT, without_cloud
from tests.functional.destination import MACHINE_TYPE, Destination
from tests.functional.fork_server import OPENSTACK

PC, Q35 = 'pc-i440fx-rhel7.6.0', 'pc-q35-rhel9.4.0'
DEVICES = 'block_device_mapping_v2'


class Gateway(fixtures.Fixture):
    """``openstack migrate machine-type gate`` on a free port."""

    def __init__(
        self, configuration: Path, manifest: Path, *options: str
    ) -> None:
        self._configuration = configuration
        self._manifest = manifest
        self._options = options
        self.said: list[str] = []

    def _setUp(self) -> None:
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            port = free.getsockname()[1]
        self.url = f'http://127.0.0.1:{port}'
        self.process = subprocess.Popen(
            [
                *(OPENSTACK, '--os-cloud', 'dst', 'migrate', 'machine-type'),
                *('gate', str(self._manifest), '--listen'),
                *(f'127.0.0.1:{port}', '-f', 'json', *self._options),
            ],
            env=without_cloud(self._configuration),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()
        self.heard('Press Ctrl-C to stop')

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.rstrip())

    @property
    def all(self) -> str:
        return '\n'.join(self.said)

    def heard(self, text: str) -> str:
        """Return what it said, once that has a text in it."""
        until = time.monotonic() + LIMIT
        while text not in self.all:
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f'expected {text}, heard: {self.all}')
            time.sleep(0.05)
        return self.all

    def end(self) -> str:
        """Interrupt it, and return its table."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.stdout is not None
        table = self.process.stdout.read()
        assert self.process.wait(LIMIT) == 0, self.all
        self._listening.join(LIMIT)
        return table


class GateTest(testtools.TestCase):  # type: ignore[misc]
    """A test with a project at the destination, and orders for servers."""

    destination: Destination

    @classmethod
    def setUpClass(cls) -> None:
        """Make a project, once for all tests of the class."""
        super().setUpClass()
        cls.destination = Destination.made()
        cls.addClassCleanup(cls.destination.remove)
        auth = cls.destination.cloud['auth']
        cls.project = auth['project_name'], auth['project_domain_name']

    def setUp(self) -> None:
        super().setUp()
        self.directory = Path(self.useFixture(fixtures.TempDir()).path)
        self.manifest = self.directory / 'workloads.yml'
        self.configuration = self.clouds(self.destination.cloud)
        self.addCleanup(self.destination.empty)

    def clouds(
        self, cloud: Mapping[str, Any], name: str = 'clouds.yaml'
    ) -> Path:
        """Return a clouds.yaml with a cloud dst."""
        path = self.directory / name
        path.write_text(yaml.safe_dump({'clouds': {'dst': dict(cloud)}}))
        return path

    def gateway(self, *options: str) -> Gateway:
        """Return a gateway, with a clouds.yaml for its clients."""
        found: Gateway = self.useFixture(
            Gateway(self.configuration, self.manifest, *options)
        )
        self.gated = self.clouds(self.through(found.url), 'gated.yaml')
        return found

    def through(self, url: str) -> dict[str, Any]:
        """Return the cloud as its clients reach it through a gateway."""
        cloud = dict(self.destination.cloud)
        auth = {**cloud['auth'], 'auth_url': f'{url}/identity/v3'}
        return {**cloud, 'auth': auth}

    def list_servers(self, **wanted: str | None) -> None:
        """Write a manifest with servers of this project, by their names."""
        name, domain = self.project
        resources = [
            resource(server, value, name, domain)
            for server, value in wanted.items()
        ]
        replaced = self.manifest.with_suffix('.new')
        replaced.write_text(
            yaml.safe_dump(
                {'os_migrate_version': '1.0.5', 'resources': resources}
            )
        )
        os.replace(replaced, self.manifest)

    def volume(self, name: str = 'boot', **more: Any) -> str:
        """Return a new bootable volume."""
        return self.destination.seeder.volume(
            self.destination.project_id, name, bootable=True, **more
        )

    def metadata(self, volume_id: str) -> dict[str, str]:
        """Return a volume's image metadata."""
        shown = self.destination.seeder.show_volume(
            self.destination.project_id, volume_id
        )
        found: dict[str, str] = shown.get('volume_image_metadata') or {}
        return found

    def root(self, volume: str, /, **more: Any) -> dict[str, Any]:
        """Return a boot volume as it stands in an order."""
        return {
            'boot_index': 0,
            'source_type': 'volume',
            'destination_type': 'volume',
            'delete_on_termination': False,
            'uuid': volume,
            **more,
        }

    def order(self, name: str, *devices: Any, **more: Any) -> dict[str, Any]:
        """Return an order for a server without a network."""
        server = {
            'name': name,
            'flavorRef': self.destination.seeder.flavor(),
            'networks': 'none',
            **({DEVICES: list(devices)} if devices else {}),
            **more,
        }
        return {'server': server}

    def recorded(self, name: str) -> str | None:
        """Return the machine type that Nova recorded of a server."""
        return self.destination.built_with()[name]


def resource(
    name: str, wanted: str | None, project: str, domain: str
) -> dict[str, Any]:
    """Return a server of a manifest, as export completes it."""
    facts = {
        'value': wanted,
        'evidence': 'libvirt-domain' if wanted else 'none',
        'project_name': project,
        'project_domain_name': domain,
        # Somebody chose a null.
        **({} if wanted else {'left_to_destination': True}),
    }
    return {
        '_info': {'id': str(uuid.uuid4()), MACHINE_TYPE: facts},
        '_migration_params': {'boot_volume': {'uuid': None}},
        'params': {
            'name': name,
            MACHINE_TYPE: wanted,
            'image_ref': None,
            'volumes': [],
        },
        'type': 'openstack.compute.Server',
    }


def lines_of(said: str, name: str) -> Iterator[str]:
    """Yield what a gateway said of a server."""
    for line in said.splitlines():
        if re.match(rf'\S+ {re.escape(name)}[ :]', line):
            yield line
