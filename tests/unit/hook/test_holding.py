# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Sequence

from osc_hwmt.destination import refusals
from osc_hwmt.destination.apply import Result, Written
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import Set
from osc_hwmt.exceptions import CloudError, Error
from osc_hwmt.hook.holding import Holding
from osc_hwmt.model.changes import Change, WriteResult
from tests.unit.support import cases, fakes

AWAY = CloudError('Cinder is away', transient=True)
FORBIDDEN = CloudError('Policy does not allow it', 403)


def written(result: WriteResult, detail: str = '') -> Result:
    """Return what became of a write."""
    match = Match(fakes.volume('v'), Rule.IMPORT, None)
    step = Set(
        fakes.entry(), match, (Change('hw_machine_type', None, fakes.PC),)
    )
    return Result(step, Written(step.write, result, detail))


DONE = written(WriteResult.DONE)


class HoldingTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.now = 0.0
        self.said: list[str] = []
        self.attempts = 0

    def held(self, *answers: Result | Error, minutes: float = 10) -> Result:
        """Return what comes of attempts; the last answer is for ever."""
        holding = Holding(
            minutes, self.said.append, lambda: self.now, self._sleep
        )
        return holding.until_well('web', lambda: self._attempt(answers))

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def _attempt(self, answers: Sequence[Result | Error]) -> Result:
        answer = answers[min(self.attempts, len(answers) - 1)]
        self.attempts += 1
        if isinstance(answer, Error):
            raise answer
        return answer

    def test_what_is_well_is_not_held(self) -> None:
        self.assertIs(DONE, self.held(DONE))
        self.assertEqual((1, 0.0, []), (self.attempts, self.now, self.said))

    def test_whatever_somebody_mends_meanwhile_is_well(self) -> None:
        failed = written(WriteResult.FAILED, 'HTTP 500')
        self.assertIs(DONE, self.held(AWAY, FORBIDDEN, failed, DONE))
        self.assertEqual(4, self.attempts)

    def test_each_minute_it_is_said_why_and_for_how_long(self) -> None:
        self.assertRaises(CloudError, self.held, AWAY, minutes=3)
        self.assertEqual(
            [
                f'web: Cinder is away; retrying for another {n} min, while '
                'the play waits'
                for n in (3, 2, 1)
            ],
            self.said,
        )
        self.assertEqual(180, self.now)

    def test_a_result_that_stays_bad_is_the_last_one(self) -> None:
        failed = written(WriteResult.FAILED, 'HTTP 500')
        self.assertIs(failed, self.held(failed, minutes=1))

    def test_without_a_minute_there_is_one_attempt(self) -> None:
        self.assertRaises(CloudError, self.held, AWAY, minutes=0)
        self.assertEqual((1, []), (self.attempts, self.said))

    def test_what_a_policy_hides_or_cinder_fills_may_come(self) -> None:
        for refusal in (
            refusals.Refusal.METADATA_UNKNOWN,
            refusals.Refusal.VOLUME_NOT_READY,
        ):
            self.attempts = 0
            step = refusals.Refused(fakes.entry(), refusal, 'why', 'how')
            self.assertIs(DONE, self.held(Result(step), DONE), refusal)

    def test_any_other_refusal_is_not_held(self) -> None:
        gone = refusals.Refused(
            fakes.entry(), refusals.Refusal.VOLUME_NOT_FOUND, 'gone', 'create'
        )
        refused = Result(gone)
        self.assertIs(refused, self.held(refused))
        self.assertEqual(1, self.attempts)

    def test_nor_is_what_waiting_does_not_mend(self) -> None:
        self.assertRaises(Error, self.held, Error('not understood'))
        self.assertEqual(1, self.attempts)
