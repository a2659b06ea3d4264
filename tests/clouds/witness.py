# SPDX-License-Identifier: Apache-2.0

"""What no API tells: the test clouds' own databases and logs as witnesses."""

from __future__ import annotations

import dataclasses
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.clouds.cloud import CINDER
from tests.clouds.state import log_of, nova_cell_of

_IMAGE = 'image_'
_REQUEST = re.compile(
    r'"(?P<method>[A-Z]+) (?P<path>\S+) HTTP/[\d.]+" status: (?P<status>\d+)'
)


@dataclasses.dataclass(frozen=True)
class Request:
    """One request that a service has answered."""

    method: str
    path: str
    status: int


def nova_recorded_properties(
    state: Path, cloud: str, server_id: str
) -> dict[str, str]:
    """Return the image properties that Nova took when it built a server.

    For a server that boots from a volume these come from the volume's
    image metadata.
    """
    uri = f'file:{nova_cell_of(state, cloud)}?mode=ro'
    with closing(sqlite3.connect(uri, uri=True)) as database:
        rows = database.execute(
            'SELECT key, value FROM instance_system_metadata'
            ' WHERE instance_uuid = ? AND deleted = 0',
            [server_id],
        )
        return {
            key[len(_IMAGE) :]: value
            for key, value in rows
            if key.startswith(_IMAGE)
        }


def cinder_log(state: Path, cloud: str) -> Path:
    """Return the log that has a line for each request to Cinder."""
    return log_of(state, cloud, CINDER)


def cinder_requests(state: Path, cloud: str, after: int = 0) -> list[Request]:
    """Return the requests that Cinder has answered, in their order.

    ``after`` is a size of the log: what was written before is left out.
    """
    with cinder_log(state, cloud).open('rb') as log:
        log.seek(after)
        text = log.read().decode(errors='replace')
    return [
        Request(found['method'], found['path'], int(found['status']))
        for found in _REQUEST.finditer(text)
    ]
