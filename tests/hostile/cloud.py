# SPDX-License-Identifier: Apache-2.0

"""A cloud that answers as no cloud should.

It is the recorded cloud of the benchmark, in this process; a scenario is what
it does otherwise.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.benchmark import recorded_api

#: Servers, unless a test wants more.
SERVERS = 3


@dataclasses.dataclass(frozen=True)
class Scenario:
    """What a cloud does otherwise.

    ``answer`` gets the handler of a request and tells whether it has answered
    itself. ``body`` gets the path and what would have been answered, and
    returns what is. ``headers`` are sent with every answer. ``timeout`` is
    the api_timeout of clouds.yaml.
    """

    answer: Callable[[Handler], bool] = lambda handler: False
    body: Callable[[str, Any], Any] = lambda path, body: body
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)
    timeout: float = 10.0


@dataclasses.dataclass(frozen=True)
class Asked:
    """A request that reached the cloud."""

    method: str
    path: str
    headers: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class HostileCloud:
    """The clouds.yaml that reaches it, and what it was asked so far.

    ``address`` is scheme, host and port.
    """

    configuration: Path
    address: str
    asked: list[Asked]

    def paths(self) -> list[str]:
        """Return the paths that were asked for, with their queries."""
        return [one.path for one in self.asked]


class Handler(recorded_api.Handler):
    """A connection to a cloud with a scenario."""

    scenario: Scenario
    seen: list[Asked]

    def handle(self) -> None:
        """Serve a connection, until the client has had enough of it."""
        with contextlib.suppress(OSError):
            super().handle()

    def finish(self) -> None:
        """End the connection, which may have an end already."""
        with contextlib.suppress(OSError):
            super().finish()

    def do_GET(self) -> None:
        """Answer as the scenario wants, or as recorded."""
        self._answer(super().do_GET)

    def do_POST(self) -> None:
        """Answer as the scenario wants, or as recorded."""
        self._answer(super().do_POST)

    def do_DELETE(self) -> None:
        """Answer as the scenario wants, or refuse."""
        self._answer(lambda: self.refuse(403, 'nothing can be deleted here'))

    def _answer(self, recorded: Callable[[], None]) -> None:
        headers = dict(self.headers.items())
        self.seen.append(Asked(self.command, self.path, headers))
        if not self.scenario.answer(self):
            recorded()

    def begin(self, *headers: str) -> None:
        """Send the beginning of an answer; the connection ends with it."""
        self.close_connection = True
        self.write('HTTP/1.1 200 OK', *headers, '', '')

    def write(self, *lines: str) -> None:
        """Send some lines now."""
        self.wfile.write('\r\n'.join(lines).encode())
        self.wfile.flush()

    def is_for(self, path: str) -> bool:
        """Tell whether what is asked for ends with that, query apart."""
        return self.asked()[1].endswith(path)

    def send(
        self, status: int, body: Any, headers: dict[str, str] | None = None
    ) -> None:
        """Answer with JSON, edited by the scenario."""
        _cloud, path, _query = self.asked()
        super().send(
            status,
            self.scenario.body(path, body),
            {**self.scenario.headers, **(headers or {})},
        )


@contextlib.contextmanager
def serving(
    scenario: Scenario, servers: int = SERVERS
) -> Iterator[HostileCloud]:
    """Serve a source and a destination with this scenario."""
    seen: list[Asked] = []
    kind = type('Hostile', (Handler,), {'scenario': scenario, 'seen': seen})
    with recorded_api.serving(servers, kind) as configuration:
        clouds = yaml.safe_load(configuration.read_text())
        for one in clouds['clouds'].values():
            one['api_timeout'] = scenario.timeout
            url = urlsplit(one['auth']['auth_url'])
        configuration.write_text(yaml.safe_dump(clouds))
        yield HostileCloud(configuration, f'{url.scheme}://{url.netloc}', seen)
