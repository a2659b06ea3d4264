# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import re
import signal
import threading
import time

from osc_hwmt.local import time_limit
from tests.unit.support import cases


class TimeLimitTest(cases.TestCase):
    def test_a_search_without_end_is_ended(self) -> None:
        endless = re.compile('(a+)+b')
        begin = time.process_time()
        try:
            with time_limit.within(0.2):
                endless.search('a' * 60)
            self.fail('the search came to an end')
        except TimeoutError:
            self.assertLess(time.process_time() - begin, 3)

    def test_what_is_done_in_time_leaves_nothing_behind(self) -> None:
        before = signal.getsignal(signal.SIGVTALRM)
        with time_limit.within(1000):
            self.assertNotEqual(
                (0.0, 0.0), signal.getitimer(signal.ITIMER_VIRTUAL)
            )
        self.assertEqual((0.0, 0.0), signal.getitimer(signal.ITIMER_VIRTUAL))
        self.assertEqual(before, signal.getsignal(signal.SIGVTALRM))

    def test_another_thread_than_the_main_one_has_no_limit(self) -> None:
        done: list[bool] = []

        def work() -> None:
            with time_limit.within(0.001):
                done.append(True)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        self.assertEqual([True], done)
