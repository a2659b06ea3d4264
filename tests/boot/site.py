# SPDX-License-Identifier: Apache-2.0

"""A test cloud whose guests really run, seen from its host and its API."""

from __future__ import annotations

import dataclasses
import re
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from tests.clouds import guest_image, health, state
from tests.clouds.catalog import DEMO
from tests.clouds.cloud import REGION
from tests.clouds.created import Created
from tests.clouds.errors import CloudError
from tests.clouds.narration import Narrator
from tests.clouds.polling import wait
from tests.clouds.scenario import DEFAULT_DOMAIN
from tests.clouds.seeder import Seeder

#: Megabytes of memory that the guest starts with.
MEMORY = 96
#: Seconds until a guest has told what it is, on a machine that is busy.
LIMIT = 120
#: What SQLite refuses nova-manage with while Nova itself is writing; the
#: database of a real cloud would let it wait.
_LOCKED, _ATTEMPTS = 'database is locked', 5
_GREETING = re.compile(
    r'hwmt-guest chipset=(?P<chipset>\S+) host-bridge=(?P<id>\S+)'
    r' boots=(?P<boots>\d+|unknown)'
)


@dataclasses.dataclass(frozen=True)
class Greeting:
    """What a guest prints when it has started.

    ``id`` is the PCI device id of its host bridge.
    """

    chipset: str
    id: str
    boots: str


class Site:
    """One cloud, what is made in it, and what its host shows of it."""

    def __init__(self, directory: Path, name: str) -> None:
        cloud = state.recorded_cloud(directory, name)
        if cloud is None:
            raise CloudError(f'There is no cloud {name} in {directory}.')
        self._cloud = cloud
        session = health.admin_session(cloud)
        self.seeder = Seeder(session, REGION)
        self.project = self.seeder.project(
            DEMO, self.seeder.domain(DEFAULT_DOMAIN)
        )
        self._compute = self.seeder.adapter('compute', self.project)

    def image(self, **properties: str) -> str:
        """Make an image of the guest and return its id."""
        disk = guest_image.build(Narrator()).read_bytes()
        return self.seeder.image(self.project, 'guest', properties, disk)

    def flavor(self, name: str = 'm1.guest') -> str:
        """Return the id of a flavor that the guest can start with."""
        return self.seeder.flavor(name, MEMORY)

    def build(self, name: str, volume_id: str) -> str:
        """Build a server that boots from a volume, and return its id.

        :raises SeedError: with Nova's fault when it cannot be built.
        """
        boot = {
            'boot_index': 0,
            'uuid': volume_id,
            'source_type': 'volume',
            'destination_type': 'volume',
            'delete_on_termination': False,
        }
        server = self.seeder.server(
            self.project,
            name,
            block_devices=[boot],
            flavor_id=self.flavor(),
        )
        return str(server['id'])

    def act(
        self,
        server_id: str,
        action: str,
        wanted: str,
        *,
        microversion: str | None = None,
        **details: Any,
    ) -> None:
        """Let Nova do something to a server; return when it is done."""
        self._compute.post(
            f'/servers/{server_id}/action',
            json={action: details or None},
            microversion=microversion,
        )
        self.seeder.await_server(self.project, server_id, wanted)

    def delete(self, server_id: str) -> None:
        """Delete a server that was built here."""
        self.seeder.delete(Created('server', server_id, self.project))

    def greeting(self, server_id: str, boots: int | None) -> Greeting:
        """Return what the guest printed when its disk was booted so often.

        A guest that does not know its disk does not know how often either.

        :raises SeedError: when it does not come, with all that was printed.
        """
        wanted = str(boots or 'unknown')

        def look() -> Greeting | str:
            console = self.console(server_id)
            for found in _GREETING.finditer(console):
                greeting = Greeting(**found.groupdict())
                if greeting.boots == wanted:
                    return greeting
            return console

        seen = wait(
            f'the greeting of boot {wanted} on the console',
            look,
            lambda seen: isinstance(seen, Greeting),
            LIMIT,
        )
        assert isinstance(seen, Greeting)
        return seen

    def console(self, server_id: str) -> str:
        """Return what a server has printed since it was switched on."""
        answer = self._compute.post(
            f'/servers/{server_id}/action', json={'os-getConsoleOutput': {}}
        )
        return str(answer.json()['output'])

    def virsh(self, *words: str) -> str:
        """Return what virsh prints about the cloud's libvirtd."""
        return subprocess.run(
            ['virsh', '--connect', self._cloud.libvirt_uri, *words],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    def nova_manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Return what nova-manage of this cloud prints, and its exit code."""
        cloud = self._cloud
        for _attempt in range(_ATTEMPTS):
            done = subprocess.run(
                [
                    *cloud.environment.program('nova-manage'),
                    *('--config-file', str(cloud.etc / 'nova.conf')),
                    *words,
                ],
                env=cloud.variables,
                capture_output=True,
                text=True,
                check=False,
            )
            if _LOCKED not in done.stdout:
                break
        return done

    def machine_type(self, server_id: str) -> str:
        """Return the machine type that a server's domain has."""
        domain = ElementTree.fromstring(  # noqa: S314 libvirt's own
            self.virsh('dumpxml', server_id)
        )
        found = domain.find('os/type')
        assert found is not None
        return found.attrib['machine']

    def volume_file(self, volume_id: str) -> Path:
        """Return the file that holds a volume's data."""
        return self._cloud.directory / 'volumes' / f'volume-{volume_id}'
