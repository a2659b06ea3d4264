# SPDX-License-Identifier: Apache-2.0

"""The commands up, down, status, seed, logs, trouble, prepare and guest."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
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
        type=_absolute,
        default=state.default_directory(),
        metavar='DIR',
        help='where the clouds live (default: %(default)s)',
    )
    for add in (_add_up, _add_down, _add_status, _add_seed, _add_logs):
        add(commands, common)
    commands.add_parser(
        'trouble',
        parents=[common],
        help='show errors of the services, and what Nova is busy with',
    ).set_defaults(run=_trouble)
    commands.add_parser(
        'prepare', help='install what "up --compute libvirt" needs; as root'
    ).set_defaults(run=_prepare)
    commands.add_parser(
        'guest', help='make the image of a small guest and print its path'
    ).set_defaults(run=_guest)
    return parser


def _absolute(text: str) -> Path:
    return Path(text).resolve()


def _add_up(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    common: argparse.ArgumentParser,
) -> None:
    up = commands.add_parser(
        'up', parents=[common], help='install, make and start the clouds'
    )
    up.add_argument(
        '--source-release',
        choices=RELEASES,
        metavar='RELEASE',
        help='release of the cloud "src": %(choices)s (default: train)',
    )
    up.add_argument(
        '--destination-release',
        choices=RELEASES,
        metavar='RELEASE',
        help='release of the cloud "dst" (default: 2023.1)',
    )
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
    up.set_defaults(run=_up)


def _add_down(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    common: argparse.ArgumentParser,
) -> None:
    down = commands.add_parser(
        'down', parents=[common], help='stop the clouds and delete them'
    )
    down.add_argument(
        '--keep-data',
        action='store_true',
        help='only stop them; "up" starts them again with their data',
    )
    down.set_defaults(run=_down)


def _add_status(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    common: argparse.ArgumentParser,
) -> None:
    status = commands.add_parser(
        'status',
        parents=[common],
        help='show what runs; the exit code is 0 if all is healthy',
    )
    status.set_defaults(run=_status)


def _add_seed(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    common: argparse.ArgumentParser,
) -> None:
    seed = commands.add_parser(
        'seed',
        parents=[common],
        help='fill source and destination with examples',
    )
    seed.add_argument(
        '--clean', action='store_true', help='delete the examples'
    )
    seed.set_defaults(run=_seed)


def _add_logs(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    common: argparse.ArgumentParser,
) -> None:
    show = commands.add_parser(
        'logs', parents=[common], help='show the end of the logs'
    )
    show.add_argument(
        'cloud',
        nargs='?',
        choices=state.NAMES,
        metavar='CLOUD',
        help='%(choices)s (default: all)',
    )
    show.add_argument(
        'program',
        nargs='?',
        choices=ALL_PROGRAMS,
        metavar='PROCESS',
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
    show.set_defaults(run=_logs)


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
