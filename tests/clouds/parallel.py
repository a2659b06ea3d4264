# SPDX-License-Identifier: Apache-2.0

"""Several requests to a cloud at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

# More make nothing faster: each API is one process in our clouds.
WORKERS = 3

Result = TypeVar('Result')
Argument = TypeVar('Argument')


def in_parallel(
    work: Callable[[Argument], Result],
    arguments: Iterable[Argument],
    workers: int = WORKERS,
) -> list[Result]:
    """Return the results of ``work`` on each argument, in their order.

    With several workers all of it is done before the first error is raised.
    One is no thread: when the interpreter ends there can be none.
    """
    if workers == 1:
        return [work(argument) for argument in arguments]
    with ThreadPoolExecutor(workers) as pool:
        futures = [pool.submit(work, argument) for argument in arguments]
    return [future.result() for future in futures]
