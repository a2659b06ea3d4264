# SPDX-License-Identifier: Apache-2.0

"""Programs of the clouds as the operating system sees them.

There are no files with process ids.  Every program that is started gets an
environment variable that names the state directory, the cloud and the
program; looking for it tells what runs, whoever started it and however that
one ended, and an id that was reused by something else is never taken for
ours.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.clouds.errors import CloudError, Failed

MARK = 'OSC_HWMT_CLOUD_PROCESS'
PROC = Path('/proc')
#: Zombie and dead: what a process is between its end and our notice of it.
ENDED = 'ZX'
TERM_PATIENCE = 10.0
KILL_PATIENCE = 10.0


@dataclasses.dataclass(frozen=True)
class Owner:
    """Whose a process is."""

    state: Path
    cloud: str
    program: str

    def __str__(self) -> str:
        return f'{self.state}:{self.cloud}:{self.program}'

    @classmethod
    def parse(cls, text: str) -> Owner:
        """Return the owner that ``str()`` made the text of."""
        state, cloud, program = text.rsplit(':', 2)
        return cls(Path(state), cloud, program)


@dataclasses.dataclass(frozen=True)
class Process:
    """A process that carries our mark."""

    pid: int
    session: int
    started: str
    owner: Owner

    @property
    def leads(self) -> bool:
        """Tell whether this is the process we started, not its child."""
        return self.pid == self.session


def running(state: Path) -> list[Process]:
    """Return every live process of a state directory."""
    looked = (
        _look(int(entry.name))
        for entry in PROC.iterdir()
        if entry.name.isdecimal()
    )
    return [each for each in looked if each and each.owner.state == state]


def lives(pid: int, owner: Owner) -> bool:
    """Tell whether a process id still is a live process of that owner."""
    process = _look(pid)
    return process is not None and process.owner == owner


def start(
    owner: Owner,
    command: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
) -> int:
    """Start a program in a session of its own and return its process id.

    What it prints is appended to ``log``.
    """
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    pid = os.posix_spawn(
        command[0],
        list(command),
        _marked_environment(owner, environment),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, append, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )
    _await_mark(pid)
    return pid


def _await_mark(pid: int) -> None:
    """Return once the kernel shows a started program's environment.

    posix_spawn returns a moment earlier, and then the program would look as
    if it had ended.
    """
    process = PROC / str(pid)
    while not (process / 'environ').read_bytes():
        if _fields(process)[0] in ENDED:
            return
        time.sleep(0.01)


def _fields(process: Path) -> list[str]:
    # The command's name, in parentheses, may itself contain parentheses.
    stat = (process / 'stat').read_text(errors='replace')
    return stat.rpartition(')')[2].split()


def run(
    owner: Owner,
    command: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    keep_open: Sequence[int] = (),
) -> None:
    """Run a command to its end; ``log`` takes what it prints.

    :raises Failed: when it does not end well.
    """
    with log.open('ab') as output:
        finished = subprocess.run(
            list(command),
            env=_marked_environment(owner, environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=keep_open,
            start_new_session=True,
            check=False,
        )
    if finished.returncode != 0:
        what = ' '.join(Path(part).name for part in command[:4])
        raise Failed(f'"{what} …" ended with {finished.returncode}', log)


def base_environment() -> dict[str, str]:
    """Return what a program needs of our environment, and nothing else.

    Credentials, proxies and Python settings of the caller stay outside.
    """
    wanted = ('HOME', 'LANG', 'LC_ALL', 'PATH', 'TMPDIR', 'USER')
    return {name: os.environ[name] for name in wanted if name in os.environ}


def inherited(*prefixes: str) -> dict[str, str]:
    """Return our environment variables that begin with a prefix."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(prefixes)
    }


def stop(
    processes: Iterable[Process], patience: float = TERM_PATIENCE
) -> None:
    """End processes: ask first, then insist after some seconds.

    :raises CloudError: when one is still there after that.
    """
    with contextlib.ExitStack() as stack:
        handles = [
            stack.enter_context(handle) for handle in map(_Handle, processes)
        ]
        for handle in handles:
            if handle.process.leads:
                handle.send(signal.SIGTERM)
        left = _await_end(handles, patience)
        for handle in left:
            handle.send(signal.SIGKILL)
        left = _await_end(left, KILL_PATIENCE)
    if left:
        pids = ', '.join(str(handle.process.pid) for handle in left)
        raise CloudError(f'These processes do not end: {pids}.')


def memory(process: Process) -> int:
    """Return a process's proportional share of memory in bytes."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        rollup = PROC / str(process.pid) / 'smaps_rollup'
        for line in rollup.read_text().splitlines():
            if line.startswith('Pss:'):
                return int(line.split()[1]) * 1024
    return 0


class _Handle:
    """A process held so that its id cannot come to mean another one."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self._descriptor: int | None = None

    def __enter__(self) -> _Handle:
        with contextlib.suppress(ProcessLookupError):
            self._descriptor = os.pidfd_open(self.process.pid)
        return self

    def __exit__(self, *_error: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def send(self, number: signal.Signals) -> None:
        """Send a signal; that the process is gone is fine."""
        if self._descriptor is None or not self.lives():
            return
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, number)

    def lives(self) -> bool:
        """Tell whether it is still the process we mean, and runs."""
        return _look(self.process.pid) == self.process


def _await_end(handles: list[_Handle], patience: float) -> list[_Handle]:
    """Return those that are still alive when the patience is over."""
    limit = time.monotonic() + patience
    while True:
        handles = [handle for handle in handles if handle.lives()]
        if not handles or time.monotonic() > limit:
            return handles
        time.sleep(0.05)


def _marked_environment(
    owner: Owner, environment: Mapping[str, str]
) -> dict[str, str]:
    # setproctitle would write its title over the mark.
    return {**environment, MARK: str(owner), 'SPT_NOENV': '1'}


def _look(pid: int) -> Process | None:
    """Return the process with our mark that has this id, if one has.

    To one of another root directory, such as a container's, the path in the
    mark means another place.
    """
    try:
        environment = (PROC / str(pid) / 'environ').read_bytes()
        owner = _owner(environment)
        if owner is None or not os.path.samefile(
            PROC / str(pid) / 'root', '/'
        ):
            return None
        fields = _fields(PROC / str(pid))
    except OSError:
        return None
    state, session, started = fields[0], fields[3], fields[19]
    if state in ENDED:
        return None
    return Process(pid, int(session), started, owner)


def _owner(environment: bytes) -> Owner | None:
    for entry in environment.split(b'\0'):
        name, _, value = entry.partition(b'=')
        if name == MARK.encode():
            return Owner.parse(os.fsdecode(value))
    return None
