# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io

from osc_hwmt.commands.progress import LiveLines, Progress
from osc_hwmt.commands.screen import Screen
from osc_hwmt.destination.apply import Result, Written
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import Set
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.destination.wait import Round
from osc_hwmt.exceptions import CloudError
from osc_hwmt.model.changes import Change, WriteResult
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC
from tests.unit.support.shell import Terminal

KEY = 'hw_machine_type'
WEB_LINE = f'web: set; {KEY} - -> {PC} on volume volume-1'


def _set(result: WriteResult) -> Result:
    step = Set(
        fakes.entry('web'),
        Match(fakes.volume(), Rule.NAME, None),
        (Change(KEY, None, PC),),
    )
    return Result(step, Written(step.write, result, 'HTTP 500'))


def _refused(name: str, refusal: Refusal) -> Result:
    return Result(Refused(fakes.entry(name), refusal, 'two', 'name it'))


MISSING = _refused('db', Refusal.VOLUME_NOT_FOUND)
DONE = _set(WriteResult.DONE)
#: Two that time does not mend.
WRONG = (
    _refused('crm', Refusal.VOLUME_AMBIGUOUS),
    _set(WriteResult.FAILED),
)


class ClosedTerminal(Terminal):
    def write(self, _text: str) -> int:
        raise OSError(5, 'Input/output error')


class ProgressTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.now = 0.0

    def run_ten(
        self, stream: io.StringIO | None, seconds: float, failed: int = 0
    ) -> None:
        """Count ten, one in so many seconds each."""
        screen = Screen(stream) if stream is not None else None
        with Progress(20, screen, lambda: self.now) as progress:
            for number in range(10):
                self.now += seconds
                progress.add(number >= failed)

    def test_a_terminal_shows_how_far_it_is_and_is_left_clean(self) -> None:
        terminal = Terminal()
        self.run_ten(terminal, 1)
        shown = terminal.getvalue().split('\r')
        self.assertIn('10 of 20, 1.0/s, 0:10 left', shown[10])
        self.assertIn(f'[{"#" * 15}{"." * 15}]', shown[10])
        self.assertEqual('\x1b[K', shown[-1])

    def test_the_bar_is_drawn_a_few_times_a_second_at_most(self) -> None:
        terminal = Terminal()
        self.run_ten(terminal, 0.05)
        self.assertEqual(2, terminal.getvalue().count('left'))

    def test_elsewhere_a_line_is_written_now_and_then(self) -> None:
        stream = io.StringIO()
        self.run_ten(stream, 7, failed=2)
        self.assertEqual(
            [
                '5 of 20, 0.1/s, 1:45 left, 2 not done',
                '10 of 20, 0.1/s, 1:10 left, 2 not done',
            ],
            stream.getvalue().splitlines(),
        )

    def test_a_short_run_says_nothing_there(self) -> None:
        stream = io.StringIO()
        self.run_ten(stream, 0.1)
        self.assertEqual('', stream.getvalue())

    def test_without_a_stream_nothing_fails(self) -> None:
        self.run_ten(None, 100)

    def test_a_terminal_that_was_closed_stops_nothing(self) -> None:
        self.run_ten(ClosedTerminal(), 1)


class LiveLinesTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.stream = io.StringIO()
        self.lines = LiveLines(Screen(self.stream))

    def told(self) -> list[str]:
        return self.stream.getvalue().splitlines()

    def test_a_write_is_a_line_and_a_missing_volume_none(self) -> None:
        self.lines(Round((MISSING, DONE), (DONE,)))
        self.lines.tell('waiting for it')
        self.assertEqual([WEB_LINE, 'waiting for it'], self.told())

    def test_what_time_does_not_mend_is_told_once(self) -> None:
        for _round in range(3):
            self.lines(Round((MISSING, *WRONG)))
        self.assertEqual(
            ['crm: refused; two; name it', 'web: failed; HTTP 500'],
            self.told(),
        )

    def test_a_cloud_that_does_not_answer_is_told(self) -> None:
        away = CloudError('cloud dst: away', 503, transient=True)
        self.lines(Round((), trouble=away))
        self.assertEqual(['cloud dst: away (HTTP 503); retrying'], self.told())

    def test_without_a_stream_or_with_a_closed_one_nothing_fails(self) -> None:
        for screen in (None, Screen(ClosedTerminal())):
            LiveLines(screen)(Round((DONE,), (DONE,)))
