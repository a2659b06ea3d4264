# SPDX-License-Identifier: Apache-2.0

"""What apply is going to do, server by server, before anything is done."""

from __future__ import annotations

import collections
import dataclasses
import enum
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Union

from osc_hwmt.entry import Entry, Intent, Wanted
from osc_hwmt.fitness import Concern
from osc_hwmt.i18n import _
from osc_hwmt.inventory import MACHINE_TYPE, Image, Inventory, Volume
from osc_hwmt.match import Destination, Doubt, Match, Mismatch


class Refusal(enum.Enum):
    """Why a server's machine type will not be set."""

    PROJECT_NOT_FOUND = 'project-not-found'
    VOLUME_NOT_FOUND = 'volume-not-found'
    VOLUME_AMBIGUOUS = 'volume-ambiguous'
    VOLUME_CLAIMED_TWICE = 'volume-claimed-twice'
    METADATA_UNKNOWN = 'metadata-unknown'
    NOT_IN_MANIFEST = 'not-in-manifest'
    ON_IMAGE = 'on-image'
    #: The destination could not run it, or not as it is.
    UNFIT = 'unfit'


@dataclasses.dataclass(frozen=True)
class Change:
    """One key of a volume's image metadata; None means that it is absent."""

    key: str
    old: str | None
    new: str | None


@dataclasses.dataclass(frozen=True)
class Set:
    """The volume gets these changes.

    ``too_late`` tells that the server exists already: Nova has read the
    volume's metadata once, when it built it, and will not read it again.
    """

    entry: Entry
    match: Match
    changes: tuple[Change, ...]
    concerns: tuple[Concern, ...] = ()

    @property
    def too_late(self) -> bool:
        """Tell whether the server was built before this change."""
        return self.match.server is not None


@dataclasses.dataclass(frozen=True)
class Unchanged:
    """The destination has what is wanted, on a volume or on an image."""

    entry: Entry
    holder: Volume | Image
    concerns: tuple[Concern, ...] = ()


@dataclasses.dataclass(frozen=True)
class Left:
    """Nothing is wanted: the destination's own default applies."""

    entry: Entry
    concerns: tuple[Concern, ...] = ()


@dataclasses.dataclass(frozen=True)
class Refused:
    """Nothing will be done; ``remedy`` is what an operator may do."""

    entry: Entry
    refusal: Refusal
    reason: str
    remedy: str
    candidates: tuple[Volume, ...] = ()
    concerns: tuple[Concern, ...] = ()


Step = Union[Set, Unchanged, Left, Refused]


def match_all(
    entries: Iterable[Entry],
    inventory: Inventory,
    volume_map: Mapping[str, str],
) -> dict[str, Match | Mismatch]:
    """Return for each server id the volume it will boot from, or a doubt.

    Servers whose machine type is left to the destination, or not known to
    the manifest, need no volume and are not in it.
    """
    destination = Destination(inventory, volume_map)
    return {
        entry.server_id: destination.match(entry)
        for entry in entries
        if entry.wanted.intent in (Intent.SET, Intent.REMOVE)
    }


def build(
    entries: Sequence[Entry],
    inventory: Inventory,
    matches: Mapping[str, Match | Mismatch],
) -> tuple[Step, ...]:
    """Return one step for each entry, in the entries' order."""
    claims = collections.Counter(
        match.volume.id
        for match in matches.values()
        if isinstance(match, Match)
    )
    return tuple(_step(entry, inventory, matches, claims) for entry in entries)


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
    claims: Mapping[str, int],
) -> Step:
    if entry.wanted.intent is Intent.LEAVE:
        return Left(entry)
    if entry.wanted.intent is Intent.MISSING:
        return _not_in_manifest(entry)
    match = matches[entry.server_id]
    if isinstance(match, Match):
        return _on_volume(entry, match, claims)
    if match.doubt is Doubt.ON_IMAGE:
        return _on_image(entry, match, inventory)
    return Refused(
        entry,
        Refusal(match.doubt.value),
        match.reason,
        _(
            'create the volume first, or name it: '
            '_migration_params.boot_volume.uuid below %(path)s:%(line)d, or '
            '--volume-map'
        )
        % {'path': entry.path, 'line': entry.line},
        match.candidates,
    )


def _on_volume(entry: Entry, match: Match, claims: Mapping[str, int]) -> Step:
    volume = match.volume
    if claims[volume.id] > 1:
        return Refused(
            entry,
            Refusal.VOLUME_CLAIMED_TWICE,
            _('another server of the manifest resolves to volume %s too')
            % volume.id,
            _(
                'name the volume of each: _migration_params.boot_volume.uuid, '
                'or --volume-map'
            ),
            (volume,),
        )
    if volume.image_metadata is None:
        return Refused(
            entry,
            Refusal.METADATA_UNKNOWN,
            _('not allowed to see the image metadata of volume %s')
            % volume.id,
            _(
                'use a user whom policy '
                'volume_extension:volume_image_metadata:show allows it'
            ),
            (volume,),
        )
    change = Change(
        MACHINE_TYPE,
        volume.image_metadata.get(MACHINE_TYPE),
        entry.wanted.value,
    )
    if change.old == change.new:
        return Unchanged(entry, volume)
    return Set(entry, match, (change,))


def _on_image(entry: Entry, match: Mismatch, inventory: Inventory) -> Step:
    """Return the step of a server that boots from the destination's image."""
    images = [
        image
        for image in inventory.images.values()
        if image.name == entry.image_name
    ]
    for image in images:
        if len(images) == 1 and (
            image.properties.get(MACHINE_TYPE) == entry.wanted.value
        ):
            return Unchanged(entry, image)
    return Refused(
        entry,
        Refusal.ON_IMAGE,
        _('%(why)s, and %(found)s')
        % {
            'why': match.reason,
            'found': _('%d images are called so') % len(images)
            if len(images) != 1
            else _('that image says %s')
            % images[0].properties.get(MACHINE_TYPE),
        },
        _image_command(entry.wanted, images),
    )


def _image_command(wanted: Wanted, images: Sequence[Image]) -> str:
    image = images[0].id if len(images) == 1 else '<image>'
    if wanted.value is None:
        return f'openstack image unset --property {MACHINE_TYPE} {image}'
    return (
        f'openstack image set --property '
        f'{MACHINE_TYPE}={shlex.quote(wanted.value)} {image}'
    )


def _not_in_manifest(entry: Entry) -> Refused:
    return Refused(
        entry,
        Refusal.NOT_IN_MANIFEST,
        _('the manifest does not say which machine type it shall have')
        if entry.recorded
        else _(
            'the manifest has no machine type for it (os-migrate drops the '
            'keys when it exports again)'
        ),
        _(
            'run export again, or write params.hw_machine_type below '
            '%(path)s:%(line)d: a machine type, or null to leave it to the '
            'destination'
        )
        % {'path': entry.path, 'line': entry.line},
    )
