# SPDX-License-Identifier: Apache-2.0

"""What a manifest has to say of an order for a server, and what is done."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from typing import Protocol

from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.destination import plan, undecided
from osc_hwmt.destination.apply import Result
from osc_hwmt.destination.boot_volumes import BootVolumes
from osc_hwmt.destination.match import destination_project
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.exceptions import CloudError, Error, FileError
from osc_hwmt.gate.manifests import Listed
from osc_hwmt.gate.request import Creation, Reads
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry, Intent
from osc_hwmt.model.changes import WriteResult
from osc_hwmt.model.inventory import Project, by_name


class Word(enum.Enum):
    """What becomes of an order."""

    NOT_LISTED = 'not listed'
    LEFT = 'left to the destination'
    UNDECIDED = 'undecided'
    SET = 'set'
    TO_SET = 'to set'
    UNCHANGED = 'unchanged'
    REBUILT = 'rebuilt'
    #: What Nova says of it is better than what could be said here.
    NO_VOLUME = 'no such volume'
    REFUSED = 'refused'
    #: The next attempt may have another answer.
    NOT_NOW = 'not now'
    #: No manifest tells what the server is to have.
    UNKNOWN = 'not judged'


#: Those after which Nova does not get the order.
_STOPS = (Word.REFUSED, Word.NOT_NOW, Word.UNKNOWN)


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What becomes of an order, and why; ``entry`` is the manifest's."""

    word: Word
    detail: str = ''
    entry: Entry | None = None
    volume_id: str | None = None

    @property
    def stops(self) -> bool:
        """Tell whether nothing may be built."""
        return self.word in _STOPS


class Caller(Protocol):
    """Who orders a server; everything is done with their own rights.

    Every method raises CloudError.
    """

    def project(self) -> Project:
        """Return the project that the server is to be in."""

    def cloud(self) -> Cloud:
        """Return the cloud as the caller reaches it."""

    def server_name(self, server_id: str) -> str | None:
        """Return the name of a server, None where there is none."""

    def boot_volumes(self, entry: Entry) -> BootVolumes:
        """Return what writes for an entry."""


def verdict(
    creation: Creation,
    candidates: Sequence[Entry],
    caller: Caller,
    *,
    write: bool,
    strict: bool,
) -> Verdict:
    """Return what becomes of an order; what is wanted is there after that.

    ``candidates`` are the entries of its name or volume, whatever their
    projects. Without ``write`` nothing is set.
    """
    try:
        found = _entry(creation, candidates, caller)
        if isinstance(found, Verdict):
            return found
        judged = _judged(creation, found, caller, write, strict)
        return dataclasses.replace(
            judged, entry=found, volume_id=creation.volume_id
        )
    except CloudError as exc:
        if exc.code in (401, 404):
            # The token or what it names: Nova says it.
            return Verdict(Word.NO_VOLUME, str(exc))
        decided = exc.code is not None and exc.code < 500 and not exc.transient
        return Verdict(Word.REFUSED if decided else Word.NOT_NOW, str(exc))
    except FileError as exc:
        return Verdict(Word.NOT_NOW, str(exc))
    except Error as exc:
        return Verdict(Word.REFUSED, str(exc))


def _entry(
    creation: Creation, candidates: Sequence[Entry], caller: Caller
) -> Entry | Verdict:
    """Return the entry of an order, or why there is not one."""
    if not candidates:
        return Verdict(Word.NOT_LISTED)
    own = caller.project()
    names = by_name([own])
    here = [one for one in candidates if destination_project(one, own, names)]
    by_volume = [
        one
        for one in here
        if creation.volume_id
        and one.destination_volume_id == creation.volume_id
    ]
    if not here:
        return _elsewhere(candidates)
    chosen = by_volume or here
    entry = chosen[0]
    if any(one.wanted_properties != entry.wanted_properties for one in chosen):
        return Verdict(
            Word.REFUSED,
            _('%(n)d entries match and want different things: %(places)s')
            % {'n': len(chosen), 'places': ', '.join(map(_place, chosen))},
        )
    named = entry.destination_volume_id
    if named and creation.volume_id and named != creation.volume_id:
        return Verdict(
            Word.REFUSED,
            _(
                'it would boot from volume %(volume)s, but %(place)s names '
                'volume %(named)s for it'
            )
            % {
                'volume': creation.volume_id,
                'place': _place(entry),
                'named': named,
            },
            entry,
        )
    return entry


def _elsewhere(candidates: Sequence[Entry]) -> Verdict:
    """Return what is said of entries of the name, none of this project."""
    for one in candidates:
        if one.recorded and one.recorded.project_name is None:
            return Verdict(
                Word.UNKNOWN,
                _(
                    '%(place)s: export could not read the name of its '
                    'project %(id)s; run export as an administrator'
                )
                % {'place': _place(one), 'id': one.project_id},
                one,
            )
    return Verdict(Word.NOT_LISTED)


def _judged(
    creation: Creation,
    entry: Entry,
    caller: Caller,
    write: bool,
    strict: bool,
) -> Verdict:
    if creation.reads is Reads.VOLUME and creation.id:
        applied = caller.boot_volumes(entry).apply(
            entry, creation.id, caller.cloud, write=write
        )
        judged = _of_volume(applied)
        if judged.word is Word.NO_VOLUME:
            return _unless_another_projects(creation.id, judged, caller)
        return judged
    step: plan.Step | None = plan.without_volume(entry)
    if isinstance(step, plan.Undecided) and strict:
        (step,) = undecided.refuse([step])
    if step is not None:
        return _of_step(step)
    return _of_other(creation, entry, caller)


