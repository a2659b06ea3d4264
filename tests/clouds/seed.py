# SPDX-License-Identifier: Apache-2.0

"""Fills a source and a destination cloud with the scenario.

Only public APIs are used, so that any two clouds can be seeded.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from tests.clouds import scenario
from tests.clouds.parallel import in_parallel
from tests.clouds.scenario import (
    DEFAULT_DOMAIN,
    MACHINE_TYPE,
    ProjectPlan,
    ServerPlan,
    VolumePlan,
)
from tests.clouds.seeder import Seeder

FROM_VOLUME = 'volume-image-metadata'
FROM_IMAGE = 'image-property'
FROM_NOTHING = 'none'


@dataclasses.dataclass(frozen=True)
class SeededProject:
    """A project that is there."""

    label: str
    id: str
    name: str
    domain: str


@dataclasses.dataclass(frozen=True)
class SeededVolume:
    """A volume that is there; ``project`` is the project's label."""

    label: str
    id: str
    name: str
    project: str
    size: int
    bootable: bool
    machine_type: str | None


@dataclasses.dataclass(frozen=True)
class SeededServer:
    """A server that is there, and what an export has to find out of it.

    ``evidence`` tells what shows the machine type through the API: the
    volume's image metadata, the image's property, or nothing.
    """

    label: str
    id: str
    name: str
    project: str
    boot_volume_id: str | None
    image_id: str | None
    machine_type: str | None
    evidence: str


@dataclasses.dataclass(frozen=True)
class Seeded:
    """All that one cloud was seeded with, by label.

    ``member_password`` is None where the member was there before.
    """

    projects: Mapping[str, SeededProject]
    servers: Mapping[str, SeededServer]
    volumes: Mapping[str, SeededVolume]
    member: str
    member_password: str | None

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Seeded:
        """Return what ``as_data()`` made the data of."""
        made = {
            name: {label: kind(**each) for label, each in data[name].items()}
            for name, kind in (
                ('projects', SeededProject),
                ('servers', SeededServer),
                ('volumes', SeededVolume),
            )
        }
        return cls(**{**data, **made})


def seed_source(
    seeder: Seeder, servers: Sequence[ServerPlan] = scenario.SERVERS
) -> Seeded:
    """Make what the source cloud holds, and return it.

    :raises SeedError: when something cannot be made.
    """
    return _Source(seeder).seed(servers)


def seed_destination(seeder: Seeder) -> Seeded:
    """Make what os-migrate makes of the source's volumes, and return it.

    These are blank volumes of the same name and size in the project of the
    same name, bootable where the source's are, without any image metadata.
    The images are there too, as its import of images makes them. The source
    itself is not looked at, and may be seeded at the same time.

    :raises SeedError: when something cannot be made.
    """
    members = seed_members(seeder)
    _seed_images(seeder, members.projects)
    volumes = in_parallel(
        lambda plan: _seed_volume(seeder, members.projects, plan),
        _copies(seeder),
    )
    return dataclasses.replace(
        members, volumes={volume.label: volume for volume in volumes}
    )


def seed_members(seeder: Seeder) -> Seeded:
    """Make the projects and a member, and return them with nothing else.

    :raises SeedError: when something cannot be made.
    """
    projects: dict[str, SeededProject] = {}
    for plan in scenario.PROJECTS:
        parent_id = projects[plan.parent].id if plan.parent else None
        projects[plan.label] = _seed_project(seeder, plan, parent_id)
    member = seeder.prefixed(scenario.MEMBER)
    password = seeder.member(
        member, seeder.domain(DEFAULT_DOMAIN), projects[scenario.MEMBER].id
    )
    return Seeded(
        projects=projects,
        servers={},
        volumes={},
        member=member,
        member_password=password,
    )


class _Source:
    """The making of the source's contents."""

    def __init__(self, seeder: Seeder) -> None:
        self._seeder = seeder
        self._members = seed_members(seeder)
        self._projects = self._members.projects
        self._flavor_id = seeder.flavor()
        self._images = _seed_images(seeder, self._projects)

    def seed(self, servers: Sequence[ServerPlan]) -> Seeded:
        """Return everything, made."""
        seeded = in_parallel(self._server_with_volumes, servers)
        detached = in_parallel(self._volume, scenario.DETACHED)
        volumes = [volume for _server, mine in seeded for volume in mine]
        return dataclasses.replace(
            self._members,
            servers={server.label: server for server, _mine in seeded},
            volumes={each.label: each for each in [*volumes, *detached]},
        )

    def _server_with_volumes(
        self, plan: ServerPlan
    ) -> tuple[SeededServer, list[SeededVolume]]:
        volumes = [self._volume(each) for each in plan.volumes]
        return self._server(plan, volumes), volumes

    def _volume(self, plan: VolumePlan) -> SeededVolume:
        name = self._seeder.prefixed(plan.name)
        image_id = self._images[plan.image] if plan.image else None
        return _seed_volume(
            self._seeder,
            self._projects,
            dataclasses.replace(plan, name=name),
            image_id,
        )

    def _server(
        self, plan: ServerPlan, volumes: list[SeededVolume]
    ) -> SeededServer:
        project_id = self._projects[plan.project].id
        image_id = self._images[plan.image] if plan.image else None
        boots_image = image_id is not None and not plan.image_to_volume
        server = self._seeder.server(
            project_id,
            self._seeder.prefixed(plan.name),
            image_id=image_id if boots_image else None,
            block_devices=_block_devices(plan, volumes, image_id),
            flavor_id=self._flavor_id,
        )
        if plan.shelved:
            self._seeder.server_action(
                project_id, server['id'], {'shelve': None}
            )
            self._seeder.await_server(
                project_id, server['id'], 'SHELVED_OFFLOADED'
            )
        machine_type = (
            volumes[0].machine_type
            if volumes
            else _image_properties(plan.image).get(MACHINE_TYPE)
        )
        return SeededServer(
            label=plan.label,
            id=server['id'],
            name=server['name'],
            project=plan.project,
            boot_volume_id=_boot_volume_id(server, volumes),
            image_id=image_id if boots_image else None,
            machine_type=machine_type,
            evidence=_evidence(machine_type, boots_image),
        )


