# SPDX-License-Identifier: Apache-2.0

"""os-migrate's import, played by a real Ansible, with the hook in it."""

from __future__ import annotations

import json
import socket

import yaml

from tests.functional.destination import MACHINE_TYPE, Destination
from tests.hook.importing import PC, Q35, ImportTest


def setUpModule() -> None:
    """Make a project, once for all tests of this module."""
    ImportTest.destination = Destination.made()


def tearDownModule() -> None:
    """Delete it with all that is in it."""
    ImportTest.destination.remove()


class MachineTypesTest(ImportTest):
    """Which hardware Nova builds the imported servers with."""

    def test_every_server_is_built_with_what_the_manifest_wants(self) -> None:
        placed = self.destination.seeder.volume(
            self.destination.project_id, 'replicated', bootable=True
        )
        image = self.destination.seeder.prefixed('image')
        self.destination.seeder.image(self.destination.project_id, image, {})
        self.workloads(
            self.resource('erp', PC, data_disks=1),
            self.resource('web', Q35),
            self.resource('plain', None),
            self.resource('from-image', PC, image=image),
            self.resource('replicated', PC, placed=placed),
        )
        played = self.play()
        self.assertEqual(
            {
                'erp': PC,
                'web': Q35,
                'plain': None,
                'from-image': PC,
                'replicated': PC,
            },
            self.destination.built_with(),
            played.all,
        )

    def test_without_the_hook_none_is(self) -> None:
        self.workloads(self.resource('erp', PC), self.resource('web', Q35))
        self.play(hook=False)
        self.assertEqual(
            {'erp': None, 'web': None}, self.destination.built_with()
        )

    def test_what_was_written_is_in_one_journal(self) -> None:
        self.workloads(self.resource('erp', PC), self.resource('web', Q35))
        played = self.play()
        (journal,) = self.data.glob('*.journal')
        lines = [json.loads(line) for line in journal.read_text().splitlines()]
        self.assertEqual('hook', lines[0]['command'])
        self.assertEqual(
            [PC, Q35],
            [
                line['changes'][MACHINE_TYPE]['new']
                for line in lines
                if 'intent' in line
            ],
        )
        self.assertEqual(0o600, journal.stat().st_mode & 0o777)
        self.assertIn(f'osc-hwmt: journal: {journal}', played.all)

    def test_a_second_import_has_nothing_to_do(self) -> None:
        self.workloads(self.resource('erp', PC))
        self.play()
        again = self.play()
        self.assertNotIn('osc-hwmt', again.all)
        self.assertEqual(1, len(list(self.data.glob('*.journal'))))

    def test_a_check_changes_nothing_and_asks_for_nothing(self) -> None:
        self.workloads(self.resource('erp', PC))
        played = self.play('--check')
        self.assertNotIn('osc-hwmt', played.all)
        self.assertEqual([], self.destination.listed('volumev3', 'volumes'))

    def test_data_may_be_copied_in_the_background(self) -> None:
        for poll in ('1', '0'):
            with self.subTest(poll):
                name = f'poll-{poll}'
                self.workloads(self.resource(name, PC))
                self.play('-e', f'transfer_limit=60 transfer_poll={poll}')
                self.assertEqual(PC, self.destination.built_with()[name])

    def test_several_hosts_import_at_once(self) -> None:
        other = self.data_directory('other')
        self.workloads(self.resource('erp', PC), self.resource('web', Q35))
        self.workloads(self.resource('crm', Q35), path=other / 'workloads.yml')
        hosts = {'here': self.data, 'there': other}
        self.play('--forks', '2', hosts=hosts)
        self.assertEqual(
            {'erp': PC, 'web': Q35, 'crm': Q35},
            self.destination.built_with(),
        )


