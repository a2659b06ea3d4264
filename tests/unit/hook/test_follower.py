# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from typing import Any

import fixtures

from osc_hwmt.exceptions import CloudError, ConfigurationError
from osc_hwmt.hook.follower import Follower, Settings
from osc_hwmt.hook.os_migrate import Workload
from osc_hwmt.hook.play import Surroundings
from osc_hwmt.hook.stopper import Stopper
from tests.unit.support import cases, fakes, play
from tests.unit.support.cloud import FakeCloud

TYPED = {'hw_machine_type': fakes.PC}


class RememberingStopper(Stopper):
    """Keeps who was stopped for what reason."""

    def __init__(self) -> None:
        super().__init__()
        self.stops: dict[str, str] = {}

    def stop(self, host: str, reason: str) -> None:
        self.stops[host] = reason


class FollowerTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        # Locks of its own, that no other test waits for.
        self.useFixture(
            fixtures.EnvironmentVariable('XDG_RUNTIME_DIR', str(self.home))
        )
        self.around = Surroundings(str(self.home), None, {'verify': False})
        self.cloud = FakeCloud(volumes=[fakes.volume('v')])
        self.opened: list[tuple[str, str, dict[str, Any]]] = []
        self.replace('osc_hwmt.cloud.connection.open_from_file', self._open)
        self.replace('osc_hwmt.version', lambda: '1.2.3')
        play.pretend_ansible(self)
        self.said: list[str] = []
        self.warned: list[str] = []
        self.manifest(fakes.resource(params=TYPED))
        self.follow()

    def _open(self, path: str, name: str, **overruling: Any) -> Any:
        self.opened.append((path, name, overruling))
        return self.cloud

    def follow(self, **settings: Any) -> None:
        """Begin anew with these settings."""
        plain = Settings('dst', None, None, None, stop=True)
        stopper = RememberingStopper()
        self.stops = stopper.stops
        self.follower = Follower(
            dataclasses.replace(plain, **settings),
            stopper,
            self.said.append,
            self.warned.append,
        )
        self.addCleanup(self.follower.finish)

    def manifest(self, *resources: dict[str, Any]) -> None:
        path = self.home / 'workloads.yml'
        path.write_text(fakes.manifest_text(*resources))

    def announced(self, workload: Workload = play.WEB) -> None:
        self.follower.ended(
            play.ending(play.PRELIMINARY, workload, changed=True), self.around
        )

    def transferred(self, volume_id: str = 'v', **more: Any) -> None:
        self.follower.ended(
            play.ending(**{**play.transferred(volume_id), **more}),
            self.around,
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
            'on cloud dst, also what it cannot run; on failure', self.said[0]
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
            f'web: no manifest at {self.home}/workloads.yml, where it was '
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


class StartingTestCase(FollowerTestCase):
    def starts(
        self, action: str, data: object = None, **variables: Any
    ) -> tuple[str, Any]:
        """Return what a task does instead, and what it says."""
        known = {'os_migrate_data_dir': str(self.home), **variables}
        host, task = play.start(action, data)
        self.follower.task_starts(play.play(**known), host, task)
        return task.action.rpartition('.')[2], task.args.get('msg')

    def creates(self, **variables: Any) -> tuple[str, Any]:
        known = {'item': fakes.resource(params=TYPED), **variables}
        return self.starts(play.CREATE, '{{ item }}', **known)

    def cleans_up(self) -> tuple[str, Any]:
        return self.starts(play.CLEAN_UP, '{{ item }}')

    def failed_transfer(self, **more: Any) -> None:
        """Let a workload fail that has a data disk beside its boot volume."""
        self.cloud.block_storage.failing['v'] = CloudError('Cinder is away')
        self.transferred(
            volume_map={
                '/dev/vda': {'source_id': 't', 'dest_id': 'v'},
                '/dev/vdb': {'source_id': 'u', 'dest_id': 'w'},
            },
            block_device_mapping=[
                {'boot_index': 0, 'uuid': 'v'},
                {'boot_index': -1, 'uuid': 'w'},
            ],
            **more,
        )


UNTOUCHED = 'import_workload_create_instance', None


class GuardTest(StartingTestCase):
    def test_a_server_is_built_from_a_volume_that_was_set(self) -> None:
        self.announced()
        self.transferred()
        self.assertEqual(UNTOUCHED, self.creates())

    def test_or_left_to_the_destination(self) -> None:
        self.manifest(fakes.resource(params={'hw_machine_type': None}))
        self.announced()
        self.transferred()
        self.assertEqual(UNTOUCHED, self.creates())

    def test_an_undecided_one_is_named_at_the_end(self) -> None:
        found = {'hw_machine_type': fakes.facts(None, 'none')}
        self.manifest(
            fakes.resource(params={'hw_machine_type': None}, info=found)
        )
        self.announced()
        self.transferred()
        self.said.clear()
        self.follower.finish()
        self.assertEqual(
            [
                f'{self.home}/workloads.yml: 1 server: 1 undecided',
                "undecided, and so given the destination's default: web",
            ],
            self.said,
        )

    def test_none_is_built_whose_transfer_was_never_seen(self) -> None:
        self.announced()
        action, said = self.creates()
        self.assertEqual('fail', action)
        self.assertIn('osc-hwmt: web: its server was about to be', said)

    def test_nor_one_of_which_nothing_was_seen_at_all(self) -> None:
        self.assertEqual('fail', self.creates()[0])

    def test_nor_one_that_is_not_the_one_that_was_set(self) -> None:
        self.announced()
        self.transferred()
        action, _said = self.creates(item=fakes.resource('crm', 'source-2'))
        self.assertEqual('fail', action)

    def test_nor_one_that_comes_again(self) -> None:
        self.announced()
        self.transferred()
        self.announced()
        self.assertEqual('fail', self.creates()[0])

    def test_in_a_loop_of_its_own_all_have_to_be_set(self) -> None:
        self.announced()
        self.assertEqual('fail', self.starts(play.CREATE, '{{ each }}')[0])
        self.transferred()
        self.assertEqual(UNTOUCHED, self.starts(play.CREATE, '{{ each }}'))

    def test_a_guard_that_breaks_lets_none_through(self) -> None:
        self.replace('osc_hwmt.hook.follower.starting_data', _break)
        action, said = self.creates()
        self.assertEqual('fail', action)
        self.assertIn('ZeroDivisionError', said)

    def test_with_warn_it_is_a_warning(self) -> None:
        self.follow(stop=False)
        self.announced()
        for _time in range(2):
            self.assertEqual(UNTOUCHED, self.creates())
        self.assertEqual(1, len(self.warned), self.warned)
        # It may be there already: then this task is skipped.
        self.creates(item=fakes.resource('crm', 'source-2'))
        self.assertEqual(1, len(self.warned), self.warned)

    def test_and_of_what_was_warned_of_no_second_one(self) -> None:
        self.follow(stop=False)
        self.announced()
        self.failed_transfer()
        self.assertEqual(UNTOUCHED, self.creates())
        self.assertEqual(['web: Cinder is away'], self.warned)


def _break(*_arguments: Any) -> None:
    raise ZeroDivisionError


class KeptTest(StartingTestCase):
    LEFT_ALONE = 'import_workload_dst_failure_cleanup'

    def fails(self) -> None:
        self.failed_transfer()
        self.follower.task_failed('migrator', play.CREATE)

    def test_what_the_hook_stopped_is_not_cleaned_up(self) -> None:
        self.fails()
        self.assertEqual(
            (
                'debug',
                'not a template: osc-hwmt: the copied volumes of web are '
                'kept: v w',
            ),
            self.cleans_up(),
        )

    def test_and_the_end_says_how_to_go_on(self) -> None:
        self.fails()
        self.said.clear()
        self.follower.finish()
        self.assertEqual(
            [
                f'{self.home}/workloads.yml: 1 server: 1 unknown',
                'not imported: web: Cinder is away',
            ],
            self.said[:2],
        )
        self.assertIn('    boot_volume:\n        uuid: v\n', self.said[2])
        self.assertIn(f'at {self.home}/workloads.yml:3 to this', self.said[2])

    def test_a_workload_whose_volumes_are_hidden_as_well(self) -> None:
        self.follower.ended(
            play.ending(censored='the output has been hidden'), self.around
        )
        self.follower.task_failed('migrator', play.CREATE)
        action, said = self.cleans_up()
        self.assertEqual('debug', action)
        self.assertIn('the copied volumes of web are kept; its log', said)

    def test_an_interrupt_says_it_at_once(self) -> None:
        self.cloud.block_storage.failing['v'] = KeyboardInterrupt()  # type: ignore[assignment]
        self.assertRaises(KeyboardInterrupt, self.transferred)
        self.assertIn('the copied volumes of web are kept', self.said[-1])

    def test_any_other_failure_is_os_migrates(self) -> None:
        self.transferred()
        self.assertEqual(self.LEFT_ALONE, self.cleans_up()[0])

    def test_the_next_ones_failure_is_as_well(self) -> None:
        for end in ('ok', 'failed', 'skipped'):
            self.fails()
            crm = Workload('source-2', 'crm', copies_data=True)
            if end == 'ok':
                del self.cloud.block_storage.failing['v']
                self.transferred()
            elif end == 'failed':
                self.follower.task_failed('migrator', play.TRANSFER)
            else:
                self.follower.skipped(
                    play.ending(workload=crm, skipped=True), self.around
                )
            self.assertEqual(self.LEFT_ALONE, self.cleans_up()[0], end)

    def test_unless_its_transfer_was_not_reached(self) -> None:
        # Then the result that os-migrate deletes by is still this one's.
        self.fails()
        self.announced(Workload('source-9', 'crm', copies_data=True))
        self.follower.task_failed('migrator', 'debug')
        self.assertEqual('debug', self.cleans_up()[0])

    def test_a_setting_gives_them_back_to_os_migrate(self) -> None:
        self.follow(keep_volumes=False)
        self.fails()
        self.assertEqual(self.LEFT_ALONE, self.cleans_up()[0])

    def test_with_warn_nothing_is_kept(self) -> None:
        self.follow(stop=False)
        self.fails()
        self.assertEqual(self.LEFT_ALONE, self.cleans_up()[0])


class HeldTest(FollowerTestCase):
    def test_the_play_waits_until_cinder_is_back(self) -> None:
        self.follow(retry_minutes=5)
        self.cloud.block_storage.faults['v'] = [CloudError('away')] * 3
        self.replace('time.sleep', lambda seconds: None)
        self.transferred()
        self.assertEqual({}, self.stops)
        self.assertIn('web: away; retrying for another 5 min', self.said[1])
        self.assertIn('web: set', self.said[-1])


class NoTaskLeftTest(StartingTestCase):
    def test_who_could_not_fail_any_more_is_told_at_the_end(self) -> None:
        self.follower = Follower(
            Settings('dst', None, '/nowhere.yml', None, stop=True),
            Stopper(),
            self.said.append,
            self.warned.append,
        )
        self.announced()
        self.assertEqual('import_volumes_src_cleanup', self.cleans_source())
        (left,) = self.follower.finish()
        self.assertIn('no manifest at /nowhere.yml', left)

    def cleans_source(self) -> str:
        return self.starts(play.CLEAN_UP_DETACHED)[0]


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
