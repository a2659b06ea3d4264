# SPDX-License-Identifier: Apache-2.0

"""A real libvirtd with a real QEMU, for the tests alone.

Usage: python -m tests.collector.own_libvirtd <command> [<argument> ...]

This runs a command that needs one. What it needs is installed first. Where
that is not possible at all, nothing is run, the reason is printed, and the
exit code is prerequisites.SKIPPED.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.clouds import hypervisor, prerequisites
from tests.clouds.cloud import LIBVIRT_PLACES, SERVICES
from tests.clouds.narration import Narrator

#: Seconds that it may take to answer: it asks QEMU what it can do first.
PATIENCE = 120


class Libvirtd:
    """A libvirtd that runs until stop()."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix='hwmt-'))
        hypervisor.configure(self.directory)
        self._log = (self.directory / 'log').open('wb')
        self._process = subprocess.Popen(
            [
                *(sys.executable, SERVICES / 'libvirtd_alone.py'),
                *(self.directory, *LIBVIRT_PLACES),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        try:
            self._await()
        except BaseException:
            self.stop()
            raise

    @property
    def uri(self) -> str:
        """Return where it is reached."""
        return f'qemu:///system?socket={self.directory}/libvirt-sock'

    def virsh(self, *words: object) -> str:
        """Return what virsh prints, which may write; it has to succeed."""
        return subprocess.run(
            ['virsh', '--connect', self.uri, *map(str, words)],
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        ).stdout

    def stop(self) -> None:
        """End it with its guests, and remove all that it left."""
        self._process.kill()
        self._process.wait()
        self._log.close()
        shutil.rmtree(self.directory)

    def _await(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.virsh('capabilities')
            except subprocess.CalledProcessError as exc:
                if time.monotonic() > deadline or self._process.poll():
                    log = (self.directory / 'log').read_text(errors='replace')
                    raise RuntimeError(f'{exc.stderr}\n{log}') from exc
                time.sleep(0.2)
            else:
                return


def hostname() -> str:
    """Return what the collector calls this machine."""
    answer = subprocess.run(
        ['hostname', '-f'], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or os.uname().nodename


def main(command: list[str]) -> int:
    """Return the command's exit code, SKIPPED where it can't be run."""
    reason = prerequisites.obstacle()
    if reason is not None:
        print(f'no libvirt can run here: {reason}')
        return prerequisites.SKIPPED
    prerequisites.install(Narrator())
    return subprocess.run(command, check=False).returncode


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
