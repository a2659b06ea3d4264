# SPDX-License-Identifier: Apache-2.0

"""What a hurried operator gets wrong: one clear line each, no traceback."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path
from typing import Any

import yaml
from openstack import config

from tests.functional.base import FunctionalTest
from tests.functional.with_clouds import DESTINATION, SOURCE

_MANIFEST = """\
resources:
- type: openstack.compute.Server
  params:
    name: erp
    hw_machine_type: pc-i440fx-rhel7.6.0
  _info:
    id: 00000000-0000-0000-0000-00000000abcd
"""


def setUpModule() -> None:
    """Write a clouds.yaml with the two clouds and two broken ones."""
    regions = {
        name: config.OpenStackConfig().get_one(cloud=os.environ[variable])
        for name, variable in (('src', SOURCE), ('dst', DESTINATION))
    }
    clouds: dict[str, Any] = {
        name: {
            'auth': dict(region.config['auth']),
            'region_name': region.region_name,
            'interface': region.config.get('interface'),
        }
        for name, region in regions.items()
    }
    broken = clouds['dst']
    clouds['wrong-password'] = {
        **broken,
        'auth': {**broken['auth'], 'password': 'not it'},
    }
    clouds['unreachable'] = {
        **broken,
        'auth': {**broken['auth'], 'auth_url': _nobody_listens_here()},
    }
    clouds['no-project'] = {
        **broken,
        'auth': {
            key: value
            for key, value in broken['auth'].items()
            if not key.startswith(('project_', 'tenant_'))
        },
    }
    clouds['wrong-region'] = {**broken, 'region_name': 'Atlantis'}
    path = Path(tempfile.mkdtemp(prefix='hwmt-')) / 'clouds.yaml'
    path.write_text(yaml.safe_dump({'clouds': clouds}))
    FunctionalTest.configuration = path


def _nobody_listens_here() -> str:
    with socket.socket() as listener:
        listener.bind(('127.0.0.1', 0))
        return f'http://127.0.0.1:{listener.getsockname()[1]}/v3'


class MistakesTest(FunctionalTest):
    """Each ends with its exit code and a line that names what is wrong."""

    def setUp(self) -> None:
        super().setUp()
        (self.directory / 'vms.yml').write_text(_MANIFEST)

    def _fails(self, *words: str, says: str, code: int = 1) -> None:
        answer = self.openstack('migrate', 'machine-type', *words, code=code)
        self.assertIn(says, answer.err)
        self.assertEqual('', answer.out.strip())
        self.assertEqual(
            ['vms.yml'],
            sorted(path.name for path in self.directory.iterdir()),
            'something was written',
        )

    def _fails_in_one_line(self, *words: str, says: str) -> None:
        self._fails(*words, says=says)
        answer = self.openstack('migrate', 'machine-type', *words, code=1)
        self.assertEqual(1, len(answer.err.strip().splitlines()), answer.err)

    def test_a_cloud_that_clouds_yaml_does_not_have(self) -> None:
        self._fails_in_one_line(
            'apply',
            '--destination-cloud',
            'nope',
            'vms.yml',
            says='--destination-cloud: Cloud nope was not found. Clouds in '
            'clouds.yaml: ',
        )

    def test_no_cloud_at_all(self) -> None:
        self._fails_in_one_line(
            'export', says='Use --source-cloud, --os-cloud or OS_* variables'
        )

    def test_a_wrong_password(self) -> None:
        self._fails_in_one_line(
            'export',
            '--source-cloud',
            'wrong-password',
            says='cloud wrong-password: cannot log in: The request you have '
            'made requires authentication. (HTTP 401',
        )

    def test_a_login_without_a_project(self) -> None:
        self._fails_in_one_line(
            'export',
            '--source-cloud',
            'no-project',
            says='cloud no-project: the login is not scoped to a project. Set '
            'project_name in clouds.yaml',
        )

    def test_nobody_listens(self) -> None:
        self._fails_in_one_line(
            'export',
            '--source-cloud',
            'unreachable',
            says='cloud unreachable: cannot log in: ',
        )

    def test_a_region_without_services(self) -> None:
        self._fails_in_one_line(
            'export',
            '--source-cloud',
            'wrong-region',
            says='cloud wrong-region: cannot list servers: ',
        )

    def test_a_manifest_that_is_not_there(self) -> None:
        self._fails_in_one_line(
            'verify',
            '--destination-cloud',
            'dst',
            'vm.yml',
            says='vm.yml: cannot be read: No such file or directory',
        )

    def test_a_directory_to_write_to_that_is_not_there(self) -> None:
        self._fails_in_one_line(
            'export',
            '--source-cloud',
            'src',
            'no/vms.yml',
            says='no/vms.yml: cannot be written: No such file or directory',
        )

    def test_every_mistake_of_a_manifest_at_once(self) -> None:
        path = self.directory / 'vms.yml'
        path.write_text(
            _MANIFEST.replace('pc-i440fx-rhel7.6.0', '7.6')
            + '    project: a\n    project: b\n'
        )
        self._fails(
            'apply',
            '--destination-cloud',
            'dst',
            'vms.yml',
            says='vms.yml:9:5: duplicate key project, first used on line 8',
        )
        path.write_text(
            _MANIFEST.replace('pc-i440fx-rhel7.6.0', '7.6')
            + _MANIFEST.replace('resources:\n', '')
            .replace('abcd', 'ef01')
            .replace('pc-i440fx-rhel7.6.0', 'none')
        )
        answer = self.openstack(
            'migrate',
            'machine-type',
            'apply',
            '--destination-cloud',
            'dst',
            'vms.yml',
            code=1,
        )
        self.assertIn('vms.yml:5:22: erp (', answer.err)
        self.assertIn('vms.yml:11:22: erp (', answer.err)

    def test_wrong_usage(self) -> None:
        self._fails('apply', says='<manifest>', code=2)
        self._fails(
            'export',
            '--all-projects',
            '--project',
            'x',
            says='not allowed with',
            code=2,
        )
        self._fails(
            'export',
            '--default-machine-type',
            'x86_64=',
            says='expected [<architecture>=]<machine-type>',
            code=2,
        )

    def test_options_that_do_not_go_together(self) -> None:
        for words, says in (
            (
                ('apply', '--timeout', '5', 'vms.yml'),
                '--timeout: only allowed with --wait',
            ),
            (('export', '--pin'), '--pin: only allowed with --source-release'),
            (('export', '-'), 'expected a file, found -'),
            (('list', '--host', 'a'), '--host: only allowed with --probe'),
        ):
            self._fails(*words, says=says, code=2)

    def test_a_project_that_is_not_there(self) -> None:
        self._fails_in_one_line(
            'export',
            '--source-cloud',
            'src',
            '--project',
            'hwmt-nope',
            says='--project hwmt-nope: 0 projects of cloud src have that name',
        )

    def test_a_wave_that_names_nobody(self) -> None:
        wave = Path(tempfile.mkdtemp(prefix='hwmt-')) / 'wave.txt'
        wave.write_text('# wave 3\nerp\ncrm-*\n')
        self._fails_in_one_line(
            'apply',
            '--destination-cloud',
            'dst',
            '--servers-from',
            str(wave),
            'vms.yml',
            says=f'no server in the manifest matches: crm-* ({wave}:3)',
        )

    def test_a_server_that_is_not_there(self) -> None:
        self._fails_in_one_line(
            'apply',
            '--destination-cloud',
            'dst',
            '--server',
            'crm',
            'vms.yml',
            says='no server in the manifest matches: crm (--server)',
        )
