# SPDX-License-Identifier: Apache-2.0

"""Where this machine has the Pythons that the releases need."""

from __future__ import annotations

import dataclasses
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.clouds.errors import CloudError

# ensurepip is what some systems leave out of their Python.
QUESTION = (
    'import ensurepip, sys, sysconfig, venv;'
    'print(".".join(str(part) for part in sys.version_info[:3]),'
    ' sysconfig.get_path("include"), sep="\\n")'
)
ANSWER_LIMIT = 30


@dataclasses.dataclass(frozen=True)
class Interpreter:
    """A Python that was seen to run; ``include`` is for its headers."""

    path: Path
    version: str
    include: str

    @property
    def minor(self) -> str:
        """Return major and minor version, such as 3.10."""
        return '.'.join(self.version.split('.')[:2])


def find(minor: str) -> Interpreter | None:
    """Return a working Python of the wanted minor version, or None.

    :raises CloudError: when the Python that the environment variable names
        is not one.
    """
    named = os.environ.get(variable(minor))
    if named:
        return _named(minor, Path(named))
    for path in _candidates(minor):
        found = _ask(path)
        if found is not None and found.minor == minor:
            return found
    return None


def variable(minor: str) -> str:
    """Return the environment variable that names the Python to take."""
    return f'OSC_HWMT_PYTHON_{minor.replace(".", "_")}'


def _named(minor: str, path: Path) -> Interpreter:
    found = _ask(path)
    if found is None or found.minor != minor:
        raise CloudError(
            f'{variable(minor)} names {path}, which is not a Python {minor} '
            f'that runs and can make virtual environments.'
        )
    return found


def _candidates(minor: str) -> Iterator[Path]:
    program = f'python{minor}'
    for directory in os.get_exec_path():
        yield Path(directory, program)
    for home, pattern in _collections(minor):
        for prefix in sorted(home.glob(pattern), reverse=True):
            yield prefix / 'bin' / program


def _collections(minor: str) -> Iterator[tuple[Path, str]]:
    """Yield where tools keep several Pythons, and what the wanted is like."""
    if 'PYENV_ROOT' in os.environ:
        yield Path(os.environ['PYENV_ROOT'], 'versions'), f'{minor}.*'
    yield Path.home() / '.pyenv' / 'versions', f'{minor}.*'
    yield (
        Path.home() / '.local' / 'share' / 'uv' / 'python',
        f'cpython-{minor}.*',
    )


def _ask(path: Path) -> Interpreter | None:
    """Return what a file says it is: shims exist that run nothing."""
    if not os.access(path, os.X_OK):
        return None
    try:
        answer = subprocess.run(
            [path, '-c', QUESTION],
            capture_output=True,
            text=True,
            timeout=ANSWER_LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    if answer.returncode != 0:
        return None
    version, include = answer.stdout.splitlines()
    return Interpreter(path, version, include)
