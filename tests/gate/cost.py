# SPDX-License-Identifier: Apache-2.0

"""What the gate costs: a creation and a listing, direct and through it.

Usage: python -m tests.functional.with_clouds python -m tests.gate.cost

Prints a table of medians in milliseconds, of requests one after another and
of 16 at once, and the memory of a gateway with 5,000 servers. A machine is
never quiet, so the ways take turns, request by request: compare them with
each other.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
import yaml
from openstack import connection

from tests.clouds import state
from tests.clouds.parallel import in_parallel
from tests.functional.destination import Destination
from tests.functional.gating import PC, Gateway, resource
from tests.functional.with_clouds import DESTINATION
from tests.gate.filtered import filtered, install

#: Requests of each kind and way.
ONE, MANY = 8, 16
AT_ONCE = 16
ENTRIES = 5000
NOVA = {'X-OpenStack-Nova-API-Version': '2.60'}


class Measuring:
    """Orders in one project, direct and through a gateway."""

    def __init__(self, destination: Destination, home: Path) -> None:
        self.destination = destination
        self.home = home
        self.manifest = home / 'workloads.yml'
        self.clouds = home / 'clouds.yaml'
        self.clouds.write_text(
            yaml.safe_dump({'clouds': {'dst': dict(destination.cloud)}})
        )
        member = connection.Connection(**destination.cloud)
        self.token = member.session.get_token()
        self.direct = member.compute.get_endpoint().rstrip('/')
        self._session = requests.Session()
        self._session.mount(
            'http://', requests.adapters.HTTPAdapter(pool_maxsize=AT_ONCE)
        )
        self._volumes: list[str] = []

    def list_servers(self, number: int) -> None:
        """Write a manifest with so many servers; the first is ``listed``."""
        auth = self.destination.cloud['auth']
        project = auth['project_name'], auth['project_domain_name']
        names = ['listed', *(f'server-{n}' for n in range(number - 1))]
        resources = [resource(name, PC, *project) for name in names]
        self.manifest.write_text(
            yaml.safe_dump(
                {'os_migrate_version': '1.0.5', 'resources': resources},
            )
        )

    def make_volumes(self, number: int) -> None:
        self._volumes = in_parallel(
            lambda _n: self.destination.seeder.volume(
                self.destination.project_id, 'boot', bootable=True
            ),
            range(number),
            4,
        )

    def empty(self) -> None:
        """Delete what was built, once it is."""
        for server in self.destination.listed('compute', 'servers'):
            self.destination.seeder.await_server(
                self.destination.project_id, server['id']
            )
        self.destination.empty()

    def create(self, url: str, name: str) -> float:
        """Return how many milliseconds an order takes; it is accepted."""
        mapping = {
            'boot_index': 0,
            'source_type': 'volume',
            'destination_type': 'volume',
            'uuid': self._volumes.pop(),
        }
        server = {
            'name': name,
            'flavorRef': self.destination.seeder.flavor(),
            'networks': 'none',
            'block_device_mapping_v2': [mapping],
        }
        return self._timed(202, 'POST', f'{url}/servers', {'server': server})

    def list(self, url: str) -> float:
        """Return how many milliseconds a listing takes."""
        return self._timed(200, 'GET', f'{url}/servers/detail', None)

    def _timed(self, code: int, method: str, url: str, body: Any) -> float:
        began = time.perf_counter()
        answer = self._session.request(
            method,
            url,
            json=body,
            headers={**NOVA, 'X-Auth-Token': self.token},
            timeout=120,
        )
        taken = (time.perf_counter() - began) * 1000
        assert answer.status_code == code, answer.text
        return taken


def compared(
    measuring: Measuring, ways: Mapping[str, tuple[str, str]]
) -> dict[str, tuple[float, ...]]:
    """Return medians of each way: creation and listing, one and many.

    ``ways`` have an address and the name of a server.
    """
    kinds = len(ways) * (ONE + MANY)
    measuring.make_volumes(kinds)
    found: dict[str, list[list[float]]] = {
        way: [[], [], [], []] for way in ways
    }
    for _turn in range(ONE):
        for way, (url, name) in ways.items():
            found[way][0].append(measuring.create(url, name))
            found[way][1].append(measuring.list(url))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _turn in range(MANY // AT_ONCE):
            for way, (url, name) in ways.items():
                every = range(AT_ONCE)
                found[way][2] += pool.map(
                    lambda _n, u=url, n=name: measuring.create(u, n), every
                )
                found[way][3] += pool.map(
                    lambda _n, u=url: measuring.list(u), every
                )
    return {
        way: tuple(map(statistics.median, some)) for way, some in found.items()
    }


@contextlib.contextmanager
def gateway(measuring: Measuring) -> Iterator[Gateway]:
    with Gateway(measuring.clouds, measuring.manifest) as running:
        yield running


def memory_of(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    said = subprocess.run(
        ['ps', '-o', 'rss=', '-p', str(pid)],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(said.stdout) / 1024


def show(rows: Mapping[str, tuple[float, ...]]) -> None:
    """Print a table of medians."""
    print(f'{"":28}{"create":>9}{"list":>9}{"create":>9}{"list":>9}')
    print(f'{"":28}{"1":>9}{"1":>9}{"16":>9}{"16":>9}')
    for way, medians in rows.items():
        print(f'{way:28}' + ''.join(f'{one:9.0f}' for one in medians))


def main() -> None:
    """Measure and print."""
    destination = Destination.made()
    try:
        with tempfile.TemporaryDirectory() as home:
            _measure(Measuring(destination, Path(home)), Path(home))
    finally:
        destination.remove()


def _measure(measuring: Measuring, home: Path) -> None:
    memory = {}
    for number in (1, ENTRIES):
        measuring.list_servers(number)
        with gateway(measuring) as running:
            memory[number] = memory_of(running.process.pid)
            print(
                f'gateway with {number} servers: {memory[number]:.0f} MB',
                flush=True,
            )
    measuring.list_servers(1)
    direct = measuring.direct
    with gateway(measuring) as running:
        through = f'{running.url}/compute/v2.1'
        rows = compared(
            measuring,
            {
                'direct': (direct, 'other'),
                'gateway, not listed': (through, 'other'),
                'gateway, listed': (through, 'listed'),
            },
        )
    show(rows)
    measuring.empty()
    name = os.environ[DESTINATION]
    cloud = state.recorded_cloud(state.default_directory(), name)
    assert cloud is not None
    target = home / 'nova'
    target.mkdir()
    install(cloud.environment.python, target)
    section = (
        '[filter:machine_type_gate]\n'
        'paste.filter_factory = osc_hwmt.gate.nova_filter:filter_factory\n'
        f'manifest = {measuring.manifest}\n'
    )
    rows = compared(measuring, {'no filter': (direct, 'other')})
    measuring.empty()
    with filtered(name, section, target):
        rows |= compared(
            measuring,
            {
                'filter, not listed': (direct, 'other'),
                'filter, listed': (direct, 'listed'),
            },
        )
        show(rows)
        measuring.empty()


if __name__ == '__main__':
    main()
