# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from typing import Any

from osc_hwmt.exceptions import CloudError, ConfigurationError
from osc_hwmt.hook.os_migrate import Workload
from osc_hwmt.hook.play import Surroundings
from osc_hwmt.journal import format
from tests.unit.support import fakes, play
from tests.unit.support.following import (
    TYPED,
    FollowerTestCase,
)


class AppliedTest(FollowerTestCase):
    def test_the_volume_is_set_and_said(self) -> None:
        self.announced()
        self.transferred()
        self.assertEqual(
            ['web: set; hw_machine_type - -> pc-i440fx-rhel7.6.0 on volume v'],
            self.said[1:],
        )
        self.assertEqual(({}, []), (self.stops, self.warned))

    def test_the_hook_announces_itself_once_and_first(self) -> None:
        for _workload in range(2):
            self.announced()
        self.assertEqual(
            [
                f'sets what {self.home}/workloads.yml wants on cloud dst; on '
                'failure: stop'
            ],
            self.said,
        )

    def test_os_migrates_own_files_are_used(self) -> None:
        self.transferred()
        self.assertEqual(
            [(str(self.home / 'clouds.yaml'), 'dst', {'verify': False})],
            self.opened,
        )

    def test_files_that_the_operator_names_are_used(self) -> None:
        manifest = self.home / 'vms.yml'
        (self.home / 'workloads.yml').rename(manifest)
        self.follow(
            manifest=str(manifest),
            clouds_file='/etc/clouds.yaml',
            destination_cloud='new',
        )
        self.transferred()
        self.assertEqual(
            [('/etc/clouds.yaml', 'new', {'verify': False})], self.opened
        )
        self.assertEqual(1, len(self.cloud.writes))

    def test_the_clouds_file_of_the_play_is_used(self) -> None:
        self.around = dataclasses.replace(self.around, clouds_file='/c.yaml')
        self.transferred()
        self.assertEqual('/c.yaml', self.opened[0][0])

    def test_one_login_serves_the_whole_import(self) -> None:
        self.announced()
        self.transferred()
        self.transferred()
        self.assertEqual(1, len(self.opened))

    def test_two_data_directories_are_two_manifests(self) -> None:
        self.transferred()
        other = self.directory()
        (other / 'workloads.yml').write_text(
            fakes.manifest_text(fakes.resource('crm', 'source-2'))
        )
        self.around = Surroundings(str(other), None, {})
        self.transferred()
        self.assertIn('found 0', self.stops['migrator'])

    def test_a_directory_for_journals_is_made_when_a_play_begins(
        self,
    ) -> None:
        there = self.home / 'journals'
        self.follow(journal_directory=str(there))
        self.announced()
        there.rmdir()
        self.transferred()
        self.assertEqual(([], False), (self.cloud.writes, there.exists()))

    def test_the_plays_note_is_in_the_journal(self) -> None:
        self.around = dataclasses.replace(self.around, note='CHG0042, wave 1')
        self.transferred()
        (journal,) = self.home.glob('*.journal')
        record = format.read_journal(journal.read_text(), str(journal))
        self.assertEqual('CHG0042, wave 1', record.header.note)

    def test_a_note_that_no_journal_may_have_is_refused(self) -> None:
        self.around = dataclasses.replace(self.around, note='a\x1b')
        self.announced()
        self.assertIn(
            'osc_hwmt_note: expected 1 to 500 printable characters, found '
            "'a\\x1b'",
            self.stops['migrator'],
        )

    def test_the_end_has_a_summary_and_the_journal(self) -> None:
        self.transferred()
        self.said.clear()
        self.follower.finish()
        self.assertEqual(
            f'{self.home}/workloads.yml: 1 server: 1 set', self.said[0]
        )
        self.assertIn('journal: ', self.said[1])

    def test_an_end_without_a_beginning_says_nothing(self) -> None:
        self.follower.finish()
        self.assertEqual([], self.said)


