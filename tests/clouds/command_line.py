# SPDX-License-Identifier: Apache-2.0

"""The commands up, down, status, seed, logs, trouble, prepare and guest."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.clouds import (
    guest_image,
    lifecycle,
    logs,
    prerequisites,
    seeding,
    state,
    status,
    trouble,
)
from tests.clouds.cloud import ALL_PROGRAMS, COMPUTES, LIBVIRT, Cloud
from tests.clouds.errors import CloudError
from tests.clouds.lifecycle import Wish
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
        print('interrupted; "up" continues, "down" cleans up', file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m tests.clouds',
        description='Two small clouds of real OpenStack services.',
    )
    commands = parser.add_subparsers(metavar='COMMAND', required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        '--state',
        type=lambda text: Path(text).resolve(),
        default=state.default_directory(),
        metavar='DIR',
        help='where the clouds live (default: %(default)s)',
    )

    def add(
        name: str,
        run: Callable[[argparse.Namespace], int],
        help: str,
        *parents: argparse.ArgumentParser,
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, parents=parents, help=help)
        command.set_defaults(run=run)
        return command

    _add_up_options(
        add('up', _up, 'install, make and start the clouds', common)
    )
    down = add('down', _down, 'stop the clouds and delete them', common)
    down.add_argument(
        '--keep-data',
        action='store_true',
        help='only stop them; "up" starts them again with their data',
    )
    add(
        'status',
        _status,
        'show what runs; the exit code is 0 if all is healthy',
        common,
    )
    seed = add(
        'seed', _seed, 'fill source and destination with examples', common
    )
    seed.add_argument(
        '--clean', action='store_true', help='delete the examples'
    )
    _add_log_options(add('logs', _logs, 'show the end of the logs', common))
    add(
        'trouble',
        _trouble,
        'show errors of the services, and what Nova is busy with',
        common,
    )
    add(
        'prepare',
        _prepare,
        'install what "up --compute libvirt" needs; as root',
    )
    add('guest', _guest, 'make the image of a small guest and print its path')
    return parser


def _add_up_options(up: argparse.ArgumentParser) -> None:
    for name, help in (
        (
            '--source-release',
            'release of the cloud "src": %(choices)s (default: train)',
        ),
        (
            '--destination-release',
            'release of the cloud "dst" (default: 2023.1)',
        ),
    ):
        up.add_argument(name, choices=RELEASES, metavar='RELEASE', help=help)
    up.add_argument(
        '--compute',
        choices=COMPUTES,
        metavar='COMPUTE',
        help='what "src" and "dst" run servers on: %(choices)s, which is '
        "Nova's driver for it (default: fake)",
    )
    up.add_argument(
        '--newest',
        action='store_true',
        help='also start a cloud "newest" of the newest release, 2026.1',
    )
    up.add_argument(
        '--timeout',
        type=float,
        default=lifecycle.START_LIMIT,
        metavar='SECONDS',
        help='how long a service may take to start (default: %(default)s)',
    )


def _add_log_options(show: argparse.ArgumentParser) -> None:
    for name, metavar, choices in (
        ('cloud', 'CLOUD', state.NAMES),
        ('program', 'PROCESS', ALL_PROGRAMS),
    ):
        show.add_argument(
            name,
            nargs='?',
            choices=choices,
            metavar=metavar,
            help='%(choices)s (default: all)',
        )
    show.add_argument(
        '-n',
        type=int,
        default=10,
        metavar='LINES',
        dest='lines',
        help='how many lines of each log (default: %(default)s)',
    )
    show.add_argument(
        '--follow', action='store_true', help='go on as the logs grow'
    )


def _up(options: argparse.Namespace) -> int:
    asked = {
        state.SOURCE: Wish(
            RELEASES.get(options.source_release), options.compute
        ),
        state.DESTINATION: Wish(
            RELEASES.get(options.destination_release), options.compute
        ),
    }
    if options.newest:
        asked[state.NEWEST] = Wish()
    narrator = Narrator()
    clouds = lifecycle.up(options.state, asked, narrator, options.timeout)
    narrator.say('all clouds are up')
    print(_usage(options.state, clouds))
    return 0


def _usage(directory: Path, clouds: list[Cloud]) -> str:
    """Return how to reach the clouds, ready to paste."""
    path = directory / state.CLIENT_CONFIGURATION
    lines = [f'export OS_CLIENT_CONFIG_FILE={path}']
    lines += [
        f'openstack --os-cloud {cloud.name} server list --all-projects'
        f'   # {cloud.release}; as a member: --os-cloud {cloud.name}-demo'
        for cloud in clouds
    ]
    lines += [
        f"virsh --connect '{cloud.libvirt_uri}' list --all"
        for cloud in clouds
        if cloud.compute == LIBVIRT
    ]
    return '\n'.join(lines)


def _down(options: argparse.Namespace) -> int:
    lifecycle.down(options.state, options.keep_data, Narrator())
    return 0


def _prepare(_options: argparse.Namespace) -> int:
    prerequisites.install(Narrator())
    return 0


def _guest(_options: argparse.Namespace) -> int:
    print(guest_image.build(Narrator()))
    return 0


def _seed(options: argparse.Namespace) -> int:
    narrator = Narrator()
    if options.clean:
        seeding.clean(options.state, narrator)
        return 0
    for name, seeded in seeding.seed(options.state, narrator).items():
        print(
            f'{name}: {len(seeded.servers)} servers, '
            f'{len(seeded.volumes)} volumes, '
            f'{len(seeded.projects)} projects'
        )
    return 0


def _status(options: argparse.Namespace) -> int:
    reports = status.report(options.state)
    if not reports:
        print(f'There are no clouds in {options.state}.')
        return 1
    print(status.table(reports))
    return 0 if all(each.healthy for each in reports) else 1


def _logs(options: argparse.Namespace) -> int:
    chosen = logs.chosen(options.state, options.cloud, options.program)
    for log in chosen:
        print(f'==> {log}\n{logs.tail(log, options.lines)}')
    if options.follow:
        for line in logs.follow(chosen):
            print(line, flush=True)
    return 0


def _trouble(options: argparse.Namespace) -> int:
    for line in trouble.report(options.state):
        print(line)
    return 0
