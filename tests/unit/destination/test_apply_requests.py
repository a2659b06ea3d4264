# SPDX-License-Identifier: Apache-2.0

"""How many requests a run of apply sends, and which it repeats."""

from __future__ import annotations

import dataclasses
from typing import Any

from osc_hwmt.cloud import contents
from osc_hwmt.destination import apply
from osc_hwmt.exceptions import CloudError
from osc_hwmt.model.changes import Write, WriteResult
from osc_hwmt.model.inventory import MACHINE_TYPE
from tests.unit.support import fakes
from tests.unit.support.applying import BUSY, NO_ANSWER, ApplyTestCase
from tests.unit.support.fakes import volume


class RequestsTest(ApplyTestCase):
    """Pages and writes, whatever the listing proves."""

    def setUp(self) -> None:
        super().setUp()
        self.ids = [f'v{number:03}' for number in range(95)]
        self.storage.held = {id: volume(id) for id in self.ids}
        self.storage.page_size = 20

    def calls(self, writes: list[Write]) -> dict[str, int]:
        self.cloud.calls.clear()
        self.assertEqual({WriteResult.DONE}, set(self.results(*writes)))
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
            fakes.write(id, unproven_page=self.ids[number // 20 * 20])
            for number, id in enumerate(self.ids)
        ]
        self.assertEqual(
            {'set': 95, 'volume': 5, 'volumes': 5}, self.calls(writes)
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
        few = list(map(fakes.write, self.ids[: contents.FEW]))
        self.assertEqual(
            {'set': contents.FEW, 'volume': contents.FEW},
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
        doubtful = [
            fakes.write(id, unproven_page=self.ids[0]) for id in self.ids[:20]
        ]
        results = self.results(*doubtful)
        self.assertEqual(
            [3], [n for n in range(20) if results[n] is WriteResult.CHANGED]
        )
        self.assertEqual(19, results.count(WriteResult.DONE))


class StatusTest(ApplyTestCase):
    """A volume that Cinder fills, or copies elsewhere."""

    def set_status(self, status: str, **differing: Any) -> None:
        self.storage.held['x'] = dataclasses.replace(
            self.storage.held['x'], status=status, **differing
        )

    def rest(self, seconds: float) -> bool:
        """Let the volume be ready after the second pause."""
        if len(self.rests) == 1:
            self.set_status('available', **self.later)
        return super().rest(seconds)

    def setUp(self) -> None:
        super().setUp()
        self.later: dict[str, Any] = {}

    def test_a_busy_volume_is_written_to_when_that_has_ended(self) -> None:
        for status in ('creating', 'downloading', 'uploading', 'maintenance'):
            self.set_status(status)
            self.rests.clear()
            self.cloud.calls.clear()
            self.assertEqual(
                [WriteResult.DONE] * 2, self.results(*map(fakes.write, 'xy'))
            )
            self.assertEqual(
                ['y', 'x'],
                [call[1] for call in self.cloud.calls if call[0] == 'set'],
            )
            self.assertEqual(2, len(self.rests))
            self.path.unlink()
            self.storage.held['x'] = volume('x')
            self.storage.held['y'] = volume('y')

    def test_what_it_was_filled_with_is_not_overwritten(self) -> None:
        self.set_status('downloading')
        self.later = {'image_metadata': {MACHINE_TYPE: 'virt'}}
        run = self.run_all(fakes.write('x'))
        self.assertIs(WriteResult.CHANGED, run.written[0].result)
        self.assertEqual([], self.cloud.writes)

    def test_a_busy_volume_is_not_forgotten_where_the_next_look_fails(
        self,
    ) -> None:
        self.storage.faults['x'] = [BUSY]
        look = self.storage.volume

        def fail(volume_id: str) -> Any:
            if self.rests:
                raise NO_ANSWER
            return look(volume_id)

        self.storage.volume = fail  # type: ignore[method-assign]
        run = self.run_all(fakes.write('x'))
        self.assertIs(NO_ANSWER, run.stopped)
        self.assertIs(WriteResult.BUSY, run.written[0].result)
        self.assertEqual({'x': 'failed'}, self.journaled())

    def test_a_volume_that_stays_busy_is_given_up_and_not_journaled(
        self,
    ) -> None:
        self.set_status('downloading')
        self.later = {'status': 'downloading'}
        self.replace(
            'tests.unit.destination.test_apply_requests.StatusTest.set_status',
            lambda *_any, **_more: None,
        )
        run = self.run_all(*map(fakes.write, 'xy'))
        self.assertEqual(
            [WriteResult.BUSY, WriteResult.DONE],
            [one.result for one in run.written],
        )
        self.assertIn('still in status downloading', run.written[0].detail)
        self.assertIn('or use --wait', run.written[0].detail)
        self.assertEqual({'y': 'done'}, self.journaled())
        self.assertEqual(list(apply.PAUSES), self.rests)

    def test_what_is_looked_at_long_ago_is_looked_at_again(self) -> None:
        clock = iter((0.0, 0.0, 0.0, 1.0, 99.0, 99.0, *[100.0] * 9))
        self.replace(
            'osc_hwmt.destination.apply.monotonic', lambda: next(clock)
        )
        self.assertEqual(
            [WriteResult.DONE] * 3, self.results(*map(fakes.write, 'xyz'))
        )
        looks = [call[1] for call in self.cloud.calls if call[0] == 'volume']
        self.assertEqual(['x', 'y', 'z', 'y', 'z'], looks)
        self.assertEqual(3, len(self.cloud.writes))


class RetryTest(ApplyTestCase):
    def test_a_transient_failure_is_waited_out(self) -> None:
        self.storage.faults['x'] = [
            CloudError('no', 503, transient=True),
            NO_ANSWER,
        ]
        self.assertEqual([WriteResult.DONE], self.results(fakes.write('x')))
        self.assertEqual(2, len(self.rests))
        self.assertEqual({'x': 'done'}, self.journaled())

    def test_a_write_whose_answer_was_lost_is_not_repeated(self) -> None:
        self.storage.faults['x'] = [NO_ANSWER]
        self.storage.lost.append(NO_ANSWER)
        self.assertEqual([WriteResult.DONE], self.results(fakes.write('x')))
        self.assertEqual(1, len(self.cloud.writes))

    def test_a_busy_volume_is_tried_again_after_all_others(self) -> None:
        self.storage.faults['x'] = [BUSY]
        self.assertEqual(
            [WriteResult.DONE] * 3, self.results(*map(fakes.write, 'xyz'))
        )
        self.assertEqual(
            ['x', 'y', 'z', 'x'],
            [call[1] for call in self.cloud.calls if call[0] == 'set'],
        )
        intents = [one['intent'] for one in self.journal() if 'intent' in one]
        self.assertEqual(['x', 'y', 'z'], intents, 'announced twice')
        self.assertEqual(dict.fromkeys('xyz', 'done'), self.journaled())

    def test_a_volume_that_stays_busy_stops_no_other(self) -> None:
        self.storage.failing['x'] = BUSY
        run = self.run_all(*map(fakes.write, 'xy'))
        self.assertEqual(
            [WriteResult.BUSY, WriteResult.DONE],
            [one.result for one in run.written],
        )
        self.assertIsNone(run.stopped)
        self.assertIn('being uploaded', run.written[0].detail)
        self.assertIn('once the volume is available', run.written[0].detail)
        self.assertEqual(list(apply.PAUSES), self.rests)
        self.assertEqual({'x': 'failed', 'y': 'done'}, self.journaled())

    def test_a_cloud_that_answers_nobody_stops_the_run(self) -> None:
        self.storage.failing.update(dict.fromkeys('xyz', NO_ANSWER))
        run = self.run_all(*map(fakes.write, 'xyz'))
        self.assertIs(NO_ANSWER, run.stopped)
        self.assertEqual(
            [
                WriteResult.UNKNOWN,
                WriteResult.NOT_BEGUN,
                WriteResult.NOT_BEGUN,
            ],
            [one.result for one in run.written],
        )
        self.assertEqual({'x': 'unknown'}, self.journaled())
        self.assertEqual('stopped', self.journal()[-1]['end'])

    def test_a_volume_that_always_fails_stops_no_other(self) -> None:
        self.storage.failing['x'] = CloudError('no', 500, transient=True)
        results = self.results(*map(fakes.write, 'xyz'))
        self.assertEqual(
            [WriteResult.UNKNOWN, WriteResult.DONE, WriteResult.DONE], results
        )

    def test_a_busy_volume_is_not_forgotten_when_the_run_stops(self) -> None:
        self.storage.faults['x'] = [BUSY]
        self.storage.failing['y'] = NO_ANSWER
        run = self.run_all(*map(fakes.write, 'xyz'))
        self.assertEqual(
            [WriteResult.BUSY, WriteResult.UNKNOWN, WriteResult.NOT_BEGUN],
            [one.result for one in run.written],
        )
        self.assertEqual({'x': 'failed', 'y': 'unknown'}, self.journaled())
