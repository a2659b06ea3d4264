# SPDX-License-Identifier: Apache-2.0

"""What services have said that went wrong, and what Nova is busy with."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from tests.clouds import logs, processes, state
from tests.clouds.cloud import NOVA

#: Of each log the last so many errors, no two alike, and of each so much.
LINES, WIDTH = 20, 300
#: Seconds that Nova has for its report.
LIMIT = 10.0
_ERROR = re.compile(r' (ERROR|CRITICAL) |\d: error : ')
# What libvirtd lacks in its namespaces, what Nova lacks and does not need, and
# what it tells of its configuration.
_USUAL = re.compile(
    'cgroup|dnsmasq|DBus|udevGetDMIData|dmidecode|stevedore|_prefix = '
)
#: The innermost frames of a stack.
FRAMES = 16
_VARIABLE = re.compile(r'[0-9a-f]{8}[0-9a-f-]*|\d+')
# oslo.reports begins each stack with such a line.
_STACK = re.compile(r'^-+ +(?:Green )?Thread.*-+$', re.MULTILINE)
_FRAME = re.compile(r'^/\S*/site-packages/(\S+:\d+ in \S+)$', re.MULTILINE)
_OPERATION = '/nova/compute/manager.py'


def report(directory: Path) -> Iterator[str]:
    """Yield lines about the clouds of a state directory."""
    for log in logs.chosen(directory, None, None):
        errors = _errors(log)
        if errors:
            yield f'==> errors in {log}'
            yield from errors
    for process in processes.running(directory):
        if process.owner.program == NOVA and _would_tell(process.pid):
            cloud = state.recorded_cloud(directory, process.owner.cloud)
            if cloud is not None:
                yield f'==> what Nova of {cloud.name} is doing to servers'
                yield from _operations(process.pid, cloud.log(NOVA))


def _errors(log: Path) -> list[str]:
    found: dict[str, str] = {}
    for line in log.read_text(errors='replace').splitlines():
        if _ERROR.search(line) and not _USUAL.search(line):
            found[_VARIABLE.sub('', line)] = logs.printable(line[:WIDTH])
    return list(found.values())[-LINES:]


def _would_tell(pid: int) -> bool:
    """Tell whether a process handles the signal, or would die of it."""
    status = (processes.PROC / str(pid) / 'status').read_text()
    caught = re.search(r'^SigCgt:\s*(\w+)$', status, re.MULTILINE)
    assert caught is not None
    return bool(int(caught[1], 16) >> (signal.SIGUSR2 - 1) & 1)


def _operations(pid: int, log: Path) -> Iterator[str]:
    """Yield the stacks of Nova's threads that are at work on a server."""
    begin = log.stat().st_size
    os.kill(pid, signal.SIGUSR2)
    limit = time.monotonic() + LIMIT
    told = ''
    # Its configuration is the last that is told.
    while '[oslo_reports]' not in told and time.monotonic() < limit:
        time.sleep(0.5)
        told = log.read_bytes()[begin:].decode(errors='replace')
    for stack in _STACK.split(told):
        if _OPERATION in stack:
            yield ' < '.join(_FRAME.findall(stack)[: -FRAMES - 1 : -1])
