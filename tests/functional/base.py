# SPDX-License-Identifier: Apache-2.0

"""The real openstack command, run as an operator runs it."""

from __future__ import annotations

import atexit
import dataclasses
import functools
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import fixtures
import testtools
import yaml
from openstack import config

from tests.clouds import scenario, seed
from tests.clouds.parallel import WORKERS, in_parallel
from tests.clouds.seeder import Seeder
from tests.functional.fork_server import OPENSTACK, ForkServer
from tests.functional.with_clouds import DESTINATION, SOURCE

#: Seconds for one command, far above what any takes.
LIMIT = 300


@dataclasses.dataclass(frozen=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the table of a command that ran with -f json."""
        rows: list[dict[str, Any]] = json.loads(self.out)
        return rows

    def row(self, **wanted: str) -> dict[str, Any]:
        """Return the only row with these cells; spaces are underscores."""
        cells = {key.replace('_', ' '): value for key, value in wanted.items()}
        found = [row for row in self.rows if cells.items() <= row.items()]
        if len(found) != 1:
            raise AssertionError(f'{len(found)} rows have {cells}: {self.out}')
        return found[0]


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two seeded clouds and the clouds.yaml that reaches them."""

    configuration: Path
    source: seed.Seeded
    destination: seed.Seeded
    seeders: tuple[Seeder, Seeder]

    @classmethod
    @functools.cache
    def seeded(cls) -> Pair:
        """Return both clouds with things in them, under a prefix of this run.

        They are the clouds that the environment names. A missing name or
        cloud fails the tests, it skips none. All modules share what was made;
        it is deleted when the process ends.
        """
        pair = cls._filled(seed.seed_source, seed.seed_destination)
        atexit.register(pair.remove, workers=1)
        return pair

    @classmethod
    def with_members(cls) -> Pair:
        """Return both clouds with nothing but new projects and members."""
        return cls._filled(seed.seed_members, seed.seed_members)

    @classmethod
    def _filled(
        cls,
        fill_source: Callable[[Seeder], seed.Seeded],
        fill_destination: Callable[[Seeder], seed.Seeded],
    ) -> Pair:
        prefix = f'hwmt-{secrets.token_hex(3)}-'
        names = (os.environ[SOURCE], os.environ[DESTINATION])
        regions = [config.OpenStackConfig().get_one(cloud=n) for n in names]
        source, destination = (
            Seeder(
                region.get_session(),
                region.region_name,
                prefix,
                interface=region.get_interface() or 'public',
            )
            for region in regions
        )
        seeders = (source, destination)
        try:
            in_source, in_destination = in_parallel(
                lambda fill: fill[0](fill[1]),
                [(fill_source, source), (fill_destination, destination)],
            )
        except BaseException:
            clean(seeders)
            raise
        return cls(
            _write_configuration(prefix, regions, in_source, in_destination),
            in_source,
            in_destination,
            seeders,
        )

    def remove(self, workers: int = WORKERS) -> None:
        """Delete everything that was made."""
        shutil.rmtree(self.configuration.parent)
        clean(self.seeders, workers)


def clean(seeders: tuple[Seeder, ...], workers: int = WORKERS) -> None:
    """Delete what was made in the clouds."""
    in_parallel(lambda seeder: seeder.clean(workers), seeders, workers)


def _write_configuration(
    prefix: str, regions: list[Any], *seeded: seed.Seeded
) -> Path:
    """Return a clouds.yaml: src, dst, and a plain member of each."""
    clouds: dict[str, Any] = {}
    for name, region, made in zip(('src', 'dst'), regions, seeded):
        admin = {
            key: value
            for key, value in region.config.items()
            if key in ('auth', 'region_name', 'interface', 'verify', 'cacert')
        }
        project = made.projects[scenario.MEMBER]
        clouds[name] = admin
        clouds[f'{name}-member'] = {
            **admin,
            'auth': {
                'auth_url': admin['auth']['auth_url'],
                'username': made.member,
                'password': made.member_password,
                'user_domain_name': 'Default',
                'project_name': project.name,
                'project_domain_name': project.domain,
            },
        }
    path = Path(tempfile.mkdtemp(prefix=prefix)) / 'clouds.yaml'
    path.write_text(yaml.safe_dump({'clouds': clouds}))
    return path


def without_cloud(
    configuration: Path, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return our environment with a clouds.yaml and nothing else of OS_*."""
    clean = {k: v for k, v in os.environ.items() if k[:3] != 'OS_'}
    return {
        **clean,
        'OS_CLIENT_CONFIG_FILE': str(configuration),
        **(more or {}),
    }


@functools.cache
def fork_server() -> ForkServer:
    """Return the one that all tests of this process use."""
    server = ForkServer()
    atexit.register(server.close)
    return server


class FunctionalTest(testtools.TestCase):  # type: ignore[misc]
    """A test with a directory of its own and the openstack command."""

    #: The clouds.yaml that commands see, set by the test module.
    configuration: Path

    def setUp(self) -> None:
        super().setUp()
        self.directory = Path(self.useFixture(fixtures.TempDir()).path)

    def openstack(
        self, *words: str, code: int = 0, environment: Any = None
    ) -> Answer:
        """Return what the command answers; it must end with that code.

        None of OS_* reaches it but what is given here.
        """
        ended = fork_server().run(
            *words,
            environment=without_cloud(self.configuration, environment),
            directory=self.directory,
            limit=LIMIT,
        )
        return self._checked(Answer(**vars(ended)), code, str(words))

    def start(
        self, *words: str, environment: Any = None, **options: Any
    ) -> subprocess.Popen[str]:
        """Return the command as it runs, killed at the end of the test."""
        process = subprocess.Popen(
            [OPENSTACK, *words],
            env=without_cloud(self.configuration, environment),
            cwd=self.directory,
            text=True,
            **{
                'stdin': subprocess.DEVNULL,
                'stdout': subprocess.PIPE,
                'stderr': subprocess.PIPE,
                **options,
            },
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def end(
        self, process: subprocess.Popen[str], code: int, about: str = ''
    ) -> Answer:
        """Return what a command answered; it must end with that code."""
        out, err = process.communicate(timeout=LIMIT)
        # None where it went to a terminal.
        answer = Answer(process.returncode, out, err or '')
        return self._checked(answer, code, about)

    def _checked(self, answer: Answer, code: int, about: str) -> Answer:
        self.assertEqual(
            code, answer.code, f'{about}\n{answer.out}\n{answer.err}'
        )
        self.assertNotIn('Traceback', answer.err, f'{about} crashed')
        return answer

    def machine_type(self, action: str, *words: str, code: int = 0) -> Answer:
        """Return all that "migrate machine-type" answers, as JSON."""
        return self.openstack(
            *('migrate', 'machine-type', action, '--long', '-f', 'json'),
            *words,
            code=code,
        )
