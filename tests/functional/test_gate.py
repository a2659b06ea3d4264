# SPDX-License-Identifier: Apache-2.0

"""Servers created through the gateway, as clients of today do it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from openstack import connection

from tests.functional.base import Answer, fork_server, without_cloud
from tests.functional.gating import PC, Q35, GateTest, lines_of


class ClientsTest(GateTest):
    def setUp(self) -> None:
        super().setUp()
        self.list_servers(erp=PC, web=Q35, plain=None)

    def openstack(
        self, *words: str, through: Path | None = None, code: int = 0
    ) -> Answer:
        """Return what the command answers, through the gateway or not."""
        ended = fork_server().run(
            *words,
            environment=without_cloud(through or self.gated),
            directory=self.directory,
            limit=300,
        )
        answer = Answer(**vars(ended))
        self.assertEqual(code, answer.code, f'{answer.out}\n{answer.err}')
        return answer

    def create(self, name: str, volume_id: str, **more: Any) -> Answer:
        return self.openstack(
            *('--os-cloud', 'dst', '--os-compute-api-version', '2.60'),
            *('server', 'create', '--volume', volume_id, '--nic', 'none'),
            *('--flavor', self.destination.seeder.flavor(), '--wait', name),
            **more,
        )

    def test_openstackclient_builds_what_is_listed_with_what_is_wanted(
        self,
    ) -> None:
        gateway = self.gateway()
        erp, other = self.volume(), self.volume()
        self.create('erp', erp)
        self.create('other', other)
        self.assertEqual(PC, self.recorded('erp'))
        self.assertIsNone(self.recorded('other'))
        self.assertEqual({}, self.metadata(other))
        (line,) = lines_of(gateway.all, 'erp')
        self.assertIn(
            f': set on volume {erp}: hw_machine_type - -> {PC}', line
        )
        (row,) = json.loads(gateway.end())
        self.assertEqual(
            ('erp', erp, PC, 'set'),
            tuple(
                row[key] for key in ('Server', 'Volume ID', 'Wanted', 'Result')
            ),
        )
        self.assertIn('2 requests to create a server', gateway.all)

    def test_the_journal_tells_verify_and_rollback_what_was_done(
        self,
    ) -> None:
        gateway = self.gateway()
        volume_id = self.volume()
        self.create('erp', volume_id)
        gateway.end()
        (journal,) = self.directory.glob('*.journal')
        self.assertIn(f'Journal: {journal}', gateway.all)
        self.openstack(
            *('--os-cloud', 'dst', 'migrate', 'machine-type', 'verify'),
            *(str(self.manifest), '--server', 'erp', '-f', 'json'),
            through=self.configuration,
        )
        self.openstack(
            *('--os-cloud', 'dst', 'migrate', 'machine-type', 'rollback'),
            *(str(journal), '--auto-approve'),
            through=self.configuration,
        )
        self.assertEqual({}, self.metadata(volume_id))

    def test_without_the_gate_the_destinations_default_is_built(self) -> None:
        volume_id = self.volume()
        self.create('erp', volume_id, through=self.configuration)
        self.assertIsNone(self.recorded('erp'))

    def test_the_sdk_as_os_migrate_calls_it_builds_the_same(self) -> None:
        gateway = self.gateway()
        cloud = connection.Connection(
            **self.through(gateway.url), compute_default_microversion='2.60'
        )
        self.addCleanup(cloud.close)
        volumes = {name: self.volume() for name in ('erp', 'web', 'plain')}
        for name, volume_id in volumes.items():
            server = cloud.compute.create_server(
                name=name,
                flavor_id=self.destination.seeder.flavor(),
                networks='none',
                block_device_mapping=[
                    self.root(volume_id, delete_on_termination=True)
                ],
            )
            cloud.compute.wait_for_server(server)
        self.assertEqual(
            {'erp': PC, 'web': Q35, 'plain': None},
            self.destination.built_with(),
        )

    def test_a_refusal_reads_like_novas_own(self) -> None:
        self.gateway()
        image = self.destination.seeder.image(
            self.destination.project_id,
            self.destination.seeder.prefixed('plain'),
            {},
        )
        answer = self.openstack(
            *('--os-cloud', 'dst', '--os-compute-api-version', '2.60'),
            *('server', 'create', '--image', image, '--nic', 'none'),
            *('--flavor', self.destination.seeder.flavor(), 'erp'),
            code=1,
        )
        self.assertIn('osc-hwmt: erp: Nova reads image', answer.err)
        self.assertIn('409', answer.err)
        self.assertEqual({}, self.destination.built_with())

    def test_a_gateway_that_is_gone_builds_nothing(self) -> None:
        gateway = self.gateway()
        gateway.end()
        self.create('erp', self.volume(), code=1)
        self.assertEqual({}, self.destination.built_with())
