# SPDX-License-Identifier: Apache-2.0

"""Virtual environments that hold the services of one release."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.clouds import cache, interpreters, processes
from tests.clouds.errors import CloudError, Failed
from tests.clouds.interpreters import Interpreter
from tests.clouds.narration import Strand
from tests.clouds.processes import Owner
from tests.clouds.releases import Release

INSTALLER = 'install'
BUILD_NEEDS = (
    'If a build has failed: packages that are built from source need a C '
    'compiler, the headers of that Python and those of OpenSSL: '
    'apt install gcc libc6-dev libssl-dev python3-dev'
)


@dataclasses.dataclass(frozen=True)
class Environment:
    """A place with the services of a release, whether installed or not."""

    release: Release
    interpreter: Interpreter
    key: str
    directory: Path

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


def environment_for(release: Release) -> Environment | None:
    """Return the environment of a release; None without a Python for it."""
    for minor in release.pythons:
        interpreter = interpreters.find(minor)
        if interpreter is not None:
            return _environment(release, interpreter)
    return None


def _environment(release: Release, interpreter: Interpreter) -> Environment:
    pins = release.pins(interpreter.minor)
    key = cache.key(
        interpreter.version, *release.build_tools, pins.read_bytes()
    )
    name = f'{release.name}-py{interpreter.minor}-{key}'
    directory = cache.directory() / 'environments' / name
    return Environment(release, interpreter, key, directory)


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
    release, interpreter = environment.release, environment.interpreter
    pins = release.pins(interpreter.minor)
    log = environment.directory.with_name(f'{environment.directory.name}.log')
    log.unlink(missing_ok=True)
    if environment.directory.exists():
        shutil.rmtree(environment.directory)
    count = len(pins.read_text().splitlines())
    strand.say(
        f'installing {count} packages of {release.name} for Python '
        f'{interpreter.version}, log in {log}'
    )
    with strand.step(f'installed {environment.directory}'):
        try:
            for command in _commands(environment, pins):
                processes.run(
                    owner,
                    command,
                    installation_variables(),
                    log,
                    keep_open=[lock],
                )
        except Failed as error:
            raise CloudError(f'{error}\n{BUILD_NEEDS}') from error
        environment.record_completion()


def pip_install(environment: Environment) -> list[str]:
    """Return the command that installs packages and nothing beside them."""
    return [str(environment.python), '-m', 'pip', 'install', '--no-deps']


def _commands(environment: Environment, pins: Path) -> list[Sequence[str]]:
    pip = pip_install(environment)
    pbr = next(
        line
        for line in pins.read_text().splitlines()
        if line.startswith('pbr==')
    )
    return [
        [
            str(environment.interpreter.path),
            '-m',
            'venv',
            str(environment.directory),
        ],
        [*pip, *environment.release.build_tools],
        # Source packages are built with the tools that were just
        # installed, not with whatever is newest today.
        [*pip, pbr],
        [*pip, '--no-build-isolation', '--requirement', str(pins)],
    ]


def installation_variables() -> dict[str, str]:
    """Return the variables for pip, with the caller's settings of it."""
    return {
        **processes.base_environment(),
        **processes.inherited(
            'PIP_', 'SSL_', 'HTTP', 'http', 'NO_PROXY', 'no_proxy', 'REQUESTS_'
        ),
        'PIP_DISABLE_PIP_VERSION_CHECK': '1',
        'PIP_NO_INPUT': '1',
    }
