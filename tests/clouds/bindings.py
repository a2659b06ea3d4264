# SPDX-License-Identifier: Apache-2.0

"""libvirt's own package for Python, beside the environment of a release.

It is built against the machine's libvirt and has its version, which is why
it is not among the pins.  So both kinds of clouds share an environment.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.clouds import cache, environments, processes
from tests.clouds.environments import Environment
from tests.clouds.errors import CloudError
from tests.clouds.narration import Strand
from tests.clouds.processes import Owner

PACKAGE = 'libvirt-python'


def directory(environment: Environment) -> Path:
    """Return where the package for an environment's Python is.

    :raises CloudError: when the machine has no libvirt to build against.
    """
    name = f'{PACKAGE}-{_version()}-{environment.directory.name}'
    return cache.directory() / 'bindings' / name


def install(environment: Environment, owner: Owner, strand: Strand) -> None:
    """Build the package with an environment's own tools, unless it is there.

    :raises CloudError: when it cannot be built.
    """
    target = directory(environment)
    parent = target.parent
    parent.mkdir(exist_ok=True)

    def tell() -> None:
        strand.say(f'another run builds {PACKAGE}; waiting for it')

    with cache.locked(parent / f'{target.name}.lock', tell) as lock:
        if target.exists():
            return
        # It counts only once it has its name.
        unfinished = parent / f'{target.name}.unfinished'
        shutil.rmtree(unfinished, ignore_errors=True)
        with strand.step(f'built {target}'):
            processes.run(
                owner,
                [
                    *environments.pip_install(environment),
                    '--no-build-isolation',
                    '--target',
                    str(unfinished),
                    f'{PACKAGE}=={_version()}',
                ],
                environments.installation_variables(),
                parent / f'{target.name}.log',
                keep_open=[lock],
            )
        unfinished.rename(target)


def _version() -> str:
    """Return the version of libvirt whose headers the machine has."""
    try:
        return subprocess.run(
            ['pkg-config', '--modversion', 'libvirt'],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise CloudError(
            'There is no libvirt to build against. First run: '
            'python -m tests.clouds prepare'
        ) from error
