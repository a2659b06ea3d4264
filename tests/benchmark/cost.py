# SPDX-License-Identifier: Apache-2.0

"""What a command costs: seconds, its own CPU, its memory."""

from __future__ import annotations

import dataclasses
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
    with tempfile.TemporaryFile() as errors:
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            cwd=directory,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read().decode(errors='replace')
    if process.returncode != code:
        raise RuntimeError(
            f'{command[:6]} ended with {process.returncode}:\n{said[-3000:]}'
        )
    return (
        Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024),
        said,
    )


def openstack() -> Path:
    """Return the openstack command of this environment."""
    return Path(sys.executable).parent / 'openstack'
