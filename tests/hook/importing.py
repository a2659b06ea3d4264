# SPDX-License-Identifier: Apache-2.0

"""A project at the destination, and imports into it by a real Ansible."""

from __future__ import annotations

import dataclasses
import os
import secrets
import socket
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import fixtures
import testtools
import yaml

from tests.functional.destination import MACHINE_TYPE, Destination

HERE = Path(__file__).parent
HOOK = 'osc_hwmt.machine_type.hook'
PC = 'pc-i440fx-rhel7.6.0'
Q35 = 'pc-q35-rhel9.4.0'
#: Seconds for one play, far above what any takes.
LIMIT = 300


@dataclasses.dataclass(frozen=True)
class Played:
    """What ansible-playbook said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Return both streams in one line, as Ansible breaks its warnings."""
        return ' '.join(f'{self.out} {self.err}'.split())


class ImportTest(testtools.TestCase):  # type: ignore[misc]
    """A test with data directories of os-migrate's, and Ansible to import."""

    destination: Destination

    @classmethod
    def setUpClass(cls) -> None:
        """Make a project, once for all tests of the class."""
        super().setUpClass()
        cls.destination = Destination.made()
        cls.addClassCleanup(cls.destination.remove)

    def setUp(self) -> None:
        super().setUp()
        self.home = Path(self.useFixture(fixtures.TempDir()).path)
        self.data = self.data_directory('data')
        self.environment: dict[str, str] = {}
        self.addCleanup(self.destination.empty)

    def data_directory(self, name: str) -> Path:
        """Return a new os_migrate_data_dir that has the clouds.yaml."""
        directory = self.home / name
        directory.mkdir()
        self.write(
            directory / 'clouds.yaml',
            {'clouds': {'dst': dict(self.destination.cloud)}},
        )
        return directory

    def write(self, path: Path, data: object) -> Path:
        """Write a file of YAML."""
        path.write_text(yaml.safe_dump(data), encoding='utf-8')
        return path

    def workloads(
        self, *resources: Mapping[str, Any], path: Path | None = None
    ) -> Path:
        """Write a workloads file, into the data directory if not said."""
        return self.write(
            path or self.data / 'workloads.yml',
            {'os_migrate_version': '1.0.5', 'resources': list(resources)},
        )

    def resource(
        self,
        name: str,
        wanted: str | None = PC,
        *,
        image: str | None = None,
        boot_disk_copy: bool = True,
        placed: str | None = None,
        data_disks: int = 0,
        nbdkit: bool = False,
    ) -> dict[str, Any]:
        """Return a workload as os-migrate exports and our export completes it.

        ``placed`` is a destination volume, for data_copy: false.
        """
        disks = [] if image else [_volume(f'{name}-boot', '/dev/vda', True)]
        disks += [
            _volume(f'{name}-data-{n}', f'/dev/vd{"bcdef"[n]}', False)
            for n in range(data_disks)
        ]
        return {
            '_info': {'id': str(uuid.uuid4()), 'status': 'SHUTOFF'},
            '_migration_params': {
                'additional_volumes': [],
                'boot_disk_copy': boot_disk_copy,
                'boot_volume': {'uuid': placed},
                'boot_volume_params': {'name': None},
                'data_copy': placed is None,
                'use_nbdkit_direct': nbdkit,
            },
            'params': {
                'flavor_ref': {'name': self.destination.flavor},
                MACHINE_TYPE: wanted,
                'image_ref': {'name': image} if image else None,
                'name': name,
                'volumes': disks,
            },
            'type': 'openstack.compute.Server',
        }

    def without_cinder(self) -> str:
        """Return a clouds.yaml whose Cinder nobody answers for."""
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            nobody = f'http://127.0.0.1:{listener.getsockname()[1]}/v3'
        cloud = {
            **self.destination.cloud,
            'block_storage_endpoint_override': nobody,
        }
        path = self.home / 'clouds.yaml'
        return str(self.write(path, {'clouds': {'dst': cloud}}))

    def play(
        self,
        *words: str,
        hook: bool = True,
        playbook: str | Path = 'osc_hwmt.machine_type.import_workloads',
        hosts: Mapping[str, Path] | None = None,
        code: int = 0,
        **settings: str,
    ) -> Played:
        """Return what a play says; it must end with that exit code.

        ``settings`` are the hook's, as its environment variables end.
        """
        inventory = {
            name: {
                'ansible_connection': 'local',
                'ansible_python_interpreter': sys.executable,
                'os_migrate_data_dir': str(directory),
            }
            for name, directory in (hosts or {'here': self.data}).items()
        }
        # Two plays of a test may run at once.
        path = self.home / f'inventory-{secrets.token_hex(4)}.yml'
        self.write(path, {'migrator': {'hosts': inventory}})
        environment = {
            variable(name): value for name, value in settings.items()
        }
        if hook:
            environment['ANSIBLE_CALLBACKS_ENABLED'] = HOOK
        played = self.ansible(
            'ansible-playbook',
            '-i',
            str(path),
            str(playbook),
            *words,
            **environment,
        )
        self.assertEqual(code, played.code, f'{played.out}\n{played.err}')
        return played

    def ansible(self, *words: str, **environment: str) -> Played:
        """Return what a command of Ansible's says."""
        command = Path(sys.executable).parent / words[0]
        done = subprocess.run(
            [command, *words[1:]],
            env={
                **_clean(os.environ),
                'ANSIBLE_COLLECTIONS_PATH': str(HERE / 'collections'),
                'ANSIBLE_HOME': str(self.home / 'ansible'),
                'ANSIBLE_NOCOLOR': '1',
                **self.environment,
                **environment,
            },
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        return Played(done.returncode, done.stdout, done.stderr)


def detached(name: str, wanted: str | None) -> dict[str, Any]:
    """Return a volume of no server as os-migrate exports it."""
    volume = _volume(name, '', True)
    volume['_info']['attachments'] = []
    volume['params'][MACHINE_TYPE] = wanted
    return volume


def _volume(name: str, device: str, bootable: bool) -> dict[str, Any]:
    return {
        '_info': {
            'attachments': [{'device': device}],
            # What the map for nbdkit is made from.
            'bootable': bootable,
            'id': str(uuid.uuid4()),
            'is_bootable': bootable,
            'size': 1,
        },
        '_migration_params': {},
        'params': {'name': name, 'volume_type': None},
        'type': 'openstack.network.ServerVolume',
    }


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        key: value
        for key, value in environment.items()
        if not key.startswith(
            ('ANSIBLE_', 'OS_', 'OSC_HWMT_HOOK_', 'OSC_HWMT_JOURNAL_')
        )
    }


def variable(setting: str) -> str:
    """Return the environment variable of a setting of the hook."""
    # The commands have this one as well.
    own = '' if setting == 'journal_directory' else 'HOOK_'
    return f'OSC_HWMT_{own}{setting.upper()}'
