# SPDX-License-Identifier: Apache-2.0

"""What apply is going to do, server by server, before anything is done."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Union

from osc_hwmt.compatibility.rules.definition import Concern
from osc_hwmt.destination.match import Destination, Match, Mismatch
from osc_hwmt.destination.refusals import (
    Refusal,
    Refused,
    claimed_twice,
    image_commands,
    machine_type_missing,
    not_ready,
    remedy_of,
    unusable,
)
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry, Intent
from osc_hwmt.model.changes import Change, Write
from osc_hwmt.model.inventory import (
    MACHINE_TYPE,
    Image,
    Inventory,
    Server,
    Volume,
)
from osc_hwmt.model.memory import empty_mapping, slotted


@slotted
@dataclasses.dataclass(frozen=True)
class Set:
    """The volume gets these changes, all of them in one request.

    ``read`` is what Nova has read of it already, if the server exists, as
    far as journals tell; it will not read it again.
    """

    entry: Entry
    match: Match
    changes: tuple[Change, ...]
    concerns: tuple[Concern, ...] = ()
    read: Mapping[str, str | None] = dataclasses.field(
        default_factory=empty_mapping
    )

    @property
    def too_late(self) -> bool:
        """Tell whether the server was built with something else.

        That is so unless journals prove the contrary: the volume does not
        have it now.
        """
        return self.match.server is not None and not is_as_wanted(
            self.entry, self.read
        )

    @property
    def removes(self) -> bool:
        """Tell whether the volume only loses what it has."""
        return all(change.new is None for change in self.changes)

    @property
    def write(self) -> Write:
        """The same as apply carries it out and the journal records it."""
        return Write(
            volume_id=self.match.volume.id,
            project_id=self.match.volume.project_id,
            server_id=self.entry.server_id,
            server=self.entry.name,
            changes=self.changes,
            unproven_page=self.match.volume.unproven_page,
        )


@slotted
@dataclasses.dataclass(frozen=True)
class Unchanged:
    """The destination has what is wanted, on a volume or on an image.

    ``server`` was built from it already, if there is one, and Nova has read
    ``read`` of it then, as far as journals tell.
    """

    entry: Entry
    holder: Volume | Image
    concerns: tuple[Concern, ...] = ()
    server: Server | None = None
    read: Mapping[str, str | None] = dataclasses.field(
        default_factory=empty_mapping
    )

    @property
    def too_late(self) -> bool:
        """Tell whether the server was built before the volume had it."""
        return is_as_wanted(self.entry, self.read) is False


@slotted
@dataclasses.dataclass(frozen=True)
class LeftToDestination:
    """Nothing is wanted: the destination's own ``default`` applies.

    That is None if not known.
    """

    entry: Entry
    concerns: tuple[Concern, ...] = ()
    default: str | None = None


@slotted
@dataclasses.dataclass(frozen=True)
class Undecided:
    """Nobody knows what it ran, and nobody chose: it gets the same."""

    entry: Entry
    concerns: tuple[Concern, ...] = ()
    default: str | None = None


Step = Union[Set, Unchanged, LeftToDestination, Undecided, Refused]


def is_as_wanted(entry: Entry, read: Mapping[str, str | None]) -> bool | None:
    """Tell whether what an entry wants was read; None if that is not known."""
    wanted = {
        key: wanted.value
        for key, wanted in entry.wanted_properties.items()
        if wanted.intent is not Intent.LEAVE
    }
    if any(read[key] != wanted[key] for key in wanted if key in read):
        return False
    return True if all(key in read for key in wanted) else None


def server_of(step: Step) -> Server | None:
    """Return the destination's server of a step, if it exists already."""
    if isinstance(step, Set):
        return step.match.server
    return step.server if isinstance(step, Unchanged) else None


def is_too_late(step: Step) -> bool:
    """Tell whether a step's server was built with something else."""
    return isinstance(step, (Set, Unchanged)) and step.too_late


def holder_of(step: Step) -> Volume | Image | None:
    """Return what carries the hardware of a step's server, if it is known."""
    if isinstance(step, Set):
        return step.match.volume
    return step.holder if isinstance(step, Unchanged) else None


def carried(holder: Volume | Image | None) -> Mapping[str, str]:
    """Return the properties that a volume or image has, as far as known."""
    if isinstance(holder, Volume):
        return holder.image_metadata or {}
    return holder.properties if holder else {}


def match_all(
    entries: Iterable[Entry],
    inventory: Inventory,
    volume_map: Mapping[str, str],
) -> dict[str, Match | Mismatch]:
    """Return for each server id the volume it will boot from, or why none.

    Servers whose hardware is left to the destination, or whose machine type
    is not known to the manifest, need no volume and are not in it.
    """
    destination = Destination(inventory, volume_map)
    return {
        entry.server_id: destination.match(entry)
        for entry in entries
        if without_volume(entry) is None
    }


