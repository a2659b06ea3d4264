# SPDX-License-Identifier: Apache-2.0

"""What a cloud holds, as far as machine types are concerned."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping
from typing import Optional

from osc_hwmt.model.memory import slotted

#: The property, alike on images, on volumes and in manifests. Nova reads it
#: since Kilo (nova/objects/image_meta.py).
MACHINE_TYPE = 'hw_machine_type'

#: Volumes in these are going away. Cinder attaches none in these, or in any
#: that begins with "error" (cinder/volume/api.py, _attachment_reserve;
#: cinder/objects/fields.py, VolumeStatus). error_managing is shown as error,
#: error_managing_deleting as deleting (cinder/api/v2/views/volumes.py).
GOING = frozenset(('deleting', 'unmanaging'))
#: Cinder puts the image metadata of an image, a volume or a backup on the
#: volume once its data are there. Where a key is there already it fails with
#: GlanceMetadataExists and leaves the volume in error; a new image for an old
#: volume, and a backup, replace all keys (cinder/db/sqlalchemy/api.py,
#: volume_glance_metadata_bulk_create; cinder/volume/manager.py, reimage;
#: cinder/backup/driver.py). managing is shown as creating.
BEING_FILLED = frozenset(('creating', 'downloading', 'restoring-backup'))
#: Cinder refuses to change image metadata (cinder/volume/api.py).
CLOSED = frozenset(('uploading', 'maintenance'))


@dataclasses.dataclass(frozen=True)
class Project:
    """A project; the names are None when this user may not read them."""

    id: str
    name: str | None
    domain_name: str | None


@slotted
@dataclasses.dataclass(frozen=True)
class Attachment:
    """A volume's place in a server; ``device`` is such as ``/dev/vda``."""

    server_id: str
    device: str | None


@slotted
@dataclasses.dataclass(frozen=True)
class Volume:
    """A Cinder volume.

    ``size`` is in GiB. ``image_metadata`` is empty when there is honestly
    none, and None when it is not known: Cinder leaves the member out of its
    answers when there is none, when policy hides it, and when its own query
    failed (cinder/api/contrib/volume_image_metadata.py, Queens to master).

    ``unproven_page`` is the first volume of a listing's page on which none
    had any, so that nothing is proven of that page; else None. ``created`` is
    when Cinder took the order, by its own clock, None where it did not tell.
    """

    id: str
    name: str
    project_id: str | None
    size: int
    bootable: bool
    status: str
    attachments: tuple[Attachment, ...]
    image_metadata: Mapping[str, str] | None
    unproven_page: str | None = None
    created: datetime.datetime | None = None

    @property
    def is_unusable(self) -> bool:
        """Tell whether no server can be built from it, nor will be."""
        return self.is_going or self.status.startswith('error')

    @property
    def is_going(self) -> bool:
        """Tell whether it will be gone soon."""
        return self.status in GOING

    @property
    def is_being_filled(self) -> bool:
        """Tell whether Cinder may yet give it other image metadata."""
        return self.status in BEING_FILLED

    @property
    def is_busy(self) -> bool:
        """Tell whether nothing may be written to it now."""
        return self.is_being_filled or self.status in CLOSED

    def made_for(self, server: Server) -> bool:
        """Tell whether Nova made it for a server, which it gives no name.

        It does that only when it has read what it was to read already.
        """
        return (
            not self.name
            and self.created is not None
            and server.created is not None
            and self.created >= server.created
        )


@slotted
@dataclasses.dataclass(frozen=True)
class Server:
    """A Nova server.

    ``image_id`` is None for a volume-backed server. ``volume_ids`` has no
    order (Nova gives none). ``root_device`` is None unless the user is an
    administrator. ``image_properties`` are those that Nova recorded of the
    image, None where the cloud does not show them (Nova API before 2.98) and
    for a volume-backed server. ``created`` is when Nova took the order, by
    its own clock and in whole seconds. ``deleted_with`` are the volumes that
    go when the server is deleted (delete_on_termination). ``vcpus`` is None
    where the cloud does not show it (Nova API before 2.47). ``devices``
    counts disks and interfaces.
    """

    id: str
    name: str
    project_id: str
    status: str
    image_id: str | None
    volume_ids: tuple[str, ...]
    root_device: str | None
    image_properties: Mapping[str, str] | None = None
    created: datetime.datetime | None = None
    deleted_with: tuple[str, ...] = ()
    vcpus: int | None = None
    devices: int | None = None


@dataclasses.dataclass(frozen=True)
class Image:
    """A Glance image with the properties that Nova would read."""

    id: str
    name: str
    properties: Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class Inventory:
    """Everything that was read from one cloud, in the cloud's own order.

    ``volumes``, ``images`` and ``projects`` go by id. An image that a server
    names and that could not be read is absent from ``images``.
    ``own_project`` is the session's. ``unreadable_servers`` are the ids of
    servers of which a cell that is down told nothing but the id.
    """

    own_project: Project

    servers: tuple[Server, ...]
    volumes: Mapping[str, Volume]
    images: Mapping[str, Image]
    projects: Mapping[str, Project]
    unreadable_servers: tuple[str, ...] = ()


ProjectNames = Mapping[tuple[Optional[str], Optional[str]], Project]


def by_name(projects: Iterable[Project]) -> ProjectNames:
    """Return the projects by name and domain name, for many look-ups."""
    return {(one.name, one.domain_name): one for one in projects}
