# SPDX-License-Identifier: Apache-2.0

"""Run a command with two real clouds to test against.

Usage: python -m tests.functional.with_clouds
           [--destination-release <release>] <command> [<argument> ...]

The clouds are the test clouds, started now and stopped afterwards unless
they ran before; or any pair of clouds.yaml that OSC_HWMT_SOURCE_CLOUD and
OSC_HWMT_DESTINATION_CLOUD name. Those of a release that is named have a state
directory of their own, and so disturb no others.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.clouds import state

SOURCE = 'OSC_HWMT_SOURCE_CLOUD'
DESTINATION = 'OSC_HWMT_DESTINATION_CLOUD'
RELEASE = '--destination-release'
#: Set where the clouds are ours, so that their databases and logs can tell.
TEST_CLOUDS = 'OSC_HWMT_TEST_CLOUDS'


def main(command: list[str]) -> int:
    """Return the command's exit code, or that of a failed start."""
    if os.environ.get(SOURCE) and os.environ.get(DESTINATION):
        command = command[2:] if command[0] == RELEASE else command
        return subprocess.run(command, check=False).returncode
    directory = state.default_directory()
    if command[0] == RELEASE:
        release, command = command[1], command[2:]
        directory = directory.with_name(f'{directory.name}-{release}')
        return run(command, directory, RELEASE, release)
    return run(command, directory)


def run(command: list[str], directory: Path, *options: str) -> int:
    """Return the exit code of a command run with the test clouds.

    They are those of a state directory, and started with the options.
    """
    environment = {
        **os.environ,
        'OS_CLIENT_CONFIG_FILE': str(directory / state.CLIENT_CONFIGURATION),
        SOURCE: state.SOURCE,
        DESTINATION: state.DESTINATION,
        TEST_CLOUDS: '1',
        state.VARIABLE: str(directory),
    }
    were_up = _clouds('status', directory, quiet=True) == 0
    started = 0 if were_up else _clouds('up', directory, *options)
    try:
        if started != 0:
            return started
        code = subprocess.run(command, env=environment, check=False).returncode
        if code != 0:
            _clouds('trouble', directory)
        return code
    finally:
        if not were_up:
            _clouds('down', directory)


def _clouds(
    action: str, directory: Path, *options: str, quiet: bool = False
) -> int:
    words = [action, '--state', str(directory), *options]
    return subprocess.run(
        [sys.executable, '-m', 'tests.clouds', *words],
        stdout=subprocess.DEVNULL if quiet else None,
        stderr=subprocess.DEVNULL if quiet else None,
        check=False,
    ).returncode


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
