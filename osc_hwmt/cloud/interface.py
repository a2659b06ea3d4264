# SPDX-License-Identifier: Apache-2.0

"""What the rest of the package asks of a cloud."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Protocol

from osc_hwmt.inventory import Image, Project, Server, Volume


@dataclasses.dataclass(frozen=True)
class Scope:
    """Whose servers and volumes to list.

    Without anything said, those of the project that the session has.
    ``project_id`` and ``all_projects`` are for administrators.
    """

    project_id: str | None = None
    all_projects: bool = False


@dataclasses.dataclass(frozen=True)
class Servers:
    """Servers, and the ids of those that a cell which is down keeps back."""

    readable: tuple[Server, ...]
    unreadable: tuple[str, ...]


class Compute(Protocol):
    """Nova."""

    def servers(self, scope: Scope) -> Servers:
        """Return the servers; raises CloudError."""


class BlockStorage(Protocol):
    """Cinder. Every method raises CloudError."""

    def volumes(self, scope: Scope) -> list[Volume]:
        """Return the volumes, without the targets of host migrations."""

    def volume(self, volume_id: str) -> Volume | None:
        """Return a volume, None if there is none that this user may see."""

    def image_metadata(self, volume_id: str) -> Mapping[str, str] | None:
        """Return a volume's image metadata, None where it may not be seen."""

    def set_image_metadata(
        self, volume_id: str, values: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Set some keys, keep the others, return them all as they now are."""

    def unset_image_metadata(
        self, volume_id: str, keys: Sequence[str]
    ) -> None:
        """Remove keys; one that is absent already is as good as removed."""


class Images(Protocol):
    """Glance."""

    def image(self, image_id: str) -> Image | None:
        """Return an image, None if it is gone or hidden."""

    def named(self, name: str) -> list[Image]:
        """Return the images of that name that this user can see."""


class Identity(Protocol):
    """Keystone."""

    def own_project(self) -> Project:
        """Return the project that the session is scoped to."""

    def projects(self) -> list[Project]:
        """Return all projects; CloudError 403 if that is not allowed."""


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
