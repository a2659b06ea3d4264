# SPDX-License-Identifier: Apache-2.0

"""Virtual environments that hold the services of one release."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.clouds import cache, interpreters, processes, uv
from tests.clouds.errors import CloudError, Failed
from tests.clouds.interpreters import Interpreter
from tests.clouds.narration import Strand
from tests.clouds.processes import Owner
from tests.clouds.releases import Pins, Release

INSTALLER = 'install'
#: Names the minor version of the only Python to take, such as 3.13.
PYTHON_VARIABLE = 'OSC_HWMT_CLOUDS_PYTHON'
#: What packages that are built from source include.
HEADERS = '#include <Python.h>\n#include <openssl/opensslv.h>\n'
BUILD_PACKAGES = (
    'apt-get install gcc libc6-dev libssl-dev, or dnf install gcc '
    'openssl-devel, and the headers of that Python'
)


@dataclasses.dataclass(frozen=True)
class Environment:
    """A place with the services of a release, whether installed or not.

    ``remark`` says why it is not the one of the release's own time.
    """

    release: Release
    pins: Pins
    interpreter: Interpreter
    key: str
    directory: Path
    remark: str | None = None

    @property
    def python(self) -> Path:
        """Return the environment's own Python."""
        return self.directory / 'bin' / 'python'

    def program(self, name: str) -> list[str]:
        """Return how a command that a package brought is called."""
        return [str(self.python), str(self.directory / 'bin' / name)]

    @property
    def complete(self) -> bool:
        """Tell whether it is installed and its Python is still there."""
        return self._completion.exists() and self.python.exists()

    @property
    def _completion(self) -> Path:
        return self.directory / 'complete'

    def record_completion(self) -> None:
        """Say that the installation went through to its end."""
        self._completion.touch()


def environment_for(
    release: Release, python: str | None = None
) -> Environment | None:
    """Return the environment of a release; None without a Python for it.

    Of several it is the first that can be installed.  ``python`` is the minor
    version to take, else what the environment variable names, else any.
    """
    wanted = python or os.environ.get(PYTHON_VARIABLE)
    remark = None
    for pins in release.pins:
        for minor in pins.pythons:
            found = _environment(release, pins, minor)
            if found is None or wanted not in (None, minor):
                continue
            obstacle = _obstacle(found)
            if obstacle is None:
                return dataclasses.replace(found, remark=remark)
            remark = obstacle
        if remark is None:
            remark = f'there is no Python {" or ".join(pins.pythons)}'
            if wanted is not None:
                remark = f'Python {wanted} is wanted'
    return None


def _environment(
    release: Release, pins: Pins, minor: str
) -> Environment | None:
    interpreter = interpreters.find(minor)
    if interpreter is None:
        return None
    key = cache.key(
        interpreter.version, *pins.build_tools, pins.path.read_bytes()
    )
    name = f'{pins.name}-py{minor}-{key}'
    directory = cache.directory() / 'environments' / name
    return Environment(release, pins, interpreter, key, directory)


def _obstacle(environment: Environment) -> str | None:
    """Return why an environment cannot be installed here, if so."""
    if not environment.pins.compiled or environment.complete:
        return None
    interpreter = environment.interpreter
    compiler = shutil.which('cc') or shutil.which('gcc')
    if compiler is not None:
        compiled = subprocess.run(
            [compiler, '-fsyntax-only', '-I', interpreter.include, '-xc', '-'],
            input=HEADERS,
            text=True,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if compiled.returncode == 0:
            return None
    return (
        f'packages for Python {interpreter.version} cannot be built: '
        f'{BUILD_PACKAGES}'
    )


def install(environment: Environment, owner: Owner, strand: Strand) -> None:
    """Make sure that an environment is installed.

    Virtual environments know their own path, so it is built in its final
    place, and counts only once a last file says that it is complete.

    :raises CloudError: when a package cannot be installed.
    """
    if environment.complete:
        return
    parent = environment.directory.parent
    parent.mkdir(parents=True, exist_ok=True)
    lock = parent / f'{environment.directory.name}.lock'

    def tell() -> None:
        strand.say('another run installs this environment; waiting for it')

    with cache.locked(lock, tell) as descriptor:
        if not environment.complete:
            _install(environment, owner, strand, descriptor)


def _install(
    environment: Environment, owner: Owner, strand: Strand, lock: int
) -> None:
    log = environment.directory.with_name(f'{environment.directory.name}.log')
    log.unlink(missing_ok=True)
    count = len(environment.pins.path.read_text().splitlines())
    strand.say(
        f'installing {count} packages of {environment.release.name} for '
        f'Python {environment.interpreter.version}, log in {log}'
    )
    with strand.step(f'installed {environment.directory}'):
        for tool in dict.fromkeys((uv.program(), None)):
            if environment.directory.exists():
                shutil.rmtree(environment.directory)
            try:
                for command in _commands(environment, tool):
                    processes.run(
                        owner,
                        command,
                        installation_variables(),
                        log,
                        keep_open=[lock],
                    )
            except Failed as error:
                if tool is None:
                    raise CloudError(str(error)) from error
                strand.say(f'{error}\nTrying again with pip')
            else:
                break
        environment.record_completion()


def pip_install(environment: Environment) -> list[str]:
    """Return the command that installs packages and nothing beside them."""
    return [str(environment.python), '-m', 'pip', 'install', '--no-deps']


def _commands(
    environment: Environment, uv_program: str | None
) -> list[Sequence[str]]:
    pins = environment.pins
    install = pip_install(environment)
    venv = [str(environment.interpreter.path), '-m', 'venv']
    if uv_program is not None:
        venv.append('--without-pip')
        install = [uv_program, *('pip', 'install', '--no-deps', '--python')]
        install.append(str(environment.python))
    pbr = next(
        line
        for line in pins.path.read_text().splitlines()
        if line.startswith('pbr==')
    )
    return [
        [*venv, str(environment.directory)],
        # Source packages are built with the tools that were just
        # installed, not with whatever is newest today.
        [*install, *pins.build_tools],
        [*install, pbr],
        [
            *install,
            *('--no-build-isolation', '--requirement', str(pins.path)),
        ],
    ]


def installation_variables() -> dict[str, str]:
    """Return the variables for pip and uv, with the caller's settings."""
    return {
        **processes.base_environment(),
        **processes.inherited(
            *('PIP_', 'UV_', 'SSL_', 'REQUESTS_', 'XDG_CACHE_'),
            *('HTTP', 'http', 'NO_PROXY', 'no_proxy'),
        ),
        'PIP_DISABLE_PIP_VERSION_CHECK': '1',
        'PIP_NO_INPUT': '1',
    }