def build(
    entries: Sequence[Entry],
    inventory: Inventory,
    matches: Mapping[str, Match | Mismatch],
) -> tuple[Step, ...]:
    """Return one step for each entry, in the entries' order."""
    contested = _contested(entries, matches)
    return tuple(
        _step(entry, inventory, matches, contested) for entry in entries
    )


def _contested(
    entries: Iterable[Entry], matches: Mapping[str, Match | Mismatch]
) -> dict[str, list[Entry]]:
    """Return the volumes that several entries lead to, by id."""
    first: dict[str, Entry] = {}
    contested: dict[str, list[Entry]] = {}
    for entry in entries:
        match = matches.get(entry.server_id)
        if isinstance(match, Match):
            earlier = first.setdefault(match.volume.id, entry)
            if earlier is not entry:
                contested.setdefault(match.volume.id, [earlier]).append(entry)
    return contested


def without_volume(
    entry: Entry,
) -> LeftToDestination | Undecided | Refused | None:
    """Return the step of an entry that needs no volume, None for others."""
    if entry.leaves_all:
        if entry.is_undecided:
            return Undecided(entry)
        return LeftToDestination(entry)
    if entry.lacks_machine_type:
        return machine_type_missing(entry)
    return None


def refuse_unfit(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps, refused where a concern is an error."""
    return tuple(map(_refused_if_unfit, steps))


def _refused_if_unfit(step: Step) -> Step:
    errors = [concern for concern in step.concerns if concern.is_error]
    if not errors or isinstance(step, Refused):
        return step
    return Refused(
        step.entry,
        Refusal.UNFIT,
        '; '.join(concern.text for concern in errors),
        '; '.join(dict.fromkeys(concern.remedy for concern in errors)),
        concerns=step.concerns,
    )


def _step(
    entry: Entry,
    inventory: Inventory,
    matches: Mapping[str, Match | Mismatch],
    contested: Mapping[str, Sequence[Entry]],
) -> Step:
    settled = without_volume(entry)
    if settled:
        return settled
    match = matches[entry.server_id]
    if isinstance(match, Match):
        return _on_volume(entry, match, contested)
    if match.refusal is Refusal.ON_IMAGE:
        return _on_image(entry, match, inventory)
    return Refused(
        entry,
        match.refusal,
        match.reason,
        remedy_of(entry, match.refusal),
        match.candidates,
    )


def _on_volume(
    entry: Entry, match: Match, contested: Mapping[str, Sequence[Entry]]
) -> Step:
    volume = match.volume
    for other in contested.get(volume.id, ()):
        if other is not entry:
            return claimed_twice(entry, other, volume)
    if volume.is_unusable:
        return unusable(entry, volume, match.server)
    if volume.image_metadata is None:
        return Refused(
            entry,
            Refusal.METADATA_UNKNOWN,
            _('not allowed to see the image metadata of volume %s')
            % volume.id,
            # os-show_image_metadata has no rule of its own (cinder,
            # volume/api.py, Train to 2026.1).
            _('log in as a user allowed by policy volume:get_volume_metadata'),
            (volume,),
        )
    changes = _changes(entry, volume.image_metadata)
    if changes:
        return Set(entry, match, changes)
    if volume.is_being_filled:
        return not_ready(entry, volume)
    return Unchanged(entry, volume, server=match.server)


def _changes(entry: Entry, now: Mapping[str, str]) -> tuple[Change, ...]:
    """Return what has to change where ``now`` is, the machine type first."""
    keys = sorted(
        entry.wanted_properties, key=lambda key: (key != MACHINE_TYPE, key)
    )
    return tuple(
        Change(key, now.get(key), entry.wanted_properties[key].value)
        for key in keys
        if entry.wanted_properties[key].intent is not Intent.LEAVE
        and entry.wanted_properties[key].value != now.get(key)
    )


def _on_image(entry: Entry, match: Mismatch, inventory: Inventory) -> Step:
    """Return the step of a server that boots from the destination's image."""
    images = [
        image
        for image in inventory.images.values()
        if image.name == entry.image_name
    ]
    if len(images) == 1:
        (image,) = images
        changes = _changes(entry, image.properties)
        if not changes:
            return Unchanged(entry, image)
        found = _('that image has %s') % ', '.join(
            f'{change.key} {change.old or "-"}' for change in changes
        )
        remedy = image_commands(changes, image.id)
    elif images:
        found = _('%(n)d images have that name: %(ids)s') % {
            'n': len(images),
            'ids': ', '.join(image.id for image in images),
        }
        remedy = _('rename all but one of them, then run this again')
    else:
        found = _('the destination has no image of that name')
        remedy = _('create the image first, then run this again')
    return Refused(
        entry,
        Refusal.ON_IMAGE,
        _('%(why)s, and %(found)s') % {'why': match.reason, 'found': found},
        remedy,
    )
