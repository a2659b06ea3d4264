# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from osc_hwmt.destination.apply import Run, Written
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import LeftToDestination, Set, Step, Unchanged
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.destination.wait import LONGEST, SHORTEST, Round, Waiting
from osc_hwmt.exceptions import CloudError, FileError
from osc_hwmt.model.changes import Change, WriteResult
from osc_hwmt.tables import apply
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC

KEY = 'hw_machine_type'
ENTRY = fakes.entry()
MISSING = Refused(ENTRY, Refusal.VOLUME_NOT_FOUND, 'not there', 'wait')
REFUSED = Refused(ENTRY, Refusal.VOLUME_AMBIGUOUS, 'two', 'name it')
DONE = Unchanged(ENTRY, fakes.volume('other', image_metadata={KEY: PC}))


def there(volume_id: str = 'volume-1', late: bool = False) -> Set:
    """Return a volume that came and lacks its machine type."""
    return Set(
        ENTRY,
        Match(
            fakes.volume(volume_id),
            Rule.NAME,
            fakes.server() if late else None,
        ),
        (Change(KEY, None, PC),),
    )


def met(read: Mapping[str, str | None] | None = None) -> Unchanged:
    """Return a volume that was written, and now has a server.

    ``read`` is what journals tell that Nova read.
    """
    return Unchanged(
        ENTRY,
        fakes.volume(image_metadata={KEY: PC}),
        server=fakes.server(),
        read=read or {},
    )


class WaitTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.now = 0.0
        self.naps: list[float] = []
        self.rounds: list[Round] = []
        self.wrote: list[list[str]] = []
        self.stopped: BaseException | None = None

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds

    def write(self, steps: Sequence[Set]) -> Run:
        self.wrote.append([step.match.volume.id for step in steps])
        result = WriteResult.NOT_BEGUN if self.stopped else WriteResult.DONE
        return Run(
            tuple(Written(step.write, result) for step in steps), self.stopped
        )

    def waiting(
        self,
        *looks: Sequence[Step] | BaseException,
        timeout: float | None = None,
        takes: float = 0.0,
    ) -> Waiting:
        """Return one that sees these, and the last of them for ever."""
        left = list(looks)

        def look() -> Sequence[Step]:
            self.now += takes
            seen = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(seen, BaseException):
                raise seen
            return seen

        return Waiting(
            look,
            self.write,
            self.rounds.append,
            timeout,
            lambda: self.now,
            self.sleep,
        )

    def results(
        self, *looks: Sequence[Step] | BaseException, timeout: float = 600
    ) -> list[str]:
        found = self.waiting(*looks, timeout=timeout).run()
        return [apply.outcome(one).value for one in found]


class EndTest(WaitTestCase):
    def test_where_all_is_there_it_does_not_wait(self) -> None:
        self.assertEqual(
            ['unchanged', 'left to the destination'],
            self.results([DONE, LeftToDestination(ENTRY)]),
        )
        self.assertEqual([], self.naps)

    def test_the_waiting_ends_when_the_last_volume_has_come(self) -> None:
        here = Unchanged(ENTRY, fakes.volume('a', image_metadata={KEY: PC}))
        self.assertEqual(
            ['set', 'set'],
            self.results(
                [MISSING, MISSING], [there('a'), MISSING], [here, there('b')]
            ),
        )
        self.assertEqual([['a'], ['b']], self.wrote)
        self.assertEqual(3, len(self.naps), 'it looks once more')

    def test_what_waiting_does_not_mend_is_not_waited_for(self) -> None:
        self.assertEqual(['refused'], self.results([REFUSED]))
        self.assertEqual([], self.naps)

    def test_the_time_may_be_up_before(self) -> None:
        self.assertEqual(['refused'], self.results([MISSING], timeout=60))
        self.assertEqual(60.0, self.now)
        self.assertEqual([], self.wrote)

    def test_who_was_missed_is_known(self) -> None:
        other = fakes.entry('source-2')
        missing = dataclasses.replace(MISSING, entry=other)
        waiting = self.waiting([there(), missing], timeout=60)
        waiting.run()
        self.assertEqual((other,), waiting.missed)

    def test_a_server_that_was_met_was_not_missed(self) -> None:
        waiting = self.waiting([there()], [DONE], timeout=60)
        waiting.run()
        self.assertEqual((), waiting.missed)

    def test_an_interrupt_leaves_what_is_known(self) -> None:
        waiting = self.waiting([MISSING], KeyboardInterrupt())
        (result,) = waiting.run()
        self.assertIs(apply.Outcome.REFUSED, apply.outcome(result))
        self.assertIsInstance(waiting.stopped, KeyboardInterrupt)

    def test_a_journal_that_can_not_be_written_ends_it(self) -> None:
        self.stopped = FileError('disk full')
        waiting = self.waiting([there(), MISSING])
        results = waiting.run()
        self.assertIs(self.stopped, waiting.stopped)
        self.assertIs(apply.Outcome.NOT_BEGUN, apply.outcome(results[0]))
        self.assertEqual([], self.naps)


