# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from osc_hwmt import apply
from osc_hwmt.apply import Result
from osc_hwmt.exceptions import CloudError, FileError
from osc_hwmt.journal import Journal
from osc_hwmt.match import Match, Rule
from osc_hwmt.plan import Left, Set, Step, Unchanged
from osc_hwmt.write import Change
from tests import fakes
from tests.fakes import PC, Q35, FakeCloud, entry, volume
from tests.unit import base

KEY = 'hw_machine_type'


def _set(id: str, *changes: Change) -> Set:
    return Set(
        entry(server_id=f'source-of-{id}'),
        Match(volume(id), Rule.NAME, None),
        changes or (Change(KEY, None, PC),),
    )


class ApplyTest(base.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = self.directory() / 'apply.journal'
        self.cloud = FakeCloud(
            volumes=[volume(id, image_metadata={'a': 'b'}) for id in 'xyz']
        )
        self.storage = self.cloud.block_storage

    def run_plan(self, *plan: Step, concurrency: int = 1) -> list[Result]:
        writes = [step.write for step in plan if isinstance(step, Set)]
        with Journal(str(self.path), fakes.header()) as journal:
            outcomes = apply.carry_out(
                writes, self.storage, journal, concurrency
            )
        return apply.results(plan, outcomes)

    def journal(self) -> list[dict[str, Any]]:
        lines = map(json.loads, self.path.read_text().splitlines()[1:])
        return [line for line in lines if 'end' not in line]

    def metadata(self, id: str) -> Mapping[str, str]:
        return self.storage.held[id].image_metadata or {}

    def test_a_key_is_set_and_the_others_stay(self) -> None:
        results = self.run_plan(_set('x'))
        self.assertEqual({'a': 'b', KEY: PC}, self.metadata('x'))
        self.assertEqual([None], [one.error for one in results])

    def test_a_key_is_removed_and_the_others_stay(self) -> None:
        self.storage.set_image_metadata('x', {KEY: PC})
        self.run_plan(_set('x', Change(KEY, PC, None)))
        self.assertEqual({'a': 'b'}, self.metadata('x'))

    def test_several_keys_of_a_volume_go_in_one_request(self) -> None:
        step = _set('x', Change(KEY, None, PC), Change('c', None, 'd'))
        self.run_plan(step)
        self.assertEqual(
            [('set', 'x', f'{KEY}={PC}', 'c=d')], self.cloud.calls
        )

    def test_results_come_in_the_plans_order(self) -> None:
        plan: list[Step] = [
            Left(entry()),
            _set('x'),
            Unchanged(entry(), volume('y')),
            _set('z'),
        ]
        results = self.run_plan(*plan, concurrency=4)
        self.assertEqual(plan, [one.step for one in results])

    def test_only_what_is_to_be_set_is_written_and_journalled(self) -> None:
        self.run_plan(Left(entry()), Unchanged(entry(), volume('y')))
        self.assertEqual(([], []), (self.cloud.calls, self.journal()))

    def test_one_failure_stops_no_other(self) -> None:
        self.storage.failing['x'] = CloudError('cloud dst: no', 503)
        results = self.run_plan(_set('x'), _set('y'))
        self.assertEqual(
            ['cloud dst: no (HTTP 503)', None], [one.error for one in results]
        )
        self.assertEqual(PC, self.metadata('y')[KEY])

    def test_a_failed_removal_is_a_failure(self) -> None:
        self.storage.failing['x'] = CloudError('cloud dst: no')
        results = self.run_plan(_set('x', Change(KEY, PC, None)))
        self.assertEqual(['cloud dst: no'], [one.error for one in results])

    def test_the_intent_is_recorded_before_the_write(self) -> None:
        before: list[list[str]] = []  # keys of the lines so far
        write = self.storage.set_image_metadata

        def look(id: str, values: Mapping[str, str]) -> Mapping[str, str]:
            before.extend(list(line) for line in self.journal())
            return write(id, values)

        self.storage.set_image_metadata = look  # type: ignore[method-assign,assignment]
        self.run_plan(_set('x'))
        self.assertEqual(1, len(before))
        self.assertIn('intent', before[0])
        intent, outcome = self.journal()
        self.assertEqual(
            ('x', 'source-of-x'), (intent['intent'], intent['server_id'])
        )
        self.assertEqual({KEY: {'old': None, 'new': PC}}, intent['changes'])
        self.assertEqual(
            ('x', 'done'), (outcome['outcome'], outcome['result'])
        )

    def test_a_failure_is_recorded_with_its_reason(self) -> None:
        self.storage.failing['x'] = CloudError('cloud dst: no', 500, 'req-1')
        self.run_plan(_set('x'))
        outcome = self.journal()[-1]
        self.assertEqual(
            ('failed', 'cloud dst: no (HTTP 500, req-1)'),
            (outcome['result'], outcome['error']),
        )

    def test_a_volume_that_does_not_take_the_value_is_a_failure(self) -> None:
        self.storage.deaf.add('x')
        results = self.run_plan(_set('x'))
        self.assertIn(PC, results[0].error or '')
        self.assertEqual('failed', self.journal()[-1]['result'])

    def test_a_volume_that_takes_another_value_is_a_failure(self) -> None:
        self.storage.set_image_metadata('x', {KEY: Q35})
        self.storage.deaf.add('x')
        results = self.run_plan(_set('x', Change(KEY, Q35, PC)))
        self.assertIn(Q35, results[0].error or '')

    def test_nothing_is_written_when_the_journal_can_not_be(self) -> None:
        def refuse(_descriptor: int) -> None:
            raise OSError(28, 'No space left on device')

        with Journal(str(self.path), fakes.header()) as journal:
            self.replace('osc_hwmt.journal.os.fsync', refuse)
            self.assertRaises(
                FileError,
                apply.carry_out,
                [fakes.write(id) for id in 'xyz'],
                self.storage,
                journal,
                2,
            )
        self.assertEqual([], self.cloud.writes)

    def test_a_hundred_volumes_at_once_are_all_done(self) -> None:
        ids = [f'v{number}' for number in range(100)]
        self.storage.held.update({id: fakes.volume(id) for id in ids})
        results = self.run_plan(*map(_set, ids), concurrency=16)
        self.assertEqual(100, len([one for one in results if not one.error]))
        self.assertEqual(
            [('set', id, f'{KEY}={PC}') for id in sorted(ids)],
            self.cloud.writes,
        )
        kinds = [
            'intent' if 'intent' in line else line['result']
            for line in self.journal()
        ]
        self.assertEqual(
            (100, 100), (kinds.count('intent'), kinds.count('done'))
        )
