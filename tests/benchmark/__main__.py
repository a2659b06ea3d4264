# SPDX-License-Identifier: Apache-2.0

"""Measure, and write the results down. See the package's own words."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openstack import config

from tests.benchmark import (
    api_processes,
    contestants,
    cost,
    figure,
    recorded_api,
)
from tests.clouds import state, witness
from tests.functional.fleet import DIRECT, Fleet, available
from tests.functional.with_clouds import DESTINATION

RESULTS = Path('doc/source/benchmark')
CONNECTIONS = (1, 2, 4, 8, 16)
#: How many volumes the slow ones get; they do not get faster with more.
SHELL_SAMPLE, SDK_SAMPLE, CONNECTIONS_SAMPLE = 10, 200, 300
ROUNDS = 3
#: Of Cinder's API, in the race with several.
PROCESSES = 2

Results = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Return 0 once everything is measured and written."""
    parser = argparse.ArgumentParser(prog='python -m tests.benchmark')
    parser.add_argument('--volumes', type=int, default=1000)
    parser.add_argument(
        '--sizes', type=int, nargs='*', default=[100, 1000, 10000]
    )
    parser.add_argument(
        '--servers', type=int, nargs='*', default=[100, 1000, 10000, 100000]
    )
    parser.add_argument(
        '--only-recorded',
        action='store_true',
        help='Measure with the recorded API alone, and keep the other results',
    )
    parser.add_argument('--results', type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    kept = options.results / 'results.json'
    results: Results = {}
    if options.only_recorded:
        results = json.loads(kept.read_text())
    elif not available():
        parser.error('only the test clouds let us insert volumes')
    else:
        results.update(_circumstances())
        results['race'] = race(options.volumes)
        with api_processes.serving(PROCESSES) as port:
            results['race_of_processes'] = {
                'processes': PROCESSES,
                **race(options.volumes, port),
            }
        results['sizes'] = [size(count) for count in options.sizes]
    results['recorded'] = [recorded(count) for count in options.servers]
    results['load_after'] = _load()
    options.results.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results, indent=1, default=dataclasses.asdict)
    kept.write_text(text + '\n')
    figure.write(options.results)
    return 0


def _circumstances() -> Results:
    return {
        'when': datetime.date.today().isoformat(),
        'python': platform.python_version(),
        'cores': os.cpu_count(),
        'load': _load(),
    }


def _load() -> float:
    return round(os.getloadavg()[0], 1)


def race(count: int, port: int | None = None) -> Results:
    """Return what every contestant makes of the same volumes.

    Cinder answers where the test cloud has it, or at another port.
    The ceiling and ours take turns, so that whatever else the machine does
    meets both.
    """
    with _Track(count, port) as track:
        connections = [_at_once(track, number) for number in CONNECTIONS]
        best = max(connections, key=lambda one: one['bare_per_second'])[
            'connections'
        ]
        ceiling, ours = [], []
        for _round in range(ROUNDS):
            track.blank()
            ceiling.append(count / track.bare_loop(track.ids, best))
            track.blank()
            spent, rate = track.apply()
            ours.append(
                {
                    'writing_per_second': rate,
                    'whole_per_second': count / spent.seconds,
                    'cost': spent,
                }
            )
        track.blank()
        some = track.ids[:SDK_SAMPLE]
        sdk = contestants.sdk_loop(some, track.directory, track.environment)
        track.blank()
        few = track.ids[:SHELL_SAMPLE]
        shell = contestants.shell_loop(few, track.directory, track.environment)
        return {
            'volumes': count,
            'connections': connections,
            'best_connections': best,
            'ceiling_per_second': statistics.median(ceiling),
            'ceiling_rounds': ceiling,
            'apply_rounds': ours,
            'apply_writing_per_second': _median(ours, 'writing_per_second'),
            'apply_whole_per_second': _median(ours, 'whole_per_second'),
            'sdk_per_second': len(some) / sdk.seconds,
            'sdk_sample': len(some),
            'shell_per_second': len(few) / shell.seconds,
            'shell_sample': len(few),
        }


def _at_once(track: _Track, number: int) -> Results:
    """Return what bare requests and apply make of so many at once."""
    some = track.ids[:CONNECTIONS_SAMPLE]
    bare, ours = [], []
    for _round in range(ROUNDS):
        track.blank()
        bare.append(len(some) / track.bare_loop(some, number))
        track.blank()
        _spent, rate = track.apply(
            '--concurrency', str(number), count=len(some)
        )
        ours.append(rate)
    _say(f'{number} at once: bare {bare}, apply {ours}')
    return {
        'connections': number,
        'volumes': len(some),
        'bare_per_second': statistics.median(bare),
        'apply_per_second': statistics.median(ours),
    }


