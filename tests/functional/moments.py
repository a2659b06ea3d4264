# SPDX-License-Identifier: Apache-2.0

"""Commands that make things for a moment, watched and interrupted."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.clouds.seeder import Seeder
from tests.functional.base import LIMIT, Answer, without_cloud
from tests.functional.fork_server import OPENSTACK

#: What the commands may make, with the services and projects' listings.
_LISTINGS = (
    ('compute', 'servers', '/servers?all_tenants=1'),
    ('compute', 'flavors', '/flavors?is_public=none'),
    ('image', 'images', '/images?visibility=all'),
    ('volumev3', 'snapshots', '/snapshots?all_tenants=1'),
)


def things(seeder: Seeder) -> set[tuple[str, str, str]]:
    """Return the kind, id and name of all that a command could leave."""
    found = set()
    for service, key, path in _LISTINGS:
        for row in seeder.adapter(service).get(path).json()[key]:
            found.add((key, row['id'], row['name'] or ''))
    return found


def ours(seeder: Seeder, prefix: str) -> set[tuple[str, str, str]]:
    """Return those that a command made for a moment."""
    return {thing for thing in things(seeder) if prefix in thing[2]}


def interrupted(
    configuration: Path,
    directory: Path,
    words: tuple[str, ...],
    begun: Callable[[], bool],
    *signals: int,
) -> Answer:
    """Return how a command ends that gets signals once it has begun."""
    process = subprocess.Popen(
        [OPENSTACK, *words],
        env=without_cloud(configuration),
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    limit = time.monotonic() + LIMIT
    with process:
        try:
            while not begun():
                if process.poll() is not None or time.monotonic() > limit:
                    raise AssertionError(f'{words}: {process.communicate()}')
            for number in signals:
                process.send_signal(number)
            out, err = process.communicate(timeout=LIMIT)
        finally:
            process.kill()
    return Answer(process.returncode, out, err)
