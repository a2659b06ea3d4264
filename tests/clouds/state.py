# SPDX-License-Identifier: Apache-2.0

"""The state directory: which clouds there are, and who may change them."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.clouds import cache
from tests.clouds.cloud import DATABASES, FAKE, LOGS, Cloud
from tests.clouds.environments import environment_for
from tests.clouds.errors import CloudError
from tests.clouds.releases import RELEASES

SOURCE, DESTINATION, NEWEST = 'src', 'dst', 'newest'
NAMES = (SOURCE, DESTINATION, NEWEST)
#: Names the state directory.
VARIABLE = 'OSC_HWMT_CLOUDS_STATE'
CLIENT_CONFIGURATION = 'clouds.yaml'
SEED_RECORD = 'seed.json'
_CLOUD_RECORD = 'cloud.json'
_INITIALISED = 'initialised'
Busy = Callable[[], None]


def log_of(directory: Path, cloud: str, program: str) -> Path:
    """Return a program's log, also of a cloud that is not running."""
    return directory / cloud / LOGS / f'{program}.log'


def nova_cell_of(directory: Path, cloud: str) -> Path:
    """Return the database in which a cloud's Nova keeps its servers."""
    return directory / cloud / DATABASES / 'nova_cell1.db'


def cinder_database_of(directory: Path, cloud: str) -> Path:
    """Return the database in which a cloud's Cinder keeps its volumes."""
    return directory / cloud / DATABASES / 'cinder.db'


def default_directory() -> Path:
    """Return the state directory that the environment names, or our own."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).resolve()
    return Path(__file__).resolve().parents[2] / '.clouds'


@contextlib.contextmanager
def locked(state: Path, when_busy: Busy) -> Iterator[None]:
    """Be the only one who changes a state directory; make it if missing."""
    while True:
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(state, os.O_RDONLY | os.O_DIRECTORY)
        try:
            cache.wait_for_lock(descriptor, when_busy)
            # The one we waited for may have deleted the directory.
            if state.exists() and os.path.samestat(
                os.fstat(descriptor), state.stat()
            ):
                yield
                return
        finally:
            os.close(descriptor)


def clouds(state: Path) -> list[Cloud]:
    """Return the clouds of a state directory, as they were recorded.

    :raises CloudError: when a Python or the pins have changed since.
    """
    return [
        recorded
        for name in NAMES
        if (recorded := recorded_cloud(state, name)) is not None
    ]


def recorded_cloud(state: Path, name: str) -> Cloud | None:
    """Return one cloud of a state directory, None if it has no such.

    :raises CloudError: when its Python or its pins have changed since.
    """
    path = state / name / _CLOUD_RECORD
    if not path.exists():
        return None
    record = json.loads(path.read_text())
    environment = environment_for(
        RELEASES[record['release']], record['python']
    )
    if environment is None or environment.key != record['environment']:
        raise CloudError(
            f'The cloud {name} in {state} was made with other packages or '
            f'another Python than would be used now. Take it down first.'
        )
    return Cloud(
        name,
        state,
        environment,
        record['ports'],
        record.get('compute', FAKE),
    )


def record_cloud(cloud: Cloud) -> None:
    """Write down what a cloud is, so that later runs find it."""
    record = {
        'release': cloud.environment.release.name,
        'python': cloud.environment.interpreter.minor,
        'environment': cloud.environment.key,
        'ports': cloud.ports,
        'compute': cloud.compute,
    }
    write_atomically(
        cloud.directory / _CLOUD_RECORD, json.dumps(record, indent=2)
    )


def initialised(cloud: Cloud) -> bool:
    """Tell whether the cloud's databases are complete."""
    return (cloud.directory / _INITIALISED).exists()


def record_initialised(cloud: Cloud) -> None:
    """Write down that the cloud's databases are complete."""
    (cloud.directory / _INITIALISED).touch()


def delete(directory: Path) -> None:
    """Delete the directory of a cloud, or of all of them."""
    shutil.rmtree(directory)


def write_atomically(path: Path, text: str) -> None:
    """Write a file that only its owner reads, all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with open(descriptor, 'w') as target:
        target.write(text)
    os.replace(name, path)
