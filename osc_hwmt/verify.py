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
from collections.abc import Iterator, Sequence

from osc_hwmt.entry import Entry
from osc_hwmt.fitness import Severity
from osc_hwmt.i18n import _
from osc_hwmt.inventory import MACHINE_TYPE, Image, Volume
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


def findings(plan: Sequence[Step], command: str) -> list[Finding]:
    """Return the findings for each step of the plan, in its order.

    ``command`` is the apply command that would mend differences.
    """
    return [finding for step in plan for finding in _findings(step, command)]


def _findings(step: Step, command: str) -> Iterator[Finding]:
    yield _of_volume(step, command)
    for concern in step.concerns:
        yield Finding(
            step.entry,
            Question.DESTINATION,
            concern.rule.code,
            concern.rule.severity,
            reason=concern.text,
            remedy=concern.remedy,
        )


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
