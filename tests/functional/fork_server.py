# SPDX-License-Identifier: Apache-2.0

"""The openstack command in processes forked from one that has imported it.

Importing takes most of a command's time. The command itself is the program
that is installed, run from its first line in a process of its own.

Usage: python -m tests.functional.fork_server <descriptor of a socket>
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path

import osc_hwmt

OPENSTACK = str(Path(sys.executable).with_name('openstack'))
#: What commands of others import only when they run.
_LATER = ('cinderclient.v3.client', 'openstack.connection')
_LARGEST = 1 << 20


@dataclasses.dataclass(frozen=True)
class Ended:
    """The exit code of a command and what it printed."""

    code: int
    out: str
    err: str


class ForkServer:
    """A process that runs one command after the other until close()."""

    def __init__(self) -> None:
        self._socket, other = socket.socketpair(
            socket.AF_UNIX, socket.SOCK_SEQPACKET
        )
        with other:
            self._process = subprocess.Popen(
                [sys.executable, '-m', __name__, str(other.fileno())],
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def run(
        self,
        *words: str,
        environment: Mapping[str, str],
        directory: Path,
        limit: float,
    ) -> Ended:
        """Return how a command has ended, within a limit in seconds.

        :raises TimeoutError: when it has not.
        :raises RuntimeError: when there is no process to fork from any more.
        """
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            with open(os.devnull) as nothing:
                code = self.run_on(
                    (nothing.fileno(), out.fileno(), err.fileno()),
                    *words,
                    environment=environment,
                    directory=directory,
                    limit=limit,
                )
            out.seek(0)
            err.seek(0)
            return Ended(code, out.read().decode(), err.read().decode())

    def run_on(
        self,
        descriptors: Sequence[int],
        *words: str,
        environment: Mapping[str, str],
        directory: Path,
        limit: float,
    ) -> int:
        """Return the exit code of a command that has these for its own.

        They are its input, output and errors. Raises what run() does.
        """
        request = json.dumps([words, dict(environment), str(directory)])
        self._socket.settimeout(limit)
        socket.send_fds(self._socket, [request.encode()], list(descriptors))
        code = self._socket.recv(_LARGEST)
        if not code:
            raise RuntimeError('the process to fork from has ended')
        return int(code)

    def close(self) -> None:
        """End it, and the command that runs."""
        self._socket.close()
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def _serve(connection: socket.socket) -> None:
    """Fork for each request; return in the child, or when there are no more.

    What is left for the child to do is to run ``sys.argv``.
    """
    while True:
        request, descriptors, _, _ = socket.recv_fds(connection, _LARGEST, 3)
        if not request:
            sys.exit()
        child = os.fork()
        if child == 0:
            words, environment, directory = json.loads(request)
            for number, descriptor in enumerate(descriptors):
                os.dup2(descriptor, number)
                os.close(descriptor)
            connection.close()
            os.chdir(directory)
            os.environ.clear()
            os.environ.update(environment)
            sys.argv = [OPENSTACK, *words]
            return
        for descriptor in descriptors:
            os.close(descriptor)
        _, status = os.waitpid(child, 0)
        connection.send(str(os.waitstatus_to_exitcode(status)).encode())


def _import_all() -> None:
    """Import what commands are going to import."""
    runpy.run_path(OPENSTACK, run_name='imported')
    for distribution in metadata.distributions():
        for entry in distribution.entry_points:
            if entry.group.startswith('openstack.'):
                entry.load()
    for module in pkgutil.walk_packages(osc_hwmt.__path__, 'osc_hwmt.'):
        importlib.import_module(module.name)
    for name in _LATER:
        importlib.import_module(name)


if __name__ == '__main__':
    _import_all()
    _serve(socket.socket(fileno=int(sys.argv[1])))
    runpy.run_path(OPENSTACK, run_name='__main__')
