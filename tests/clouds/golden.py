# SPDX-License-Identifier: Apache-2.0

"""Golden states: the databases of a cloud that was only just made.

They are kept in the cache, so that the next cloud of that release starts
without the services' migrations.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
from pathlib import Path

from tests.clouds import cache, databases
from tests.clouds.cloud import LIBVIRT, Cloud

# What decides the contents of a golden state beside the packages.
_MADE_BY = (
    'catalog',
    'cloud',
    'configuration',
    'databases',
    'golden',
    'hypervisor',
)
_COMPUTE_ID = 'compute_id'


def restore(cloud: Cloud) -> bool:
    """Put the golden state into a new cloud; return False without one."""
    kept = _directory(cloud)
    if not kept.exists():
        return False
    cloud.directory.mkdir(parents=True, exist_ok=True)
    shutil.copytree(kept, cloud.directory, dirs_exist_ok=True)
    return True


def save(cloud: Cloud) -> None:
    """Keep the state of a cloud that is up and holds nothing yet."""
    kept = _directory(cloud)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as name:
        copied = Path(name, 'state')
        _copy(cloud, copied)
        # Another run may have kept the same state meanwhile.
        if not kept.exists():
            copied.rename(kept)


def _directory(cloud: Cloud) -> Path:
    here = Path(__file__).parent
    sources = [(here / f'{name}.py').read_bytes() for name in _MADE_BY]
    environment = cloud.environment
    # With libvirt Nova calls the compute node what the machine is called.
    node = socket.gethostname() if cloud.compute == LIBVIRT else ''
    key = cache.key(environment.key, cloud.compute, node, *sources)
    return cache.directory() / 'golden' / f'{environment.release.name}-{key}'


def _copy(cloud: Cloud, target: Path) -> None:
    target.mkdir()
    shutil.copytree(cloud.keys, target / cloud.keys.name)
    shutil.copy2(cloud.password_file, target)
    (target / cloud.databases.name).mkdir()
    for name in databases.NAMES:
        source = cloud.database(name)
        databases.copy(source, target / cloud.databases.name / source.name)
    identity = cloud.nova_state / _COMPUTE_ID
    # Older Nova keeps none.
    if identity.exists():
        (target / cloud.nova_state.name).mkdir()
        shutil.copy2(identity, target / cloud.nova_state.name)