class FailureTest(ImportTest):
    """What happens where a machine type can't be set."""

    def test_a_server_is_not_built_where_cinder_fails(self) -> None:
        self.workloads(self.resource('erp', PC))
        played = self.play(clouds_file=self._without_cinder(), code=2)
        self.assertIn('osc-hwmt: erp: cloud dst: can not', played.all)
        self.assertEqual({}, self.destination.built_with())
        self.assertEqual(
            [],
            self.destination.listed('volumev3', 'volumes'),
            "os-migrate's own clean-up did not run",
        )

    def test_or_it_is_built_all_the_same_with_a_warning(self) -> None:
        self.workloads(self.resource('erp', PC))
        played = self.play(
            clouds_file=self._without_cinder(), on_failure='warn'
        )
        self.assertIn('[WARNING]: osc-hwmt: erp: cloud dst', played.all)
        self.assertEqual({'erp': None}, self.destination.built_with())

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
        self.assertIn(
            'manifest.yml: 0 entries are of server erp (', played.all
        )
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
            f'osc-hwmt: second: volume {placed} is that of server first',
            played.all,
        )
        self.assertEqual({'first': PC}, self.destination.built_with())

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
        self.assertIn('osc-hwmt: erp: cloud dst: can not log in', played.all)
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
        self._hide('osc_hwmt.hook')
        played = self.play(code=1)
        self.assertIn('osc-hwmt can not be used by ', played.all)
        self.assertNotIn('[Open its volumes]', played.out)

    def test_or_is_only_a_warning(self) -> None:
        self.workloads(self.resource('erp', PC))
        self._hide('osc_hwmt.hook')
        played = self.play(on_failure='warn')
        self.assertEqual(1, played.all.count('osc-hwmt can not be used by '))
        self.assertEqual({'erp': None}, self.destination.built_with())

    def _manifest_without(self, name: str) -> str:
        """Return a manifest of the workloads file's servers but one."""
        data = yaml.safe_load((self.data / 'workloads.yml').read_text())
        kept = [
            one for one in data['resources'] if one['params']['name'] != name
        ]
        path = self.home / 'manifest.yml'
        return str(self.workloads(*kept, path=path))

    def _hide(self, module: str) -> None:
        """Let a module of ours not be there for Ansible."""
        (self.home / 'sitecustomize.py').write_text(
            f'import sys\nsys.modules[{module!r}] = None\n'
        )
        self.environment['PYTHONPATH'] = str(self.home)

    def _without_cinder(self) -> str:
        with socket.socket() as listener:
            listener.bind(('127.0.0.1', 0))
            nobody = f'http://127.0.0.1:{listener.getsockname()[1]}/v3'
        cloud = {
            **self.destination.cloud,
            'block_storage_endpoint_override': nobody,
        }
        path = self.home / 'clouds.yaml'
        return str(self.write(path, {'clouds': {'dst': cloud}}))


class UntouchedTest(ImportTest):
    """Plays that the hook has nothing to do in."""

    def test_a_play_without_a_manifest_goes_its_way(self) -> None:
        workloads = self.workloads(
            self.resource('erp', PC), path=self.home / 'elsewhere.yml'
        )
        played = self.play('-e', f'workloads_file={workloads}')
        self.assertIn('osc-hwmt: no manifest at ', played.all)
        self.assertEqual({'erp': None}, self.destination.built_with())

    def test_any_other_play_does_not_even_load_the_package(self) -> None:
        playbook = self.write(
            self.home / 'other.yml',
            [{'hosts': 'all', 'tasks': [{'ansible.builtin.ping': {}}]}],
        )
        self.environment['PYTHONPROFILEIMPORTTIME'] = '1'
        played = self.play(playbook=playbook, manifest='/nowhere.yml')
        loaded = {
            line.rpartition('|')[2].strip().partition('.')[0]
            for line in played.err.splitlines()
            if line.startswith('import time:')
        }
        self.assertIn('ansible', loaded)
        self.assertNotIn('osc_hwmt', loaded)

    def test_ansible_shows_what_can_be_set(self) -> None:
        shown = self.ansible('ansible-doc', '-t', 'callback', 'osc_hwmt')
        for option in (
            'manifest',
            'destination_cloud',
            'clouds_file',
            'on_failure',
            'journal_directory',
        ):
            self.assertIn(f'OSC_HWMT_HOOK_{option.upper()}', shown.out)
