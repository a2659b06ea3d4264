# SPDX-License-Identifier: Apache-2.0

"""Read the destination, return the plan."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

from osc_hwmt.cloud import contents
from osc_hwmt.cloud.contents import all_projects, listed, scopes
from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.compatibility.computes import NOTHING_KNOWN, Computes
from osc_hwmt.compatibility.concerns import concerns
from osc_hwmt.destination import plan
from osc_hwmt.destination.apply import LookAgain, Seen
from osc_hwmt.destination.approved import Approved, changed
from osc_hwmt.destination.match import (
    Match,
    Mismatch,
    Rule,
    boots_from_image,
    destination_project,
    not_in_project,
)
from osc_hwmt.destination.plan import (
    LeftToDestination,
    Set,
    Step,
    Unchanged,
    Undecided,
)
from osc_hwmt.destination.presence import Presence, presence
from osc_hwmt.destination.refusals import Refusal
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _
from osc_hwmt.journal.history import History
from osc_hwmt.local.parallel import in_parallel
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.changes import Write
from osc_hwmt.model.inventory import Image, Inventory, Project, Volume, by_name

LOG = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Look:
    """What a look at the destination makes of some entries, in their order.

    ``volumes`` are all that were listed, by id.
    """

    steps: tuple[Step, ...]
    volumes: Mapping[str, Volume]
    presence: Presence

    def imported(self) -> Look:
        """Return it without what the destination has nothing of."""
        absent = self.presence.absent
        return dataclasses.replace(
            self,
            steps=tuple(
                one for one in self.steps if one.entry.server_id not in absent
            ),
        )


def look(
    cloud: Cloud,
    entries: Sequence[Entry],
    volume_map: Mapping[str, str],
    concurrency: int,
    computes: Computes = NOTHING_KNOWN,
    past: Callable[[], History] = History,
) -> Look:
    """Return the plan for these entries, reading the cloud and no more.

    Each step has the concerns that what is known of the computes raises.
    ``past`` is asked for if a server exists already. Raises CloudError, and
    Error when the cloud is the one that the servers are to leave.
    """
    inventory = destination(cloud, entries, concurrency)
    _refuse_source(cloud, entries, inventory)
    if inventory.unreadable_servers:
        LOG.warning(
            _(
                'cloud %(cloud)s: %(n)d servers are in a cell that is down; '
                'if they belong to this manifest, they already exist and '
                'were not checked'
            ),
            {'cloud': cloud.name, 'n': len(inventory.unreadable_servers)},
        )
    matches = plan.match_all(entries, inventory, volume_map)
    volumes = contents.presume(cloud, _matched(matches), concurrency)
    steps = plan.build(entries, inventory, _with(volumes, matches))
    proven = contents.confirm(cloud, _built_upon(steps), concurrency)
    if proven:
        certain = _with({**volumes, **proven}, matches)
        steps = plan.build(entries, inventory, certain)
    if any(map(plan.server_of, steps)):
        steps = add_history(steps, past())
    return Look(
        add_concerns(steps, computes),
        inventory.volumes,
        presence(steps, inventory),
    )


def approved_look(
    cloud: Cloud,
    approved: Iterable[Approved],
    entries: Iterable[Entry],
    volume_map: Mapping[str, str],
    concurrency: int,
) -> LookAgain:
    """Return what looks again, right before some approved writes.

    It costs the pages of a plan: nothing is presumed, and nothing is asked
    that has no say in which volume is whose. It raises CloudError.
    """
    by_volume = {one.write.volume_id: one for one in approved}
    by_id = {entry.server_id: entry for entry in entries}

    def look_again(writes: Sequence[Write]) -> Seen:
        some = [by_volume[one.volume_id] for one in writes]
        there = [by_id[one.write.server_id] for one in some]
        inventory = _listed(cloud, there, concurrency)
        matches = plan.match_all(there, inventory, volume_map)
        volumes = contents.confirm(cloud, _matched(matches), concurrency)
        steps = plan.build(there, inventory, _with(volumes, matches))
        now = {**inventory.volumes, **volumes}
        seen: dict[str, Volume | str] = {}
        for one, step in zip(some, steps):
            volume = now.get(one.write.volume_id)
            difference = changed(one, step, volume)
            if difference:
                seen[one.write.volume_id] = difference
            elif volume:
                seen[volume.id] = volume
        return seen

    return look_again


def _matched(matches: Mapping[str, Match | Mismatch]) -> list[Volume]:
    return [one.volume for one in matches.values() if isinstance(one, Match)]


def _with(
    volumes: Mapping[str, Volume], matches: Mapping[str, Match | Mismatch]
) -> dict[str, Match | Mismatch]:
    """Return the matches with what is known of their volumes."""
    return {
        server_id: dataclasses.replace(match, volume=volumes[match.volume.id])
        if isinstance(match, Match)
        else match
        for server_id, match in matches.items()
    }


def _built_upon(steps: Iterable[Step]) -> list[Volume]:
    """Return the volumes that are said to be right without a proof.

    One that is to be written is proven before that.
    """
    return [
        step.holder
        for step in steps
        if isinstance(step, Unchanged)
        and isinstance(step.holder, Volume)
        and step.holder.unproven_page is not None
    ]


def transferred(
    cloud: Cloud,
    entry: Entry,
    volume_id: str | None,
    computes: Computes = NOTHING_KNOWN,
    past: Callable[[], History] = History,
    *,
    new: bool = False,
) -> Step:
    """Return the step of an entry of which something said the boot volume.

    Only that volume is asked for, unless it is attached: then the server may
    exist already, if it is not ``new``. None means that os-migrate made no
    boot volume. Raises CloudError.
    """
    match: Match | Mismatch
    own = cloud.identity.own_project()
    volume = cloud.block_storage.volume(volume_id) if volume_id else None
    if volume and volume.project_id not in (None, own.id):
        volume = None
    if volume_id and volume and volume.attachments and not new:
        named = {entry.server_id: volume_id}
        entry = dataclasses.replace(entry, destination_volume_id=None)
        seen = look(cloud, [entry], named, 1, computes, past)
        return seen.steps[0]
    images: Sequence[Image] = ()
    if volume:
        confirmed = contents.confirm(cloud, [volume], 1)
        match = Match(confirmed[volume.id], Rule.IMPORT, None)
    elif volume_id is None and entry.image_name:
        images = cloud.images.named(entry.image_name)
        match = boots_from_image(entry)
    else:
        match = (
            not_in_project(volume_id, _('the import'), own)
            if volume_id
            else Mismatch(
                Refusal.VOLUME_NOT_FOUND,
                _('os-migrate names no boot volume for it'),
            )
        )
    inventory = Inventory(
        own_project=own,
        servers=(),
        volumes={},
        images={image.id: image for image in images},
        projects={},
    )
    steps = plan.build([entry], inventory, {entry.server_id: match})
    return add_concerns(steps, computes)[0]


def _refuse_source(
    cloud: Cloud, entries: Sequence[Entry], inventory: Inventory
) -> None:
    """Raise Error where a cloud has itself what is to come to it."""
    sources = {entry.server_id for entry in entries}
    for kind, ids in (
        (_('server'), [server.id for server in inventory.servers]),
        (_('volume'), inventory.volumes),
    ):
        for id in ids:
            if id in sources:
                raise Error(
                    _(
                        'cloud %(cloud)s is the source and not the '
                        'destination: it has source %(kind)s %(id)s'
                    )
                    % {'cloud': cloud.name, 'kind': kind, 'id': id}
                )


def destination(
    cloud: Cloud, entries: Iterable[Entry], concurrency: int
) -> Inventory:
    """Return what the destination holds for some manifest entries.

    Only the projects that the entries name are listed. ``projects`` has all
    those that this user may know, so an entry whose project is not in it
    can't be resolved. Doubtful volumes are not asked for yet: see confirm().
    Raises CloudError.
    """
    entries = tuple(entries)
    image_names = sorted(
        {
            entry.image_name
            for entry in entries
            if entry.image_name and not entry.leaves_all
        }
    )
    images = in_parallel(cloud.images.named, image_names, concurrency)
    return dataclasses.replace(
        _listed(cloud, entries, concurrency),
        images={image.id: image for named in images for image in named},
    )


def _listed(
    cloud: Cloud, entries: Sequence[Entry], concurrency: int
) -> Inventory:
    """Return the same without images."""
    own = cloud.identity.own_project()
    projects = _known_projects(cloud, own, entries)
    names = by_name(projects.values())
    needed = {
        project.id
        for entry in entries
        for project in (destination_project(entry, own, names),)
        if project
    }
    servers, volumes = listed(cloud, scopes(needed, own.id), concurrency)
    return Inventory(
        own_project=own,
        servers=tuple(
            one for one in servers.readable if one.project_id in needed
        ),
        volumes={
            id: one
            for id, one in volumes.items()
            if (one.project_id or own.id) in needed
        },
        images={},
        projects=projects,
        unreadable_servers=servers.unreadable,
    )


def _known_projects(
    cloud: Cloud, own: Project, entries: Iterable[Entry]
) -> dict[str, Project]:
    own_only = by_name([own])
    if all(destination_project(entry, own, own_only) for entry in entries):
        return {own.id: own}
    return {own.id: own, **all_projects(cloud)}


def add_concerns(
    steps: Iterable[Step], computes: Computes
) -> tuple[Step, ...]:
    """Return the steps with what the destination says against each.

    Those that get its default are given that.
    """
    return tuple(_with_concerns(step, computes) for step in steps)


def _with_concerns(step: Step, computes: Computes) -> Step:
    holder = plan.holder_of(step)
    found = concerns(
        step.entry,
        plan.carried(holder),
        computes,
        holder.size if isinstance(holder, Volume) else None,
    )
    if isinstance(step, (LeftToDestination, Undecided)):
        recorded = step.entry.recorded
        default = computes.default(recorded.architecture if recorded else None)
        return dataclasses.replace(step, concerns=found, default=default)
    return dataclasses.replace(step, concerns=found)


def add_history(steps: Iterable[Step], history: History) -> tuple[Step, ...]:
    """Return the steps with what Nova read for servers that exist."""
    return tuple(_with_history(step, history) for step in steps)


def _with_history(step: Step, history: History) -> Step:
    server, holder = plan.server_of(step), plan.holder_of(step)
    if (
        not isinstance(step, (Set, Unchanged))
        or not isinstance(holder, Volume)
        or not (server and server.created)
        or holder.made_for(server)
    ):
        return step
    read = history.read(holder, step.entry.wanted_properties, server.created)
    return dataclasses.replace(step, read=read)
