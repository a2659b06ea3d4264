# SPDX-License-Identifier: Apache-2.0

"""From a cloud to an inventory, at the cost of pages and not of servers."""

from __future__ import annotations

import collections
import dataclasses
import itertools
import math
from collections.abc import Container, Iterable, Mapping, Sequence, Set

from osc_hwmt.cloud.interface import Cloud, Scope, Servers
from osc_hwmt.exceptions import CloudError
from osc_hwmt.local.parallel import in_parallel
from osc_hwmt.model.boot_volume import BootVolume, boot_volume
from osc_hwmt.model.changes import Write
from osc_hwmt.model.inventory import Inventory, Project, Server, Volume

#: Up to so many volumes are asked for one by one rather than by listing
#: their project, of which a page costs as much as some twenty of them.
FEW = 10
#: So many projects are listed one by one; more cost less in one listing of
#: the whole cloud.
FEW_PROJECTS = 10
#: How many volumes stand for a page that shows nothing.
SAMPLES = 3
_BLANK: Mapping[str, str] = {}


def source(
    cloud: Cloud,
    scopes: Iterable[Scope],
    concurrency: int,
    volume_ids: Container[str] = (),
) -> Inventory:
    """Return the servers of some scopes with what tells their machine types.

    Boot volumes, and those of these ids, whose metadata the listing left in
    doubt are asked for one by one, and so is each image that a server was
    made from. Raises CloudError.
    """
    servers, volumes = listed(cloud, scopes, concurrency)
    wanted = [one for one in volumes.values() if one.id in volume_ids]
    wanted += [
        found.volume
        for server in servers.readable
        for found in (boot_volume(server, volumes),)
        if isinstance(found, BootVolume)
    ]
    project_ids = {server.project_id for server in servers.readable}
    project_ids.update(one.project_id for one in wanted if one.project_id)
    image_ids = sorted(
        {server.image_id for server in servers.readable if server.image_id}
    )
    images = in_parallel(cloud.images.image, image_ids, concurrency)
    own = cloud.identity.own_project()
    return Inventory(
        own_project=own,
        servers=servers.readable,
        volumes={**volumes, **confirm(cloud, wanted, concurrency)},
        images={image.id: image for image in images if image},
        projects=_named_projects(cloud, own, project_ids),
        unreadable_servers=servers.unreadable,
    )


def confirm(
    cloud: Cloud, volumes: Iterable[Volume], concurrency: int
) -> dict[str, Volume]:
    """Return the volumes by id with no avoidable doubt about them left.

    Only those are asked for whose metadata the listing did not prove. Raises
    CloudError.
    """
    confirmed = {volume.id: volume for volume in volumes}
    doubtful = list(filter(_is_doubtful, confirmed.values()))
    answers = in_parallel(
        lambda volume: _asked(cloud, volume), doubtful, concurrency
    )
    return {**confirmed, **{one.id: one for one in answers}}


def presume(
    cloud: Cloud, volumes: Iterable[Volume], concurrency: int
) -> dict[str, Volume]:
    """Return the volumes by id, at a lower price than confirm().

    Of a page of the listing on which no volume shows image metadata, some are
    asked for. If they have none either, the others are taken to have none;
    they keep their ``unproven_page``, and who writes to them or builds on
    that has to prove it. Raises CloudError.
    """
    by_id = {volume.id: volume for volume in volumes}
    pages: dict[str, list[Volume]] = collections.defaultdict(list)
    certain = []
    for volume in by_id.values():
        if volume.unproven_page is None:
            certain.append(volume)
        else:
            pages[volume.unproven_page].append(volume)
    samples = {
        page: some[:: math.ceil(len(some) / SAMPLES)]
        for page, some in pages.items()
    }
    asked = confirm(
        cloud,
        [*certain, *itertools.chain(*samples.values())],
        concurrency,
    )
    lying = [
        volume
        for page, some in pages.items()
        if any(asked[one.id].image_metadata != {} for one in samples[page])
        for volume in some
        if volume.id not in asked
    ]
    presumed = {
        volume.id: dataclasses.replace(volume, image_metadata=_BLANK)
        for some in pages.values()
        for volume in some
    }
    return {**presumed, **asked, **confirm(cloud, lying, concurrency)}


