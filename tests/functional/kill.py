# SPDX-License-Identifier: Apache-2.0

"""Kill apply at random points, again and again, and look what is left.

Usage: python -m tests.functional.with_clouds python -m tests.functional.kill
[--kills <number>] [--seed <number>]

Each round begins with the same volumes and kills run after run, until one
gets through. Then every volume must have what a run that nothing disturbed
gives it, written once and announced in a journal before; after that, the
journals are rolled back one by one, the newest first, and all must be as it
was in the beginning.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from osc_hwmt.journal import format as journal_format
from tests.functional.base import LIMIT, fork_server, without_cloud
from tests.functional.faulty_proxy import Request, Seen
from tests.functional.fleet import DIRECT, FAULTY, Fleet, available
from tests.functional.fork_server import OPENSTACK

COUNT = 24
#: How likely it is that a run of a round may end by itself.
_SPARED = 0.25
MANIFEST = 'vms.yml'


class Failed(Exception):
    """Something was lost, doubled, or not told."""


@dataclasses.dataclass
class Tally:
    """What happened in all rounds."""

    rounds: int = 0
    kills: int = 0
    before_writes: int = 0
    while_writing: int = 0
    after_writes: int = 0
    writes: int = 0

    def __str__(self) -> str:
        return (
            f'{self.kills} kills in {self.rounds} rounds '
            f'({self.before_writes} before the first write of a run, '
            f'{self.while_writing} while it wrote, {self.after_writes} after '
            f'the last): {self.writes} writes, none lost, none doubled'
        )


class Round:
    """One beginning, some kills, one end."""

    def __init__(
        self, fleet: Fleet, directory: Path, chance: random.Random
    ) -> None:
        self._fleet = fleet
        self._directory = directory
        self._chance = chance
        self._proxy = fleet.through(lambda request: None)
        self._before = fleet.database.image_metadata()
        (directory / MANIFEST).write_text(fleet.manifest())

    def run(self, tally: Tally, most: int) -> None:
        """Kill at most so many runs, then let one through and check."""
        try:
            for _kill in range(most):
                if self._chance.random() < _SPARED:
                    break
                self._kill_one(tally)
            self._openstack('apply', FAULTY, MANIFEST)
            self._check_volumes(tally)
            self._check_journals()
            self._undo()
        finally:
            self._proxy.cut()
        tally.rounds += 1

    def _kill_one(self, tally: Tally) -> None:
        before = len(self._written())
        process = self._start('apply', FAULTY, MANIFEST)
        watch = threading.Thread(target=self._kill_somewhere, args=[process])
        watch.start()
        process.wait(LIMIT)
        watch.join()
        if process.returncode != -9:
            return  # it was faster
        tally.kills += 1
        now = len(self._written())
        if now == before:
            tally.before_writes += 1
        elif now < COUNT:
            tally.while_writing += 1
        else:
            tally.after_writes += 1

    def _kill_somewhere(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a run at a random request, a random moment before or after."""
        request = self._chance.randint(1, COUNT + 6)
        moment = self._chance.choice((0.0, 0.001, 0.01, 0.05))
        reached = threading.Event()
        seen = 0

        def count(_thing: Request | Seen) -> None:
            nonlocal seen
            seen += 1
            if seen == request:
                reached.set()

        if self._chance.random() < 0.5:
            self._proxy.after = count
        else:
            self._proxy.rule = lambda thing: count(thing)
        while process.poll() is None and not reached.wait(0.05):
            pass
        time.sleep(moment)
        process.kill()
        self._proxy.after = lambda seen: None
        self._proxy.rule = lambda request: None

    def _written(self) -> dict[str, list[int]]:
        return self._proxy.writes()

    def _check_volumes(self, tally: Tally) -> None:
        now = self._fleet.database.image_metadata()
        if now != self._fleet.expected():
            raise Failed(f'expected {self._fleet.expected()}, found {now}')
        for volume in self._fleet.volumes:
            statuses = self._written().get(volume.id)
            if statuses != [200]:
                raise Failed(f'{volume.id} was written {statuses}')
            tally.writes += 1

    def _check_journals(self) -> None:
        announced = {
            one.write.volume_id
            for record in self._journals()
            for one in record.announced
        }
        missing = set(self._written()) - announced
        if missing:
            raise Failed(f'never announced: {missing}')

    def _undo(self) -> None:
        for record in reversed(self._journals()):
            self._openstack('rollback', DIRECT, record.path)
        now = self._fleet.database.image_metadata()
        if now != self._before:
            raise Failed(f'rolled back to {now}, was {self._before}')

    def _journals(self) -> list[journal_format.Record]:
        """Return the journals that have a header: some runs died before."""
        return [
            journal_format.read_journal(path.read_text(), str(path))
            for path in sorted(self._directory.glob(f'{MANIFEST}.*.journal'))
            if b'\n' in path.read_bytes()
        ]

    def _openstack(self, action: str, cloud: str, path: str) -> None:
        ended = fork_server().run(
            *_words(action, cloud, path),
            environment=without_cloud(self._fleet.configuration),
            directory=self._directory,
            limit=LIMIT,
        )
        if ended.code != 0:
            raise Failed(f'{action} ended with {ended.code}: {ended.err}')

    def _start(
        self, action: str, cloud: str, path: str
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [OPENSTACK, *_words(action, cloud, path)],
            env=without_cloud(self._fleet.configuration),
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _words(action: str, cloud: str, path: str) -> list[str]:
    return [
        *('migrate', 'machine-type', action, '--auto-approve'),
        *('--destination-cloud', cloud, path),
    ]


def run(kills: int, seed: int) -> Tally:
    """Return what happened; raises Failed at the first wrong thing.

    Tells after each round how far it is.
    """
    chance = random.Random(seed)
    tally = Tally()
    fleet = Fleet(COUNT)
    try:
        while tally.kills < kills:
            with tempfile.TemporaryDirectory(prefix='hwmt-') as directory:
                Round(fleet, Path(directory), chance).run(
                    tally, kills - tally.kills
                )
            fleet.reset()
            print(tally, flush=True)
    finally:
        fleet.remove()
    return tally


def main(arguments: list[str]) -> int:
    """Return 0 where nothing was lost and nothing doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--kills', type=int, default=200)
    parser.add_argument('--seed', type=int, default=int(time.time()))
    options = parser.parse_args(arguments)
    if not available():
        parser.error('only the test clouds let us insert volumes')
    print(f'seed {options.seed}', flush=True)
    try:
        run(options.kills, options.seed)
    except Failed as exc:
        print(f'FAILED: {exc}')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