def _unless_another_projects(
    volume_id: str, judged: Verdict, caller: Caller
) -> Verdict:
    """Return a refusal of a volume that only an administrator sees.

    Nova lets an administrator build from it.
    """
    if caller.cloud().block_storage.volume(volume_id) is None:
        return judged
    return Verdict(
        Word.REFUSED, _('volume %s belongs to another project') % volume_id
    )


def _of_volume(applied: Result) -> Verdict:
    """Return what became of the volume that Nova is going to read."""
    step, written = applied.step, applied.written
    if not isinstance(step, plan.Set):
        return _of_step(step)
    changes = ', '.join(
        f'{one.key} {one.old or "-"} -> {one.new or "-"}'
        for one in step.changes
    )
    if written is None:
        return Verdict(Word.TO_SET, changes)
    if written.is_well:
        return Verdict(Word.SET, changes)
    word = (
        Word.REFUSED if written.result is WriteResult.FAILED else Word.NOT_NOW
    )
    return Verdict(word, written.detail)


def _of_step(step: plan.Step) -> Verdict:
    if isinstance(step, Refused):
        if step.refusal is Refusal.VOLUME_NOT_FOUND:
            return Verdict(Word.NO_VOLUME, step.reason)
        word = Word.REFUSED
        if step.refusal is Refusal.MACHINE_TYPE_MISSING:
            word = Word.UNKNOWN
        elif step.refusal is Refusal.VOLUME_NOT_READY:
            word = Word.NOT_NOW
        return Verdict(word, f'{step.reason}; {step.remedy}')
    if isinstance(step, plan.Undecided):
        return Verdict(
            Word.UNDECIDED,
            f'{undecided.why(step)}; {undecided.remedy(step.entry)}',
        )
    if isinstance(step, plan.LeftToDestination):
        return Verdict(Word.LEFT)
    return Verdict(Word.UNCHANGED)


def _of_other(creation: Creation, entry: Entry, caller: Caller) -> Verdict:
    """Return what is said where Nova does not read a volume of the server.

    It goes on where what Nova reads has what is wanted already; nothing
    there is ours to set.
    """
    has = _read(creation, caller.cloud())
    lacking = [
        f'{key}={wanted.value or "-"}'
        for key, wanted in entry.wanted_properties.items()
        if wanted.intent is not Intent.LEAVE and wanted.value != has.get(key)
    ]
    if not lacking:
        return Verdict(Word.UNCHANGED)
    return Verdict(
        Word.REFUSED,
        _('%(why)s: %(lacking)s is missing; %(remedy)s')
        % {
            'why': _reading(creation),
            'lacking': ', '.join(lacking),
            'remedy': _remedy(creation),
        },
    )


def _read(creation: Creation, cloud: Cloud) -> Mapping[str, str]:
    """Return the properties that Nova is going to read; raises CloudError."""
    if creation.reads is Reads.IMAGE and creation.id:
        image = cloud.images.image(creation.id)
        if image is None:
            raise CloudError(_('no such image'), 404)
        return image.properties
    if creation.reads is Reads.SNAPSHOT and creation.id:
        volume_id = cloud.inspecting.volume_of(creation.id)
        return cloud.block_storage.image_metadata(volume_id) or {}
    return {}


def _reading(creation: Creation) -> str:
    if creation.reads is Reads.NOTHING:
        return _('it boots from a blank volume, from which Nova reads nothing')
    if creation.reads is Reads.SNAPSHOT:
        return (
            _(
                'it boots from snapshot %s, and Nova reads the volume that '
                'the snapshot was taken of'
            )
            % creation.id
        )
    if creation.volume_id:
        return _(
            'the request names both image %(image)s and boot volume '
            '%(volume)s, so Nova reads the image'
        ) % {'image': creation.id, 'volume': creation.volume_id}
    return _('Nova reads image %s') % creation.id


def _remedy(creation: Creation) -> str:
    if creation.volume_id:
        return _('leave out the image')
    return _('create the volume first, and boot from it')


def _place(entry: Entry) -> str:
    return f'{entry.path}:{entry.line}'


def rebuild_verdict(
    server_id: str, listed: Listed, caller: Caller, *, refuse: bool
) -> Verdict:
    """Return what becomes of the rebuild of a server."""
    try:
        name = caller.server_name(server_id)
        candidates = listed.named(name) if name is not None else []
        own = caller.project() if candidates else None
    except CloudError as exc:
        if exc.code in (401, 404) or not refuse:
            return Verdict(Word.NO_VOLUME, str(exc))
        return Verdict(Word.NOT_NOW, str(exc))
    for entry in candidates:
        if own is None or entry.leaves_all:
            continue
        if destination_project(entry, own, by_name([own])):
            return Verdict(
                Word.REFUSED if refuse else Word.REBUILT,
                _(
                    'a rebuild replaces the machine type that Nova recorded '
                    "(%(wanted)s) with the image's, or with none; create the "
                    'server again from its volume instead'
                )
                % {'wanted': entry.wanted.spelled},
                entry,
            )
    return Verdict(Word.NOT_LISTED)
