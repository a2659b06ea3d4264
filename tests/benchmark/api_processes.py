# SPDX-License-Identifier: Apache-2.0

"""Cinder's API in several processes, as a web server runs it in production.

The test cloud has one, in which all of Cinder lives. These are beside it, on
the same database. They answer whatever needs no other service of Cinder's.
"""

from __future__ import annotations

import contextlib
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from tests.clouds import ports, processes, state
from tests.clouds.cloud import LOOPBACK, SERVICES

_PROGRAM = 'cinder-api'
#: Requests that one process answers at once.
_THREADS = 8
#: Seconds until it has to answer.
_PATIENCE = 120


@contextlib.contextmanager
def serving(number: int) -> Iterator[int]:
    """Yield a port at which so many processes answer for the destination.

    Raises RuntimeError where there is no such cloud, and OSError where they
    do not answer.
    """
    directory = state.default_directory()
    cloud = state.recorded_cloud(directory, state.DESTINATION)
    if cloud is None:
        raise RuntimeError(f'{directory} has no {state.DESTINATION}')
    port = ports.choose([_PROGRAM], cloud.ports.values())[_PROGRAM]
    owner = cloud.owner(_PROGRAM)
    processes.start(
        owner,
        [
            *cloud.environment.program('gunicorn'),
            *('--bind', f'{LOOPBACK}:{port}'),
            *('--workers', str(number)),
            *('--worker-class', 'gthread', '--threads', str(_THREADS)),
            *('--chdir', str(SERVICES)),
            'cinder_api:application',
        ],
        cloud.variables,
        cloud.log(_PROGRAM),
    )
    try:
        _await_answer(port)
        yield port
    finally:
        processes.stop(
            one for one in processes.running(directory) if one.owner == owner
        )


def _await_answer(port: int) -> None:
    limit = time.monotonic() + _PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f'http://{LOOPBACK}:{port}/'):
                return
        except urllib.error.HTTPError as exc:
            # The versions of the API, which come with "300 Multiple Choices".
            if exc.code == 300:
                return
            raise
        except OSError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.2)
