# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
from typing import Any
from unittest import mock

from osc_hwmt.destination import refusals
from osc_hwmt.destination.plan import LeftToDestination, Set, Unchanged
from osc_hwmt.destination.refusals import Refused
from osc_hwmt.exceptions import CloudError, Error, ManifestError
from osc_hwmt.hook.os_migrate import Workload
from osc_hwmt.hook.workloads import Hook
from osc_hwmt.journal import reading as journals
from osc_hwmt.journal.place import Place
from osc_hwmt.manifest import reading
from osc_hwmt.tables import apply
from tests.unit.support import cases, fakes
from tests.unit.support.cloud import FakeCloud

WEB = Workload('source-1', 'web', copies_data=True)
TYPED = {'hw_machine_type': fakes.PC}


class HookTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.path = self.home / 'workloads.yml'
        self.cloud = FakeCloud(volumes=[fakes.volume('v')])
        self.opened = 0
        self.hook = Hook(str(self.path), Place(), self._open)
        self.addCleanup(self.hook.close)
        self.replace('osc_hwmt.version', lambda: '1.2.3')
        self.manifest(fakes.resource(params=TYPED))

    def _open(self) -> FakeCloud:
        self.opened += 1
        return self.cloud

    def manifest(self, *resources: dict[str, Any]) -> None:
        self.path.write_text(fakes.manifest_text(*resources))

    def told(self, workload: Workload = WEB) -> str:
        """Return what an announcement is answered with, an error."""
        return str(self.assertRaises(Error, self.hook.announced, workload))

    @property
    def journals(self) -> list[str]:
        return sorted(one.name for one in self.home.glob('**/*.journal'))


