# SPDX-License-Identifier: Apache-2.0

"""Faults that end a run, or hit all of it.

doc/source/background/faults.rst
"""

from __future__ import annotations

import resource
import signal
import threading
import unittest
from urllib.parse import urlsplit

from tests.clouds.scenario import I440FX, Q35
from tests.functional import fleet as fleets
from tests.functional import kill
from tests.functional.base import FunctionalTest
from tests.functional.faults import COUNT, MANIFEST, FaultTest
from tests.functional.faulty_proxy import (
    Answer,
    CutOff,
    Edited,
    Fault,
    FaultyProxy,
    Request,
    Seen,
    Slow,
)
from tests.functional.fleet import DIRECT, Fleet

SET, SHOW = 'os-set_image_metadata', 'os-show_image_metadata'


def setUpModule() -> None:
    """Make the volumes, once for all tests of this module."""
    if not fleets.available():
        raise unittest.SkipTest('only the test clouds let us insert volumes')
    FaultTest.fleet = Fleet(COUNT)
    FunctionalTest.configuration = FaultTest.fleet.configuration


def tearDownModule() -> None:
    """Delete the volumes."""
    FaultTest.fleet.remove()


def nothing(_request: Request) -> Fault:
    """No fault at all."""
    return None


class UndisturbedTest(FaultTest):
    def test_pages_and_writes_are_all_the_requests(self) -> None:
        proxy = self.through(nothing)
        self.apply()
        kinds = [
            (seen.request.method, seen.request.action) for seen in proxy.seen
        ]
        self.assertEqual(
            {('GET', None): 2, ('POST', SET): COUNT},
            {kind: kinds.count(kind) for kind in kinds},
        )
        self.check_once(proxy)
        self.check_journals()
        self.assertEqual(
            self.fleet.expected(), self.fleet.database.image_metadata()
        )

    def test_blank_volumes_cost_a_few_questions_more(self) -> None:
        self.fleet.database.set_image_metadata(
            [one.id for one in (*self.fleet.volumes, *self.fleet.bystanders)],
            {},
        )
        proxy = self.through(nothing)
        self.apply()
        actions = [seen.request.action for seen in proxy.seen]
        self.assertEqual(
            (3, 4, COUNT),
            (actions.count(None), actions.count(SHOW), actions.count(SET)),
        )

    def test_a_run_that_has_nothing_to_do_reads_one_page(self) -> None:
        self.apply(cloud=DIRECT)
        proxy = self.through(nothing)
        answer = self.apply()
        self.assertEqual({'unchanged'}, set(self.results(answer).values()))
        self.assertEqual(['GET'], [one.request.method for one in proxy.seen])


class KilledTest(FaultTest):
    """kill -9, and signals that ask more politely."""

    def kill_at(self, number: int, *, answered: bool) -> FaultyProxy:
        """Kill a run at a write: before it is done, or after."""
        proxy = self.through(nothing)
        process = self.begin()

        def kill(seen: Seen) -> None:
            writes = sum(len(one) for one in proxy.writes().values())
            if seen.request.action == SET and writes >= number:
                process.kill()

        def kill_before(request: Request) -> Fault:
            writes = sum(len(one) for one in proxy.writes().values())
            if request.action == SET and writes >= number - 1:
                process.kill()
                return CutOff(done=False)
            return None

        if answered:
            proxy.after = kill
        else:
            proxy.rule = kill_before
        self.end(process, -signal.SIGKILL)
        return proxy

    def test_wherever_it_was_killed_a_second_run_finishes(self) -> None:
        for number, answered in ((1, True), (9, False), (COUNT, True)):
            self.fleet.reset()
            for path in self.directory.glob('*.journal'):
                path.unlink()
            first = self.kill_at(number, answered=answered)
            self.check_journals()
            second = self.through(nothing)
            answer = self.apply()
            self.assertIn(': this run was killed; ', answer.err)
            self.check_once(first, second)
            self.assertEqual(
                self.fleet.expected(), self.fleet.database.image_metadata()
            )

    def test_what_a_killed_run_did_can_be_undone(self) -> None:
        before = self.fleet.database.image_metadata()
        self.kill_at(9, answered=True)
        (journal,) = self.directory.glob('*.journal')
        undo = ('--auto-approve', '--destination-cloud', DIRECT, journal.name)
        self.machine_type('rollback', *undo)
        self.assertEqual(before, self.fleet.database.image_metadata())
        again = self.machine_type('rollback', *undo)
        self.assertEqual({'as before'}, set(self.results(again).values()))

    def test_an_interrupt_finishes_what_is_under_way(self) -> None:
        proxy = self.through(lambda _request: Slow(0.2))
        process = self.begin('--concurrency', '4', MANIFEST)

        # Taken once: a second signal would not wait for anything.
        first = threading.Lock()

        def interrupt(seen: Seen) -> None:
            if seen.request.action == SET and len(proxy.writes()) >= 5:
                if first.acquire(blocking=False):
                    process.send_signal(signal.SIGINT)

        proxy.after = interrupt
        answer = self.end(process, 130)
        self.assertIn('after the requests in progress', answer.err)
        results = list(self.results(answer).values())
        self.assertEqual({'set', 'not begun'}, set(results))
        self.assertLess(results.count('set'), COUNT)
        self.check_table(answer)
        self.check_journals()
        self.assertTrue(self.journals()[-1].ended)
        self.finish()

    def test_a_rollback_can_be_killed_as_well(self) -> None:
        before = self.fleet.database.image_metadata()
        self.apply(cloud=DIRECT)
        (journal,) = self.directory.glob('*.journal')
        proxy = self.through(nothing)
        process = self.begin(journal.name, action='rollback')

        def kill(_seen: Seen) -> None:
            if len(proxy.writes()) >= 7:
                process.kill()

        proxy.after = kill
        self.end(process, -signal.SIGKILL)
        answer = self.machine_type(
            'rollback',
            '--auto-approve',
            '--destination-cloud',
            DIRECT,
            journal.name,
        )
        self.assertEqual(
            {'as before', 'restored'}, set(self.results(answer).values())
        )
        self.assertEqual(before, self.fleet.database.image_metadata())


