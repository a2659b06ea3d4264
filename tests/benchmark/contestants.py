# SPDX-License-Identifier: Apache-2.0

"""Who sets image metadata on many volumes, each as fast as it can."""

from __future__ import annotations

import datetime
import http.client
import json
import shlex
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tests.benchmark import cost
from tests.benchmark.cost import Cost
from tests.functional.fleet import DIRECT, KEY

#: What every one of them sets.
VALUE = 'pc-i440fx-rhel7.6.0'

_SDK = """\
import sys
import openstack
cloud = openstack.connect(cloud=sys.argv[1])
for volume in sys.argv[2:]:
    cloud.block_storage.set_volume_image_metadata(volume, {key}={value!r})
"""


def bare_loop(
    endpoint: str, token: str, volume_ids: Sequence[str], connections: int
) -> float:
    """Return the seconds that bare HTTP requests take: the ceiling.

    Nothing is read, compared, journalled or tried again.
    """
    target = urlsplit(endpoint)
    body = json.dumps({'os-set_image_metadata': {'metadata': {KEY: VALUE}}})
    headers = {'X-Auth-Token': token, 'Content-Type': 'application/json'}
    left = iter(volume_ids)
    lock = threading.Lock()
    failures: list[str] = []

    def work() -> None:
        connection = http.client.HTTPConnection(
            target.hostname or '', target.port
        )
        while True:
            with lock:
                volume_id = next(left, None)
            if volume_id is None:
                return
            connection.request(
                'POST',
                f'{target.path}/volumes/{volume_id}/action',
                body,
                headers,
            )
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                failures.append(f'{volume_id}: {answer.status}')

    threads = [threading.Thread(target=work) for _ in range(connections)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began
    if failures:
        raise RuntimeError(f'the bare loop failed: {failures[:3]}')
    return seconds


def shell_loop(
    volume_ids: Sequence[str], directory: Path, environment: Mapping[str, str]
) -> Cost:
    """Return what the loop costs that operators write today."""
    words = (
        *(str(cost.openstack()), '--os-cloud', DIRECT, 'volume', 'set'),
        *('--image-property', f'{KEY}={VALUE}'),
    )
    lines = [shlex.join((*words, volume_id)) for volume_id in volume_ids]
    script = directory / 'loop.sh'
    script.write_text('\n'.join(('set -e', *lines, '')))
    return cost.of(['sh', script], directory, environment)[0]


def sdk_loop(
    volume_ids: Sequence[str], directory: Path, environment: Mapping[str, str]
) -> Cost:
    """Return what a loop of openstacksdk costs."""
    script = directory / 'loop.py'
    script.write_text(_SDK.format(key=KEY, value=VALUE))
    return cost.of(
        [sys.executable, script, DIRECT, *volume_ids], directory, environment
    )[0]


def apply(
    manifest: Path,
    directory: Path,
    environment: Mapping[str, str],
    *words: str,
) -> tuple[Cost, float]:
    """Return what our apply costs, and its volumes a second while it writes.

    Those are of the last nine tenths of the volumes: what comes before the
    first writes, and between them and the others, is the whole command's.
    """
    journal = directory / 'apply.journal'
    journal.unlink(missing_ok=True)
    command: list[str | Path] = [
        *(cost.openstack(), 'migrate', 'machine-type', 'apply'),
        *('--auto-approve', '--destination-cloud', DIRECT),
        '--journal',
        journal,
        *words,
        manifest,
    ]
    spent, _said = cost.of(command, directory, environment)
    return spent, _rate(journal)


def _rate(journal: Path) -> float:
    lines = map(json.loads, journal.read_text().splitlines())
    ends = [_time(line['time']) for line in lines if 'outcome' in line]
    first = len(ends) // 10
    return (len(ends) - 1 - first) / (ends[-1] - ends[first])


def _time(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp()
