# SPDX-License-Identifier: Apache-2.0

"""The commands up, down, status, seed and logs."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.clouds import lifecycle, state
from tests.clouds.cloud import Cloud
from tests.clouds.errors import CloudError
from tests.clouds.narration import Narrator
from tests.clouds.releases import RELEASES

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    # Passwords are in many of the files that are written.
    os.umask(0o077)
    try:
        code: int = options.run(options)
        return code
    except CloudError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('interrupted; "up" continues, "down" cleans up',
              file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m tests.clouds',
        description='Two small clouds of real OpenStack services.')
    commands = parser.add_subparsers(metavar='COMMAND', required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        '--state', type=_absolute, default=state.default_directory(),
        metavar='DIR', help='where the clouds live (default: %(default)s)')
    for add in (_add_up, _add_down):
        add(commands, common)
    return parser


def _absolute(text: str) -> Path:
    return Path(text).resolve()


def _add_up(commands: argparse._SubParsersAction[argparse.ArgumentParser],
            common: argparse.ArgumentParser) -> None:
    up = commands.add_parser(
        'up', parents=[common], help='install, make and start the clouds')
    up.add_argument(
        '--source-release', choices=RELEASES, metavar='RELEASE',
        help='release of the cloud "src": %(choices)s (default: train)')
    up.add_argument(
        '--destination-release', choices=RELEASES, metavar='RELEASE',
        help='release of the cloud "dst" (default: 2023.1)')
    up.add_argument(
        '--newest', action='store_true',
        help='also start a cloud "newest" of the newest release, 2026.1')
    up.add_argument(
        '--timeout', type=float, default=lifecycle.START_LIMIT,
        metavar='SECONDS',
        help='how long a service may take to start (default: %(default)s)')
    up.set_defaults(run=_up)


def _add_down(commands: argparse._SubParsersAction[argparse.ArgumentParser],
              common: argparse.ArgumentParser) -> None:
    down = commands.add_parser(
        'down', parents=[common], help='stop the clouds and delete them')
    down.add_argument(
        '--keep-data', action='store_true',
        help='only stop them; "up" starts them again with their data')
    down.set_defaults(run=_down)


def _up(options: argparse.Namespace) -> int:
    asked = {
        state.SOURCE: RELEASES.get(options.source_release),
        state.DESTINATION: RELEASES.get(options.destination_release),
    }
    if options.newest:
        asked[state.NEWEST] = None
    narrator = Narrator()
    clouds = lifecycle.up(options.state, asked, narrator, options.timeout)
    narrator.say('all clouds are up')
    print(_usage(options.state, clouds))
    return 0


def _usage(directory: Path, clouds: list[Cloud]) -> str:
    """Return how to reach the clouds, ready to paste."""
    path = directory / state.CLIENT_CONFIGURATION
    lines = [f'export OS_CLIENT_CONFIG_FILE={path}']
    for cloud in clouds:
        release = cloud.environment.release
        lines.append(
            f'openstack --os-cloud {cloud.name} server list --all-projects'
            f'   # {release.name}; member: --os-cloud {cloud.name}-demo')
    return '\n'.join(lines)


def _down(options: argparse.Namespace) -> int:
    lifecycle.down(options.state, options.keep_data, Narrator())
    return 0
