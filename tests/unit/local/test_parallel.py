# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import testtools

from osc_hwmt.local.parallel import in_parallel
from tests.unit.support import cases


class InParallelTest(cases.TestCase):
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


class InterruptTest(cases.TestCase):
    """The main thread is interrupted while it waits."""

    def interrupt(
        self,
        function: Callable[[int], None],
        times: int = 1,
        *,
        waits: bool = True,
    ) -> list[str]:
        """Return what was called, in its order."""
        told: list[str] = []
        wait = threading.Condition.wait

        def interrupted(
            condition: threading.Condition, timeout: float | None = None
        ) -> bool:
            if threading.current_thread() is threading.main_thread():
                while not self.begun.is_set():
                    wait(condition, 0.001)
                nonlocal times
                if times:
                    times -= 1
                    raise KeyboardInterrupt
            return wait(condition, timeout)

        self.replace(
            'osc_hwmt.local.parallel.threading.Condition.wait', interrupted
        )
        try:
            in_parallel(
                function,
                range(100),
                2,
                (lambda: told.append('stopping')) if waits else None,
            )
        except KeyboardInterrupt:
            told.append('raised')
        return told

    def setUp(self) -> None:
        super().setUp()
        self.begun = threading.Event()
        self.released = threading.Event()
        self.ended: list[int] = []

    def call(self, item: int) -> None:
        self.begun.set()
        self.released.wait(0.05)
        self.ended.append(item)

    def test_the_calls_under_way_end_first(self) -> None:
        self.assertEqual(['stopping', 'raised'], self.interrupt(self.call))
        self.assertIn(len(self.ended), (1, 2))

    def test_a_second_interrupt_abandons_the_calls(self) -> None:
        def hang(_item: int) -> None:
            self.begun.set()
            self.released.wait(10)

        self.addCleanup(self.released.set)
        self.assertEqual(['stopping', 'raised'], self.interrupt(hang, 2))
        # What nobody waits for is abandoned at once.
        self.begun.clear()
        self.assertEqual(['raised'], self.interrupt(hang, waits=False))