def _seed_images(
    seeder: Seeder,
    projects: Mapping[str, SeededProject],
) -> dict[str, str]:
    """Return the ids of the images by name."""
    project_id = projects[scenario.MEMBER].id
    return {
        plan.name: seeder.image(
            project_id, seeder.prefixed(plan.name), plan.properties
        )
        for plan in scenario.IMAGES
    }


def _seed_project(
    seeder: Seeder, plan: ProjectPlan, parent_id: str | None
) -> SeededProject:
    domain = (
        plan.domain
        if plan.domain == DEFAULT_DOMAIN
        else seeder.prefixed(plan.domain)
    )
    name = seeder.prefixed(plan.name)
    project_id = seeder.project(name, seeder.domain(domain), parent_id)
    return SeededProject(plan.label, project_id, name, domain)


def _image_properties(name: str | None) -> dict[str, str]:
    for plan in scenario.IMAGES:
        if plan.name == name:
            return plan.properties
    return {}


def _block_devices(
    plan: ServerPlan, volumes: list[SeededVolume], image_id: str | None
) -> list[dict[str, Any]]:
    """Return what Nova is told about a server's disks."""
    if plan.image_to_volume:
        return [
            {
                'boot_index': 0,
                'uuid': image_id,
                'source_type': 'image',
                'destination_type': 'volume',
                'volume_size': 1,
                'delete_on_termination': True,
            }
        ]
    devices: list[dict[str, Any]] = [
        {
            # Only the first is booted from.
            'boot_index': -1 if index else 0,
            'uuid': volume.id,
            'source_type': 'volume',
            'destination_type': 'volume',
            'delete_on_termination': False,
        }
        for index, volume in enumerate(volumes)
    ]
    if plan.boot_device:
        devices[0]['device_name'] = plan.boot_device
    return devices


def _boot_volume_id(
    server: Mapping[str, Any], volumes: list[SeededVolume]
) -> str | None:
    """Return the volume a server boots from, even if Nova has made it."""
    if volumes:
        return volumes[0].id
    attached = server['os-extended-volumes:volumes_attached']
    return attached[0]['id'] if attached else None


def _evidence(machine_type: str | None, boots_image: bool) -> str:
    if machine_type is None:
        return FROM_NOTHING
    return FROM_IMAGE if boots_image else FROM_VOLUME


def _copies(seeder: Seeder) -> list[VolumePlan]:
    """Return the source's volumes and those that have no counterpart there.

    These are the copy of an image's disk, and the copy of the volume that
    Nova made, which has no name here either.
    """
    servers = {server.label: server for server in scenario.SERVERS}
    plans = [
        *(volume for server in servers.values() for volume in server.volumes),
        *scenario.DETACHED,
    ]
    copied = servers[scenario.COPIED_IMAGE_SERVER]
    unnamed = servers[scenario.UNNAMED_VOLUME_SERVER]
    name = scenario.COPY_PREFIX + seeder.prefixed(copied.name)
    return [
        *(
            VolumePlan(
                plan.label,
                seeder.prefixed(plan.name),
                plan.project,
                plan.bootable,
            )
            for plan in plans
        ),
        VolumePlan(scenario.COPY_PREFIX + copied.label, name, copied.project),
        VolumePlan(scenario.COPY_PREFIX + unnamed.label, '', unnamed.project),
    ]


def _seed_volume(
    seeder: Seeder,
    projects: Mapping[str, SeededProject],
    plan: VolumePlan,
    image_id: str | None = None,
) -> SeededVolume:
    """Make a volume that is called as its plan says, without a prefix."""
    volume_id = seeder.volume(
        projects[plan.project].id,
        plan.name,
        bootable=plan.bootable,
        image_id=image_id,
        properties=plan.properties,
    )
    properties = {**_image_properties(plan.image), **plan.properties}
    return SeededVolume(
        label=plan.label,
        id=volume_id,
        name=plan.name,
        project=plan.project,
        size=1,
        bootable=plan.bootable,
        machine_type=properties.get(MACHINE_TYPE),
    )
