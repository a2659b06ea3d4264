# SPDX-License-Identifier: Apache-2.0

"""The clouds of a state directory, seeded once and cleaned on request."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from keystoneauth1.exceptions import ClientException, HttpError, NotFound
from openstack.config import OpenStackConfig

from tests.clouds import state
from tests.clouds.cloud import FAKE
from tests.clouds.created import Created
from tests.clouds.errors import CloudError, SeedError
from tests.clouds.narration import Narrator
from tests.clouds.parallel import in_parallel
from tests.clouds.scenario import SERVERS, ServerPlan
from tests.clouds.seed import Seeded, seed_destination, seed_source
from tests.clouds.seeder import Seeder


def seed(
    directory: Path,
    narrator: Narrator,
    servers: Sequence[ServerPlan] = SERVERS,
) -> dict[str, Seeded]:
    """Seed source and destinations, and return what they hold.

    ``servers`` are those that the source gets. What is there already stays.
    What an interrupted run has left is deleted first, and so is what is no
    longer complete.

    :raises CloudError: when the clouds cannot be seeded.
    """
    _require_fake_computes(directory)
    record = SeedRecord(directory)
    seeders = _seeders(directory, record)
    names = [name for name in state.NAMES if name in seeders]
    there = [name for name in names if _is_there(name, seeders[name], record)]
    if state.SOURCE not in there:
        # The others hold copies of what it has.
        there = []
    if there == names:
        narrator.say('the clouds are seeded already')

    def fill(name: str) -> None:
        with _failures_told(name):
            _clean(name, seeders[name], narrator)
            with narrator.step(f'seeded {name}'):
                seeder = seeders[name]
                record.complete(
                    name,
                    seed_source(seeder, servers)
                    if name == state.SOURCE
                    else seed_destination(seeder),
                )

    in_parallel(fill, [name for name in names if name not in there])
    return record.seeded()


def clean(directory: Path, narrator: Narrator) -> None:
    """Delete what the clouds were seeded with.

    :raises CloudError: when something does not go.
    """
    record = SeedRecord(directory)

    def empty(cloud: tuple[str, Seeder]) -> None:
        name, seeder = cloud
        with _failures_told(name):
            _clean(name, seeder, narrator)

    in_parallel(empty, _seeders(directory, record).items())
    record.delete()


class SeedRecord:
    """The file that tells what was made in the clouds.

    It is written after every single thing that is made or deleted, so that
    an interrupted run can be cleaned up after.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / state.SEED_RECORD
        self._lock = threading.Lock()
        self._data: dict[str, Any] = {'created': {}, 'seeded': {}}
        if self._path.exists():
            self._data = json.loads(self._path.read_text())

    def created(self, cloud: str) -> list[Created]:
        """Return what was made in a cloud and not deleted."""
        return [
            Created(**each) for each in self._data['created'].get(cloud, [])
        ]

    def record_created(self, cloud: str, created: Sequence[Created]) -> None:
        """Write down all that was made in a cloud and not deleted."""
        with self._lock:
            self._data['created'][cloud] = [
                dataclasses.asdict(each) for each in created
            ]
            self._data['seeded'].pop(cloud, None)
            self._write()

    def seeded(self) -> dict[str, Seeded]:
        """Return what the clouds hold of which the seeding has ended."""
        return {
            name: Seeded.from_data(each)
            for name, each in self._data['seeded'].items()
        }

    def complete(self, cloud: str, seeded: Seeded) -> None:
        """Write down that a cloud is seeded."""
        with self._lock:
            self._data['seeded'][cloud] = seeded.as_data()
            self._write()

    def delete(self) -> None:
        """Delete the file."""
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        state.write_atomically(self._path, json.dumps(self._data, indent=2))


