# SPDX-License-Identifier: Apache-2.0

"""What the scenarios do: a migration with real commands and services."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fixtures
import yaml
from tempest import config
from tempest.lib import exceptions as lib_exc
from tempest.lib.common.utils import data_utils, test_utils
from tempest.scenario import manager

CONF = config.CONF
MACHINE_TYPE = 'hw_machine_type'
CLOUD = 'tempest'


class MigrationTest(manager.ScenarioTest):  # type: ignore[misc]
    """A plain member of one project, and one cloud that is both sides."""

    credentials = ('primary',)
    #: The first that builds servers without a network.
    compute_min_microversion = '2.37'

    @classmethod
    def skip_checks(cls) -> None:
        super().skip_checks()
        for service in ('cinder', 'glance', 'nova'):
            if not getattr(CONF.service_available, service):
                raise cls.skipException(f'{service} is not available')
        if not CONF.compute_feature_enabled.snapshot:
            raise cls.skipException(
                'what Nova recorded is visible only in a snapshot, and '
                'compute-feature-enabled.snapshot is false'
            )

    @classmethod
    def setup_credentials(cls) -> None:
        # No networks: these servers need none.
        cls.set_network_resources()
        super(manager.ScenarioTest, cls).setup_credentials()

    def setUp(self) -> None:
        super().setUp()
        self.home = Path(self.useFixture(fixtures.TempDir()).path)
        self.manifest = self.home / 'vms.yml'

    # The migration

    def migrated(self, wanted: str | None) -> Any:
        """Return a server, built after apply from a volume it named."""
        name = data_utils.rand_name('hwmt')
        volume = self.copied(name)
        self.manifest.write_text(
            yaml.safe_dump(
                {
                    'resources': [
                        {
                            'type': 'openstack.compute.Server',
                            'params': {'name': name, MACHINE_TYPE: wanted},
                            '_info': {'id': str(uuid.uuid4())},
                            '_migration_params': {
                                'boot_volume': {'uuid': volume['id']}
                            },
                        }
                    ]
                }
            )
        )
        self.apply()
        return self.built(name, volume)

    def apply(self) -> None:
        self.hwmt('apply', '--auto-approve', str(self.manifest))

    def hwmt(self, action: str, *words: str) -> str:
        """Return what a command prints, run as the test's own user."""
        command = (
            CONF.machine_type_migration.openstack_command
            or Path(sys.executable).parent / 'openstack'
        )
        kept = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith('OS_')
        }
        done = subprocess.run(  # noqa: S603
            [
                command,
                *('--os-cloud', CLOUD, 'migrate', 'machine-type', action),
                *words,
            ],
            env={**kept, 'OS_CLIENT_CONFIG_FILE': str(self._clouds_file())},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual(
            0, done.returncode, f'{action}: {done.stdout}{done.stderr}'
        )
        return done.stdout

    def _clouds_file(self) -> Path:
        """Return a clouds.yaml of the test's own user."""
        mine = self.os_primary.credentials
        cloud = {
            'auth': {
                'auth_url': CONF.identity.uri_v3,
                'username': mine.username,
                'password': mine.password,
                'project_name': mine.project_name,
                'user_domain_name': mine.user_domain_name,
                'project_domain_name': mine.project_domain_name,
            },
            'region_name': CONF.identity.region,
            'cacert': CONF.identity.ca_certificates_file,
            'verify': not CONF.identity.disable_ssl_certificate_validation,
        }
        path = self.home / 'clouds.yaml'
        path.touch(0o600)
        path.write_text(yaml.safe_dump({'clouds': {CLOUD: cloud}}))
        return path

    # The cloud

    def copied(self, name: str) -> Any:
        """Return a bootable volume of a name, with no machine type."""
        volume = self.create_volume(name=name, imageRef=CONF.compute.image_ref)
        if self.machine_type(volume) is not None:
            self.volumes_client.delete_volume_image_metadata(
                volume['id'], MACHINE_TYPE
            )
        return volume

    def set_machine_type(self, volume: Any, machine_type: str) -> None:
        self.volumes_client.update_volume_image_metadata(
            volume['id'], **{MACHINE_TYPE: machine_type}
        )

    def machine_type(self, volume: Any) -> str | None:
        """Return the machine type that a volume has now."""
        shown = self.volumes_client.show_volume(volume['id'])['volume']
        found: str | None = shown.get('volume_image_metadata', {}).get(
            MACHINE_TYPE
        )
        return found

    def built(self, name: str, volume: Any) -> Any:
        """Return a server that boots from a volume."""
        return self.create_server(
            name=name,
            image_id='',
            block_device_mapping_v2=[
                {
                    'boot_index': 0,
                    'uuid': volume['id'],
                    'source_type': 'volume',
                    'destination_type': 'volume',
                    'delete_on_termination': False,
                }
            ],
            networks='none',
        )

    def recorded(self, server: Any) -> str | None:
        """Return what Nova recorded; only an image of the server tells."""
        found: str | None = self.create_server_snapshot(server).get(
            MACHINE_TYPE
        )
        return found

    def delete(self, server: Any, volume: Any) -> None:
        """Delete a server and its volume, and wait until both are gone."""
        self.servers_client.delete_server(server['id'])
        self.assertTrue(
            wait_until(lambda: self._is_gone(server)),
            f'server {server["id"]} is not deleted',
        )
        self.volumes_client.delete_volume(volume['id'])
        self.volumes_client.wait_for_resource_deletion(volume['id'])

    def _is_gone(self, server: Any) -> bool:
        try:
            self.servers_client.show_server(server['id'])
        except lib_exc.NotFound:
            return True
        return False


def wait_until(condition: Callable[[], bool]) -> bool:
    """Return whether a condition holds before the build timeout ends."""
    return bool(
        test_utils.call_until_true(
            condition,
            CONF.compute.build_timeout,
            CONF.compute.build_interval,
        )
    )