class AnnouncedTest(HookTestCase):
    def test_an_announcement_logs_in_and_asks_cinder_once(self) -> None:
        self.hook.announced(WEB)
        self.assertEqual(1, self.opened)
        self.assertEqual([('volume', 'source-volume-1')], self.cloud.calls)

    def test_a_destination_that_is_the_source_is_told(self) -> None:
        self.cloud.block_storage.held['source-volume-1'] = fakes.volume(
            'source-volume-1'
        )
        self.assertIn('is the source and not the destination', self.told())

    def test_an_image_that_says_something_else_is_told(self) -> None:
        self.manifest(
            fakes.resource(
                params={**TYPED, 'image_ref': {'name': 'rhel'}},
                migration={'boot_disk_copy': False},
            )
        )
        self.cloud.images.held['i'] = fakes.image('i')
        self.assertIn(
            f'openstack image set --property hw_machine_type={fakes.PC} i',
            self.told(),
        )
        # Its volume is named, so the image counts no more.
        self.hook.announced(Workload('source-1', 'web', False, 'v'))

    def test_what_is_left_to_the_destination_needs_no_login(self) -> None:
        self.manifest(fakes.resource(params={'hw_machine_type': None}))
        self.hook.announced(WEB)
        self.assertEqual(0, self.opened)

    def undecided(self, **params: Any) -> None:
        """Let nobody know nor choose its machine type."""
        self.manifest(
            fakes.resource(
                params={'hw_machine_type': None, **params},
                info={
                    'hw_machine_type': fakes.facts(
                        None, 'none', presumed='i440fx'
                    )
                },
            )
        )

    def test_an_undecided_server_is_named_once_and_goes_on(self) -> None:
        for params in ({}, {'os_type': 'linux'}):
            self.undecided(**params)
            said: list[str] = []
            hook = Hook(str(self.path), Place(), self._open, say=said.append)
            hook.announced(WEB)
            (line,) = said
            self.assertIn('web: undecided; it presumably ran on', line)
            self.assertIn('it presumably ran on i440fx', line)

    def test_a_strict_hook_refuses_an_undecided_server(self) -> None:
        for params in ({}, {'os_type': 'linux'}):
            self.undecided(**params)
            self.hook = Hook(str(self.path), Place(), self._open, strict=True)
            self.assertIn('it presumably ran on i440fx', self.told())
            result = self.hook.transferred(WEB, 'v')
            self.assertFalse(apply.is_well(result))
            self.assertEqual([], self.cloud.writes)

    def test_a_server_that_is_not_in_the_manifest_is_told(self) -> None:
        unknown = Workload('source-9', 'crm', copies_data=True)
        self.assertIn(
            'workloads.yml: expected 1 entry of crm (source-9), found 0',
            self.told(unknown),
        )

    def test_without_an_id_the_name_tells_if_it_is_the_only_one(self) -> None:
        nameless = Workload(None, 'web', copies_data=True)
        self.hook.announced(nameless)
        self.manifest(
            fakes.resource(params=TYPED),
            fakes.resource(server_id='source-2', params=TYPED),
        )
        self.assertIn('found 2', self.told(nameless))

    def test_a_server_without_a_decision_is_told(self) -> None:
        self.manifest(fakes.resource())
        self.assertIn('the manifest has no machine type for it', self.told())

    def test_what_the_destination_can_not_run_is_told(self) -> None:
        self.manifest(
            fakes.resource(
                params={'hw_machine_type': 'q35', 'hw_disk_bus': 'ide'},
                info={
                    'hw_machine_type': fakes.facts(
                        properties={
                            'hw_disk_bus': {'value': 'ide', 'evidence': 'none'}
                        }
                    )
                },
            )
        )
        self.assertIn('ide', self.told().lower())

    def test_where_no_journal_can_be_made_is_told(self) -> None:
        for directory, why in (
            ('/nowhere/journals', 'No such file or directory'),
            (str(self.path), 'Not a directory'),
        ):
            hook = Hook(str(self.path), Place(directory), self._open)
            error = self.assertRaises(Error, hook.announced, WEB)
            self.assertEqual(f'directory {directory}: {why}', str(error))

    def test_a_directory_that_is_not_ours_is_told(self) -> None:
        self.replace('os.access', lambda path, mode: False)
        self.assertIn('cannot be created: Permission denied', self.told())

    def test_a_broken_manifest_is_told_each_time_until_it_is_mended(
        self,
    ) -> None:
        self.path.write_text('resources: [')
        for _time in range(2):
            self.assertRaises(ManifestError, self.hook.announced, WEB)
        self.manifest(fakes.resource(params=TYPED))
        self.hook.announced(WEB)

    def test_a_manifest_that_is_gone_is_told(self) -> None:
        self.path.unlink()
        self.assertIn(f'no manifest at {self.path}', self.told())

    def test_a_manifest_is_read_once_and_again_when_it_changes(self) -> None:
        parse, read = reading.read_manifest, []

        def counted(text: str, path: str) -> reading.Manifest:
            read.append(path)
            return parse(text, path)

        self.replace('osc_hwmt.manifest.reading.read_manifest', counted)
        self.hook.announced(WEB)
        self.hook.announced(WEB)
        self.assertEqual(1, len(read))
        self.manifest(fakes.resource('longer-name', params=TYPED))
        self.hook.announced(WEB)
        self.assertEqual(2, len(read))


