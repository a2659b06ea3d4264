# SPDX-License-Identifier: Apache-2.0

"""The main job on two real clouds, told step by step.

Usage: python -m tests.demo [--keep]
"""

from __future__ import annotations

import argparse
import difflib
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from tests.clouds import domain, scenario, seeding, state
from tests.clouds.errors import CloudError, SeedError
from tests.clouds.narration import Narrator
from tests.clouds.seed import Seeded
from tests.clouds.witness import nova_recorded_properties

UPGRADED = 'glance-born'
UNNAMED = scenario.UNNAMED_VOLUME_SERVER
BOOTED = 'erp-win2012'
#: The server of which nothing is recorded anywhere.
UNDECIDED = 'plain-linux'
_SHOWN = [
    server
    for server in scenario.SERVERS
    if server.label in (UPGRADED, UNNAMED, BOOTED, UNDECIDED, 'web-q35')
]
MANIFEST = 'vms.yml'
HOST_FILE = Path('source/compute-0.txt')
NEW_TYPE = 'pc-q35-rhel9.2.0'


class Demo:
    """The story, told to a reader who knows OpenStack and not this tool."""

    def __init__(self, directory: Path) -> None:
        self._state = directory
        self._work = directory / 'demo'
        self._manifest = self._work / MANIFEST
        self._step = 0

    def tell(self) -> None:
        """Run every step; raises CalledProcessError where one fails."""
        self._title('Two real OpenStack clouds, an old one and a new one')
        self._say(
            'src is Train (under RHOSP 16.2), dst is 2023.1 (under RHOSO '
            '18): real Keystone,\nGlance, Cinder, Placement and Nova, '
            'started now on this machine.'
        )
        # From scratch: volumes that an earlier demo wrote to prove nothing.
        self._clouds('down')
        self._clouds('up')
        seeded = seeding.seed(self._state, Narrator(), _SHOWN)
        self._work.mkdir()
        destination = seeded[state.DESTINATION]
        self._say(
            'os-migrate has just created the destination volumes: blank, '
            'bootable, with the same\n'
            'names. None has a machine type, so every server built now would '
            'get the new\n'
            "cloud's default."
        )

        self._title('export: which machine type does each server have?')
        self._export()

        self._title(f'{UNDECIDED} is undecided: ask its compute host')
        self._say(
            'The collector asks libvirt on a host for its domains, which is '
            'the only record:\n    ssh compute-0 sudo sh -s domains < '
            f'collect.sh > {HOST_FILE}\n'
            'Nova runs a fake hypervisor here, so that file is made for this '
            'demo: a real\nlibvirt dump with the ID of this server.'
        )
        self._collect(seeded[state.SOURCE].servers[UNDECIDED].id)
        self._export('--source-hosts', HOST_FILE.parent.name)
        self._say('It is in the manifest now, with its evidence:')
        self._show_entry(UNDECIDED)

        self._title('A human decides')
        self._say(
            f'{UPGRADED} gets the modern chipset, and only a human knows '
            f'which volume\n{UNNAMED} became: Nova gave that volume no name.'
        )
        self._edit(destination)

        self._title('apply --dry-run: show the plan, write nothing')
        self._at_destination('apply', '--dry-run')

        self._title('apply: set it on the volumes, before any server is built')
        self._at_destination('apply', '--auto-approve')

        self._title('verify: does every volume have what the manifest wants?')
        self._at_destination('verify')

        self._title('The import creates a server from its volume')
        self._build(seeded)

        self._title('verify again')
        self._at_destination(
            'verify', '--inspect', '--auto-approve', '--server', BOOTED
        )
        self._say(
            'Every volume has the machine type that the manifest wants, and '
            'so does the server\n'
            'that was built.'
        )

    def _title(self, text: str) -> None:
        self._step += 1
        print(f'\n{_bold(f"{self._step}. {text}")}', flush=True)

    def _say(self, text: str) -> None:
        print(text, flush=True)

    def _clouds(self, *words: str) -> None:
        subprocess.run(
            [sys.executable, '-m', 'tests.clouds', *words],
            stdout=subprocess.DEVNULL,
            check=True,
        )

    def _migrate(self, *words: str) -> None:
        self._openstack('migrate', 'machine-type', *words)

    def _export(self, *words: str) -> None:
        self._migrate('export', '--source-cloud', 'src-demo', *words, MANIFEST)

    def _at_destination(self, command: str, *words: str) -> None:
        self._migrate(
            command,
            '--destination-cloud',
            'dst-demo',
            '--destination-release',
            'rhoso18',
            *words,
            MANIFEST,
        )

    def _collect(self, server_id: str) -> None:
        """Write what the collector would print on the server's host."""
        place = self._work / HOST_FILE
        place.parent.mkdir()
        place.write_text(domain.dumped(server_id, scenario.I440FX))

    def _openstack(self, *words: str, returned: bool = False) -> str:
        """Run the real command where the reader sees it; it must succeed.

        What it prints is returned, and not shown, if that is wanted.
        """
        print(_bold(f'$ openstack {shlex.join(words)}'), flush=True)
        clean = {k: v for k, v in os.environ.items() if k[:3] != 'OS_'}
        configuration = self._state / state.CLIENT_CONFIGURATION
        done = subprocess.run(
            [Path(sys.executable).parent / 'openstack', *words],
            env={
                **clean,
                'OS_CLIENT_CONFIG_FILE': str(configuration),
                'CLIFF_MAX_TERM_WIDTH': '80',
            },
            cwd=self._work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if returned else None,
            # In one stream, so that nothing overtakes the table.
            stderr=None if returned else subprocess.STDOUT,
            text=True,
            check=True,
        )
        return (done.stdout or '').strip()

    def _show_entry(self, name: str) -> None:
        data = yaml.safe_load(self._manifest.read_text())
        for resource in data['resources']:
            if resource['params']['name'] == name:
                text = yaml.safe_dump([resource], sort_keys=False)
                print(_indented(text), flush=True)

    def _edit(self, destination: Seeded) -> None:
        before = self._manifest.read_text()
        volume = destination.volumes[scenario.COPY_PREFIX + UNNAMED].id
        after = _replaced(
            before, UPGRADED, 'hw_machine_type: ', scenario.I440FX, NEW_TYPE
        )
        after = _replaced(after, UNNAMED, 'uuid: ', 'null', volume)
        self._manifest.write_text(after)
        difference = difflib.unified_diff(
            before.splitlines(),
            after.splitlines(),
            MANIFEST,
            MANIFEST,
            lineterm='',
            n=1,
        )
        print(_indented('\n'.join(difference)), flush=True)

    def _build(self, seeded: dict[str, Any]) -> None:
        destination = seeded[state.DESTINATION]
        seeder = seeding.administrator(self._state, state.DESTINATION)
        server = self._openstack(
            '--os-cloud',
            'dst-demo',
            'server',
            'create',
            '--volume',
            destination.volumes['erp-boot'].id,
            '--flavor',
            seeder.flavor(),
            '--nic',
            'none',
            BOOTED,
            '-f',
            'value',
            '-c',
            'id',
            returned=True,
        )
        print(server, flush=True)
        seeder.await_server(
            destination.projects[scenario.MEMBER].id, server, 'ACTIVE'
        )
        recorded = nova_recorded_properties(
            self._state, state.DESTINATION, server
        )
        self._say(
            'What Nova took from the volume when it built the server (read '
            'from its database,\nas nova-manage does):'
        )
        for key, value in sorted(recorded.items()):
            print(f'    image_{key} = {value}', flush=True)
        if recorded.get(scenario.MACHINE_TYPE) != scenario.I440FX:
            raise SystemExit('Nova did not take the machine type: a defect')


