# SPDX-License-Identifier: Apache-2.0

"""What runs of the clouds, and how it is doing."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.clouds import health, processes, state
from tests.clouds.cloud import Cloud
from tests.clouds.processes import Process

MEGABYTE = 1 << 20
HEALTHY = 'healthy'
HEADINGS = (
    'cloud',
    'release',
    'python',
    'process',
    'pid',
    'port',
    'memory',
    'health',
)


@dataclasses.dataclass(frozen=True)
class Report:
    """How one program of one cloud is doing."""

    cloud: Cloud
    program: str
    pid: int | None
    memory: int
    health: str

    @property
    def healthy(self) -> bool:
        """Tell whether it does what it is there for."""
        return self.health == HEALTHY

    def row(self) -> tuple[str, ...]:
        """Return what a table shows of it."""
        return (
            self.cloud.name,
            self.cloud.release,
            self.cloud.environment.interpreter.version,
            self.program,
            str(self.pid or '-'),
            str(self.cloud.ports.get(self.program, '-')),
            f'{self.memory / MEGABYTE:.0f} MB',
            self.health,
        )


def report(directory: Path) -> list[Report]:
    """Return how each program of each cloud is doing.

    :raises CloudError: when a Python or the pins changed meanwhile.
    """
    clouds = state.clouds(directory)
    if not clouds:
        return []
    found = processes.running(directory)
    with ThreadPoolExecutor(len(clouds)) as pool:
        reports = pool.map(
            lambda cloud: [
                _report(cloud, program, found) for program in cloud.programs
            ],
            clouds,
        )
    return [each for of_cloud in reports for each in of_cloud]


def table(reports: Sequence[Report]) -> str:
    """Return the reports as a table with a line for the memory of all."""
    total = sum(each.memory for each in reports) / MEGABYTE
    rows = [HEADINGS, *(each.row() for each in reports)]
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = [
        '  '.join(
            cell.ljust(width) for cell, width in zip(row, widths)
        ).rstrip()
        for row in rows
    ]
    return '\n'.join([*lines, f'memory of all (PSS): {total:.0f} MB'])


def _report(cloud: Cloud, program: str, found: list[Process]) -> Report:
    mine = [
        process for process in found if process.owner == cloud.owner(program)
    ]
    pids = [process.pid for process in mine if process.leads]
    return Report(
        cloud=cloud,
        program=program,
        pid=pids[0] if pids else None,
        memory=sum(map(processes.memory, mine)),
        health=_health(cloud, program) if pids else 'does not run',
    )


def _health(cloud: Cloud, program: str) -> str:
    try:
        health.check(cloud, health.admin_session(cloud), program)
    except health.Unhealthy as error:
        return f'UNHEALTHY: {error}'
    return HEALTHY