def current(
    cloud: Cloud, writes: Sequence[Write], concurrency: int
) -> dict[str, Volume]:
    """Return the volumes of some writes as they are now, by their ids.

    Volumes that are not there are not in it; image metadata None means that
    this user may not see it. Where there are few writes, each volume is
    asked for, else their projects are listed. Raises CloudError.
    """
    if len(writes) <= FEW:
        asked = in_parallel(
            cloud.block_storage.volume,
            [one.volume_id for one in writes],
            concurrency,
        )
        found = [one for one in asked if one]
    else:
        own = cloud.identity.own_project().id
        wanted = {write.volume_id: write.project_id or own for write in writes}
        pages = in_parallel(
            cloud.block_storage.volumes,
            scopes(set(wanted.values()), own),
            concurrency,
        )
        found = [one for some in pages for one in some if one.id in wanted]
    answers = in_parallel(
        lambda volume: _asked_if_there(cloud, volume),
        filter(_is_doubtful, found),
        concurrency,
    )
    certain = [one for one in found if not _is_doubtful(one)]
    return {one.id: one for one in (*certain, *answers) if one}


def listed(
    cloud: Cloud, scopes: Iterable[Scope], concurrency: int
) -> tuple[Servers, dict[str, Volume]]:
    """Return the servers and volumes of some scopes; raises CloudError."""
    answers = in_parallel(
        lambda scope: (
            cloud.compute.servers(scope),
            cloud.block_storage.volumes(scope),
        ),
        scopes,
        concurrency,
    )
    servers: dict[str, Server] = {}
    volumes: dict[str, Volume] = {}
    unreadable: list[str] = []
    for some_servers, some_volumes in answers:
        servers.update({one.id: one for one in some_servers.readable})
        volumes.update({one.id: one for one in some_volumes})
        unreadable += some_servers.unreadable
    return Servers(tuple(servers.values()), tuple(unreadable)), volumes


def scopes(project_ids: Iterable[str], own: str) -> list[Scope]:
    """Return what to list for some projects; ``own`` is the session's.

    Of many it is the whole cloud, and so has other projects as well.
    """
    project_ids = sorted(project_ids)
    if len(project_ids) > FEW_PROJECTS:
        return [Scope(all_projects=True)]
    return [
        Scope() if project_id == own else Scope(project_id=project_id)
        for project_id in project_ids
    ]


def all_projects(cloud: Cloud) -> dict[str, Project]:
    """Return the projects by id, none where they may not be listed."""
    try:
        return {one.id: one for one in cloud.identity.projects()}
    except CloudError as exc:
        if exc.code != 403:
            raise
        return {}


def _is_doubtful(volume: Volume) -> bool:
    """Tell whether a listing did not prove a volume's image metadata."""
    return volume.image_metadata is None or volume.unproven_page is not None


def _asked(cloud: Cloud, volume: Volume) -> Volume:
    """Return a volume with the image metadata that Cinder swears to."""
    return dataclasses.replace(
        volume,
        image_metadata=cloud.block_storage.image_metadata(volume.id),
        unproven_page=None,
    )


def _asked_if_there(cloud: Cloud, volume: Volume) -> Volume | None:
    try:
        return _asked(cloud, volume)
    except CloudError as exc:
        if exc.code != 404:
            raise
        return None


def _named_projects(
    cloud: Cloud, own: Project, ids: Set[str]
) -> dict[str, Project]:
    """Return these projects; without names where none may be read."""
    ids = ids - {own.id}
    known = {own.id: own}
    if ids:
        known.update(all_projects(cloud))
    return {
        project_id: known.get(project_id, Project(project_id, None, None))
        for project_id in (own.id, *sorted(ids))
    }
