# SPDX-License-Identifier: Apache-2.0

"""Migrate a whole cloud in waves, and print how that went as CSV.

Usage: python -m tests.functional.with_clouds python -m tests.waves
[--servers <number>] [--projects <number>] [--waves <number>]
[--pause <seconds>]
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Callable

from tests.functional.fleet import available
from tests.waves import truth
from tests.waves.migration import (
    Failed,
    Failure,
    Migration,
    Wave,
    failures,
)
from tests.waves.site import Site, Size


def run(
    size: Size, *, copied: bool, pause: float, told: Callable[[str], None]
) -> list[Wave]:
    """Migrate so much; return how each wave went.

    Raises Failed where anything is not as it is to be.
    """
    began = time.monotonic()
    site = Site(size, copied=copied)
    try:
        told(f'{size} are there after {time.monotonic() - began:.0f} s')
        migration = Migration(site, pause, told)
        migration.export()
        told(
            f'export of {size.projects} files in '
            f'{migration.times["export"]:.1f} s'
        )
        waves = [
            migration.wave(number, broken)
            for number, broken in failures(size.waves).items()
        ]
        truth.check_state(migration)
        written = truth.check_journals(migration)
        migration.verify('--strict', '--all-imported', '--only-problems')
        told(
            f'{written} volumes written, '
            f'{len(truth.records(migration))} journals tell the truth, '
            'and all is as the manifests say'
        )
        killed = next(one for one in waves if Failure.KILLED in one.failures)
        undone = truth.undo(migration, killed.number)
        told(
            f'wave {killed.number} is undone: {undone} volumes in '
            f'{migration.times["rollback"]:.1f} s'
        )
        return waves
    finally:
        site.close()


def main(arguments: list[str]) -> int:
    """Return 0 where all went as it is to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--servers', type=int, default=2000)
    parser.add_argument('--projects', type=int, default=40)
    parser.add_argument('--waves', type=int, default=10)
    # Longer than the clocks of Nova and of a journal leave in doubt.
    parser.add_argument('--pause', type=float, default=13.0)
    options = parser.parse_args(arguments)
    if not available():
        parser.error('only the test clouds let us insert servers and volumes')
    try:
        waves = run(
            Size(options.servers, options.projects, options.waves),
            copied=True,
            pause=options.pause,
            told=lambda line: print(line, file=sys.stderr, flush=True),
        )
    except Failed as exc:
        print(f'FAILED: {exc}')
        return 1
    table = csv.writer(sys.stdout)
    table.writerow(
        ('Wave', 'Servers', 'Runs of apply', 'Seconds', 'verify', 'Failure')
    )
    for wave in waves:
        table.writerow(
            (
                wave.number,
                wave.servers,
                wave.runs,
                f'{wave.applied:.1f}',
                f'{wave.verified:.1f}',
                '; '.join(one.value for one in wave.failures),
            )
        )
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