class PlacedTest(FollowerTestCase):
    PLACED = Workload('source-1', 'web', copies_data=False, placed='v')

    def setUp(self) -> None:
        super().setUp()
        migration = {'boot_volume': {'uuid': 'v'}, 'data_copy': False}
        self.manifest(fakes.resource(params=TYPED, migration=migration))

    def skipped(self, workload: Workload) -> None:
        self.follower.skipped(
            play.ending(workload=workload, skipped=True), self.around
        )

    def test_a_transfer_that_is_not_needed_is_when_to_apply(self) -> None:
        self.announced(self.PLACED)
        self.skipped(self.PLACED)
        self.assertEqual(1, len(self.cloud.writes))

    def test_a_transfer_of_an_earlier_run_is_not_applied_to(self) -> None:
        self.skipped(self.PLACED)
        self.announced(play.WEB)
        self.skipped(play.WEB)
        self.assertEqual([], self.cloud.writes)


class DetachedTest(FollowerTestCase):
    MODULE = 'os_migrate.os_migrate.import_volumes_transfer'

    def transferred_volumes(self, **pairs: str) -> None:
        self.follower.ended(
            play.ending(
                self.MODULE,
                None,
                volume_map={
                    source: {'source_id': source, 'dest_id': target}
                    for source, target in pairs.items()
                },
            ),
            self.around,
        )

    def volumes(self, *ids: str) -> None:
        """Write os-migrate's file of volumes, all with a machine type."""
        volumes = [fakes.source_volume(one, one) for one in ids]
        for volume in volumes:
            volume['params']['hw_machine_type'] = fakes.PC
        (self.home / 'detached_volumes.yml').write_text(
            fakes.manifest_text(*volumes)
        )

    def test_volumes_of_no_server_get_what_their_own_file_says(self) -> None:
        self.volumes('a')
        self.transferred_volumes(a='v')
        self.assertEqual(
            [('set', 'v', f'hw_machine_type={fakes.PC}')], self.cloud.writes
        )
        self.assertEqual({}, self.stops)

    def test_volumes_of_which_nothing_is_wanted_are_passed_over(self) -> None:
        self.volumes('a')
        self.transferred_volumes(b='v')
        self.assertEqual(([], {}), (self.cloud.writes, self.stops))

    def test_a_volume_that_fails_keeps_no_other(self) -> None:
        self.volumes('a', 'b')
        self.transferred_volumes(a='gone', b='v')
        self.assertEqual(1, len(self.cloud.writes))
        self.assertIn('a: ', self.stops['migrator'])


class ComputesTest(FollowerTestCase):
    def test_what_the_destination_can_not_run_is_a_failure(self) -> None:
        self.manifest(
            fakes.resource(params={'hw_machine_type': 'pc-i440fx-9.9'})
        )
        self.follow(destination_release='rhoso18')
        self.announced()
        self.assertIn('pc-i440fx-9.9', self.stops['migrator'])

    def test_force_sets_what_the_destination_cannot_run(self) -> None:
        self.manifest(
            fakes.resource(params={'hw_machine_type': 'pc-i440fx-9.9'})
        )
        self.follow(destination_release='rhoso18', ignore_unsupported=True)
        self.announced()
        self.transferred()
        self.assertEqual(({}, 1), (self.stops, len(self.cloud.writes)))
        self.assertIn(
            'on cloud dst, including unsupported machine types; on failure',
            self.said[0],
        )

    def test_a_release_that_nobody_knows_is_one(self) -> None:
        self.follow(destination_release='rhoso99')
        self.announced()
        self.assertIn('rhoso99', self.stops['migrator'])


class BackgroundTest(FollowerTestCase):
    def started(self) -> None:
        self.follower.ended(
            play.ending(ansible_job_id='j1', started=1, finished=0),
            self.around,
        )

    def looked_after(self, job: str, **result: Any) -> None:
        self.follower.ended(
            play.ending(
                'ansible.builtin.async_status',
                None,
                ansible_job_id=job,
                **result,
            ),
            self.around,
        )

    def test_the_result_comes_with_the_task_that_waits_for_it(self) -> None:
        self.started()
        self.looked_after('j1', finished=0)
        self.assertEqual([], self.cloud.writes)
        self.looked_after('j2', finished=1, **play.transferred('other'))
        self.assertEqual([], self.cloud.writes)
        self.looked_after('j1', finished=1, **play.transferred())
        self.assertEqual(1, len(self.cloud.writes))
        self.assertEqual({}, self.stops)

    def test_a_task_that_was_waited_for_has_its_result_itself(self) -> None:
        self.transferred(ansible_job_id='j1', finished=1)
        self.assertEqual(1, len(self.cloud.writes))


