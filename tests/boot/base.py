# SPDX-License-Identifier: Apache-2.0

"""A server that boots on the source, and its move to the destination."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.boot.site import Site
from tests.boot.with_guests import DIRECTORY
from tests.clouds import state
from tests.functional.base import Answer, FunctionalTest

NAME, VOLUME = 'legacy', 'legacy-root'
#: What the source's QEMU makes of its default, "pc".
I440FX = 'pc-i440fx-7.2'
#: A type that the destination's QEMU does not have.
RHEL = 'pc-i440fx-rhel7.6.0'


@dataclasses.dataclass(frozen=True)
class Legacy:
    """A server of the source that is switched off, and its disk.

    No image or volume says what machine type it has; its domain, as libvirt
    showed it when the server ran, does.
    """

    site: Site
    server_id: str
    disk: Path
    domain: str
    chipset: str

    @classmethod
    def built(cls) -> Legacy:
        """Return a new one, which was booted once."""
        site = Site(DIRECTORY, state.SOURCE)
        try:
            return cls._built(site)
        except BaseException:
            site.seeder.clean()
            raise

    @classmethod
    def _built(cls, site: Site) -> Legacy:
        image = site.image()
        volume = site.seeder.volume(site.project, VOLUME, image_id=image)
        server = site.build(NAME, volume)
        chipset = site.greeting(server, boots=1).chipset
        domain = site.virsh('dumpxml', server)
        site.act(server, 'os-stop', 'SHUTOFF')
        disk = site.volume_file(volume)
        return cls(site, server, disk, domain, chipset)


class BootTest(FunctionalTest):
    """A test with a place to build servers, cleared afterwards."""

    def setUp(self) -> None:
        super().setUp()
        type(self).configuration = DIRECTORY / state.CLIENT_CONFIGURATION
        self.site = Site(DIRECTORY, state.DESTINATION)
        self.addCleanup(self.site.seeder.clean)

    def copied_volume(self, legacy: Legacy, **properties: str) -> str:
        """Return the id of a volume made of a server's, as os-migrate does.

        It is blank and bootable at first, then gets the raw data.
        """
        volume = self.site.seeder.volume(
            self.site.project, VOLUME, bootable=True, properties=properties
        )
        subprocess.run(
            [
                *('cp', '--sparse=always'),
                *(legacy.disk, self.site.volume_file(volume)),
            ],
            check=True,
        )
        return volume

    def exported(self, legacy: Legacy, *options: str) -> Answer:
        """Return what export tells, which also writes vms.yml.

        What was collected of the source's computes is in ``domains``.
        """
        domains = self.directory / 'domains'
        domains.mkdir()
        (domains / 'legacy.xml').write_text(legacy.domain)
        return self.machine_type(
            'export',
            *('--source-cloud', 'src-demo', 'vms.yml', *options),
        )

    def on_destination(
        self, action: str, *options: str, code: int = 0
    ) -> Answer:
        """Return what a command answers about vms.yml at the destination."""
        return self.machine_type(
            action,
            *('--destination-cloud', 'dst-demo', *options, 'vms.yml'),
            code=code,
        )

    def edit(self, wanted: str) -> None:
        """Write the machine type that is wanted into vms.yml."""
        path = self.directory / 'vms.yml'
        manifest: dict[str, Any] = yaml.safe_load(path.read_text())
        (resource,) = manifest['resources']
        resource['params']['hw_machine_type'] = wanted
        path.write_text(yaml.safe_dump(manifest, sort_keys=False))
