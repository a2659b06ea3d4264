# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import threading
from collections.abc import Callable

import hypothesis
from hypothesis import strategies as st

from osc_hwmt.cloud.retry import RetryGate, RetryPolicy
from osc_hwmt.exceptions import CloudError
from osc_hwmt.local.parallel import in_parallel
from tests.unit.support import cases

POLICY = RetryPolicy(attempts=4, pause=1.0, longest=3.0, obeyed=60.0)


def _error(
    code: int | None = 503,
    *,
    transient: bool = True,
    retry_after: float | None = None,
) -> CloudError:
    return CloudError('no', code, transient=transient, retry_after=retry_after)


class DelayTest(cases.TestCase):
    def test_pauses_double_and_half_is_left_to_chance(self) -> None:
        for failures, chance, pause in (
            (1, 1.0, 1.0),
            (2, 1.0, 2.0),
            (3, 1.0, 3.0),
            (4, 1.0, None),
            (2, 0.0, 1.0),
            (2, 0.5, 1.5),
        ):
            self.assertEqual(
                pause, POLICY.delay([_error()] * failures, chance)
            )

    def test_what_will_not_change_is_not_tried_again(self) -> None:
        self.assertIsNone(POLICY.delay([_error(transient=False)], 0.5))

    def test_some_answers_alike_are_believed_sooner(self) -> None:
        policy = RetryPolicy(attempts=9, fewer={500: 2})
        for codes, given_up in (
            ([500], False),
            ([500, 500], True),
            ([503, 503], False),
            ([503, None, 500], False),
            ([503, None, 500, 500], True),
        ):
            pause = policy.delay([_error(code) for code in codes], 0.5)
            self.assertEqual(given_up, pause is None, codes)

    def test_the_service_may_say_how_long(self) -> None:
        self.assertEqual(20.5, POLICY.delay([_error(retry_after=20)], 0.5))
        self.assertEqual(0.5, POLICY.delay([_error(retry_after=0)] * 3, 0.5))
        self.assertIsNone(POLICY.delay([_error(retry_after=61)], 0.5))

    @hypothesis.given(
        st.integers(1, 200),
        st.floats(0, 1),
        st.none() | st.floats(0, 1e9),
        st.sampled_from([None, 429, 503]),
    )
    def test_a_pause_is_bounded_and_attempts_end(
        self,
        count: int,
        chance: float,
        retry_after: float | None,
        code: int | None,
    ) -> None:
        error = _error(code, retry_after=retry_after)
        pause = POLICY.delay([error] * count, chance)
        if count >= POLICY.attempts:
            self.assertIsNone(pause)
        elif pause is not None:
            self.assertGreaterEqual(pause, 0)
            self.assertLessEqual(pause, POLICY.obeyed + POLICY.pause)


