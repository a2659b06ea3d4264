# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from osc_hwmt.destination import apply
from osc_hwmt.destination.apply import Result, Written
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import LeftToDestination, Set, Step, Unchanged
from osc_hwmt.exceptions import CloudError, FileError
from osc_hwmt.journal.file import Journal
from osc_hwmt.local.locks import Turns
from osc_hwmt.model.changes import Change, WriteResult
from osc_hwmt.model.inventory import MACHINE_TYPE
from tests.unit.support import cases, fakes
from tests.unit.support.applying import NO_ANSWER, ApplyTestCase
from tests.unit.support.fakes import PC, Q35, entry, volume


class CarryOutTest(ApplyTestCase):
    def test_a_write_is_done_and_everything_else_stays(self) -> None:
        self.assertEqual([WriteResult.DONE], self.results(fakes.write('x')))
        self.assertEqual({'a': 'b', MACHINE_TYPE: PC}, self.metadata('x'))
        self.assertEqual({'a': 'b'}, self.metadata('y'))

    def test_outcomes_come_in_the_order_of_the_writes(self) -> None:
        run = self.run_all(*map(fakes.write, 'zxy'), concurrency=3)
        self.assertEqual(
            ['z', 'x', 'y'], [one.write.volume_id for one in run.written]
        )

    def test_a_failure_stops_no_other_write(self) -> None:
        self.storage.failing['x'] = CloudError('cloud dst: no', 403)
        run = self.run_all(*map(fakes.write, 'xy'))
        self.assertEqual(
            [WriteResult.FAILED, WriteResult.DONE],
            [one.result for one in run.written],
        )
        self.assertEqual('cloud dst: no (HTTP 403)', run.written[0].detail)

    def test_every_outcome_is_told_as_it_comes(self) -> None:
        told: list[Written] = []
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
        results = self.results(*map(fakes.write, ids), concurrency=16)
        self.assertEqual([WriteResult.DONE] * 100, results)
        self.assertEqual(
            [('set', id, f'{MACHINE_TYPE}={PC}') for id in sorted(ids)],
            self.cloud.writes,
        )
        self.assertEqual(dict.fromkeys(ids, 'done'), self.journaled())


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
            {WriteResult.NOT_BEGUN}, {one.result for one in run.written}
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
            [WriteResult.DONE, WriteResult.NOT_BEGUN, WriteResult.NOT_BEGUN],
            [one.result for one in run.written],
        )


class LookTest(ApplyTestCase):
    """What happened between the plan and the writes."""

    def test_what_is_there_already_is_not_written(self) -> None:
        self.storage.set_image_metadata('x', {MACHINE_TYPE: PC})
        self.cloud.calls.clear()
        self.assertEqual([WriteResult.ALREADY], self.results(fakes.write('x')))
        self.assertEqual([], self.cloud.writes)

    def test_what_someone_else_changed_is_left_alone(self) -> None:
        self.storage.set_image_metadata('x', {MACHINE_TYPE: 'virt'})
        self.cloud.calls.clear()
        run = self.run_all(
            fakes.write('x', Change(MACHINE_TYPE, Q35, PC)), fakes.write('y')
        )
        changed, done = run.written
        self.assertEqual(
            (WriteResult.CHANGED, WriteResult.DONE),
            (changed.result, done.result),
        )
        self.assertIn(f'{MACHINE_TYPE} is now virt, was {Q35}', changed.detail)
        self.assertEqual('virt', self.metadata('x')[MACHINE_TYPE])

    def test_only_the_keys_that_are_missing_are_written(self) -> None:
        self.storage.held['x'] = volume('x', image_metadata={MACHINE_TYPE: PC})
        write = fakes.write(
            'x',
            Change(MACHINE_TYPE, None, PC),
            Change('hw_disk_bus', None, 'ide'),
        )
        self.assertEqual([WriteResult.DONE], self.results(write))
        self.assertEqual([('set', 'x', 'hw_disk_bus=ide')], self.cloud.writes)
        self.assertEqual(
            {'hw_disk_bus': {'old': None, 'new': 'ide'}},
            self.journal()[0]['changes'],
        )

    def test_a_volume_that_is_gone_or_hidden_is_told(self) -> None:
        self.storage.forbidden.add('x')
        run = self.run_all(fakes.write('x'), fakes.write('gone'))
        hidden, gone = run.written
        self.assertEqual(
            [WriteResult.FAILED] * 2, [one.result for one in run.written]
        )
        self.assertIn('not allowed', hidden.detail)
        self.assertIn('no longer exists', gone.detail)

    def test_a_cloud_that_can_not_be_read_is_not_written_to(self) -> None:
        def fail(_volume_id: str) -> None:
            raise NO_ANSWER

        self.storage.volume = fail  # type: ignore[method-assign,assignment]
        run = self.run_all(fakes.write('x'))
        self.assertIs(NO_ANSWER, run.stopped)
        self.assertEqual([], self.cloud.writes)
        self.assertEqual('stopped', self.journal()[-1]['end'])


class TurnsTest(ApplyTestCase):
    def test_the_projects_of_the_volumes_are_held_for_the_run(self) -> None:
        held: list[object] = []

        @contextlib.contextmanager
        def hold(
            _turns: Turns, projects: Iterable[str], journal: str
        ) -> Iterator[None]:
            held.append((projects, journal))
            self.assertEqual([], self.cloud.calls)
            yield
            held.append(len(self.cloud.writes))

        self.replace('osc_hwmt.local.locks.Turns.held', hold)
        other = fakes.write('y', project_id='other')
        self.run_all(fakes.write('x'), other)
        projects = {fakes.OWN.id, 'other'}
        self.assertEqual([(projects, str(self.path)), 2], held)


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
            [
                WriteResult.UNKNOWN,
                WriteResult.NOT_BEGUN,
                WriteResult.NOT_BEGUN,
            ],
            [one.result for one in run.written],
        )
        self.assertEqual('stopped', self.journal()[-1]['end'])

    def test_an_interrupt_after_the_last_write_hides_no_result(self) -> None:
        with Journal(str(self.path), fakes.header()) as journal:

            def interrupted(reason: str) -> Any:
                raise KeyboardInterrupt

            journal.end = interrupted  # type: ignore[method-assign]
            run = apply.carry_out([fakes.write('x')], self.cloud, journal, 1)
        self.expect(KeyboardInterrupt, run.stopped)
        self.assertEqual(
            [WriteResult.DONE], [one.result for one in run.written]
        )


class ResultsTest(cases.TestCase):
    def test_steps_meet_what_became_of_their_writes(self) -> None:
        step = Set(
            entry(),
            Match(volume(), Rule.NAME, None),
            (Change(MACHINE_TYPE, None, PC),),
        )
        plan: list[Step] = [
            LeftToDestination(entry()),
            step,
            Unchanged(entry(), volume()),
        ]
        written = Written(step.write, WriteResult.DONE)
        self.assertEqual(
            [Result(plan[0]), Result(step, written), Result(plan[2])],
            apply.results(plan, [written]),
        )