class WriteTest(WaitTestCase):
    def test_a_volume_is_written_once_whatever_others_do(self) -> None:
        self.results([there(), MISSING], [there(), MISSING], [there(), DONE])
        self.assertEqual([['volume-1']], self.wrote)

    def test_a_volume_that_is_made_anew_is_another(self) -> None:
        self.results([there('a'), MISSING], [MISSING, MISSING], [there('b')])
        self.assertEqual([['a'], ['b']], self.wrote)

    def test_a_server_that_exists_is_too_late_and_waits_for_nothing(
        self,
    ) -> None:
        self.assertEqual(['too late'], self.results([there(late=True)]))

    def test_a_server_between_look_and_write_is_too_late(self) -> None:
        seen_later = met({KEY: None})
        self.assertEqual(
            ['too late', 'unchanged'],
            self.results([there(), MISSING], [seen_later, DONE]),
        )

    def test_a_server_seen_by_the_last_look_is_too_late(self) -> None:
        seen_later = met({KEY: None})
        self.assertEqual(['too late'], self.results([there()], [seen_later]))

    def test_where_nobody_knows_which_came_first_that_is_said(self) -> None:
        seen_later = met()
        (result,) = self.waiting([there()], [seen_later]).run()
        self.assertIs(apply.Outcome.SET, apply.outcome(result))
        self.assertIn(
            'server server-1 was created at about the time the volume was '
            'written',
            apply.detail(result),
        )

    def test_who_was_seen_before_the_write_stays_too_late(self) -> None:
        seen_later = met()
        self.assertEqual(
            ['too late'], self.results([there(late=True)], [seen_later])
        )

    def test_a_server_that_came_after_the_write_is_in_time(self) -> None:
        seen_later = met({KEY: PC})
        self.assertEqual(
            ['set', 'set'],
            self.results([there(), MISSING], [seen_later, there('volume-1')]),
        )


class StatusTest(WaitTestCase):
    """A volume that is there, and to which nothing can be written yet."""

    def busy(self, status: str) -> Set:
        step = there()
        volume = dataclasses.replace(step.match.volume, status=status)
        return dataclasses.replace(
            step, match=dataclasses.replace(step.match, volume=volume)
        )

    def test_a_busy_volume_is_waited_for(self) -> None:
        for status in ('creating', 'downloading', 'uploading'):
            self.wrote.clear()
            self.assertEqual(
                ['set'],
                self.results([self.busy(status)], [there()], [met({KEY: PC})]),
            )
            self.assertEqual([['volume-1']], self.wrote)

    def test_a_volume_that_stays_busy_is_not_done_yet(self) -> None:
        waiting = self.waiting([self.busy('downloading')], timeout=60)
        (result,) = waiting.run()
        self.assertIs(apply.Outcome.BUSY, apply.outcome(result))
        self.assertIn('still in status downloading', apply.detail(result))
        self.assertEqual((ENTRY,), waiting.missed)
        self.assertEqual([], self.wrote)

    def test_a_volume_that_became_busy_after_the_look_is_tried_again(
        self,
    ) -> None:
        answers = [WriteResult.BUSY, WriteResult.DONE]

        def write(steps: Sequence[Set]) -> Run:
            result = answers.pop(0)
            return Run(
                tuple(Written(step.write, result) for step in steps), None
            )

        self.write = write  # type: ignore[method-assign]
        self.assertEqual(
            ['set'], self.results([there()], [there()], [met({KEY: PC})])
        )
        self.assertEqual([], answers)

    def test_what_an_import_may_yet_mend_is_waited_for(self) -> None:
        for refusal in (Refusal.VOLUME_UNUSABLE, Refusal.VOLUME_NOT_READY):
            step = dataclasses.replace(MISSING, refusal=refusal)
            self.assertEqual(
                ['set'], self.results([step], [there()], [met({KEY: PC})])
            )


class PaceTest(WaitTestCase):
    def test_the_pauses_grow_while_nothing_comes(self) -> None:
        self.results([MISSING], timeout=600)
        self.assertEqual(SHORTEST, self.naps[0])
        self.assertEqual(sorted(self.naps[:-1]), self.naps[:-1])
        self.assertEqual(LONGEST, max(self.naps))

    def test_the_pauses_are_short_again_when_something_came(self) -> None:
        quiet = [[MISSING]] * 6
        self.results(*quiet, [there(), MISSING], [DONE, DONE])
        self.assertEqual(SHORTEST, self.naps[-1])

    def test_a_slow_cloud_is_asked_less_often(self) -> None:
        self.waiting([MISSING], timeout=100, takes=10.0).run()
        self.assertEqual(20.0, self.naps[0])

    def test_a_cloud_that_is_away_for_a_moment_is_asked_again(self) -> None:
        away = CloudError('away', 503, transient=True)
        self.assertEqual(['unchanged'], self.results(away, [DONE]))
        self.assertIs(away, self.rounds[0].trouble)

    def test_a_cloud_that_refuses_ends_the_waiting(self) -> None:
        refused = CloudError('no', 403)
        self.assertRaises(CloudError, self.results, refused)

    def test_each_round_is_told(self) -> None:
        self.results([there(), MISSING], [DONE, DONE])
        self.assertEqual(
            [(1, 2, 1), (0, 2, 0)],
            [
                (one.awaited, len(one.results), len(one.fresh))
                for one in self.rounds
            ],
        )
