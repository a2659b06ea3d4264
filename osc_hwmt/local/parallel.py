# SPDX-License-Identifier: Apache-2.0

"""Several requests at once, answers in order."""

from __future__ import annotations

import collections
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

_Item = TypeVar('_Item')
_Answer = TypeVar('_Answer')


def in_parallel(
    function: Callable[[_Item], _Answer],
    items: Iterable[_Item],
    concurrency: int,
    stopping: Callable[[], None] | None = None,
) -> list[_Answer]:
    """Return the function's answers in the order of the items.

    At most ``concurrency`` calls run at once. An exception of a call is
    raised after the calls under way have ended; those not begun are dropped.
    An interrupt is raised at once, and the calls under way are abandoned.
    With ``stopping`` that is called first, and they are waited for, unless a
    second interrupt comes.
    """
    pool = _Pool(function, list(items))
    try:
        pool.run(concurrency)
        pool.wait()
    except BaseException:
        pool.stop()
        if stopping is not None:
            stopping()
            pool.wait()
        raise
    if pool.failure is not None:
        raise pool.failure
    return pool.answers


class _Pool:
    """Threads that take one item after another.

    They are daemons, which an interpreter does not wait for at its end as it
    does for those of concurrent.futures.
    """

    def __init__(
        self, function: Callable[[Any], Any], items: list[Any]
    ) -> None:
        self.failure: BaseException | None = None
        self.answers: list[Any] = [None] * len(items)
        self._function = function
        self._left = collections.deque(enumerate(items))
        self._under_way = 0
        self._changed = threading.Condition()

    def run(self, concurrency: int) -> None:
        for _number in range(min(concurrency, len(self.answers))):
            threading.Thread(target=self._work, daemon=True).start()

    def wait(self) -> None:
        """Return when no call is left or under way any more."""
        with self._changed:
            while self._left or self._under_way:
                self._changed.wait()

    def stop(self) -> None:
        """Let no further call begin."""
        with self._changed:
            self._left.clear()

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._left:
                    return
                number, item = self._left.popleft()
                self._under_way += 1
            try:
                self.answers[number] = self._function(item)
            except BaseException as exc:
                self.failure = self.failure or exc
                self.stop()
            finally:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify_all()