def size(count: int) -> Results:
    """Return what each step costs with so many volumes, and its requests."""
    with _Track(count) as track:
        steps: Results = {}
        for name, words, code in (
            ('dry run', ('apply', '--dry-run'), 0),
            ('apply', ('apply', '--auto-approve'), 0),
            ('apply again', ('apply', '--auto-approve'), 0),
            ('verify', ('verify',), 0),
        ):
            steps[name] = track.counted(words, code)
            _say(f'{count} volumes, {name}: {steps[name]}')
        return {'volumes': count, 'steps': steps}


def recorded(count: int) -> Results:
    """Return what export, plan and verify cost with a recorded API."""
    with (
        recorded_api.serving(count) as configuration,
        tempfile.TemporaryDirectory() as name,
    ):
        directory = Path(name)
        environment = {'OS_CLIENT_CONFIG_FILE': str(configuration)}
        steps: Results = {}
        for step, words, code in (
            (
                'export',
                ('export', '--source-cloud', 'src', 'vms.yml'),
                0,
            ),
            (
                'export again',
                ('export', '--source-cloud', 'src', 'vms.yml'),
                0,
            ),
            (
                'plan',
                (
                    'apply',
                    '--dry-run',
                    '--destination-cloud',
                    'dst',
                    'vms.yml',
                ),
                0,
            ),
            (
                'verify',
                ('verify', '--destination-cloud', 'dst', 'vms.yml'),
                3,
            ),
        ):
            command = [cost.openstack(), 'migrate', 'machine-type', *words]
            steps[step], _said = cost.of(command, directory, environment, code)
            _say(f'{count} servers, {step}: {steps[step]}')
        return {'servers': count, 'steps': steps}


class _Track:
    """Volumes to race on, a manifest of them, and a way to the cloud."""

    def __init__(self, count: int, port: int | None = None) -> None:
        self._fleet = Fleet(count)
        if port is not None:
            self._fleet.move(port)
        self.ids = [one.id for one in self._fleet.volumes]
        self.directory = self._fleet.directory
        self.environment = {
            'OS_CLIENT_CONFIG_FILE': str(self._fleet.configuration)
        }
        self._manifest = self.directory / 'vms.yml'
        self._manifest.write_text(self._fleet.manifest())

    def __enter__(self) -> _Track:
        self.blank()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._fleet.remove()

    def blank(self) -> None:
        """Take all image metadata away, as os-migrate's volumes begin."""
        self._fleet.database.set_image_metadata(self.ids, {})

    def bare_loop(self, ids: Sequence[str], connections: int) -> float:
        """Return the seconds of the bare loop."""
        region = config.OpenStackConfig().get_one(
            cloud=os.environ[DESTINATION]
        )
        return contestants.bare_loop(
            self._fleet.endpoint,
            region.get_session().get_token(),
            ids,
            connections,
        )

    def apply(
        self, *words: str, count: int | None = None
    ) -> tuple[cost.Cost, float]:
        """Return what apply costs, and its volumes a second at work.

        It sets all volumes, or the first ``count``.
        """
        manifest = self.directory / 'some.yml'
        manifest.write_text(self._fleet.manifest(count))
        found = contestants.apply(
            manifest, self.directory, self.environment, *words
        )
        _say(f'apply: {found}')
        return found

    def counted(self, words: Sequence[str], code: int) -> Results:
        """Return what a command costs, and the requests Cinder got of it."""
        log = witness.cinder_log(state.default_directory(), state.DESTINATION)
        before = log.stat().st_size
        spent, _said = cost.of(
            [
                cost.openstack(),
                *('migrate', 'machine-type', *words),
                *('--destination-cloud', DIRECT),
                self._manifest,
            ],
            self.directory,
            self.environment,
            code,
        )
        requests = witness.cinder_requests(
            state.default_directory(), state.DESTINATION, before
        )
        return {
            'cost': spent,
            'pages': sum(one.method == 'GET' for one in requests),
            'writes': sum(
                one.method == 'POST' and one.status == 200 for one in requests
            ),
            'questions': sum(
                one.method == 'POST' and one.status == 404 for one in requests
            ),
        }


def _median(rounds: Sequence[Mapping[str, Any]], key: str) -> float:
    return float(statistics.median(one[key] for one in rounds))


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
