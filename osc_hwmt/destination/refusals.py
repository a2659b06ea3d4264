# SPDX-License-Identifier: Apache-2.0

"""Why a plan leaves a server alone, and what an operator may do."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence

from osc_hwmt.compatibility.rules.definition import Concern
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.changes import Change
from osc_hwmt.model.inventory import Server, Volume
from osc_hwmt.model.memory import slotted
from osc_hwmt.pasted import Command, Given, after_each_other, options


class Refusal(enum.Enum):
    """Why a server's hardware will not be set."""

    PROJECT_NOT_FOUND = 'project-not-found'
    VOLUME_NOT_FOUND = 'volume-not-found'
    #: The destination has nothing of it: neither server nor volume.
    NOT_IMPORTED_YET = 'not-imported-yet'
    #: It may be there, and no time will tell: there is no name to look for.
    VOLUME_NAME_UNKNOWN = 'volume-name-unknown'
    #: It is there already, and no volume can be meant for it any more.
    SERVER_ON_IMAGE = 'server-on-image'
    #: Its volume boots, and Nova has read an image.
    IMAGE_BESIDE_VOLUME = 'image-beside-volume'
    VOLUME_AMBIGUOUS = 'volume-ambiguous'
    VOLUME_CLAIMED_TWICE = 'volume-claimed-twice'
    VOLUME_UNUSABLE = 'volume-unusable'
    #: Cinder may yet give it other image metadata.
    VOLUME_NOT_READY = 'volume-not-ready'
    METADATA_UNKNOWN = 'metadata-unknown'
    MACHINE_TYPE_MISSING = 'machine-type-missing'
    ON_IMAGE = 'on-image'
    #: The destination could not run it, or not as it is.
    UNFIT = 'unfit'
    #: Nobody knows its machine type, nobody chose, and --strict was given.
    UNDECIDED = 'undecided'


@slotted
@dataclasses.dataclass(frozen=True)
class Refused:
    """Nothing will be done; ``remedy`` is what an operator may do."""

    entry: Entry
    refusal: Refusal
    reason: str
    remedy: str
    candidates: tuple[Volume, ...] = ()
    concerns: tuple[Concern, ...] = ()


def remedy_of(entry: Entry, refusal: Refusal) -> str:
    """Return what lets a server's volume be found."""
    if refusal is Refusal.PROJECT_NOT_FOUND:
        return _(
            'create the project first, or run export and this command as an '
            'administrator'
        )
    if refusal is Refusal.IMAGE_BESIDE_VOLUME:
        return _(
            'create it again from that volume without the image; first make '
            'sure that the volume is kept (openstack server volume update '
            '--preserve-on-termination)'
        )
    if refusal is Refusal.SERVER_ON_IMAGE:
        return _(
            'if it is another server, rename it; otherwise delete it, and '
            'create it again from its copied volume'
        )
    how = (
        '--volume-map'
        if entry.detached
        else _(
            '_migration_params.boot_volume.uuid below %(path)s:%(line)d, or '
            '--volume-map'
        )
        % {'path': entry.path, 'line': entry.line}
    )
    if refusal is Refusal.VOLUME_UNUSABLE:
        return _('delete the unusable volumes, and copy the data again')
    if refusal in (Refusal.VOLUME_NOT_FOUND, Refusal.NOT_IMPORTED_YET):
        return _('create the volume first, or name it with %s') % how
    return _('name the right one with %s') % how


def claimed_twice(entry: Entry, other: Entry, volume: Volume) -> Refused:
    """Return the refusal of a volume that another entry also leads to.

    os-migrate exports the volume of a shelved server with the server, and
    among the volumes of no server.
    """
    source = entry.boot_volume and entry.boot_volume.id
    if other.boot_volume and other.boot_volume.id == source:
        remedy = _(
            'both have the same volume on the source: leave one of them out'
        )
    else:
        remedy = _(
            'name the volume of each with _migration_params.boot_volume.uuid '
            'or --volume-map'
        )
    return Refused(
        entry,
        Refusal.VOLUME_CLAIMED_TWICE,
        _('%(name)s (%(path)s:%(line)d) also resolves to volume %(volume)s')
        % {
            'name': other.name or other.server_id,
            'path': other.path,
            'line': other.line,
            'volume': volume.id,
        },
        remedy,
    )


def unusable(entry: Entry, volume: Volume, server: Server | None) -> Refused:
    """Return the refusal of a volume in error, or on its way out."""
    reason = _('volume %(id)s is in status %(status)s')
    if server:
        reason = _('server %(server)s has volume %(id)s in status %(status)s')
    remedy = _(
        '%(list)s may show why; delete the volume and copy the data again '
        'or, if its data is known to be complete, have an administrator set '
        'its state: %(set)s'
    ) % {
        'list': Command(
            *('openstack', '--os-volume-api-version', '3.3'),
            *('volume', 'message', 'list'),
        ),
        'set': Command(
            *('openstack', 'volume', 'set', '--state', 'available'),
            Given(volume.id),
        ),
    }
    if volume.is_going:
        remedy = _('once volume %s is gone, copy the data again') % volume.id
    return Refused(
        entry,
        Refusal.VOLUME_UNUSABLE,
        reason
        % {
            'id': volume.id,
            'status': volume.status,
            'server': server.id if server else None,
        },
        remedy,
        (volume,),
    )


def not_ready(entry: Entry, volume: Volume) -> Refused:
    """Return the refusal of a volume that Cinder still fills."""
    return Refused(
        entry,
        Refusal.VOLUME_NOT_READY,
        still_busy(volume),
        once_available(),
        (volume,),
    )


def still_busy(volume: Volume) -> str:
    """Return why nothing can be written to a volume now."""
    return _('volume %(id)s is still in status %(status)s') % {
        'id': volume.id,
        'status': volume.status,
    }


def once_available() -> str:
    return _('run it again once the volume is available, or use --wait')


def image_commands(changes: Sequence[Change], image: str) -> str:
    """Return what an operator may paste to have the image say it."""
    wanted = [f'{one.key}={one.new}' for one in changes if one.new is not None]
    unwanted = [one.key for one in changes if one.new is None]
    return after_each_other(
        Command(
            *('openstack', 'image', verb),
            *options('--property', values),
            Given(image),
        )
        for verb, values in (('set', wanted), ('unset', unwanted))
        if values
    )


def machine_type_missing(entry: Entry) -> Refused:
    """Return the refusal of an entry that does not say its machine type."""
    written = _(
        'write params.hw_machine_type below %(path)s:%(line)d: a machine '
        'type, or null to leave it to the destination'
    ) % {'path': entry.path, 'line': entry.line}
    if entry.recorded is None:
        reason = _(
            "the manifest has no machine type for it (os-migrate's own "
            'export drops the keys)'
        )
        remedy = _('run export again')
    elif entry.recorded.unknown:
        reason = (
            _('export could not read its machine type: %s')
            % entry.recorded.unknown
        )
        remedy = _('run export with --source-hosts, or %s') % written
    else:
        reason = _('params.hw_machine_type is missing')
        remedy = _('run export again, or %s') % written
    return Refused(entry, Refusal.MACHINE_TYPE_MISSING, reason, remedy)
