# SPDX-License-Identifier: Apache-2.0

"""Many servers at once: copies of one that Nova built, in its databases.

Nova takes a second and more to build a server. A copy has the rows of one
that it built, and what Nova would have read of the copy's volume in that
moment. Nova lists and shows it like any other; it runs nowhere.
"""

from __future__ import annotations

import datetime
import sqlite3
import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.clouds import state


class ServerRows:
    """Copies of a server that boots from a volume row and nothing else."""

    def __init__(
        self, directory: Path, cloud: str, server_id: str, volume_id: str
    ) -> None:
        databases = state.nova_cell_of(directory, cloud).parent
        self._cell = databases / 'nova_cell1.db'
        self._api = databases / 'nova_api.db'
        self._cinder = state.cinder_database_of(directory, cloud)
        self._server_id = server_id
        self._volume_id = volume_id

    def add(
        self, project_id: str, volumes: Mapping[str, str], later: float = 0.0
    ) -> dict[str, str]:
        """Build a server on each of some volumes; return their ids by name.

        ``volumes`` are the ids of volumes by the names of the servers, in the
        order in which these are to be listed. They are created so many
        seconds ``later`` than now.
        """
        time = datetime.datetime.now(
            datetime.timezone.utc
        ) + datetime.timedelta(seconds=later)
        # As SQLAlchemy writes it: Nova compares these as texts.
        created = f'{time:%Y-%m-%d %H:%M:%S}.000000'
        # Of servers of one time, Nova lists that with the smallest id first.
        ids = sorted(str(uuid.uuid4()) for _ in volumes)
        made = dict(zip(volumes, ids))
        with _opened(self._cell) as cell:
            (name, owner) = cell.execute(
                'SELECT display_name, project_id FROM instances'
                ' WHERE uuid = ?',
                [self._server_id],
            ).fetchone()
        replacements = [
            {
                self._server_id: server_id,
                self._volume_id: volumes[server],
                name: server,
                owner: project_id,
            }
            for server, server_id in made.items()
        ]
        for replaced in replacements:
            # The mapping of block devices, and the attachment in Cinder.
            for one in self._own_ids():
                replaced[one] = str(uuid.uuid4())
        with _opened(self._cinder) as cinder:
            _copy(cinder, self._server_id, replacements, created)
            held = _metadata(cinder)
            cinder.executemany(
                "UPDATE volumes SET status = 'in-use',"
                " attach_status = 'attached' WHERE id = ?",
                [[one] for one in volumes.values()],
            )
        with _opened(self._cell) as cell:
            _copy(cell, self._server_id, replacements, created)
            cell.executemany(
                'INSERT INTO instance_system_metadata'
                ' (instance_uuid, key, value, deleted) VALUES (?, ?, ?, 0)',
                [
                    (made[server], f'image_{key}', value)
                    for server, volume_id in volumes.items()
                    for key, value in held.get(volume_id, ())
                ],
            )
        with _opened(self._api) as api:
            _copy(api, self._server_id, replacements, created)
        return made

    def remove(self, server_ids: Iterable[str]) -> None:
        """Delete copies, and let go of their volumes."""
        with _opened(self._cinder) as cinder:
            for one in server_ids:
                cinder.execute(
                    "UPDATE volumes SET status = 'available',"
                    " attach_status = 'detached' WHERE id IN (SELECT"
                    ' volume_id FROM volume_attachment'
                    ' WHERE instance_uuid = ?)',
                    [one],
                )
                _delete(cinder, one)
        for path in (self._cell, self._api):
            with _opened(path) as database:
                for one in server_ids:
                    _delete(database, one)

    def stop(self, server_ids: Iterable[str]) -> None:
        """Let copies be shut off."""
        with _opened(self._cell) as cell:
            cell.executemany(
                "UPDATE instances SET vm_state = 'stopped', power_state = 4"
                ' WHERE uuid = ?',
                [[one] for one in server_ids],
            )

    def _own_ids(self) -> list[str]:
        found = []
        for path, column, table in (
            (self._cell, 'uuid', 'block_device_mapping'),
            (self._cinder, 'id', 'volume_attachment'),
        ):
            with _opened(path) as database:
                found += [
                    one
                    for (one,) in database.execute(
                        f'SELECT {column} FROM {table}'  # noqa: S608
                        ' WHERE instance_uuid = ?',
                        [self._server_id],
                    )
                ]
        return found


def _copy(
    database: sqlite3.Connection,
    server_id: str,
    replacements: Sequence[Mapping[str, str]],
    created: str,
) -> None:
    """Copy all rows of a server, other words in the place of its own."""
    for table, owner in _tables(database):
        found = database.execute(
            f'SELECT * FROM {table} WHERE {owner} = ?',  # noqa: S608
            [server_id],
        )
        names = [one[0] for one in found.description]
        rows = found.fetchall()
        places = ', '.join('?' * len(names))
        database.executemany(
            f'INSERT INTO {table} ({", ".join(names)})'  # noqa: S608
            f' VALUES ({places})',
            [
                [
                    _value(name, value, replaced, created)
                    for name, value in zip(names, row)
                ]
                for replaced in replacements
                for row in rows
            ],
        )


def _value(
    name: str, value: Any, replaced: Mapping[str, str], created: str
) -> Any:
    if name == 'id' and isinstance(value, int):
        return None
    if name == 'created_at':
        return created
    if isinstance(value, str):
        for old, new in replaced.items():
            value = value.replace(old, new)
    return value


def _delete(database: sqlite3.Connection, server_id: str) -> None:
    for table, owner in _tables(database):
        database.execute(
            f'DELETE FROM {table} WHERE {owner} = ?',  # noqa: S608
            [server_id],
        )


def _tables(database: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return the tables with rows of servers, and by which column."""
    found = []
    for (table,) in database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table'"
    ).fetchall():
        columns = [
            one[1] for one in database.execute(f'PRAGMA table_info({table})')
        ]
        if table.startswith('shadow_'):
            continue
        if 'instance_uuid' in columns:
            found.append((table, 'instance_uuid'))
        elif table == 'instances':
            found.append((table, 'uuid'))
    return found


def _metadata(
    cinder: sqlite3.Connection,
) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for volume_id, key, value in cinder.execute(
        'SELECT volume_id, key, value FROM volume_glance_metadata'
        ' WHERE deleted = 0 AND volume_id IS NOT NULL'
    ):
        found.setdefault(volume_id, []).append((key, value))
    return found


@contextmanager
def _opened(path: Path) -> Any:
    """Give a connection that waits for the services' own transactions."""
    with closing(sqlite3.connect(path, timeout=60)) as database:
        with database:
            yield database
