# SPDX-License-Identifier: Apache-2.0

"""Run the tempest plugin against the destination cloud, as a plain member.

Usage: python -m tests.tempest [--guests]

It runs under tests.functional.with_clouds, or with --guests under
tests.boot.with_guests: then the guests' consoles are read as well. The exit
code is tempest's.
"""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from tests.boot import site
from tests.clouds import guest_image
from tests.clouds.narration import Narrator
from tests.functional.destination import Destination

_GUESTS = '--guests'
_TESTS = 'osc_hwmt_tempest_plugin'


def main(words: list[str]) -> int:
    """Return tempest's exit code."""
    destination = Destination.made()
    try:
        with tempfile.TemporaryDirectory() as home:
            code = _run(destination, Path(home), guests=_GUESTS in words)
        left = _left(destination)
        if left:
            print('Left behind:', *left, sep='\n')
        return code or bool(left)
    finally:
        destination.remove()


def _run(destination: Destination, home: Path, *, guests: bool) -> int:
    _tempest(home, 'init', 'site')
    accounts = home / 'accounts.yaml'
    auth = destination.cloud['auth']
    accounts.write_text(
        yaml.safe_dump(
            [
                {
                    'username': auth['username'],
                    'password': auth['password'],
                    'project_name': auth['project_name'],
                    'domain_name': auth['project_domain_name'],
                    'roles': ['member'],
                }
            ]
        )
    )
    configuration = configparser.ConfigParser()
    path = home / 'site' / 'etc' / 'tempest.conf'
    configuration.read(path)
    configuration.read_dict(_settings(destination, accounts, guests=guests))
    with path.open('w') as file:
        configuration.write(file)
    return _tempest(
        home,
        *('run', '--serial', '--regex', _TESTS),
        workspace='site',
        check=False,
    )


def _settings(
    destination: Destination, accounts: Path, *, guests: bool
) -> dict[str, dict[str, object]]:
    seeder = destination.seeder
    name = seeder.prefixed('tempest')
    image = (
        seeder.image(
            destination.project_id,
            name,
            {},
            guest_image.build(Narrator()).read_bytes(),
        )
        if guests
        else seeder.image(destination.project_id, name, {})
    )
    flavor = seeder.flavor(name, site.MEMORY)
    auth = destination.cloud['auth']
    return {
        'auth': {
            'use_dynamic_credentials': False,
            'test_accounts_file': accounts,
        },
        'compute': {
            'build_interval': 1,
            'flavor_ref': flavor,
            'flavor_ref_alt': flavor,
            'image_ref': image,
            'image_ref_alt': image,
            # Servers without networks need 2.37.
            'max_microversion': 'latest',
        },
        'identity': {
            'auth_version': 'v3',
            'region': destination.cloud['region_name'],
            'uri_v3': auth['auth_url'],
        },
        'machine_type_migration': {'console': guests},
        'service_available': {'neutron': False, 'swift': False},
        'validation': {'run_validation': False},
        # Since tempest 41 it looks for block-storage.
        'volume': {'build_interval': 1, 'catalog_type': 'volumev3'},
    }


def _left(destination: Destination) -> list[str]:
    """Return what the tests made in the project and did not delete."""
    ours = {one.id for one in destination.seeder.created}
    images = destination.seeder.adapter('image').get(
        '/images', params={'owner': destination.project_id}
    )
    return [
        f'{one["name"]} ({one["id"]})'
        for one in (
            *destination.listed('compute', 'servers'),
            *destination.listed('volumev3', 'volumes'),
            *destination.listed('volumev3', 'snapshots'),
            *images.json()['images'],
        )
        if one['id'] not in ours
    ]


def _tempest(
    home: Path, *words: str, workspace: str = '', check: bool = True
) -> int:
    """Return the exit code of tempest, which keeps a list in its HOME."""
    return subprocess.run(
        [Path(sys.executable).parent / 'tempest', *words],
        cwd=home / workspace,
        env={**os.environ, 'HOME': str(home)},
        check=check,
    ).returncode


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
