# SPDX-License-Identifier: Apache-2.0

"""One cloud: where its files are, its ports, and what runs for it."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from tests.clouds import bindings, processes
from tests.clouds.environments import Environment
from tests.clouds.processes import Owner

SERVICES = Path(__file__).parent / 'services'
LOOPBACK = '127.0.0.1'
REGION = 'RegionOne'
HOST = 'cloud'
KEYSTONE, GLANCE, CINDER, NOVA = 'keystone', 'glance', 'cinder', 'nova'
DATABASES, LOGS = 'databases', 'log'
PROGRAMS = (KEYSTONE, GLANCE, CINDER, NOVA)
# What Nova runs its servers on; the second is also a program of its own.
FAKE, LIBVIRT = 'fake', 'libvirt'
COMPUTES = (FAKE, LIBVIRT)
ALL_PROGRAMS = (*PROGRAMS, LIBVIRT)
# Where libvirtd sees the cloud's directory in place of the machine's.
LIBVIRT_PLACES = (
    '/etc/group',
    '/etc/libvirt',
    '/etc/passwd',
    '/var/cache/libvirt',
    '/var/lib/libvirt',
    '/var/log/libvirt',
)


@dataclasses.dataclass(frozen=True)
class Cloud:
    """One cloud as it is laid out in the state directory.

    ``ports`` has one port per program; Placement and the network stub are
    served by Keystone's.
    """

    name: str
    state: Path
    environment: Environment
    ports: dict[str, int]
    compute: str = FAKE

    @property
    def directory(self) -> Path:
        """Return the directory of everything the cloud writes."""
        return self.state / self.name

    @property
    def programs(self) -> tuple[str, ...]:
        """Return what runs, in the order in which it has to be started."""
        if self.compute == FAKE:
            return PROGRAMS
        return (KEYSTONE, GLANCE, CINDER, LIBVIRT, NOVA)

    @property
    def release(self) -> str:
        """Return the release's name."""
        return self.environment.release.name

    @property
    def etc(self) -> Path:
        """Return the directory of the configuration files."""
        return self.directory / 'etc'

    @property
    def databases(self) -> Path:
        """Return the directory of the SQLite files."""
        return self.directory / DATABASES

    @property
    def keys(self) -> Path:
        """Return the directory of Keystone's key repositories."""
        return self.directory / 'keys'

    @property
    def nova_state(self) -> Path:
        """Return the directory where nova-compute keeps who it is."""
        return self.directory / 'nova'

    @property
    def libvirt(self) -> Path:
        """Return the directory of everything that libvirtd has."""
        return self.directory / 'libvirt'

    @property
    def libvirt_uri(self) -> str:
        """Return how ``virsh --connect`` reaches the cloud's libvirtd."""
        return f'qemu+unix:///system?socket={self.libvirt}/libvirt-sock'

    @property
    def password_file(self) -> Path:
        """Return the file with the password of all users."""
        return self.directory / 'password'

    @property
    def password(self) -> str:
        """Return the password of all users."""
        return self.password_file.read_text()

    def database(self, name: str) -> Path:
        """Return a database's file."""
        return self.databases / f'{name}.db'

    def log(self, program: str) -> Path:
        """Return the file with all a program says."""
        return self.directory / LOGS / f'{program}.log'

    def owner(self, program: str) -> Owner:
        """Return the mark for a program's processes."""
        return Owner(self.state, self.name, program)

    def url(self, program: str, path: str = '') -> str:
        """Return the URL of a program's path."""
        return f'http://{LOOPBACK}:{self.ports[program]}{path}'

    @property
    def identity_url(self) -> str:
        """Return the URL that clients are given to authenticate with."""
        return self.url(KEYSTONE, '/identity/v3')

    @property
    def placement_url(self) -> str:
        """Return Placement's URL."""
        return self.url(KEYSTONE, '/placement')

    @property
    def endpoints(self) -> dict[str, str]:
        """Return the URL of each service type in the catalog."""
        return {
            'identity': self.identity_url,
            'placement': self.placement_url,
            'network': self.url(KEYSTONE, '/network'),
            'image': self.url(GLANCE),
            'volumev3': self.url(CINDER, '/v3/%(project_id)s'),
            'compute': self.url(NOVA, '/v2.1'),
        }

    def command(self, program: str) -> list[str]:
        """Return the command line of a program."""
        if program == KEYSTONE:
            return [
                *self.environment.program('gunicorn'),
                '--config',
                str(SERVICES / 'gunicorn_settings.py'),
                '--bind',
                f'{LOOPBACK}:{self.ports[program]}',
                'identity_wsgi:application',
            ]
        if program == LIBVIRT:
            return [
                str(self.environment.python),
                str(SERVICES / 'libvirtd_alone.py'),
                str(self.libvirt),
                *LIBVIRT_PLACES,
            ]
        launcher = {
            GLANCE: self.environment.program('glance-api'),
            CINDER: [
                str(self.environment.python),
                str(SERVICES / 'cinder_all.py'),
            ],
            NOVA: [
                str(self.environment.python),
                str(SERVICES / 'nova_all.py'),
            ],
        }[program]
        return [*launcher, '--config-file', str(self.etc / f'{program}.conf')]

    @property
    def _modules(self) -> list[Path]:
        """Return where Python finds what no package of the release has."""
        modules = [SERVICES, *self.environment.pins.modules]
        if self.compute != FAKE:
            modules.append(bindings.directory(self.environment))
        return modules

    @property
    def variables(self) -> dict[str, str]:
        """Return the environment variables of the cloud's programs."""
        return {
            **processes.base_environment(),
            # The services would read configuration from the user's home.
            'HOME': str(self.directory),
            'PYTHONPATH': os.pathsep.join(map(str, self._modules)),
            'PYTHONWARNINGS': 'ignore',
            'PYTHONUNBUFFERED': '1',
            'OS_PLACEMENT_CONFIG_DIR': str(self.etc),
            'OSC_HWMT_CLOUD_ETC': str(self.etc),
            'OSC_HWMT_CLOUD_PLACEMENT': f'{self.placement_url}/',
            'OSC_HWMT_CLOUD_COMPUTE_PORT': str(self.ports[NOVA]),
        }