class TransferredTest(HookTestCase):
    def test_only_the_volume_is_asked_for(self) -> None:
        result = self.hook.transferred(WEB, 'v')
        self.assertIs(apply.Outcome.SET, apply.outcome(result))
        self.assertEqual(
            [
                ('volume', 'v'),
                ('volume', 'v'),
                ('set', 'v', f'hw_machine_type={fakes.PC}'),
            ],
            self.cloud.calls,
        )

    def test_doubtful_metadata_is_asked_for(self) -> None:
        self.cloud.block_storage.held['v'] = fakes.volume(
            'v', image_metadata=TYPED
        )
        self.cloud.block_storage.unproven.add('v')
        result = self.hook.transferred(WEB, 'v')
        self.expect(Unchanged, result.step)
        self.assertEqual([], self.cloud.writes)

    def test_a_volume_in_another_named_project_is_not_in_doubt(self) -> None:
        # os-migrate imports into the project that it is logged in to,
        # whatever it is called.
        facts = fakes.facts(project_name='old', project_domain_name='Default')
        self.manifest(
            fakes.resource(params=TYPED, info={'hw_machine_type': facts})
        )
        self.expect(Set, self.hook.transferred(WEB, 'v').step)

    def test_os_migrates_word_counts_more_than_the_manifests(self) -> None:
        # With data_copy: true os-migrate does not look at that key.
        self.manifest(
            fakes.resource(
                params=TYPED, migration={'boot_volume': {'uuid': 'other'}}
            )
        )
        self.hook.transferred(WEB, 'v')
        self.assertEqual('v', self.cloud.writes[0][1])

    def test_what_is_left_is_not_even_looked_at(self) -> None:
        self.manifest(fakes.resource(params={'hw_machine_type': None}))
        self.expect(LeftToDestination, self.hook.transferred(WEB, 'v').step)
        self.assertEqual((0, []), (self.opened, self.cloud.calls))

    def test_a_volume_that_is_not_there_is_refused(self) -> None:
        result = self.hook.transferred(WEB, 'gone')
        step = self.expect(Refused, result.step)
        self.assertIs(refusals.Refusal.VOLUME_NOT_FOUND, step.refusal)
        self.assertIn('volume gone (named by the import)', step.reason)

    def test_a_volume_of_another_project_is_refused(self) -> None:
        # An administrator could write to it.
        self.cloud.block_storage.held['v'] = fakes.volume(
            'v', project_id='project-other'
        )
        step = self.expect(Refused, self.hook.transferred(WEB, 'v').step)
        self.assertIs(refusals.Refusal.VOLUME_NOT_FOUND, step.refusal)
        self.assertIn('belongs to another project', step.reason)
        self.assertEqual([], self.cloud.writes)

    def test_a_volume_in_error_is_refused_whatever_it_has(self) -> None:
        for metadata in ({}, TYPED):
            self.cloud.block_storage.held['v'] = fakes.volume(
                'v', image_metadata=metadata, status='error'
            )
            result = self.hook.transferred(WEB, 'v')
            step = self.expect(Refused, result.step)
            self.assertIs(refusals.Refusal.VOLUME_UNUSABLE, step.refusal)
            self.assertFalse(apply.is_well(result))

    def test_a_server_that_exists_already_is_too_late(self) -> None:
        self.cloud.block_storage.held['v'] = fakes.volume('v', attached_to='s')
        self.cloud.compute.held.append(
            fakes.server('web', 's', volumes=('v',))
        )
        result = self.hook.transferred(WEB, 'v')
        self.assertIs(apply.Outcome.TOO_LATE, apply.outcome(result))

    def test_a_data_disk_of_the_conversion_host_is_not(self) -> None:
        self.cloud.block_storage.held['v'] = fakes.volume(
            'v', attached_to='c', device='/dev/vdb'
        )
        self.cloud.block_storage.held['c-boot'] = fakes.volume(
            'c-boot', attached_to='c'
        )
        self.cloud.compute.held.append(
            fakes.server('conversion', 'c', volumes=('c-boot', 'v'))
        )
        result = self.hook.transferred(WEB, 'v')
        self.assertIs(apply.Outcome.SET, apply.outcome(result))

    def test_a_server_that_boots_from_an_image_is_judged_by_that(self) -> None:
        self.manifest(
            fakes.resource(
                params={**TYPED, 'image_ref': {'name': 'rhel'}},
                migration={'boot_disk_copy': False},
            )
        )
        self.cloud.images.held['i'] = fakes.image('i')
        step = self.expect(Refused, self.hook.transferred(WEB, None).step)
        self.assertIs(refusals.Refusal.ON_IMAGE, step.refusal)
        self.cloud.images.held['i'] = fakes.image('i', **TYPED)
        self.expect(Unchanged, self.hook.transferred(WEB, None).step)

    def test_no_boot_volume_and_no_image_is_refused(self) -> None:
        step = self.expect(Refused, self.hook.transferred(WEB, None).step)
        self.assertIn('os-migrate names no boot volume', step.reason)

    def test_what_cinder_refuses_is_a_result(self) -> None:
        self.cloud.block_storage.failing['v'] = CloudError('no', 403)
        result = self.hook.transferred(WEB, 'v')
        self.assertIs(apply.Outcome.FAILED, apply.outcome(result))

    def test_a_volume_is_one_servers_alone(self) -> None:
        self.manifest(
            fakes.resource(params=TYPED),
            fakes.resource(
                'crm', 'source-2', params={'hw_machine_type': 'pc'}
            ),
        )
        self.hook.transferred(WEB, 'v')
        crm = Workload('source-2', 'crm', copies_data=True)
        error = self.assertRaises(Error, self.hook.transferred, crm, 'v')
        self.assertIn('volume v already belongs to server web', str(error))
        self.assertEqual(1, len(self.cloud.writes))

    def test_a_second_write_to_it_is_in_the_same_journal(self) -> None:
        self.hook.transferred(WEB, 'v')
        self.manifest(
            fakes.resource(params={'hw_machine_type': fakes.Q35}),
            fakes.resource('crm', 'source-2'),
        )
        self.expect(Set, self.hook.transferred(WEB, 'v').step)
        self.hook.close()
        (name,) = self.journals
        record = journals.read(str(self.home / name))
        self.assertEqual(
            [fakes.PC, fakes.Q35],
            [one.write.changes[0].new for one in record.announced],
        )

    def test_a_journal_that_broke_is_followed_by_another(self) -> None:
        with mock.patch('os.fsync', side_effect=OSError(28, 'No space')):
            self.assertRaises(Error, self.hook.transferred, WEB, 'v')
        self.expect(Set, self.hook.transferred(WEB, 'v').step)
        self.hook.close()
        self.assertEqual(1, len(self.cloud.writes))
        self.assertTrue(journals.read(self.hook.journals[-1]).ended)