class FailureTest(FollowerTestCase):
    def test_the_host_stops_before_the_server_is_created(self) -> None:
        self.cloud.block_storage.failing['v'] = CloudError('Cinder is away')
        self.transferred()
        self.assertEqual(
            {'migrator': 'osc-hwmt: web: Cinder is away'}, self.stops
        )

    def test_on_failure_warn_goes_on_with_a_warning(self) -> None:
        self.follow(stop=False)
        self.cloud.block_storage.failing['v'] = CloudError('Cinder is away')
        self.transferred()
        self.assertEqual({}, self.stops)
        self.assertEqual(['web: Cinder is away'], self.warned)

    def test_a_refusal_is_one_with_its_remedy(self) -> None:
        self.transferred('gone')
        self.assertIn('create the volume first', self.stops['migrator'])

    def test_a_cloud_that_can_not_be_opened_is_one(self) -> None:
        def open_none(*_args: Any, **_more: Any) -> None:
            raise ConfigurationError('Cloud dst was not found')

        self.replace('osc_hwmt.cloud.connection.open_from_file', open_none)
        self.announced()
        self.assertIn('Cloud dst was not found', self.stops['migrator'])

    def test_whatever_else_goes_wrong_is_one(self) -> None:
        self.cloud.block_storage.failing['v'] = ZeroDivisionError('by zero')
        self.transferred()
        self.assertIn('ZeroDivisionError: by zero', self.stops['migrator'])

    def test_a_hidden_result_is_one(self) -> None:
        self.follower.ended(
            play.ending(censored='the output has been hidden'), self.around
        )
        self.assertIn('no_log', self.stops['migrator'])

    def test_a_task_of_no_known_workload_is_one(self) -> None:
        self.transferred(workload=None)
        self.assertIn('which workload', self.stops['migrator'])

    def test_unprintable_names_stay_off_the_terminal(self) -> None:
        evil = Workload('source-9', 'evil\x1b[31m', copies_data=True)
        self.announced(evil)
        self.assertNotIn('\x1b', self.stops['migrator'])

    def test_a_play_without_a_data_directory_needs_a_setting(self) -> None:
        self.around = play.NOWHERE
        self.announced()
        self.assertIn('os_migrate_data_dir', self.stops['migrator'])

    def test_a_named_manifest_that_is_not_there_is_one(self) -> None:
        self.follow(manifest='/nowhere.yml')
        self.announced()
        self.assertIn('no manifest at /nowhere.yml', self.stops['migrator'])


class NoManifestTest(FollowerTestCase):
    def setUp(self) -> None:
        super().setUp()
        (self.home / 'workloads.yml').unlink()

    def test_a_missing_manifest_stops_before_data_are_copied(self) -> None:
        self.announced()
        self.assertIn(
            f'web: no manifest at {self.home}/workloads.yml, where it is '
            'expected',
            self.stops['migrator'],
        )
        self.assertEqual(([], []), (self.opened, self.said))

    def test_or_is_one_warning(self) -> None:
        self.follow(stop=False)
        self.announced()
        self.transferred()
        self.assertEqual(({}, []), (self.stops, self.opened))
        self.assertEqual(1, len(self.warned), self.warned)

    def test_a_manifest_for_volumes_of_no_server_as_well(self) -> None:
        self.follower.task_starts(
            play.play(os_migrate_data_dir=str(self.home)),
            *play.start(play.EXPORT_DETACHED, []),
        )
        self.assertIn('detached_volumes.yml', self.stops['migrator'])


class HeldTest(FollowerTestCase):
    def test_the_play_waits_until_cinder_is_back(self) -> None:
        self.follow(retry_minutes=5)
        self.cloud.block_storage.faults['v'] = [CloudError('away')] * 3
        self.replace('time.sleep', lambda seconds: None)
        self.transferred()
        self.assertEqual({}, self.stops)
        self.assertIn('web: away; retrying for another 5 min', self.said[1])
        self.assertIn('web: set', self.said[-1])


class OtherTasksTest(FollowerTestCase):
    def test_other_tasks_are_not_ours(self) -> None:
        for action in ('debug', 'os_migrate.os_migrate.import_workload_x'):
            self.follower.ended(
                play.ending(action, **play.transferred()), self.around
            )
        self.follower.ended(
            play.ending(play.PRELIMINARY, changed=False), self.around
        )
        self.follower.finish()
        self.assertEqual(
            ([], {}, [], []),
            (self.opened, self.stops, self.said, self.warned),
        )
