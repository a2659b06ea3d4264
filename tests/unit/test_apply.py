# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Mapping
from typing import Any

import fixtures

from osc_hwmt import apply, collect, project_lock
from osc_hwmt.apply import Outcome, Result, Run, State
from osc_hwmt.exceptions import CloudError, FileError
from osc_hwmt.inventory import MACHINE_TYPE
from osc_hwmt.journal.file import Journal
from osc_hwmt.match import Match, Rule
from osc_hwmt.patience import Patience
from osc_hwmt.plan import Left, Set, Step, Unchanged
from osc_hwmt.write import Change, Write
from tests import fakes
from tests.fakes import PC, Q35, FakeCloud, entry, volume
from tests.unit import base

NO_ANSWER = CloudError('cloud dst: cut off', transient=True)
BUSY = CloudError('cloud dst: being uploaded', 400, transient=True)


class ApplyTestCase(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        home = self.directory()
        self.useFixture(
            fixtures.EnvironmentVariable('XDG_RUNTIME_DIR', str(home))
        )
        self.path = home / 'apply.journal'
        self.cloud = FakeCloud(
            volumes=[volume(id, image_metadata={'a': 'b'}) for id in 'xyz']
        )
        self.storage = self.cloud.block_storage
        self.rests: list[float] = []
        self.replace(
            'osc_hwmt.apply.Patience',
            functools.partial(Patience, rest=self.rest),
        )

    def rest(self, seconds: float) -> bool:
        self.rests.append(seconds)
        return False

    def run_all(self, *writes: Write, concurrency: int = 1) -> Run:
        with Journal(str(self.path), fakes.header()) as journal:
            return apply.carry_out(writes, self.cloud, journal, concurrency)

    def states(self, *writes: Write, concurrency: int = 1) -> list[State]:
        run = self.run_all(*writes, concurrency=concurrency)
        self.assertIsNone(run.stopped)
        return [one.state for one in run.outcomes]

    def journal(self) -> list[dict[str, Any]]:
        lines = self.path.read_text().splitlines()[1:]
        return [json.loads(line) for line in lines]

    def endings(self) -> dict[str, str]:
        return {
            line['outcome']: line['result']
            for line in self.journal()
            if 'outcome' in line
        }

    def metadata(self, id: str) -> Mapping[str, str]:
        return self.storage.held[id].image_metadata or {}


class CarryOutTest(ApplyTestCase):
    def test_a_write_is_done_and_everything_else_stays(self) -> None:
        self.assertEqual([State.DONE], self.states(fakes.write('x')))
        self.assertEqual({'a': 'b', MACHINE_TYPE: PC}, self.metadata('x'))
        self.assertEqual({'a': 'b'}, self.metadata('y'))

    def test_outcomes_come_in_the_order_of_the_writes(self) -> None:
        run = self.run_all(*map(fakes.write, 'zxy'), concurrency=3)
        self.assertEqual(
            ['z', 'x', 'y'], [one.write.volume_id for one in run.outcomes]
        )

    def test_one_failure_stops_no_other(self) -> None:
        self.storage.failing['x'] = CloudError('cloud dst: no', 403)
        run = self.run_all(*map(fakes.write, 'xy'))
        self.assertEqual(
            [State.FAILED, State.DONE], [one.state for one in run.outcomes]
        )
        self.assertEqual('cloud dst: no (HTTP 403)', run.outcomes[0].detail)

    def test_every_outcome_is_told_as_it_comes(self) -> None:
        told: list[Outcome] = []
        self.storage.failing['x'] = CloudError('cloud dst: no', 403)
        with Journal(str(self.path), fakes.header()) as journal:
            apply.carry_out(
                list(map(fakes.write, 'xy')),
                self.cloud,
                journal,
                1,
                told.append,
            )
        self.assertEqual([False, True], [one.is_well for one in told])

    def test_a_hundred_volumes_at_once_are_all_done(self) -> None:
        ids = [f'v{number}' for number in range(100)]
        self.storage.held.update({id: fakes.volume(id) for id in ids})
        states = self.states(*map(fakes.write, ids), concurrency=16)
        self.assertEqual([State.DONE] * 100, states)
        self.assertEqual(
            [('set', id, f'{MACHINE_TYPE}={PC}') for id in sorted(ids)],
            self.cloud.writes,
        )
        self.assertEqual(dict.fromkeys(ids, 'done'), self.endings())


class JournalTest(ApplyTestCase):
    def test_the_intent_is_there_before_the_write(self) -> None:
        before: list[list[str]] = []  # keys of the lines so far
        write = self.storage.set_image_metadata

        def look(id: str, values: Mapping[str, str]) -> Mapping[str, str]:
            before.extend(list(line) for line in self.journal())
            return write(id, values)

        self.storage.set_image_metadata = look  # type: ignore[method-assign,assignment]
        self.run_all(fakes.write('x'))
        self.assertEqual(1, len(before))
        self.assertIn('intent', before[0])
        intent, outcome, end = self.journal()
        self.assertEqual(
            ('x', 'source-of-x'), (intent['intent'], intent['server_id'])
        )
        self.assertEqual(
            ('x', 'done'), (outcome['outcome'], outcome['result'])
        )
        self.assertEqual('finished', end['end'])

    def test_a_failure_is_there_with_its_reason(self) -> None:
        for code, result in ((403, 'failed'), (500, 'unknown')):
            self.storage.failing['x'] = CloudError('no', code, 'req-1')
            self.run_all(fakes.write('x'))
            outcome = self.journal()[1]
            self.assertEqual(
                (result, f'no (HTTP {code}, req-1)'),
                (outcome['result'], outcome['error']),
            )
            self.path.unlink()

    def test_what_was_not_written_is_not_in_it(self) -> None:
        self.storage.set_image_metadata('x', {MACHINE_TYPE: PC})
        self.run_all(fakes.write('x'), fakes.write('gone'))
        self.assertEqual(['end'], [list(one)[1] for one in self.journal()])

    def test_nothing_is_written_when_it_can_not_be(self) -> None:
        def refuse(_descriptor: int) -> None:
            raise OSError(28, 'No space left on device')

        with Journal(str(self.path), fakes.header()) as journal:
            self.replace('osc_hwmt.journal.file.os.fsync', refuse)
            run = apply.carry_out(
                list(map(fakes.write, 'xyz')), self.cloud, journal, 2
            )
        self.assertIn('No space', str(self.expect(FileError, run.stopped)))
        self.assertEqual([], self.cloud.writes)
        self.assertEqual(
            {State.NOT_BEGUN}, {one.state for one in run.outcomes}
        )

    def test_a_write_that_was_done_is_said_to_be_without_it(self) -> None:
        with Journal(str(self.path), fakes.header()) as journal:
            full = FileError('full')

            def refuse(*_arguments: object) -> None:
                raise full

            journal.ended = refuse  # type: ignore[method-assign,assignment]
            run = apply.carry_out(
                list(map(fakes.write, 'xyz')), self.cloud, journal, 1
            )
        self.assertIs(full, run.stopped)
        self.assertEqual(
            [State.DONE, State.NOT_BEGUN, State.NOT_BEGUN],
            [one.state for one in run.outcomes],
        )


class LookTest(ApplyTestCase):
    """What happened between the plan and the writes."""

    def test_what_is_there_already_is_not_written(self) -> None:
        self.storage.set_image_metadata('x', {MACHINE_TYPE: PC})
        self.cloud.calls.clear()
        self.assertEqual([State.ALREADY], self.states(fakes.write('x')))
        self.assertEqual([], self.cloud.writes)

    def test_what_someone_else_changed_is_left_alone(self) -> None:
        self.storage.set_image_metadata('x', {MACHINE_TYPE: 'virt'})
        self.cloud.calls.clear()
        run = self.run_all(
            fakes.write('x', Change(MACHINE_TYPE, Q35, PC)), fakes.write('y')
        )
        changed, done = run.outcomes
        self.assertEqual(
            (State.CHANGED, State.DONE), (changed.state, done.state)
        )
        self.assertIn(f'{MACHINE_TYPE} is virt and was {Q35}', changed.detail)
        self.assertEqual('virt', self.metadata('x')[MACHINE_TYPE])

    def test_only_the_keys_that_are_missing_are_written(self) -> None:
        write = fakes.write(
            'x', Change('a', None, 'b'), Change('c', None, 'd')
        )
        self.assertEqual([State.DONE], self.states(write))
        self.assertEqual([('set', 'x', 'c=d')], self.cloud.writes)
        self.assertEqual(
            {'c': {'old': None, 'new': 'd'}}, self.journal()[0]['changes']
        )

    def test_a_volume_that_is_gone_or_hidden_is_told(self) -> None:
        self.storage.forbidden.add('x')
        run = self.run_all(fakes.write('x'), fakes.write('gone'))
        hidden, gone = run.outcomes
        self.assertEqual(
            [State.FAILED] * 2, [one.state for one in run.outcomes]
        )
        self.assertIn('not allowed', hidden.detail)
        self.assertIn('not there any more', gone.detail)

    def test_a_cloud_that_can_not_be_read_is_not_written_to(self) -> None:
        def fail(_volume_id: str) -> None:
            raise NO_ANSWER

        self.storage.image_metadata = fail  # type: ignore[method-assign,assignment]
        run = self.run_all(fakes.write('x'))
        self.assertIs(NO_ANSWER, run.stopped)
        self.assertEqual([], self.cloud.writes)
        self.assertEqual('stopped', self.journal()[-1]['end'])


class RequestsTest(ApplyTestCase):
    """Pages and writes, whatever the listing proves."""

    def setUp(self) -> None:
        super().setUp()
        self.ids = [f'v{number:03}' for number in range(95)]
        self.storage.held = {id: volume(id) for id in self.ids}
        self.storage.page_size = 20

    def calls(self, writes: list[Write]) -> dict[str, int]:
        self.cloud.calls.clear()
        self.assertEqual({State.DONE}, set(self.states(*writes)))
        kinds = [call[0] for call in self.cloud.calls]
        return {kind: kinds.count(kind) for kind in sorted(set(kinds))}

    def test_a_proven_listing_costs_its_pages_and_the_writes(self) -> None:
        for id in self.ids[::20]:
            self.storage.set_image_metadata(id, {'a': 'b'})
        self.assertEqual(
            {'set': 95, 'volumes': 5},
            self.calls(list(map(fakes.write, self.ids))),
        )

    def test_blank_volumes_cost_one_question_a_page(self) -> None:
        writes = [
            fakes.write(id, doubt=self.ids[number // 20 * 20])
            for number, id in enumerate(self.ids)
        ]
        self.assertEqual(
            {'image_metadata': 5, 'set': 95, 'volumes': 5}, self.calls(writes)
        )

    def test_a_page_that_failed_is_asked_for_volume_by_volume(self) -> None:
        self.storage.failed_pages.add(1)
        for id in self.ids[::20]:
            self.storage.set_image_metadata(id, {'a': 'b'})
        self.assertEqual(
            {'image_metadata': 20, 'set': 95, 'volumes': 5},
            self.calls(list(map(fakes.write, self.ids))),
        )

    def test_a_few_volumes_are_asked_for_themselves(self) -> None:
        few = list(map(fakes.write, self.ids[: collect.FEW]))
        self.assertEqual(
            {'image_metadata': collect.FEW, 'set': collect.FEW},
            self.calls(few),
        )

    def test_each_project_is_listed_once(self) -> None:
        other = [f'o{number}' for number in range(15)]
        self.storage.held.update(
            {
                id: volume(id, image_metadata={'a': 'b'}, project_id='other')
                for id in other
            }
        )
        for id in self.ids[::20]:
            self.storage.set_image_metadata(id, {'a': 'b'})
        writes = [
            *map(fakes.write, self.ids),
            *(fakes.write(id, project_id='other') for id in other),
        ]
        self.assertEqual({'set': 110, 'volumes': 6}, self.calls(writes))

    def test_what_a_blank_page_hid_is_not_overwritten(self) -> None:
        self.storage.failed_pages.add(0)
        self.storage.set_image_metadata('v003', {MACHINE_TYPE: 'virt'})
        self.cloud.calls.clear()
        doubtful = [fakes.write(id, doubt=self.ids[0]) for id in self.ids[:20]]
        states = self.states(*doubtful)
        self.assertEqual(
            [3], [n for n in range(20) if states[n] is State.CHANGED]
        )
        self.assertEqual(19, states.count(State.DONE))


class RetryTest(ApplyTestCase):
    def test_a_transient_failure_is_waited_out(self) -> None:
        self.storage.faults['x'] = [
            CloudError('no', 503, transient=True),
            NO_ANSWER,
        ]
        self.assertEqual([State.DONE], self.states(fakes.write('x')))
        self.assertEqual(2, len(self.rests))
        self.assertEqual({'x': 'done'}, self.endings())

    def test_a_write_whose_answer_was_lost_is_not_repeated(self) -> None:
        self.storage.faults['x'] = [NO_ANSWER]
        self.storage.lost.append(NO_ANSWER)
        self.assertEqual([State.DONE], self.states(fakes.write('x')))
        self.assertEqual(1, len(self.cloud.writes))

    def test_a_busy_volume_is_tried_again_after_all_others(self) -> None:
        self.storage.faults['x'] = [BUSY]
        self.assertEqual(
            [State.DONE] * 3, self.states(*map(fakes.write, 'xyz'))
        )
        self.assertEqual(
            ['x', 'y', 'z', 'x'],
            [call[1] for call in self.cloud.calls if call[0] == 'set'],
        )
        intents = [one['intent'] for one in self.journal() if 'intent' in one]
        self.assertEqual(['x', 'y', 'z'], intents, 'announced twice')
        self.assertEqual(dict.fromkeys('xyz', 'done'), self.endings())

    def test_one_that_stays_busy_is_told_and_stops_nothing(self) -> None:
        self.storage.failing['x'] = BUSY
        run = self.run_all(*map(fakes.write, 'xy'))
        self.assertEqual(
            [State.FAILED, State.DONE], [one.state for one in run.outcomes]
        )
        self.assertIsNone(run.stopped)
        self.assertIn('being uploaded', run.outcomes[0].detail)
        self.assertEqual({'x': 'failed', 'y': 'done'}, self.endings())

    def test_a_cloud_that_answers_nobody_stops_the_run(self) -> None:
        self.storage.failing.update(dict.fromkeys('xyz', NO_ANSWER))
        run = self.run_all(*map(fakes.write, 'xyz'))
        self.assertIs(NO_ANSWER, run.stopped)
        self.assertEqual(
            [State.UNKNOWN, State.NOT_BEGUN, State.NOT_BEGUN],
            [one.state for one in run.outcomes],
        )
        self.assertEqual({'x': 'unknown'}, self.endings())
        self.assertEqual('stopped', self.journal()[-1]['end'])

    def test_one_volume_that_always_fails_does_not(self) -> None:
        self.storage.failing['x'] = CloudError('no', 500, transient=True)
        states = self.states(*map(fakes.write, 'xyz'))
        self.assertEqual([State.UNKNOWN, State.DONE, State.DONE], states)

    def test_a_busy_volume_is_not_forgotten_when_the_run_stops(self) -> None:
        self.storage.faults['x'] = [BUSY]
        self.storage.failing['y'] = NO_ANSWER
        run = self.run_all(*map(fakes.write, 'xyz'))
        self.assertEqual(
            [State.FAILED, State.UNKNOWN, State.NOT_BEGUN],
            [one.state for one in run.outcomes],
        )
        self.assertEqual({'x': 'failed', 'y': 'unknown'}, self.endings())


class TurnsTest(ApplyTestCase):
    def test_a_run_waits_until_another_has_written(self) -> None:
        runs: list[Run] = []
        waiting = threading.Event()
        with Journal(str(self.path), fakes.header()) as journal:

            def run() -> None:
                runs.append(
                    apply.carry_out(
                        [fakes.write('x')],
                        self.cloud,
                        journal,
                        1,
                        waiting=waiting.set,
                    )
                )

            thread = threading.Thread(target=run)
            with project_lock.held([fakes.OWN.id], lambda: None):
                thread.start()
                self.assertTrue(waiting.wait(10), 'it did not wait')
                self.assertEqual([], self.cloud.calls)
            thread.join(10)
        self.assertEqual(State.DONE, runs[0].outcomes[0].state)


class InterruptTest(ApplyTestCase):
    def test_what_is_under_way_is_finished_and_the_rest_is_told(self) -> None:
        stopped: list[str] = []

        def interrupted(id: str, values: Mapping[str, str]) -> Any:
            raise KeyboardInterrupt

        self.storage.set_image_metadata = interrupted  # type: ignore[method-assign,assignment]
        with Journal(str(self.path), fakes.header()) as journal:
            run = apply.carry_out(
                list(map(fakes.write, 'xyz')),
                self.cloud,
                journal,
                1,
                stopping=lambda: stopped.append('now'),
            )
        self.expect(KeyboardInterrupt, run.stopped)
        self.assertEqual(
            [State.UNKNOWN, State.NOT_BEGUN, State.NOT_BEGUN],
            [one.state for one in run.outcomes],
        )
        self.assertEqual('stopped', self.journal()[-1]['end'])

    def test_one_that_comes_when_all_is_written_hides_no_result(self) -> None:
        with Journal(str(self.path), fakes.header()) as journal:

            def interrupted(reason: str) -> Any:
                raise KeyboardInterrupt

            journal.end = interrupted  # type: ignore[method-assign]
            run = apply.carry_out([fakes.write('x')], self.cloud, journal, 1)
        self.expect(KeyboardInterrupt, run.stopped)
        self.assertEqual([State.DONE], [one.state for one in run.outcomes])


class ResultsTest(base.TestCase):
    def test_steps_meet_what_became_of_their_writes(self) -> None:
        step = Set(
            entry(),
            Match(volume(), Rule.NAME, None),
            (Change(MACHINE_TYPE, None, PC),),
        )
        plan: list[Step] = [Left(entry()), step, Unchanged(entry(), volume())]
        outcome = Outcome(step.write, State.DONE)
        self.assertEqual(
            [Result(plan[0]), Result(step, outcome), Result(plan[2])],
            apply.results(plan, [outcome]),
        )
