# SPDX-License-Identifier: Apache-2.0

"""Is all as the manifest says? Findings, not changes.

Three questions are answered apart: is the volume right, is the server right
that runs already, and can the destination run it. The first is answered by
the plan that apply would follow now: where that has nothing to do, all is
well. So the two can't disagree.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterator, Mapping, Sequence

from osc_hwmt.compatibility.rules.definition import Severity
from osc_hwmt.destination import too_late, undecided
from osc_hwmt.destination.finding_codes import (
    DESTINATION_OK,
    DIFFERS,
    DISK_GOES,
    LEFT,
    MADE_BY_NOVA,
    NOT_IMPORTED_YET,
    OK,
    SERVER_DIFFERS,
    SERVER_OK,
    SERVER_UNKNOWN,
    UNDECIDED,
)
from osc_hwmt.destination.plan import (
    LeftToDestination,
    Set,
    Step,
    Unchanged,
    Undecided,
    carried,
    holder_of,
    is_as_wanted,
    server_of,
)
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.display import exact
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.changes import Change
from osc_hwmt.model.evidence import (
    Evidence,
    Guest,
    Observation,
    conclude,
    mean_the_same,
)
from osc_hwmt.model.inventory import MACHINE_TYPE, Image, Server, Volume
from osc_hwmt.model.memory import intern_value, slotted
from osc_hwmt.pasted import Command, Given

Guests = Mapping[str, Sequence[Guest]]
_NO_GUESTS: Guests = {}


class Question(enum.Enum):
    """What a finding answers."""

    VOLUME = 'volume'
    SERVER = 'server'
    DESTINATION = 'destination'


@slotted
@dataclasses.dataclass(frozen=True)
class Finding:
    """One answer about one server; ``severity`` None means that all is well.

    ``holder`` is what carries the machine type, a volume or an image, and
    ``found`` its machine type. ``evidence`` says what tells that of a
    server. ``remedy`` is None where there is nothing to mend.
    ``candidates`` are the volumes that the reason leaves open. ``default`` is
    what the destination gives a server that gets none, None if not known.
    """

    entry: Entry
    question: Question
    code: str
    severity: Severity | None = None
    holder: Volume | Image | None = None
    found: str | None = None
    evidence: str = ''
    reason: str = ''
    remedy: str | None = None
    candidates: tuple[Volume, ...] = ()
    default: str | None = None

    @property
    def is_difference(self) -> bool:
        """Tell whether something is not as the manifest wants it."""
        return self.severity is Severity.ERROR


def findings(
    plan: Sequence[Step],
    command: str,
    guests: Guests = _NO_GUESTS,
    known_from: str = '',
    strict: bool = False,
    all_imported: bool = False,
) -> list[Finding]:
    """Return the findings for each step of the plan, in its order.

    ``command`` is the apply command that would mend differences. ``guests``
    is what was collected of the destination's servers, by their ids, and
    ``known_from`` what tells which machine types it can run. With ``strict``
    a server that is undecided is a difference, and with ``all_imported`` one
    that is not imported yet.
    """
    errors = [
        code
        for code, is_error in (
            (UNDECIDED, strict),
            (NOT_IMPORTED_YET, all_imported),
        )
        if is_error
    ]
    return [
        dataclasses.replace(finding, severity=Severity.ERROR)
        if finding.code in errors
        else finding
        for step in plan
        for finding in _findings(step, command, guests, known_from)
    ]


def _findings(
    step: Step, command: str, guests: Guests, known_from: str
) -> Iterator[Finding]:
    yield _of_volume(step, command)
    if undecided.is_undecided(step) and not isinstance(step, Undecided):
        yield _undecided(step)
    server, holder = server_of(step), holder_of(step)
    if server and holder and step.entry.wanted.value:
        known = _known(step, server, guests.get(server.id, ()))
        yield from _of_server(step, server, holder, known)
    if known_from and step.entry.wanted.value and not step.concerns:
        yield Finding(
            step.entry,
            Question.DESTINATION,
            DESTINATION_OK,
            reason=_('according to %s') % known_from,
        )
    for concern in step.concerns:
        yield Finding(
            step.entry,
            Question.DESTINATION,
            concern.rule.code,
            concern.rule.severity,
            reason=concern.text,
            remedy=concern.remedy,
        )


def silent_servers(
    plan: Sequence[Step], guests: Guests = _NO_GUESTS
) -> list[Server]:
    """Return the servers that have to be right and of which nothing tells."""
    servers = {
        server.id: server
        for step in plan
        for server in (server_of(step),)
        if server
        and step.entry.wanted.value
        and _known(step, server, guests.get(server.id, ())).well is None
    }
    return list(servers.values())


@dataclasses.dataclass(frozen=True)
class _Known:
    """What is known of a server: its machine type, and if it is as wanted.

    ``well`` None means that nothing tells, ``reason`` then why.
    """

    well: bool | None
    reason: str
    machine_type: str | None = None
    evidence: str = ''


def _of_server(
    step: Step, server: Server, holder: Volume | Image, known: _Known
) -> Iterator[Finding]:
    """Compare what a server was built with, or runs on, with what is wanted.

    The volume itself does not tell: it says what a server would be built
    with, and Nova has read that once.
    """
    answer = Finding(
        step.entry,
        Question.SERVER,
        SERVER_OK,
        found=known.machine_type,
        evidence=known.evidence,
        reason=known.reason,
    )
    if known.well:
        yield answer
    elif known.well is None:
        made = isinstance(holder, Volume) and holder.made_for(server)
        yield dataclasses.replace(
            answer,
            code=MADE_BY_NOVA if made else SERVER_UNKNOWN,
            severity=Severity.WARNING if made else Severity.NOTE,
            remedy=_(
                "collect the libvirt domains of the destination's hosts and "
                'add --destination-hosts, or add --inspect'
            ),
        )
    else:
        yield dataclasses.replace(
            answer,
            code=SERVER_DIFFERS,
            severity=Severity.ERROR,
            remedy=too_late.remedy(step.entry, server, holder.id),
        )
        yield from _of_disk(step, server, holder)


def _of_disk(
    step: Step, server: Server, holder: Volume | Image
) -> Iterator[Finding]:
    """Warn of a disk that is lost when its server is created again."""
    preservation = too_late.preservation(server, holder.id)
    if preservation:
        yield Finding(
            step.entry,
            Question.SERVER,
            DISK_GOES,
            Severity.WARNING,
            reason=_(
                'deleting server %(server)s would delete volume %(volume)s '
                '(delete_on_termination)'
            )
            % {'server': server.id, 'volume': holder.id},
            remedy=str(preservation),
        )


def _known(step: Step, server: Server, guests: Sequence[Guest]) -> _Known:
    """Return what was collected of a server, else what journals tell."""
    observations = [
        Observation(one.evidence, one.machine_type) for one in guests
    ]
    recorded = (server.image_properties or {}).get(MACHINE_TYPE)
    observations.append(Observation(Evidence.NOVA_RECORD, recorded))
    runs = conclude(observations, mean_the_same)
    if runs.value is not None:
        return _Known(
            mean_the_same(runs.value, step.entry.wanted.value or ''),
            _('server %(id)s has %(machine)s (%(evidence)s)')
            % {
                'id': server.id,
                'machine': runs.value,
                'evidence': runs.evidence.value,
            },
            runs.value,
            runs.evidence.value,
        )
    read = step.read if isinstance(step, (Set, Unchanged)) else {}
    well = is_as_wanted(step.entry, read)
    if runs.unknown or well is None:
        return _Known(
            None,
            runs.unknown or _('no API shows what server %s has') % server.id,
        )
    return _Known(
        well,
        _('server %(id)s was built when its volume had %(read)s (journal)')
        % {
            'id': server.id,
            'read': ', '.join(
                f'{key} {value}' if value else _('no %s') % key
                for key, value in read.items()
            ),
        },
        read.get(MACHINE_TYPE),
        _('journal'),
    )


def _of_volume(step: Step, command: str) -> Finding:
    if isinstance(step, LeftToDestination):
        return Finding(step.entry, Question.VOLUME, LEFT, default=step.default)
    if isinstance(step, Undecided):
        return _undecided(step)
    if isinstance(step, Unchanged):
        return _ok(step)
    if isinstance(step, Refused):
        return Finding(
            step.entry,
            Question.VOLUME,
            step.refusal.value,
            Severity.NOTE
            if step.refusal is Refusal.NOT_IMPORTED_YET
            else Severity.ERROR,
            reason=step.reason,
            remedy=step.remedy,
            candidates=step.candidates,
        )
    return _differs(step, command)


def _undecided(step: Step) -> Finding:
    return Finding(
        step.entry,
        Question.VOLUME,
        UNDECIDED,
        Severity.WARNING,
        reason=undecided.why(step),
        remedy=undecided.remedy(step.entry),
        default=step.default if isinstance(step, Undecided) else None,
    )


def _ok(step: Unchanged) -> Finding:
    reason = (
        _('on image %s') % step.holder.id
        if isinstance(step.holder, Image)
        else ''
    )
    return Finding(
        step.entry,
        Question.VOLUME,
        OK,
        holder=step.holder,
        found=carried(step.holder).get(MACHINE_TYPE),
        reason=reason,
    )


def _differs(step: Set, command: str) -> Finding:
    only = Command('--server', Given(step.entry.server_id))
    return Finding(
        step.entry,
        Question.VOLUME,
        DIFFERS,
        Severity.ERROR,
        step.match.volume,
        carried(step.match.volume).get(MACHINE_TYPE),
        reason=intern_value('; '.join(map(_difference, step.changes))),
        remedy=f'{command} {only}',
    )


def _difference(change: Change) -> str:
    found = (
        _('no %s') % change.key
        if change.old is None
        else f'{change.key} {exact(change.old)}'
    )
    return _('the volume has %(found)s, the manifest wants %(wanted)s') % {
        'found': found,
        'wanted': change.new or _('none'),
    }