class NetworkTest(FaultTest):
    def cut_at(self, proxy: FaultyProxy, seconds: float | None) -> None:
        """Cut the network at the fifth write, for some time or for ever."""
        first = threading.Lock()

        def cut(_seen: Seen) -> None:
            if len(proxy.writes()) >= 5 and first.acquire(blocking=False):
                threading.Thread(target=proxy.cut).start()
                if seconds is not None:
                    threading.Timer(seconds, proxy.listen).start()

        proxy.after = cut

    def test_a_network_that_comes_back_is_waited_for(self) -> None:
        proxy = self.through(nothing)
        self.cut_at(proxy, 2.0)
        answer = self.apply()
        self.assertEqual({'set'}, set(self.results(answer).values()))
        self.check_once(proxy)
        self.finish()

    def test_a_service_that_does_not_answer_stops_the_run(self) -> None:
        proxy = self.through(nothing)
        self.cut_at(proxy, None)
        answer = self.apply(code=1)
        self.assertIn('Connection refused', answer.err)
        self.assertIn('not begun', set(self.results(answer).values()))
        self.check_table(answer)
        self.check_journals()
        self.finish()

    def test_a_name_that_does_not_resolve_stops_it_before(self) -> None:
        path = urlsplit(self.fleet.endpoint).path
        self.fleet.reached_by(f'http://cinder.invalid:8776{path}')
        before = self.fleet.database.image_metadata()
        answer = self.openstack(
            *('migrate', 'machine-type', 'apply', '--auto-approve'),
            *('--destination-cloud', 'faulty', MANIFEST),
            code=1,
        )
        self.assertIn('cloud faulty: cannot list volumes', answer.err)
        self.assertEqual([], self.journals())
        self.assertEqual(before, self.fleet.database.image_metadata())

    def test_a_service_that_hangs_is_not_waited_for_for_ever(self) -> None:
        hangs = threading.Event()
        self.addCleanup(hangs.set)

        def hang(request: Request) -> Fault:
            if request.action == SET and request.number == 1:
                hangs.wait(60)
                return CutOff(done=False)
            return None

        proxy = self.through(hang)
        self.fleet.reached_by(proxy.url, api_timeout=5)
        volumes = self.fleet.volumes
        self.fleet.database.set_image_metadata(
            [one.id for one in volumes[2:]], {'hw_machine_type': I440FX}
        )
        answer = self.apply()
        self.assertEqual(2, list(self.results(answer).values()).count('set'))


