# SPDX-License-Identifier: Apache-2.0

"""Is each destination volume what the manifest says? Findings, not changes.

The question is answered by the plan that apply would follow now: where that
has nothing to do, all is well. So the two can't disagree.
"""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Sequence

from osc_hwmt.entry import Entry
from osc_hwmt.i18n import _
from osc_hwmt.inventory import Image, Volume
from osc_hwmt.plan import Left, Refused, Set, Step, Unchanged

OK = 'ok'
LEFT = 'left-to-destination'
DIFFERS = 'volume-differs'


@dataclasses.dataclass(frozen=True)
class Finding:
    """The answer for one server.

    ``holder`` is what carries the machine type, a volume or an image, and
    ``found`` its value. ``remedy`` is None where there is nothing to mend.
    """

    entry: Entry
    code: str
    holder: Volume | Image | None = None
    found: str | None = None
    reason: str = ''
    remedy: str | None = None

    @property
    def well(self) -> bool:
        """Tell whether the server's volume is as the manifest wants it."""
        return self.code in (OK, LEFT)


def findings(plan: Sequence[Step], command: str) -> list[Finding]:
    """Return one finding for each step of the plan, in its order.

    ``command`` is the apply command that would mend differences.
    """
    return [_finding(step, command) for step in plan]


def _finding(step: Step, command: str) -> Finding:
    if isinstance(step, Left):
        return Finding(step.entry, LEFT)
    if isinstance(step, Unchanged):
        return _ok(step)
    if isinstance(step, Refused):
        return Finding(
            step.entry,
            step.refusal.value,
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
        step.entry, OK, step.holder, step.entry.wanted.value, reason
    )


def _differs(step: Set, command: str) -> Finding:
    change = step.changes[0]
    return Finding(
        step.entry,
        DIFFERS,
        step.match.volume,
        change.old,
        _('the volume has %(found)s, the manifest wants %(wanted)s')
        % {
            'found': change.old or _('no machine type'),
            'wanted': change.new or _('none'),
        },
        f'{command} --server {shlex.quote(step.entry.server_id)}',
    )
