# SPDX-License-Identifier: Apache-2.0

"""Many volumes at once: rows in a test cloud's Cinder database.

They have no disk. Cinder lists them, shows them and takes image metadata for
them like any other, a thousand of them in less than a second.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from tests.clouds.state import cinder_database_of

#: SQLite takes so many values in one statement.
_AT_ONCE = 500


@dataclasses.dataclass(frozen=True)
class VolumeRow:
    """One bootable, available volume of 1 GiB."""

    id: str
    name: str


class VolumeRows:
    """Rows of one project, under one prefix."""

    def __init__(
        self, state: Path, cloud: str, project_id: str, prefix: str
    ) -> None:
        self.project_id = project_id
        self.prefix = prefix
        self._database = cinder_database_of(state, cloud)

    def add(self, count: int) -> list[VolumeRow]:
        """Insert some volumes, return them in the order of their listing."""
        return self.add_named(
            [f'{self.prefix}{number:06}' for number in range(count)]
        )

    def add_named(self, names: Iterable[str]) -> list[VolumeRow]:
        """Insert volumes of these names, which begin with the prefix."""
        rows = [VolumeRow(str(uuid.uuid4()), name) for name in names]
        # Cinder lists the newest first.
        newest = datetime.datetime.now(datetime.timezone.utc)
        with self._connection() as database:
            (volume_type,) = database.execute(
                "SELECT id FROM volume_types WHERE name = '__DEFAULT__'"
            ).fetchone()
            # Who attaches them to a server.
            service, host = database.execute(
                'SELECT uuid, host FROM services'
                " WHERE binary = 'cinder-volume'"
            ).fetchone()
            columns = [
                one[1]
                for one in database.execute('PRAGMA table_info(volumes)')
            ]
            values = {
                'user_id': 'nobody',
                'project_id': self.project_id,
                'deleted': 0,
                'size': 1,
                'status': 'available',
                'attach_status': 'detached',
                'bootable': 1,
                'volume_type_id': volume_type,
                'availability_zone': 'nova',
                'host': f'{host}#sparse',
                'service_uuid': service,
                'multiattach': 0,
                # From Yoga on.
                **({'use_quota': 1} if 'use_quota' in columns else {}),
            }
            names = ('id', 'display_name', 'created_at', *values)
            database.executemany(
                f'INSERT INTO volumes ({", ".join(names)})'  # noqa: S608
                f' VALUES ({_places(names)})',
                [
                    (
                        row.id,
                        row.name,
                        str(newest - datetime.timedelta(seconds=number))[:26],
                        *values.values(),
                    )
                    for number, row in enumerate(rows)
                ],
            )
        return rows

    def set_image_metadata(
        self, volume_ids: Iterable[str], metadata: Mapping[str, str]
    ) -> None:
        """Give some volumes exactly this image metadata."""
        with self._connection() as database:
            for some in _portions(volume_ids):
                database.execute(
                    'DELETE FROM volume_glance_metadata'  # noqa: S608
                    f' WHERE volume_id IN ({_places(some)})',
                    some,
                )
                database.executemany(
                    'INSERT INTO volume_glance_metadata'
                    ' (volume_id, key, value, deleted) VALUES (?, ?, ?, 0)',
                    [
                        (volume_id, key, value)
                        for volume_id in some
                        for key, value in metadata.items()
                    ],
                )

    def image_metadata(self) -> dict[str, list[tuple[str, str]]]:
        """Return what each volume has, sorted; a key may be there twice."""
        found: dict[str, list[tuple[str, str]]] = collections.defaultdict(list)
        with self._connection() as database:
            for volume_id, key, value in database.execute(
                'SELECT volume_id, key, value FROM volume_glance_metadata'
                ' JOIN volumes ON volumes.id = volume_id'
                ' WHERE volume_glance_metadata.deleted = 0'
                ' AND substr(display_name, 1, ?) = ?',
                [len(self.prefix), self.prefix],
            ):
                found[volume_id].append((key, value))
        return {key: sorted(found[key]) for key in sorted(found)}

    def hide(self, volume_ids: Iterable[str], *, hidden: bool = True) -> None:
        """Let some volumes be deleted, as Cinder does, or be there again."""
        with self._connection() as database:
            for some in _portions(volume_ids):
                database.execute(
                    'UPDATE volumes SET deleted = ?'  # noqa: S608
                    f' WHERE id IN ({_places(some)})',
                    [hidden, *some],
                )

    def remove(self, volume_ids: Iterable[str] | None = None) -> None:
        """Delete some of the volumes, or all."""
        with self._connection() as database:
            if volume_ids is None:
                volume_ids = [
                    volume_id
                    for (volume_id,) in database.execute(
                        'SELECT id FROM volumes'
                        ' WHERE substr(display_name, 1, ?) = ?',
                        [len(self.prefix), self.prefix],
                    )
                ]
            for some in _portions(volume_ids):
                for table, column in (
                    ('volume_glance_metadata', 'volume_id'),
                    ('volumes', 'id'),
                ):
                    database.execute(
                        f'DELETE FROM {table}'  # noqa: S608
                        f' WHERE {column} IN ({_places(some)})',
                        some,
                    )

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Give a connection that waits for Cinder's own transactions."""
        with closing(sqlite3.connect(self._database, timeout=60)) as database:
            with database:
                yield database


def _portions(volume_ids: Iterable[str]) -> Iterator[list[str]]:
    every = list(volume_ids)
    for start in range(0, len(every), _AT_ONCE):
        yield every[start : start + _AT_ONCE]


def _places(values: Sequence[str]) -> str:
    return ', '.join('?' * len(values))
