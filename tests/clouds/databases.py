# SPDX-License-Identifier: Apache-2.0

"""The databases of a cloud: made from nothing, and fitted to their place."""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import secrets
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.clouds import configuration, processes
from tests.clouds.cloud import (
    CINDER,
    GLANCE,
    KEYSTONE,
    NOVA,
    REGION,
    SERVICES,
    Cloud,
)
from tests.clouds.narration import Strand

INITIALISE = 'initialise'
NAMES = (
    'keystone',
    'placement',
    'glance',
    'cinder',
    'nova_api',
    'nova_cell0',
    'nova_cell1',
)
# Older than any time limit for a heartbeat.
LONG_AGO = '2000-01-01 00:00:00.000000'


def make_password(cloud: Cloud) -> None:
    """Give a new cloud the password of its users."""
    cloud.directory.mkdir(parents=True, exist_ok=True)
    cloud.password_file.touch(mode=0o600)
    cloud.password_file.write_text(secrets.token_urlsafe(18))


def initialise(cloud: Cloud, strand: Strand) -> None:
    """Make all databases with the services' own commands.

    :raises Failed: when one of the commands does not end well.
    """
    lines = (_keystone_line(cloud), _cinder_line(cloud), _nova_line(cloud))
    with strand.step('made the databases'):
        with ThreadPoolExecutor(len(lines)) as pool:
            for finished in [pool.submit(_run, cloud, one) for one in lines]:
                finished.result()
        # Both cells have the same tables.
        copy(cloud.database('nova_cell1'), cloud.database('nova_cell0'))
        for name in NAMES:
            _keep_write_ahead_log(cloud.database(name))


def rebind(cloud: Cloud) -> None:
    """Write the cloud's ports and paths where databases hold such."""
    _rebind_endpoints(cloud)
    _rebind_cells(cloud)


def forget_heartbeats(cloud: Cloud, program: str) -> None:
    """Make the services of a program count as down until they report.

    Otherwise a service that has only just stopped would look healthy.
    """
    if program == CINDER:
        with connection(cloud.database('cinder')) as database:
            database.execute('UPDATE services SET updated_at = ?', [LONG_AGO])
    if program == NOVA:
        with connection(cloud.database('nova_cell1')) as database:
            database.execute(
                'UPDATE services SET last_seen_up = ?', [LONG_AGO]
            )


@contextlib.contextmanager
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an existing database; commit at the end when all went well."""
    opened = sqlite3.connect(f'file:{path}?mode=rw', uri=True, timeout=30)
    with contextlib.closing(opened), opened:
        yield opened


def copy(source: Path, target: Path) -> None:
    """Copy a database, which may be in use, as of one moment."""
    with (
        connection(source) as live,
        contextlib.closing(sqlite3.connect(target)) as copied,
    ):
        live.backup(copied)


def _keystone_line(cloud: Cloud) -> list[list[str]]:
    """Return the commands for Keystone, Placement and Glance."""
    ownership = [
        '--keystone-user',
        pwd.getpwuid(os.getuid()).pw_name,
        '--keystone-group',
        grp.getgrgid(os.getgid()).gr_name,
    ]
    url = cloud.identity_url
    return [
        _manage(
            cloud,
            KEYSTONE,
            ['fernet_setup', *ownership],
            ['credential_setup', *ownership],
            ['db_sync'],
            [
                'bootstrap',
                '--bootstrap-region-id',
                REGION,
                '--bootstrap-public-url',
                url,
                '--bootstrap-internal-url',
                url,
                '--bootstrap-admin-url',
                url,
            ],
        ),
        _manage(cloud, configuration.PLACEMENT, ['db', 'sync']),
        _manage(cloud, GLANCE, ['db_sync']),
    ]


def _cinder_line(cloud: Cloud) -> list[list[str]]:
    return [_manage(cloud, CINDER, ['db', 'sync'])]


def _nova_line(cloud: Cloud) -> list[list[str]]:
    cells = {name: _cell_url(cloud, name) for name in ('cell0', 'cell1')}
    return [
        _manage(
            cloud,
            NOVA,
            ['api_db', 'sync'],
            ['cell_v2', 'map_cell0', '--database_connection', cells['cell0']],
            ['db', 'sync', '--local_cell'],
            [
                'cell_v2',
                'create_cell',
                '--name',
                'cell1',
                '--database_connection',
                cells['cell1'],
                '--transport-url',
                configuration.IN_MEMORY,
            ],
        )
    ]


def _manage(cloud: Cloud, service: str, *commands: list[str]) -> list[str]:
    """Return the command line of several commands of a service."""
    file = ['--config-file', str(cloud.etc / f'{service}.conf')]
    python, script = cloud.environment.program(f'{service}-manage')
    words = [word for each in commands for word in ('--', *file, *each)]
    return [python, str(SERVICES / 'manage.py'), script, *words]


def _cell_url(cloud: Cloud, cell: str) -> str:
    return configuration.database_url(cloud, f'nova_{cell}')


def _run(cloud: Cloud, commands: list[list[str]]) -> None:
    name = Path(commands[0][2]).name
    # Not on the command line, where others could read it.
    variables = {**cloud.variables, 'OS_BOOTSTRAP_PASSWORD': cloud.password}
    for command in commands:
        processes.run(
            cloud.owner(INITIALISE),
            command,
            variables,
            cloud.log(f'{INITIALISE}-{name}'),
        )


def _keep_write_ahead_log(path: Path) -> None:
    """Let readers and a writer of a database not block each other.

    Otherwise Keystone answers 500, "database is locked".
    """
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute('PRAGMA journal_mode=WAL')


def _rebind_endpoints(cloud: Cloud) -> None:
    with connection(cloud.database('keystone')) as database:
        for service_type, url in cloud.endpoints.items():
            database.execute(
                'UPDATE endpoint SET url = ? WHERE service_id IN'
                ' (SELECT id FROM service WHERE type = ?)',
                [url, service_type],
            )


def _rebind_cells(cloud: Cloud) -> None:
    with connection(cloud.database('nova_api')) as database:
        for cell in ('cell0', 'cell1'):
            database.execute(
                'UPDATE cell_mappings SET database_connection = ?'
                ' WHERE name = ?',
                [_cell_url(cloud, cell), cell],
            )
