# SPDX-License-Identifier: Apache-2.0

"""The logs of the clouds' programs, made fit for a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

FOLLOW_INTERVAL = 0.5


def chosen(state: Path, cloud: str | None, program: str | None) -> list[Path]:
    """Return the logs of a cloud and a program; None stands for all."""
    return sorted(state.glob(f'{cloud or "*"}/log/{program or "*"}.log'))


def tail(log: Path, lines: int) -> str:
    """Return the last lines of a log, indented, or that there are none."""
    if not log.exists():
        return '  (there is no log)'
    last = log.read_text(errors='replace').splitlines()[-lines:]
    return '\n'.join(f'  {printable(line)}' for line in last) or (
        '  (the log is empty)'
    )


def follow(logs: Sequence[Path]) -> Iterator[str]:
    """Yield the lines that are added to the logs, until interrupted."""
    sizes = {log: log.stat().st_size for log in logs}
    while True:
        for log, size in sizes.items():
            with log.open('rb') as opened:
                opened.seek(size)
                added, newline, _unfinished = opened.read().rpartition(b'\n')
            sizes[log] = size + len(added) + len(newline)
            for line in added.decode(errors='replace').splitlines():
                yield f'{log.parent.parent.name} {log.stem}: ' + printable(
                    line
                )
        time.sleep(FOLLOW_INTERVAL)


def printable(line: str) -> str:
    """Return a line without anything a terminal would act on."""
    return ''.join(
        each if each.isprintable() else each.encode('unicode_escape').decode()
        for each in line
    )
