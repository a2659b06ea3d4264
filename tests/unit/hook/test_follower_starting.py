# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

from osc_hwmt.hook.follower import Follower
from osc_hwmt.hook.hooks import Settings
from osc_hwmt.hook.os_migrate import Workload
from osc_hwmt.hook.stopper import Stopper
from tests.unit.support import fakes, play
from tests.unit.support.following import StartingTestCase

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
                "undecided, given the destination's default: web",
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
        self.assertIn('the copied volumes of web are kept; their IDs', said)

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