class CopiedImageTest(HookTestCase):
    def test_a_copy_of_which_nothing_is_told_is_not_its_image(self) -> None:
        self.manifest(
            fakes.resource(
                params={**TYPED, 'image_ref': {'name': 'rhel'}},
                migration={'boot_disk_copy': True},
            )
        )
        self.cloud.images.held['i'] = fakes.image('i', **TYPED)
        error = self.assertRaises(Error, self.hook.transferred, WEB, None)
        self.assertIn('although boot_disk_copy is true', str(error))


class DetachedTest(HookTestCase):
    def setUp(self) -> None:
        super().setUp()
        volume = fakes.source_volume('a')
        volume['params'].update(TYPED)
        self.manifest(volume)

    def test_those_that_are_in_the_manifest_can_be_set_later(self) -> None:
        self.hook.volumes_announced({'a': True, 'data': False})
        self.assertEqual((True, False), tuple(map(self.hook.wants_of, 'ab')))

    def test_a_volume_that_boots_and_is_not_in_it_is_told(self) -> None:
        error = self.assertRaises(
            Error, self.hook.volumes_announced, {'a': True, 'b': True}
        )
        self.assertIn('expected 1 entry of - (b), found 0', str(error))


class JournalTest(HookTestCase):
    def test_all_writes_of_an_import_are_in_one(self) -> None:
        self.cloud.block_storage.held['w'] = fakes.volume('w')
        self.manifest(
            fakes.resource(params=TYPED),
            fakes.resource('crm', 'source-2', params=TYPED),
        )
        self.assertEqual([], self.hook.journals)
        self.hook.transferred(WEB, 'v')
        self.hook.transferred(Workload('source-2', 'crm', True), 'w')
        self.hook.close()
        (name,) = self.journals
        lines = [
            json.loads(line)
            for line in (self.home / name).read_text().splitlines()
        ]
        self.assertEqual('hook', lines[0]['command'])
        self.assertEqual(
            ['v', 'w'], [line['intent'] for line in lines if 'intent' in line]
        )
        self.assertIn('end', lines[-1])

    def test_no_journal_is_made_where_nothing_was_written(self) -> None:
        self.manifest(fakes.resource(params={'hw_machine_type': None}))
        self.hook.transferred(WEB, 'v')
        self.hook.close()
        self.assertEqual([], self.journals)

    def test_the_journal_goes_where_the_operator_wants_it(self) -> None:
        elsewhere = self.directory()
        hook = Hook(str(self.path), Place(str(elsewhere)), self._open)
        self.addCleanup(hook.close)
        hook.transferred(WEB, 'v')
        self.assertEqual([], self.journals)
        (path,) = elsewhere.glob('*.hook.dst.*.workloads-yml.*.journal')
        self.assertEqual(hook.journals, [str(path)])
        self.assertEqual(1, len(list(elsewhere.glob('project-*.lock'))))

    def test_nothing_is_written_without_a_journal(self) -> None:
        hook = Hook(str(self.path), Place('/nowhere/journals'), self._open)
        error = self.assertRaises(Error, hook.transferred, WEB, 'v')
        self.assertIn('/nowhere/journals: No such file', str(error))
        self.assertEqual([], self.cloud.writes)
