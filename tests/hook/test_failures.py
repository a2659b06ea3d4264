# SPDX-License-Identifier: Apache-2.0

"""What happens where a machine type can't be set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.functional.destination import MACHINE_TYPE
from tests.hook.importing import PC, Q35, ImportTest

#: os-migrate's own, in which no task requires the hook.
_WITHOUT_THE_TASK = 'os_migrate.os_migrate.import_workloads'


class FailureTest(ImportTest):
    """What happens where a machine type can't be set."""

    def test_only_the_one_workload_stops(self) -> None:
        self.workloads(
            self.resource('before', PC),
            self.resource('forgotten', PC),
            self.resource('after', Q35),
        )
        manifest = self._manifest_without('forgotten')
        self.play('-e', 'go_on_after_failure=true', manifest=manifest)
        self.assertEqual(
            {'before': PC, 'after': Q35}, self.destination.built_with()
        )

    def test_and_only_on_the_host_that_imports_it(self) -> None:
        # Both import the same, so the task that fails is one for them both.
        common = self.workloads(
            self.resource('erp', PC), path=self.home / 'common.yml'
        )
        other = self.data_directory('other')
        (self.data / 'workloads.yml').write_text(common.read_text())
        self.workloads(self.resource('crm', PC), path=other / 'workloads.yml')
        hosts = {'here': self.data, 'there': other}
        for strategy in ('linear', 'free'):
            with self.subTest(strategy):
                self.destination.empty()
                played = self.play(
                    '--forks',
                    '2',
                    '-e',
                    f'workloads_file={common} strategy={strategy}',
                    hosts=hosts,
                    code=2,
                )
                self.assertRegex(
                    played.out, r'here +: .*failed=0', 'the wrong one failed'
                )
                self.assertRegex(played.out, r'there +: .*failed=1')
                self.assertEqual({'erp': PC}, self.destination.built_with())

    def test_what_the_manifest_lacks_is_told_before_data_are_copied(
        self,
    ) -> None:
        self.workloads(self.resource('erp', PC))
        played = self.play(manifest=self._manifest_without('erp'), code=2)
        self.assertIn('manifest.yml: expected 1 entry of erp (', played.all)
        self.assertNotIn('[Open its volumes]', played.out)

    def test_two_servers_never_share_a_volume(self) -> None:
        placed = self.destination.seeder.volume(
            self.destination.project_id, 'shared', bootable=True
        )
        self.workloads(
            self.resource('first', PC, placed=placed),
            self.resource('second', Q35, placed=placed),
        )
        played = self.play(code=2)
        self.assertIn(
            f'osc-hwmt: second: volume {placed} already belongs to server '
            'first',
            played.all,
        )
        self.assertEqual({'first': PC}, self.destination.built_with())

    def test_nor_is_one_of_several_that_a_workload_could_be(self) -> None:
        self.workloads(self.resource('erp', PC), self.resource('erp', Q35))
        manifest = self.home / 'manifest.yml'
        (self.data / 'workloads.yml').rename(manifest)
        nameless = self.resource('erp', PC)
        del nameless['_info']['id']
        self.workloads(nameless)
        played = self.play(manifest=str(manifest), code=2)
        self.assertIn('expected 1 entry of erp (-), found 2', played.all)
        self.assertEqual({}, self.destination.built_with())

    def test_what_the_destination_can_not_run_is_not_copied(self) -> None:
        self.workloads(self.resource('erp', 'pc-i440fx-9.9'))
        told = 'osc-hwmt: erp: pc-i440fx-9.9 is not supported by '
        played = self.play(destination_release='rhoso18', code=2)
        self.assertIn(told, played.all)
        self.assertNotIn('[Open its volumes]', played.out)
        played = self.play(destination_release='rhoso18', on_failure='warn')
        self.assertIn(f'[WARNING]: {told}', played.all)
        self.assertEqual({'erp': None}, self.destination.built_with())

    def test_an_undecided_server_is_named_and_strictly_not_copied(
        self,
    ) -> None:
        server = self.resource('erp', None)
        nothing = {'value': None, 'evidence': 'none', 'presumed': 'i440fx'}
        server['_info']['hw_machine_type'] = nothing
        self.workloads(server)
        told = 'it presumably ran on i440fx'
        played = self.play(strict='true', code=2)
        self.assertIn(f'osc-hwmt: erp: {told}', played.all)
        self.assertNotIn('[Open its volumes]', played.out)
        played = self.play()
        self.assertIn(f'osc-hwmt: erp: undecided; {told}', played.all)
        self.assertEqual({'erp': None}, self.destination.built_with())

    def test_a_wrong_setting_is_told_before_data_are_copied(self) -> None:
        self.workloads(self.resource('erp', PC))
        for name, value, code, told in (
            ('on_failure', 'panic', 1, 'expected one of stop, warn, found'),
            (
                'ignore_unsupported',
                'maybe',
                1,
                'expected one of true, false, found',
            ),
            ('strict', 'maybe', 1, 'expected one of true, false, found'),
            ('keep_volumes', 'maybe', 1, 'expected one of true, false'),
            ('retry_minutes', 'ten', 1, "expected a number, found 'ten'"),
            ('manifest', '/nowhere.yml', 2, 'no manifest at /nowhere.yml'),
            ('journal_directory', '/nowhere/x', 2, 'directory /nowhere/x: No'),
            ('clouds_file', '/nowhere.yml', 2, '/nowhere.yml: cannot be'),
            ('destination_cloud', 'dts', 2, 'Cloud dts was not found'),
        ):
            with self.subTest(name):
                setting: dict[str, Any] = {name: value}
                played = self.play(code=code, **setting)
                self.assertIn(told, played.all)
                self.assertNotIn('[Open its volumes]', played.out)

    def test_a_play_without_a_manifest_copies_nothing(self) -> None:
        workloads = self.workloads(
            self.resource('erp', PC), path=self.home / 'elsewhere.yml'
        )
        words = ('-e', f'workloads_file={workloads}')
        played = self.play(*words, code=2)
        self.assertIn(
            f'osc-hwmt: erp: no manifest at {self.data}/workloads.yml',
            played.all,
        )
        self.assertNotIn('[Open its volumes]', played.out)
        played = self.play(*words, on_failure='warn')
        self.assertEqual(
            1, played.all.count('[WARNING]: osc-hwmt: erp: no manifest at ')
        )
        self.assertEqual({'erp': None}, self.destination.built_with())

    def test_no_server_is_built_that_was_not_looked_after(self) -> None:
        volume_id = self.destination.seeder.volume(
            self.destination.project_id, 'unseen', bootable=True
        )
        self.workloads(self.resource('erp', PC))
        playbook = self._without_a_transfer(volume_id)
        played = self.play(playbook=playbook, code=2)
        self.assertIn(
            'osc-hwmt: erp: its server was about to be built, but its '
            'volumes were not seen',
            played.all,
        )
        self.assertEqual({}, self.destination.built_with())
        played = self.play(playbook=playbook, on_failure='warn')
        self.assertIn('its server was about to be built', played.all)
        self.assertEqual({'erp': None}, self.destination.built_with())
        # Now that it is there, nothing is about to be built.
        self.play(playbook=playbook)

    def test_a_broken_manifest_is_loud(self) -> None:
        self.workloads(self.resource('erp', PC))
        manifest = self.home / 'manifest.yml'
        self.workloads(self.resource('erp', '7.6 '), path=manifest)
        played = self.play(manifest=str(manifest), code=2)
        self.assertIn('manifest.yml:', played.all)
        self.assertIn('expected a machine type', played.all)
        self.assertEqual({}, self.destination.built_with())

    def test_a_wrong_password_is_told_before_data_are_copied(self) -> None:
        self.workloads(self.resource('erp', PC))
        cloud = dict(self.destination.cloud)
        cloud['auth'] = {**cloud['auth'], 'password': 'wrong'}
        clouds = self.home / 'clouds.yaml'
        self.write(clouds, {'clouds': {'dst': cloud}})
        played = self.play(clouds_file=str(clouds), code=2)
        self.assertIn('osc-hwmt: erp: cloud dst: cannot log in', played.all)
        self.assertNotIn('[Open its volumes]', played.out)

    def test_what_a_manifest_says_is_no_template(self) -> None:
        evil = "{{ lookup('pipe', 'touch " + str(self.home / 'evil') + "') }}"
        self.workloads(self.resource(evil, PC))
        played = self.play(manifest=self._manifest_without(evil), code=2)
        self.assertFalse((self.home / 'evil').exists(), played.all)

    def test_what_the_image_lacks_is_told_with_the_command(self) -> None:
        image = self.destination.seeder.prefixed('typeless')
        image_id = self.destination.seeder.image(
            self.destination.project_id, image, {}
        )
        self.workloads(
            self.resource('vm', PC, image=image, boot_disk_copy=False)
        )
        played = self.play(code=2)
        self.assertIn(
            f'openstack image set --property {MACHINE_TYPE}={PC} {image_id}',
            played.all,
        )
        self.assertEqual({}, self.destination.built_with())

    def test_a_workload_without_our_keys_is_told(self) -> None:
        resource = self.resource('erp', PC)
        del resource['params'][MACHINE_TYPE]
        self.workloads(resource)
        played = self.play(code=2)
        self.assertIn(
            'osc-hwmt: erp: the manifest has no machine type for it',
            played.all,
        )

    def test_a_package_that_does_not_load_ends_the_play_at_once(self) -> None:
        self.workloads(self.resource('erp', PC))
        self._hide('osc_hwmt.hook.workloads')
        played = self.play(playbook=_WITHOUT_THE_TASK, code=1)
        self.assertIn(' cannot import osc-hwmt: ', played.all)
        self.assertNotIn('[Open its volumes]', played.out)

    def test_or_is_only_a_warning(self) -> None:
        self.workloads(self.resource('erp', PC))
        self._hide('osc_hwmt.hook.workloads')
        played = self.play(playbook=_WITHOUT_THE_TASK, on_failure='warn')
        self.assertEqual(1, played.all.count(' cannot import osc-hwmt: '))
        self.assertEqual({'erp': None}, self.destination.built_with())

    def _manifest_without(self, name: str) -> str:
        """Return a manifest of the workloads file's servers but one."""
        data = yaml.safe_load((self.data / 'workloads.yml').read_text())
        kept = [
            one for one in data['resources'] if one['params']['name'] != name
        ]
        path = self.home / 'manifest.yml'
        return str(self.workloads(*kept, path=path))

    def _without_a_transfer(self, volume_id: str) -> Path:
        """Return a playbook whose transfer has another name than 1.0.5's."""
        prefix = 'os_migrate.os_migrate.import_workload_'
        common = {'cloud': 'dst', 'data': '{{ workloads.resources[0] }}'}
        mapping = {
            'boot_index': 0,
            'delete_on_termination': True,
            'destination_type': 'volume',
            'source_type': 'volume',
            'uuid': volume_id,
        }
        tasks: list[dict[str, Any]] = [
            {
                'ansible.builtin.include_vars': {
                    'file': str(self.data / 'workloads.yml'),
                    'name': 'workloads',
                }
            },
            {
                f'{prefix}prelim': {**common, 'log_dir': str(self.home)},
                'register': 'prelim',
            },
            {
                f'{prefix}create_instance': {
                    **common,
                    'block_device_mapping': [mapping],
                },
                'when': 'prelim.changed',
            },
        ]
        play = {
            'hosts': 'migrator',
            'gather_facts': False,
            'environment': {
                'OS_CLIENT_CONFIG_FILE': str(self.data / 'clouds.yaml')
            },
            'tasks': tasks,
        }
        return self.write(self.home / 'unknown.yml', [play])

    def _hide(self, module: str) -> None:
        """Let a module of ours not be there for Ansible."""
        (self.home / 'sitecustomize.py').write_text(
            f'import sys\nsys.modules[{module!r}] = None\n'
        )
        self.environment['PYTHONPATH'] = str(self.home)
