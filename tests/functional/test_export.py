# SPDX-License-Identifier: Apache-2.0

"""What export finds on a real source cloud, and what it writes."""

from __future__ import annotations

import stat

import yaml

from tests.clouds.scenario import I440FX, Q35
from tests.functional.base import FunctionalTest, Pair

pair: Pair


def setUpModule() -> None:
    """Seed both clouds, unless another module has done so."""
    global pair
    pair = Pair.seeded()
    FunctionalTest.configuration = pair.configuration


class ExportTest(FunctionalTest):
    """What export finds on the source."""

    def test_every_server_with_its_evidence(self) -> None:
        answer = self.machine_type(
            'export', '--source-cloud', 'src', '--all-projects'
        )
        for server in pair.source.servers.values():
            row = answer.row(ID=server.id)
            self.assertEqual(server.machine_type, row['Machine Type'], row)
            self.assertEqual(server.evidence, row['Evidence'], row)
            self.assertEqual(server.machine_type, row['Wanted'], row)

    def test_a_member_sees_the_own_project_and_finds_the_same(self) -> None:
        answer = self.machine_type('export', '--source-cloud', 'src-member')
        expected = {
            server.id: server.machine_type
            for server in pair.source.servers.values()
            if server.project == 'demo'
        }
        self.assertEqual(
            expected,
            {row['ID']: row['Machine Type'] for row in answer.rows},
        )

    def test_the_main_cloud_is_that_of_the_global_option(self) -> None:
        answer = self.openstack(
            '--os-cloud',
            'src-member',
            'migrate',
            'machine-type',
            'export',
            '--long',
            '-f',
            'json',
        )
        self.assertIn(pair.source.servers['evil'].id, answer.out)

    def test_one_project_and_one_server_can_be_chosen(self) -> None:
        project = pair.source.projects['shop']
        answer = self.machine_type(
            'export',
            '--source-cloud',
            'src',
            '--project',
            project.name,
            '--project-domain',
            project.domain,
        )
        shop = pair.source.servers['shop-db']
        self.assertEqual([shop.id], [row['ID'] for row in answer.rows])
        plain = pair.source.servers['plain-linux']
        answer = self.machine_type(
            'export', '--source-cloud', 'src-member', '--server', plain.name
        )
        self.assertEqual([plain.id], [row['ID'] for row in answer.rows])

    def test_an_operators_default_fills_what_nothing_tells(self) -> None:
        answer = self.machine_type(
            'export',
            '--source-cloud',
            'src-member',
            '--default-machine-type',
            'pc-i440fx-rhel7.6.0',
        )
        plain = answer.row(ID=pair.source.servers['plain-linux'].id)
        self.assertEqual('operator-default', plain['Evidence'])
        self.assertEqual(I440FX, plain['Wanted'])
        typed = answer.row(ID=pair.source.servers['web-q35'].id)
        self.assertEqual(Q35, typed['Wanted'], 'the default beat evidence')

    def test_a_member_may_not_see_all_projects(self) -> None:
        answer = self.openstack(
            'migrate',
            'machine-type',
            'export',
            '--source-cloud',
            'src-member',
            '--all-projects',
            code=1,
        )
        self.assertEqual(1, len(answer.err.splitlines()), answer.err)
        self.assertIn('cloud src-member: cannot list servers: ', answer.err)
        self.assertIn('HTTP 403', answer.err)

    def test_an_empty_project_is_an_empty_manifest(self) -> None:
        project = pair.source.projects['web']
        answer = self.machine_type(
            'export',
            '--source-cloud',
            'src',
            'vms.yml',
            '--project',
            project.id,
        )
        self.assertEqual([], answer.rows)
        written = (self.directory / 'vms.yml').read_text()
        self.assertEqual({'resources': []}, yaml.safe_load(written))

    def test_control_characters_never_reach_the_terminal(self) -> None:
        for form in ('table', 'value', 'csv', 'json', 'yaml'):
            answer = self.openstack(
                'migrate',
                'machine-type',
                'export',
                '-f',
                form,
                '--source-cloud',
                'src-member',
            )
            self.assertNotIn('\x1b', answer.out + answer.err, form)

    def test_the_manifest_is_for_its_owner_alone(self) -> None:
        self.machine_type('export', '--source-cloud', 'src-member', 'vms.yml')
        mode = (self.directory / 'vms.yml').stat().st_mode
        self.assertEqual(0o600, stat.S_IMODE(mode))

    def test_a_workloads_file_is_enriched_and_else_untouched(self) -> None:
        erp = pair.source.servers['erp-win2012']
        path = self.directory / 'workloads.yml'
        before = _workloads(erp.id, erp.name)
        path.write_bytes(before)
        self.machine_type(
            'export',
            '--source-cloud',
            'src-member',
            'workloads.yml',
        )
        after = path.read_bytes()
        kept = b''.join(
            line
            for line in after.splitlines(keepends=True)
            if line in before.splitlines(keepends=True)
        )
        self.assertEqual(before, kept, 'a line of os-migrate changed')
        resource = yaml.safe_load(after)['resources'][0]
        self.assertEqual(I440FX, resource['params']['hw_machine_type'])
        self.assertEqual(
            erp.boot_volume_id,
            resource['_info']['hw_machine_type']['boot_volume_id'],
        )


def _workloads(server_id: str, name: str) -> bytes:
    """Return what os-migrate 1.0.5 would write of a server, shortened."""
    data = {
        'os_migrate_version': '1.0.5',
        'resources': [
            {
                '_info': {'id': server_id, 'status': 'SHUTOFF'},
                '_migration_params': {
                    'boot_disk_copy': True,
                    'boot_volume': {'uuid': None},
                    'data_copy': True,
                },
                'params': {'image_ref': None, 'name': name, 'ports': []},
                'type': 'openstack.compute.Server',
            }
        ],
    }
    return b'---\n' + yaml.safe_dump(data, encoding='utf-8')
