# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import os
import signal
import threading

from osc_hwmt.cloud.interface import ResourceKind
from osc_hwmt.cloud.mark import Purpose, RunMark
from osc_hwmt.commands import signals
from osc_hwmt.probes.cleanup import Run
from tests.unit.support import cases
from tests.unit.support.cloud import FakeCloud


class Left(BaseException):
    """The process would have ended here."""


class InterruptionTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.replace('tempfile.tempdir', str(self.directory()))
        self.replace('osc_hwmt.probes.cleanup.PAUSE', 0.0)
        self.said: list[str] = []
        self.replace(
            'osc_hwmt.commands.signals.write_at_once', self.said.append
        )
        self.replace('os._exit', self.leave)
        self.codes: list[int] = []
        self.cloud = FakeCloud()
        self.run = Run(
            self.cloud,
            RunMark.new(Purpose.PROBE, 60.0),
            tuple(ResourceKind),
            1,
        )

    def leave(self, code: int) -> None:
        self.codes.append(code)
        raise Left

    def work(self, *numbers: signal.Signals) -> None:
        """Make a server, and be interrupted so."""
        with signals.postponed(self.run), self.run:
            self.run.add(
                ResourceKind.SERVER,
                self.cloud.temporary.put(ResourceKind.SERVER, self.run.mark),
            )
            for number in numbers:
                os.kill(os.getpid(), number)

    def test_undisturbed_nothing_is_said(self) -> None:
        before = [signal.getsignal(number) for number in (2, 15, 1)]
        self.work()
        self.assertEqual([], self.said)
        after = [signal.getsignal(number) for number in (2, 15, 1)]
        self.assertEqual(before, after)

    def test_the_first_signal_waits_until_all_is_removed(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.said.clear()
            self.run.stop.clear()
            self.assertRaises(KeyboardInterrupt, self.work, number)
            self.assertTrue(self.run.stop.is_set())
            self.assertEqual({}, self.cloud.temporary.held)
            self.assertIn('removing the temporary', self.said[0])

    def test_the_second_one_leaves_at_once_and_names_what_stays(self) -> None:
        self.assertRaises(Left, self.work, signal.SIGINT, signal.SIGINT)
        self.assertEqual([130], self.codes)
        said = '\n'.join(self.said)
        self.assertIn('Left in the cloud', said)
        self.assertIn('  server SERVER-', said)
        self.assertIn(self.run.mark.name, said)

    def test_another_thread_leaves_signals_as_they_are(self) -> None:
        thread = threading.Thread(target=self.work)
        thread.start()
        thread.join()
        self.assertEqual({}, self.cloud.temporary.held)


class RaisedTest(cases.TestCase):
    def test_each_signal_ends_what_runs_with_its_own_code(self) -> None:
        for number, code in (
            (signal.SIGINT, 130),
            (signal.SIGTERM, 143),
            (signal.SIGHUP, 129),
        ):
            error = self.assertRaises(signals.Interrupted, self.send, number)
            self.assertEqual(code, error.exit_code)
            self.assertIsInstance(error, KeyboardInterrupt)

    def send(self, number: signal.Signals) -> None:
        with signals.raised():
            os.kill(os.getpid(), number)
            signal.sigtimedwait([], 5)

    def test_what_was_ignored_stays_ignored(self) -> None:
        before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self.addCleanup(signal.signal, signal.SIGHUP, before)
        with signals.raised():
            os.kill(os.getpid(), signal.SIGHUP)

    def test_the_former_handlers_are_restored(self) -> None:
        before = signal.getsignal(signal.SIGTERM)
        with signals.raised():
            self.assertNotEqual(before, signal.getsignal(signal.SIGTERM))
        self.assertEqual(before, signal.getsignal(signal.SIGTERM))