class RetryGateTest(cases.TestCase):
    """Time that stands still until somebody rests."""

    def setUp(self) -> None:
        super().setUp()
        self.now = 100.0
        self.rests: list[float] = []

    def gate(self, concurrency: int = 1) -> RetryGate:
        return RetryGate(
            POLICY,
            concurrency,
            clock=lambda: self.now,
            chance=lambda: 1.0,
            rest=self.rest,
        )

    def rest(self, seconds: float) -> bool:
        self.rests.append(seconds)
        self.now += seconds
        return False

    def failing(self, *errors: CloudError) -> Callable[[], str]:
        """Return a call that fails with these and then succeeds."""
        left = list(errors)

        def call() -> str:
            if left:
                raise left.pop(0)
            return 'answer'

        return call

    def test_a_good_answer_is_returned_at_once(self) -> None:
        self.assertEqual('answer', self.gate().call(self.failing()))
        self.assertEqual([], self.rests)

    def test_transient_failures_are_waited_out(self) -> None:
        call = self.failing(_error(), _error(None))
        self.assertEqual('answer', self.gate().call(call))
        self.assertEqual([1.0, 2.0], self.rests)

    def test_the_last_failure_is_raised(self) -> None:
        errors = [_error(code) for code in (500, 502, 503, 504, 429)]
        raised = self.assertRaises(
            CloudError, self.gate().call, self.failing(*errors)
        )
        self.assertIs(errors[3], raised)

    def test_nobody_begins_before_a_service_said(self) -> None:
        gate = self.gate(2)
        gate.call(self.failing(_error(retry_after=7)))
        self.assertEqual([8.0], self.rests)
        gate._push_back(_error(retry_after=5))  # by another thread
        gate.call(self.failing())
        self.assertEqual([8.0, 5.0], self.rests)

    def test_a_service_that_pushes_back_gets_fewer_at_once(self) -> None:
        gate = self.gate(8)
        gate.call(self.failing(_error()))
        self.assertGreaterEqual(gate._allowed, 4)
        self.assertLess(gate._allowed, 5)
        for _number in range(40):
            gate.call(self.failing())
        self.assertEqual(8, gate._allowed, 'it did not recover')

    def test_a_reason_pushes_back_several_threads_once(self) -> None:
        gate = self.gate(8)
        for _thread in range(4):
            gate._push_back(_error())
        self.assertEqual(4, gate._allowed)
        self.now += 10
        for _second in range(5):
            self.now += 10
            gate._push_back(_error())
        self.assertEqual(1, gate._allowed, 'nobody is let in any more')

    def test_a_refusal_of_one_thing_pushes_nobody_back(self) -> None:
        gate = self.gate(8)
        for error in (_error(400), _error(500), _error(404, transient=False)):
            gate._push_back(error)
        self.assertEqual(8, gate._allowed)

    def test_no_more_run_at_once_than_allowed(self) -> None:
        gate = RetryGate(POLICY, 8, rest=self.rest)
        gate._allowed = 2.0
        gate._succeed = lambda: None  # type: ignore[method-assign]
        running, most = [0], [0]
        lock = threading.Lock()

        def call() -> None:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            threading.Event().wait(0.005)
            with lock:
                running[0] -= 1

        in_parallel(lambda _item: gate.call(call), range(16), 8)
        self.assertEqual(2, most[0])

    def test_a_service_that_answers_nobody_is_lost(self) -> None:
        for error, lost in (
            (_error(None), True),
            # It fails at one thing, or refuses it.
            (_error(500), False),
            (_error(400), False),
            (_error(403, transient=False), False),
        ):
            gate = self.gate()
            self.assertRaises(
                CloudError, gate.call, self.failing(*[error] * 4)
            )
            self.assertIs(error if lost else None, gate.lost)

    def test_a_service_that_answers_others_is_not_lost(self) -> None:
        gate = self.gate()

        def fail() -> None:
            gate._succeed()  # by another thread
            raise _error(None)

        self.assertRaises(CloudError, gate.call, fail)
        self.assertIsNone(gate.lost)

    def test_what_went_well_before_it_failed_says_nothing(self) -> None:
        gate = self.gate()
        failing = self.failing(*[_error(None)] * 4)

        def last_success() -> str:
            if not self.rests:
                gate._succeed()  # by another thread
            return failing()

        self.assertRaises(CloudError, gate.call, last_success)
        self.assertIsNotNone(gate.lost)


class StopTest(cases.TestCase):
    def test_whoever_waits_is_woken_and_fails(self) -> None:
        gate = RetryGate(
            RetryPolicy(attempts=9, pause=600.0, longest=600.0), 1
        )
        began = threading.Event()
        errors: list[Exception] = []

        def fail() -> None:
            began.set()
            raise _error()

        def run() -> None:
            try:
                gate.call(fail)
            except CloudError as exc:
                errors.append(exc)

        thread = threading.Thread(target=run)
        thread.start()
        began.wait(10)
        gate.stop()
        thread.join(10)
        self.assertEqual(1, len(errors), 'it goes on waiting')
        self.assertIsNone(gate.lost, 'an interrupt is no fault of a cloud')

    def test_whoever_waits_for_a_turn_gets_it(self) -> None:
        gate = RetryGate(POLICY, 1)
        gate._push_back(_error(retry_after=50))
        answers: list[str] = []
        thread = threading.Thread(
            target=lambda: answers.append(gate.call(lambda: 'answer'))
        )
        thread.start()
        gate.stop()
        thread.join(10)
        self.assertEqual(['answer'], answers)
