# SPDX-License-Identifier: Apache-2.0

"""When a request that a cloud did not carry out is made again."""

from __future__ import annotations

import contextlib
import dataclasses
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from osc_hwmt.exceptions import CloudError

_Answer = TypeVar('_Answer')
#: Answers, or none, that tell of the service and not of what was asked for.
_SERVICE_WIDE = (None, 401, 408, 429, 502, 503, 504)
#: Seconds in which a service may push back several threads for one reason.
_ONE_REASON = 1.0


@dataclasses.dataclass(frozen=True)
class RetryPolicy:
    """How often and after how many seconds a request is made again.

    ``attempts`` includes the first one. ``fewer`` says how many may end
    in some HTTP codes. The first pause is about ``pause`` seconds, the next
    ones twice as long each, up to ``longest``; one that the service asks for
    is as long as it says, up to ``obeyed``.
    """

    attempts: int
    pause: float = 0.5
    longest: float = 30.0
    obeyed: float = 120.0
    fewer: Mapping[int, int] = dataclasses.field(default_factory=dict)

    def delay(
        self, failures: Sequence[CloudError], chance: float
    ) -> float | None:
        """Return the pause after these failures in a row, at least one.

        None means to give up. ``chance`` from 0 to 1 spreads the requests of
        several threads and tools: half of a pause is left to it.
        """
        error = failures[-1]
        alike = sum(one.code == error.code for one in failures)
        fewer = self.fewer.get(error.code or 0, self.attempts)
        if not error.transient or alike >= fewer:
            return None
        if len(failures) >= self.attempts:
            return None
        if error.retry_after is not None:
            if error.retry_after > self.obeyed:
                return None
            return error.retry_after + self.pause * chance
        pause = min(self.pause * 2.0 ** (len(failures) - 1), self.longest)
        return pause * (1 + chance) / 2


#: A listing is one of few requests, and a human waits for it.
READING = RetryPolicy(attempts=5, longest=10.0, fewer={400: 1, 401: 2})


class RetryGate:
    """A policy that several threads follow against one service.

    Where it pushes back, fewer requests run at once for a while, and where
    it says until when, none begins before. ``lost`` is its last failure once
    it serves nobody any more.
    """

    lost: CloudError | None = None

    def __init__(
        self,
        policy: RetryPolicy,
        concurrency: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        rest: Callable[[float], bool] | None = None,
    ) -> None:
        self._policy = policy
        self._most = concurrency
        self._clock = clock
        self._chance = chance
        self._stopped = threading.Event()
        self._rest = rest or self._stopped.wait
        self._changed = threading.Condition()
        self._allowed = float(concurrency)
        self._running = 0
        self._successes = 0
        self._closed_until = clock()
        self._cut_at = clock() - _ONE_REASON

    def call(self, function: Callable[[], _Answer]) -> _Answer:
        """Return a function's answer; raises the CloudError of its last try.

        The service is lost where a failure tells of it, and where no request
        had a better answer since this one failed first.
        """
        failures: list[CloudError] = []
        others = 0
        while True:
            try:
                with self._turn():
                    answer = function()
            except CloudError as exc:
                others = others if failures else self._successes
                failures.append(exc)
                pause = self._policy.delay(failures, self._chance())
                self._push_back(exc)
                if pause is None or self._rest(pause):
                    if self._is_lost(exc, others):
                        self.lost = exc
                    raise
            else:
                self._succeed()
                return answer

    def rest(self, seconds: float) -> bool:
        """Wait for so long, or until stop(); tell whether it was that."""
        return self._rest(seconds)

    def stop(self) -> None:
        """Let nobody wait any more: what fails now has failed."""
        self._stopped.set()
        with self._changed:
            self._changed.notify_all()

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        while not self._stopped.is_set():
            closed = self._closed_until - self._clock()
            if closed <= 0:
                break
            self._rest(closed)
        with self._changed:
            self._changed.wait_for(self._is_free)
            self._running += 1
        try:
            yield
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def _is_free(self) -> bool:
        return self._running < int(self._allowed) or self._stopped.is_set()

    def _push_back(self, error: CloudError) -> None:
        if error.code not in _SERVICE_WIDE or not error.transient:
            return
        with self._changed:
            now = self._clock()
            if error.retry_after is not None:
                until = now + min(error.retry_after, self._policy.obeyed)
                self._closed_until = max(self._closed_until, until)
            if now - self._cut_at >= _ONE_REASON:
                self._cut_at = now
                self._allowed = max(1.0, self._allowed / 2)

    def _succeed(self) -> None:
        with self._changed:
            self._successes += 1
            grown = self._allowed + 1 / self._allowed
            self._allowed = min(float(self._most), grown)

    def _is_lost(self, error: CloudError, others: int) -> bool:
        return (
            error.transient
            and error.code in _SERVICE_WIDE
            and self._successes == others
            and not self._stopped.is_set()
        )
