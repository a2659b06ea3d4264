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
import shlex
from collections.abc import Iterator, Mapping, Sequence

from osc_hwmt import too_late
from osc_hwmt.entry import Entry
from osc_hwmt.evidence import conclude, mean_the_same
from osc_hwmt.fitness import Severity
from osc_hwmt.i18n import _
from osc_hwmt.inventory import MACHINE_TYPE, Image, Server, Volume
from osc_hwmt.observation import Guest, Observation
from osc_hwmt.plan import (
    Left,
    Refused,
    Set,
    Step,
    Unchanged,
    carried,
)
from osc_hwmt.write import Change

OK = 'ok'
LEFT = 'left-to-destination'
DIFFERS = 'volume-differs'
SERVER_OK = 'server-ok'
SERVER_DIFFERS = 'server-differs'
SERVER_UNKNOWN = 'server-unknown'
DESTINATION_OK = 'destination-ok'

Guests = Mapping[str, Sequence[Guest]]
_NO_GUESTS: Guests = {}


class Question(enum.Enum):
    """What a finding answers."""

    VOLUME = 'volume'
    SERVER = 'server'
    DESTINATION = 'destination'


@dataclasses.dataclass(frozen=True)
class Finding:
    """One answer about one server; ``severity`` None means that all is well.

    ``holder`` is what carries the machine type, a volume or an image, and
    ``found`` its machine type. ``remedy`` is None where there is nothing to
    mend.
    """

    entry: Entry
    question: Question
    code: str
    severity: Severity | None = None
    holder: Volume | Image | None = None
    found: str | None = None
    reason: str = ''
    remedy: str | None = None

    @property
    def is_difference(self) -> bool:
        """Tell whether something is not as the manifest wants it."""
        return self.severity is Severity.ERROR


def findings(
    plan: Sequence[Step],
    command: str,
    guests: Guests = _NO_GUESTS,
    known_from: str = '',
) -> list[Finding]:
    """Return the findings for each step of the plan, in its order.

    ``command`` is the apply command that would mend differences. ``guests``
    is what was collected of the destination's servers, by their ids, and
    ``known_from`` what tells which machine types it can run.
    """
    return [
        finding
        for step in plan
        for finding in _findings(step, command, guests, known_from)
    ]


def _findings(
    step: Step, command: str, guests: Guests, known_from: str
) -> Iterator[Finding]:
    yield _of_volume(step, command)
    server = _server(step)
    if server and step.entry.wanted.value:
        yield _of_server(step, server, guests.get(server.id, ()))
    if known_from and step.entry.wanted.value and not step.concerns:
        yield Finding(
            step.entry,
            Question.DESTINATION,
            DESTINATION_OK,
            reason=_('known from %s') % known_from,
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


def _server(step: Step) -> Server | None:
    """Return the destination's server, if it was built already."""
    if isinstance(step, Set):
        return step.match.server
    return step.server if isinstance(step, Unchanged) else None


def _of_server(step: Step, server: Server, guests: Sequence[Guest]) -> Finding:
    """Compare what a server runs on with what is wanted.

    Only what was collected tells: its volume says what it would be built
    with, and Nova has read that once.
    """
    words = [Observation(one.evidence, one.machine_type) for one in guests]
    runs = conclude(words, mean_the_same)
    answer = Finding(step.entry, Question.SERVER, SERVER_OK, found=runs.value)
    if runs.value is None:
        return dataclasses.replace(
            answer,
            code=SERVER_UNKNOWN,
            severity=Severity.NOTE,
            reason=runs.unknown
            or _('no API tells what server %s has') % server.id,
            remedy=_(
                'collect the domains of the computes of the destination and '
                'give --domains'
            ),
        )
    answer = dataclasses.replace(
        answer,
        reason=_('server %(id)s has %(machine)s (%(evidence)s)')
        % {
            'id': server.id,
            'machine': runs.value,
            'evidence': runs.evidence.value,
        },
    )
    if mean_the_same(runs.value, step.entry.wanted.value or ''):
        return answer
    return dataclasses.replace(
        answer,
        code=SERVER_DIFFERS,
        severity=Severity.ERROR,
        remedy=too_late.remedy(server.id, _volume_of(step)),
    )


def _volume_of(step: Step) -> str:
    holder = step.match.volume if isinstance(step, Set) else None
    if isinstance(step, Unchanged):
        holder = step.holder if isinstance(step.holder, Volume) else None
    return holder.id if holder else '<volume>'


def _of_volume(step: Step, command: str) -> Finding:
    if isinstance(step, Left):
        return Finding(step.entry, Question.VOLUME, LEFT)
    if isinstance(step, Unchanged):
        return _ok(step)
    if isinstance(step, Refused):
        return Finding(
            step.entry,
            Question.VOLUME,
            step.refusal.value,
            Severity.ERROR,
            reason=step.reason,
            remedy=step.remedy,
        )
    return _differs(step, command)


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
    return Finding(
        step.entry,
        Question.VOLUME,
        DIFFERS,
        Severity.ERROR,
        step.match.volume,
        carried(step.match.volume).get(MACHINE_TYPE),
        '; '.join(map(_difference, step.changes)),
        f'{command} --server {shlex.quote(step.entry.server_id)}',
    )


def _difference(change: Change) -> str:
    found = (
        _('no %s') % change.key
        if change.old is None
        else f'{change.key} {change.old}'
    )
    return _('the volume has %(found)s, the manifest wants %(wanted)s') % {
        'found': found,
        'wanted': change.new or _('none'),
    }
