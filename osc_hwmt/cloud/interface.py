# SPDX-License-Identifier: Apache-2.0

"""What the rest of the package asks of a cloud."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from osc_hwmt.cloud.mark import RunMark
from osc_hwmt.model.inventory import Image, Project, Server, Volume


@dataclasses.dataclass(frozen=True)
class Scope:
    """Whose servers and volumes to list.

    Without anything said, those of the project that the session has.
    ``project_id`` and ``all_projects`` are for administrators.
    """

    project_id: str | None = None
    all_projects: bool = False

    @property
    def query(self) -> dict[str, str]:
        """Return what Nova and Cinder take for it."""
        if self.project_id:
            return {'all_tenants': '1', 'project_id': self.project_id}
        return {'all_tenants': '1'} if self.all_projects else {}


@dataclasses.dataclass(frozen=True)
class Servers:
    """Servers, and the ids of those that a cell which is down keeps back."""

    readable: tuple[Server, ...]
    unreadable: tuple[str, ...]


class Compute(Protocol):
    """Nova. Every method raises CloudError."""

    def servers(self, scope: Scope) -> Servers:
        """Return the servers."""

    def newest_microversion(self) -> tuple[int, int]:
        """Return the newest microversion, (0, 0) where none is offered."""


class BlockStorage(Protocol):
    """Cinder. Every method raises CloudError.

    What reads tries again after transient failures; what writes does not,
    because whoever writes has to look first.
    """

    def volumes(self, scope: Scope) -> list[Volume]:
        """Return the volumes, without the targets of host migrations."""

    def volume(self, volume_id: str) -> Volume | None:
        """Return a volume, None if there is none that this user may see."""

    def image_metadata(
        self, volume_id: str, *, retrying: bool = True
    ) -> Mapping[str, str] | None:
        """Return a volume's image metadata, None where it may not be seen.

        Unless ``retrying`` it is asked for once.
        """

    def set_image_metadata(
        self, volume_id: str, values: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Set some keys, keep the others, return them all as they now are."""

    def unset_image_metadata(
        self, volume_id: str, keys: Sequence[str]
    ) -> None:
        """Remove keys; one that is absent already is as good as removed."""


class Images(Protocol):
    """Glance. Every method raises CloudError."""

    def image(self, image_id: str) -> Image | None:
        """Return an image, None if it is gone or hidden."""

    def named(self, name: str) -> list[Image]:
        """Return the images of that name that this user can see."""


class Identity(Protocol):
    """Keystone. Every method raises CloudError."""

    def own_project(self) -> Project:
        """Return the session's project; CloudError if it has none."""

    def projects(self) -> list[Project]:
        """Return all projects with the names of their domains."""


class ResourceKind(enum.Enum):
    """The kinds of temporary resources."""

    SERVER = 'server'
    IMAGE = 'image'
    SNAPSHOT = 'volume snapshot'
    FLAVOR = 'flavor'


@dataclasses.dataclass(frozen=True)
class TemporaryResource:
    """A resource that a run made, and removes again.

    Unless it is ``proven`` to be that run's, nothing but its name says so,
    and anyone can call a resource like that.
    """

    kind: ResourceKind
    id: str
    name: str
    mark: RunMark
    proven: bool = True


class Temporary(Protocol):
    """The temporary resources of runs. Every method raises CloudError."""

    def made(self, kinds: Collection[ResourceKind]) -> list[TemporaryResource]:
        """Return what has a run's mark, in this project.

        Flavors are of no project, so those are the whole cloud's.
        """

    def delete(self, resource: TemporaryResource) -> None:
        """Ask for a resource's deletion; one that is gone is fine."""

    def is_there(self, resource: TemporaryResource) -> bool:
        """Tell whether a resource still exists."""


@dataclasses.dataclass(frozen=True)
class ComputeHost:
    """A host that nova-compute serves.

    ``hypervisor`` is what its driver calls itself, such as QEMU, and None
    where that is not told.
    """

    name: str
    zone: str
    up: bool
    enabled: bool
    hypervisor: str | None


@dataclasses.dataclass(frozen=True)
class Build:
    """How far Nova came with a server; the texts are those of its fault."""

    status: str
    message: str = ''
    details: str = ''


class Probing(Protocol):
    """What a probe asks of Nova and Glance; for administrators.

    Every method raises CloudError.
    """

    def hosts(self) -> list[ComputeHost]:
        """Return the hosts of all nova-compute services, by name."""

    def flavor_id(self, name_or_id: str) -> str | None:
        """Return a flavor's id, None if there is none."""

    def create_flavor(self, mark: RunMark) -> str:
        """Create the smallest flavor, a private one; return its id."""

    def create_image(self, mark: RunMark, machine_type: str) -> str:
        """Create an image that waits for its content; return its id."""

    def fill_image(self, image_id: str, content: bytes) -> None:
        """Give an image its content."""

    def create_server(
        self, mark: RunMark, host: ComputeHost, flavor_id: str, image_id: str
    ) -> str:
        """Create a server without a network on that host; return its id."""

    def build(self, server_id: str) -> Build | None:
        """Return how far a server is, None if it is gone."""


@dataclasses.dataclass(frozen=True)
class QuotaLeft:
    """What a project's quota still allows; None is without limit."""

    snapshots: int | None
    gigabytes: int | None


class Inspecting(Protocol):
    """What an inspection asks of Nova and Cinder, as a plain member.

    Every method raises CloudError.
    """

    def quota_left(self) -> QuotaLeft:
        """Return what the session's project may still create."""

    def create_image(self, server_id: str, name: str, mark: RunMark) -> str:
        """Make an image of a server, return its id.

        Of one that boots from a volume that is an image without data and a
        snapshot of each volume.
        """

    def volume_of(self, snapshot_id: str) -> str:
        """Return the id of the volume that a snapshot was made of."""


class Cloud(Protocol):
    """One cloud, reached with one session; ``name`` is for messages.

    ``clock_ahead`` is how many seconds its clock is ahead of ours, within a
    second, None if that is not known.
    """

    @property
    def name(self) -> str: ...

    @property
    def clock_ahead(self) -> float | None: ...

    @property
    def auth_url(self) -> str | None: ...

    @property
    def region_name(self) -> str | None: ...

    @property
    def compute(self) -> Compute: ...

    @property
    def block_storage(self) -> BlockStorage: ...

    @property
    def images(self) -> Images: ...

    @property
    def identity(self) -> Identity: ...

    @property
    def temporary(self) -> Temporary: ...

    @property
    def probing(self) -> Probing: ...

    @property
    def inspecting(self) -> Inspecting: ...
