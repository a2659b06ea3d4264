# SPDX-License-Identifier: Apache-2.0

"""The clouds of a state directory, seeded once and cleaned on request."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from keystoneauth1.exceptions import ClientException
from openstack.config import OpenStackConfig

from tests.clouds import state
from tests.clouds.access import AccessError
from tests.clouds.cloud import FAKE
from tests.clouds.created import Created
from tests.clouds.errors import CloudError, SeedError
from tests.clouds.narration import Narrator
from tests.clouds.seed import (
    Seeded,
    seed_destination,
    seed_source,
)
from tests.clouds.seeder import Seeder

PAIR = (state.SOURCE, state.DESTINATION)


def seed(directory: Path, narrator: Narrator) -> dict[str, Seeded]:
    """Seed source and destination, and return what they hold.

    What is there already stays; what an interrupted run has left is
    deleted first.

    :raises CloudError: when the clouds cannot be seeded.
    """
    _require_fake_computes(directory)
    record = SeedRecord(directory)
    seeders = _seeders(directory, record)
    seeded = record.seeded()
    with _failures_told():
        if seeded is not None and _is_there(seeders, seeded):
            narrator.say('the clouds are seeded already')
            return seeded
    with _failures_told():
        _clean(seeders, narrator)
        with narrator.step(f'seeded {state.SOURCE}'):
            source = seed_source(seeders[state.SOURCE])
        with narrator.step(f'seeded {state.DESTINATION}'):
            destination = seed_destination(seeders[state.DESTINATION], source)
    seeded = {state.SOURCE: source, state.DESTINATION: destination}
    record.complete(seeded)
    return seeded


def clean(directory: Path, narrator: Narrator) -> None:
    """Delete what the clouds were seeded with.

    :raises CloudError: when something does not go.
    """
    record = SeedRecord(directory)
    with _failures_told():
        _clean(_seeders(directory, record), narrator)
    record.delete()


class SeedRecord:
    """The file that tells what was made in the clouds.

    It is written after every single thing that is made or deleted, so that
    an interrupted run can be cleaned up after.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / state.SEED_RECORD
        self._data: dict[str, Any] = {'created': {}, 'seeded': None}
        if self._path.exists():
            self._data = json.loads(self._path.read_text())

    def created(self, cloud: str) -> list[Created]:
        """Return what was made in a cloud and not deleted."""
        return [
            Created(**each) for each in self._data['created'].get(cloud, [])
        ]

    def record_created(self, cloud: str, created: Sequence[Created]) -> None:
        """Write down all that was made in a cloud and not deleted."""
        self._data['created'][cloud] = [
            dataclasses.asdict(each) for each in created
        ]
        self._data['seeded'] = None
        self._write()

    def seeded(self) -> dict[str, Seeded] | None:
        """Return what the clouds hold; None unless seeding has ended."""
        if self._data['seeded'] is None:
            return None
        return {
            name: Seeded.from_data(each)
            for name, each in self._data['seeded'].items()
        }

    def complete(self, seeded: dict[str, Seeded]) -> None:
        """Write down that the clouds are seeded."""
        self._data['seeded'] = {
            name: each.as_data() for name, each in seeded.items()
        }
        self._write()

    def delete(self) -> None:
        """Delete the file."""
        self._path.unlink(missing_ok=True)

    def _write(self) -> None:
        state.write_atomically(self._path, json.dumps(self._data, indent=2))


@contextlib.contextmanager
def _failures_told() -> Iterator[None]:
    """Turn what the APIs refuse into an error with only its message."""
    try:
        yield
    except (AccessError, SeedError, ClientException) as error:
        raise CloudError(str(error)) from error


def _require_fake_computes(directory: Path) -> None:
    for cloud in state.clouds(directory):
        if cloud.compute != FAKE:
            raise CloudError(
                f'The examples have machine types that the cloud '
                f'{cloud.name}, with compute {cloud.compute}, can not run.'
            )


def _seeders(directory: Path, record: SeedRecord) -> dict[str, Seeder]:
    path = directory / state.CLIENT_CONFIGURATION
    if not path.exists():
        raise CloudError(f'{path} does not exist: bring the clouds up first.')
    configuration = OpenStackConfig(
        config_files=[str(path)],
        secure_files=[],
        vendor_files=[],
        load_envvars=False,
    )
    return {name: _seeder(configuration, name, record) for name in PAIR}


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


def _is_there(seeders: dict[str, Seeder], seeded: dict[str, Seeded]) -> bool:
    """Tell whether all servers and volumes still exist."""
    for name, seeder in seeders.items():
        everything = {'params': {'all_tenants': '1'}}
        servers = (
            seeder.adapter('compute')
            .get('/servers', **everything)
            .json()['servers']
        )
        volumes = (
            seeder.adapter('volumev3')
            .get('/volumes', **everything)
            .json()['volumes']
        )
        found = {each['id'] for each in [*servers, *volumes]}
        wanted = {each.id for each in seeded[name].servers.values()}
        wanted |= {each.id for each in seeded[name].volumes.values()}
        if wanted - found:
            return False
    return True


def _clean(seeders: dict[str, Seeder], narrator: Narrator) -> None:
    for name, seeder in seeders.items():
        count = len(seeder.created)
        if count:
            with narrator.step(f'{name}: deleted {count} seeded things'):
                seeder.clean()