def _replaced(text: str, server: str, key: str, old: str, new: str) -> str:
    """Return the manifest with one value of one server replaced."""
    start = text.index(f'name: {server}\n')
    place = text.index(key + old, start)
    return text[:place] + key + new + text[place + len(key + old) :]


def _indented(text: str) -> str:
    return ''.join(f'    {line}\n' for line in text.splitlines()).rstrip()


def _bold(text: str) -> str:
    return f'\x1b[1m{text}\x1b[0m' if sys.stdout.isatty() else text


def main() -> int:
    """Return 0 when every step did what it says."""
    parser = argparse.ArgumentParser(prog='tox -e demo --')
    parser.add_argument(
        '--keep', action='store_true', help='leave the clouds up afterwards'
    )
    keep = parser.parse_args().keep
    directory = state.default_directory()
    demo = Demo(directory)
    began = time.monotonic()
    try:
        demo.tell()
    except subprocess.CalledProcessError as exc:
        print(f'\nfailed: {shlex.join(map(str, exc.cmd))}', file=sys.stderr)
        return 1
    except (CloudError, SeedError) as exc:
        print(f'\nfailed: {exc}', file=sys.stderr)
        return 1
    finally:
        if not keep:
            demo._clouds('down')
    print(f'\nDone in {time.monotonic() - began:.0f} s.')
    if keep:
        print(
            f'The clouds are up. Play, from {directory / "demo"}:\n'
            f'  export OS_CLIENT_CONFIG_FILE={directory / "clouds.yaml"}\n'
            '  openstack --os-cloud dst-demo volume list\n'
            'and stop them with: python -m tests.clouds down'
        )
    return 0


if __name__ == '__main__':
    sys.exit(main())