@contextlib.contextmanager
def _failures_told(cloud: str) -> Iterator[None]:
    """Turn what a cloud's APIs refuse into an error with only its message."""
    try:
        yield
    except HttpError as error:
        raise CloudError(
            f'{cloud}: {error.method} {error.url}: {_words(error)} '
            f'(HTTP {error.http_status})'
        ) from error
    except (SeedError, ClientException) as error:
        raise CloudError(f'{cloud}: {error}') from error


def _words(error: HttpError) -> str:
    """Return what a service says itself, which keystoneauth may not find."""
    try:
        body = {} if error.response is None else error.response.json()
        (details,) = body.values()
        return str(details['message'])
    except (AttributeError, LookupError, TypeError, ValueError):
        return str(error.message)


def _require_fake_computes(directory: Path) -> None:
    for cloud in state.clouds(directory):
        if cloud.compute != FAKE:
            raise CloudError(
                f'The examples have machine types that the cloud '
                f'{cloud.name}, with compute {cloud.compute}, cannot run.'
            )


def administrator(directory: Path, name: str) -> Seeder:
    """Return what makes things in a cloud that no record remembers.

    :raises CloudError: when the clouds were not brought up.
    """
    cloud = _configuration(directory).get_one(cloud=name)
    return Seeder(cloud.get_session(), cloud.region_name)


def _seeders(directory: Path, record: SeedRecord) -> dict[str, Seeder]:
    configuration = _configuration(directory)
    return {
        name: _seeder(configuration, name, record)
        for name in configuration.get_cloud_names()
        if name in state.NAMES
    }


def _configuration(directory: Path) -> OpenStackConfig:
    path = directory / state.CLIENT_CONFIGURATION
    if not path.exists():
        raise CloudError(f'{path} does not exist: bring the clouds up first.')
    return OpenStackConfig(
        config_files=[str(path)],
        secure_files=[],
        vendor_files=[],
        load_envvars=False,
    )


def _seeder(
    configuration: OpenStackConfig, name: str, record: SeedRecord
) -> Seeder:
    cloud = configuration.get_one(cloud=name)
    created = record.created(name)
    seeder = Seeder(
        cloud.get_session(),
        cloud.region_name,
        record=lambda all_: record.record_created(name, all_),
    )
    seeder.adopt(created)
    return seeder


def _is_there(cloud: str, seeder: Seeder, record: SeedRecord) -> bool:
    """Tell whether all servers and volumes of a cloud still exist."""
    seeded = record.seeded().get(cloud)
    if seeded is None:
        return False
    everything = {'params': {'all_tenants': '1'}}
    with _failures_told(cloud):
        found = {
            each['id']
            for service, kind in (
                ('compute', 'servers'),
                ('volumev3', 'volumes'),
            )
            for each in seeder.adapter(service)
            .get(f'/{kind}', **everything)
            .json()[kind]
        }
    wanted = {each.id for each in seeded.servers.values()}
    wanted |= {each.id for each in seeded.volumes.values()}
    return wanted <= found


def _clean(cloud: str, seeder: Seeder, narrator: Narrator) -> None:
    """Delete what was made, and the servers that somebody built of it."""
    made = seeder.created
    users = _users(seeder)
    for user in users:
        narrator.say(
            f'{cloud}: server {user.id} has a seeded volume and goes with it'
        )
    seeder.adopt(users)
    if made:
        with narrator.step(f'{cloud}: deleted {len(made)} seeded things'):
            seeder.clean()


def _users(seeder: Seeder) -> list[Created]:
    """Return the servers of others to which seeded volumes are attached."""
    made = seeder.created
    known = {each.id for each in made}
    found = {}
    for volume in made:
        if volume.kind == 'volume' and volume.project_id is not None:
            with contextlib.suppress(NotFound):
                shown = seeder.show_volume(volume.project_id, volume.id)
                for attachment in shown['attachments']:
                    server_id = attachment['server_id']
                    if server_id not in known:
                        found[server_id] = Created(
                            'server', server_id, volume.project_id
                        )
    return list(found.values())