class TokenTest(FaultTest):
    def test_a_token_that_is_revoked_is_replaced(self) -> None:
        revoked: set[str] = set()

        def refuse(request: Request) -> Fault:
            token = request.headers['X-Auth-Token']
            if request.action == SET and not revoked:
                revoked.add(token)
            return Answer(401) if token in revoked else None

        proxy = self.through(refuse)
        self.apply()
        self.check_once(proxy)
        self.finish()

    def test_a_user_who_may_no_longer_stops_the_run(self) -> None:
        def refuse(request: Request) -> Fault:
            if request.action == SET and len(proxy.writes()) >= 5:
                return Answer(401)
            return None

        proxy = self.through(refuse)
        # So few at once that some are left when the first is refused.
        answer = self.apply('--concurrency', '2', code=1)
        self.assertIn('HTTP 401', answer.err)
        self.assertIn('not begun', set(self.results(answer).values()))
        self.check_table(answer)
        self.check_journals()
        self.finish()


class ChangedTest(FaultTest):
    """Between the plan and the writes, as at an approval prompt."""

    def test_volumes_that_go_or_change_are_left_alone(self) -> None:
        fleet = self.fleet
        gone, changed, written = fleet.volumes[5:8]
        rows = fleet.database

        def meanwhile(request: Request) -> Fault:
            # The second listing is the one right before the writes.
            if request.method == 'GET' and request.number == 2:
                rows.hide([gone.id])
                rows.set_image_metadata([changed.id], {fleets.KEY: Q35})
                rows.set_image_metadata([written.id], {fleets.KEY: I440FX})
            return None

        self.addCleanup(rows.hide, [gone.id], hidden=False)
        proxy = self.through(meanwhile)
        answer = self.apply(code=1)
        results = self.results(answer)
        self.assertEqual(
            ('changed meanwhile', 'changed meanwhile', 'unchanged'),
            tuple(results[one.id] for one in (gone, changed, written)),
        )
        self.assertEqual(Q35, fleet.machine_types()[changed.id])
        self.check_once(proxy)
        self.check_journals(written.id)
        rows.hide([gone.id], hidden=False)
        self.finish(written.id)

    def test_a_page_that_hides_metadata_is_not_believed(self) -> None:
        # As Cinder does when its own query fails: 200, and no metadata.
        changed = self.fleet.volumes[9]
        self.fleet.database.set_image_metadata(
            [changed.id], {fleets.KEY: 'virt'}
        )
        proxy = self.through(
            lambda request: (
                Edited(b'"volume_image_metadata"', b'"hidden"')
                if request.method == 'GET'
                else None
            )
        )
        answer = self.apply()
        row = answer.row(**{'Volume ID': changed.id})
        self.assertEqual('set', row['Result'])
        (journal,) = self.journals()
        old = {
            one.write.volume_id: one.write.changes[0].old
            for one in journal.announced
        }
        self.assertEqual('virt', old[changed.id], 'rollback would lose it')
        self.check_once(proxy)
        self.finish()


class JournalTest(FaultTest):
    def test_a_full_disk_stops_the_writes(self) -> None:
        proxy = self.through(nothing)

        def limited() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))

        process = self.begin(
            preexec_fn=limited,
            # Python would cut the bytecode that it keeps, for all who come.
            environment={'PYTHONDONTWRITEBYTECODE': '1'},
        )
        answer = self.end(process, 1)
        self.assertIn('cannot be written: File too large', answer.err)
        self.assertIn('not begun', set(self.results(answer).values()))
        self.check_table(answer)
        (journal,) = self.journals()
        announced = {one.write.volume_id for one in journal.announced}
        self.assertLessEqual(set(proxy.writes()), announced)
        self.check_journals()
        self.finish()

    def test_a_place_that_can_not_be_written_to_stops_all(self) -> None:
        before = self.fleet.database.image_metadata()
        answer = self.openstack(
            *('migrate', 'machine-type', 'apply', '--auto-approve'),
            *('--destination-cloud', DIRECT, '--journal', '/proc/x.journal'),
            MANIFEST,
            code=1,
        )
        self.assertIn('/proc/x.journal: cannot be created', answer.err)
        self.assertEqual(before, self.fleet.database.image_metadata())


class TwoRunsTest(FaultTest):
    def test_two_runs_at_once_take_turns(self) -> None:
        proxy = self.through(lambda _request: Slow(0.05))
        both = [self.begin(), self.begin()]
        answers = [self.end(one, 0) for one in both]
        for answer in answers:
            self.check_table(answer)
        results = [
            result
            for answer in answers
            for result in self.results(answer).values()
        ]
        self.assertEqual(COUNT, results.count('set'))
        self.assertEqual(COUNT, results.count('unchanged'))
        self.check_once(proxy)
        self.finish()


class RandomKillTest(FunctionalTest):
    def test_a_few_random_kills_lose_and_double_nothing(self) -> None:
        # tox -e kill does it two hundred times.
        tally = kill.run(3, seed=20261124)
        self.assertGreaterEqual(tally.kills, 3)
