# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io

from osc_hwmt.commands.progress import Progress
from tests.unit.support import cases
from tests.unit.support.shell import Terminal


class ProgressTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.now = 0.0

    def run_ten(
        self, stream: io.StringIO | None, seconds: float, failed: int = 0
    ) -> None:
        """Count ten, one in so many seconds each."""
        with Progress(20, stream, lambda: self.now) as progress:
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

    def test_it_is_drawn_a_few_times_a_second_at_most(self) -> None:
        terminal = Terminal()
        self.run_ten(terminal, 0.05)
        self.assertEqual(2, terminal.getvalue().count('left'))

    def test_elsewhere_there_is_a_line_now_and_then(self) -> None:
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

    def test_without_a_stream_it_is_silent(self) -> None:
        self.run_ten(None, 100)

    def test_a_terminal_that_was_closed_stops_nothing(self) -> None:
        class Closed(Terminal):
            def write(self, _text: str) -> int:
                raise OSError(5, 'Input/output error')

        self.run_ten(Closed(), 1)
