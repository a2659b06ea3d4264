# SPDX-License-Identifier: Apache-2.0

"""Several requests at once, answers in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

_Item = TypeVar('_Item')
_Answer = TypeVar('_Answer')


def in_parallel(
    function: Callable[[_Item], _Answer],
    items: Iterable[_Item],
    concurrency: int,
) -> list[_Answer]:
    """Return the function's answers in the order of the items.

    At most ``concurrency`` calls run at once. An exception of a call is
    raised after the calls under way have ended; those not begun are dropped.
    """
    from concurrent import futures  # costs start-up time

    with futures.ThreadPoolExecutor(concurrency) as executor:
        submitted = [executor.submit(function, item) for item in items]
        try:
            return [future.result() for future in submitted]
        except BaseException:
            for future in submitted:
                future.cancel()
            raise
