# SPDX-License-Identifier: Apache-2.0

"""Nova of a test cloud, started again with the filter in its pipeline."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.clouds import health, processes, state
from tests.clouds.cloud import NOVA, Cloud

ROOT = Path(__file__).parents[2]
#: Behind this one everything is known of whoever asks. The same edit of the
#: packaged file serves all releases.
BEHIND = 'keystonecontext'
NAME = 'machine_type_gate'
_PATIENCE = 180


def install(python: Path, target: Path) -> None:
    """Install the package beside Nova's own libraries, and nothing else."""
    command = ['-m', 'pip', 'install', '-q', '--no-deps', '--target']
    subprocess.run([python, *command, target, ROOT], check=True)


def edited(text: str, section: str) -> str:
    """Return an api-paste.ini with the filter in its keystone pipelines."""
    found = re.sub(rf'(?m)^(keystone = .*\b{BEHIND}\b)', rf'\1 {NAME}', text)
    return f'{found}\n{section}\n'


@contextlib.contextmanager
def filtered(name: str, section: str, target: Path) -> Iterator[Cloud]:
    """Run Nova with the filter meanwhile, and then as it was."""
    cloud = state.recorded_cloud(state.default_directory(), name)
    assert cloud is not None, f'the test cloud {name} is not there'
    paste = target / 'api-paste.ini'
    packaged = cloud.environment.directory / 'etc' / 'nova' / paste.name
    paste.write_text(edited(packaged.read_text(), section))
    configured = cloud.etc / f'{NOVA}.conf'
    other = target / configured.name
    other.write_text(configured.read_text().replace(str(packaged), str(paste)))
    path = os.pathsep.join((cloud.variables['PYTHONPATH'], str(target)))
    try:
        _restart(
            cloud,
            [*cloud.command(NOVA)[:-1], str(other)],
            {**cloud.variables, 'PYTHONPATH': path},
        )
        yield cloud
    finally:
        _restart(cloud, cloud.command(NOVA), cloud.variables)


def _restart(
    cloud: Cloud, command: list[str], variables: dict[str, str]
) -> None:
    processes.stop(
        one
        for one in processes.running(cloud.state)
        if (one.owner.cloud, one.owner.program) == (cloud.name, NOVA)
    )
    owner = cloud.owner(NOVA)
    pid = processes.start(owner, command, variables, cloud.log(NOVA))
    session = health.admin_session(cloud)
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return health.check(cloud, session, NOVA)
        except health.Unhealthy:
            ended = not processes.lives(pid, owner)
            if ended or time.monotonic() > until:
                raise
            time.sleep(0.5)
