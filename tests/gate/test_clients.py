# SPDX-License-Identifier: Apache-2.0

"""Clients that create servers in ways of their own, behind the gateway."""

from __future__ import annotations

from typing import Any

from novaclient import client as novaclient
from openstack import connection

from tests.functional.gating import PC, GateTest, Gateway
from tests.hook.importing import ImportTest


class NovaclientTest(GateTest):
    """What Heat uses, and openstackclient before 7."""

    def test_both_of_its_forms_are_gated(self) -> None:
        self.list_servers(older=PC, newer=PC)
        gateway = self.gateway()
        cloud = connection.Connection(**self.through(gateway.url))
        self.addCleanup(cloud.close)
        nova = novaclient.Client('2.60', session=cloud.session)
        flavor = self.destination.seeder.flavor()
        forms: dict[str, dict[str, Any]] = {
            'older': {'block_device_mapping': {'vda': f'{self.volume()}:::0'}},
            'newer': {'block_device_mapping_v2': [self.root(self.volume())]},
        }
        for name, form in forms.items():
            made = nova.servers.create(
                name, image='', flavor=flavor, nics='none', **form
            )
            self.destination.seeder.await_server(
                self.destination.project_id, made.id
            )
        self.assertEqual(
            {'older': PC, 'newer': PC}, self.destination.built_with()
        )


class OsMigrateTest(ImportTest):
    """The import of os-migrate, played by Ansible without the hook."""

    def test_a_clouds_yaml_that_names_the_gateway_does_it(self) -> None:
        project, domain = (
            self.destination.cloud['auth'][key]
            for key in ('project_name', 'project_domain_name')
        )
        resources = [self.resource('erp', PC), self.resource('plain', None)]
        for one in resources:
            wanted = one['params']['hw_machine_type']
            one['_info']['hw_machine_type'] = {
                'value': wanted,
                'evidence': 'libvirt-domain' if wanted else 'none',
                'project_name': project,
                'project_domain_name': domain,
                'left_to_destination': wanted is None,
            }
        manifest = self.workloads(*resources)
        direct = self.write(
            self.home / 'clouds.yaml',
            {'clouds': {'dst': dict(self.destination.cloud)}},
        )
        gateway = self.useFixture(Gateway(direct, manifest))
        cloud = {
            **self.destination.cloud,
            'auth': {
                **self.destination.cloud['auth'],
                'auth_url': f'{gateway.url}/identity/v3',
            },
        }
        self.write(self.data / 'clouds.yaml', {'clouds': {'dst': cloud}})
        played = self.play(
            hook=False, playbook='os_migrate.os_migrate.import_workloads'
        )
        self.assertEqual(
            {'erp': PC, 'plain': None},
            self.destination.built_with(),
            f'{played.all}\n{gateway.all}',
        )
        self.assertIn('left to the destination', gateway.all)
