# SPDX-License-Identifier: Apache-2.0

"""What a command costs: seconds, its own CPU, its memory.

Linux counts to a process's peak of memory what its parent had when it was
started. So a small one starts the command: this file, run as a script.
"""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of CPU, and the peak of memory in MB."""

    seconds: float
    cpu: float
    memory: float


def of(
    command: Sequence[str | Path],
    directory: Path,
    environment: Mapping[str, str],
    code: int = 0,
) -> tuple[Cost, str]:
    """Return what a command costs and what it says on standard error.

    Raises RuntimeError where it does not end with that code.
    """
    with (
        tempfile.TemporaryFile() as errors,
        tempfile.NamedTemporaryFile() as told,
    ):
        watching = subprocess.run(
            [sys.executable, '-IS', __file__, told.name, *command],
            cwd=directory,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            check=False,
        )
        errors.seek(0)
        said = errors.read().decode(errors='replace')
        if watching.returncode:
            raise RuntimeError(f'{command[:6]} was not measured:\n{said}')
        ended_with, *cost = json.load(told)
    if ended_with != code:
        raise RuntimeError(
            f'{command[:6]} ended with {ended_with}:\n{said[-3000:]}'
        )
    return Cost(*cost), said


def _watch(command: Sequence[str]) -> tuple[int, float, float, float]:
    """Return the exit code of a command, and its cost."""
    began = time.monotonic()
    process_id = os.posix_spawnp(command[0], list(command), os.environ)
    _pid, status, usage = os.wait4(process_id, 0)
    return (
        os.waitstatus_to_exitcode(status),
        time.monotonic() - began,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1024,
    )


def openstack() -> Path:
    """Return the openstack command of this environment."""
    return Path(sys.executable).parent / 'openstack'


if __name__ == '__main__':
    Path(sys.argv[1]).write_text(json.dumps(_watch(sys.argv[2:])))
