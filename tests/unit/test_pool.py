# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import threading
import time

import testtools

from osc_hwmt.pool import in_parallel
from tests.unit import base


class InParallelTest(base.TestCase):
    def test_answers_come_in_the_order_of_the_items(self) -> None:
        def slow_for_the_first(item: int) -> int:
            time.sleep(0.02 if item == 0 else 0)
            return item * 10

        self.assertEqual(
            [0, 10, 20, 30], in_parallel(slow_for_the_first, range(4), 4)
        )

    def test_as_many_calls_run_at_once_as_allowed(self) -> None:
        meeting = threading.Barrier(3, timeout=10)
        self.assertEqual(
            3, len(in_parallel(lambda _item: meeting.wait(), range(3), 3))
        )

    def test_no_more_calls_run_at_once_than_allowed(self) -> None:
        lock, running, most = threading.Lock(), [0], [0]

        def count(_item: int) -> None:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            time.sleep(0.005)
            with lock:
                running[0] -= 1

        in_parallel(count, range(12), 3)
        self.assertEqual(3, most[0])

    def test_nothing_to_do_is_no_answer(self) -> None:
        self.assertEqual([], in_parallel(str, [], 1))

    def test_an_exception_is_raised_when_the_calls_under_way_ended(
        self,
    ) -> None:
        ended: list[int] = []
        begun, failed = threading.Event(), threading.Event()

        def fail_first(item: int) -> None:
            if item == 0:
                begun.wait(10)
                failed.set()
                raise LookupError(item)
            begun.set()
            failed.wait(10)
            time.sleep(0.02)
            ended.append(item)

        with testtools.ExpectedException(LookupError):
            in_parallel(fail_first, range(100), 2)
        seen = list(ended)
        self.assertIn(1, seen, 'the call under way was abandoned')
        self.assertLess(len(seen), 99, 'calls not begun were not dropped')
        time.sleep(0.03)
        self.assertEqual(seen, ended, 'a call went on after the end')
