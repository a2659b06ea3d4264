# SPDX-License-Identifier: Apache-2.0

"""What tox.ini can't say: Pythons of pyenv, uv, and what is not run, why."""

from __future__ import annotations

import atexit
import logging
import os
import pathlib
import shutil
import sys
import threading
from collections.abc import Sequence

from tox.config.loader.memory import MemoryLoader
from tox.config.sets import EnvConfigSet
from tox.config.types import Command
from tox.execute.api import Outcome
from tox.plugin import impl
from tox.report import HandledError
from tox.session.state import State
from tox.tox_env.api import ToxEnv
from tox.tox_env.errors import Skip
from tox.tox_env.runner import RunToxEnv

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from tests.clouds import uv  # noqa: E402 it is beside this file

#: What a command ends with that can test nothing on this machine; the last
#: line that it prints says why.
SKIPPED = 77

if shutil.which('git') is None:
    raise HandledError(
        'git is missing: apt-get install git, or dnf install git'
    )

_root = os.environ.get('PYENV_ROOT') or pathlib.Path.home() / '.pyenv'
os.environ['PATH'] = os.pathsep.join(
    (
        os.environ['PATH'],
        *map(str, sorted(pathlib.Path(_root).glob('versions/*/bin'))),
    )
)
os.environ[uv.VARIABLE] = uv.program() or ''


class _Reasons(logging.Handler):
    """Takes down why environments are skipped, and prints that at the end."""

    def __init__(self) -> None:
        super().__init__()
        self._here = threading.local()
        self._all: dict[str, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the reason until tear_down(), which tells the environment."""
        before, said, reason = record.getMessage().partition('skipped because')
        if said and not before:
            self._here.reason = reason.strip()

    def tear_down(self, name: str) -> None:
        """Note for which environment this thread heard a reason."""
        reason = self._here.__dict__.pop('reason', None)
        if reason is not None:
            self._all[name] = reason

    def report(self) -> None:
        """Print what was not run, if anything."""
        if self._all:
            print('Not run on this machine:')
        for name, reason in self._all.items():
            print(f'  {name}: {reason}')


_reasons = _Reasons()
logging.getLogger().addHandler(_reasons)
atexit.register(_reasons.report)


@impl
def tox_add_env_config(env_conf: EnvConfigSet, state: State) -> None:
    """Let uv install what pip would, into the environment's VIRTUAL_ENV."""
    program = os.environ[uv.VARIABLE]
    if program:
        words = [program, 'pip', 'install', '{opts}', '{packages}']
        env_conf.loaders.insert(
            0,
            MemoryLoader(
                allowlist_externals=[program], install_command=Command(words)
            ),
        )


@impl
def tox_after_run_commands(
    tox_env: ToxEnv, exit_code: int, outcomes: list[Outcome]
) -> None:
    """Turn the exit code of what could not be tested into a skip."""
    if outcomes and outcomes[-1].exit_code == SKIPPED:
        lines: Sequence[str] = outcomes[-1].out.strip().splitlines()
        raise Skip(lines[-1] if lines else 'a command said so')


@impl
def tox_env_teardown(tox_env: ToxEnv) -> None:
    """Note why an environment was skipped, if it was."""
    if isinstance(tox_env, RunToxEnv):
        _reasons.tear_down(tox_env.conf.name)
