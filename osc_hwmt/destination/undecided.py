# SPDX-License-Identifier: Apache-2.0

"""Servers of which nobody knows what they ran, and nobody chose."""

from __future__ import annotations

from collections.abc import Iterable

from osc_hwmt.destination.plan import Step, Undecided
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.memory import intern_value
from osc_hwmt.pasted import Command, Given


def is_undecided(step: Step) -> bool:
    """Tell whether a step goes on although its server is undecided.

    Other hardware of such a server may be set or be there.
    """
    return step.entry.is_undecided and not isinstance(step, Refused)


def refuse(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps, refused where a server is undecided."""
    return tuple(
        Refused(
            step.entry,
            Refusal.UNDECIDED,
            why(step),
            remedy(step.entry),
            concerns=step.concerns,
        )
        if is_undecided(step)
        else step
        for step in steps
    )


def why(step: Step) -> str:
    """Return what is known of an undecided server, in a sentence."""
    recorded = step.entry.recorded
    before = _('no machine type is recorded')
    if recorded and recorded.presumed:
        before = _('it presumably ran on %s') % recorded.presumed.value
    if not isinstance(step, Undecided):
        return before
    if step.default is None:
        after = _(
            'what the destination will give it is unknown without '
            '--destination-release'
        )
    else:
        after = _('the destination will give it %s') % step.default
    return intern_value(f'{before}; {after}')


def remedy(entry: Entry) -> str:
    """Return the command that decides the undecided servers of a manifest.

    Where Nova has no record, only the source's hosts know. The source is
    called as os-migrate calls it, and what was collected as in the
    documentation.
    """
    known = entry.recorded and entry.recorded.presumed
    command = Command(
        *('openstack', 'migrate', 'machine-type', 'export'),
        *('--source-cloud', 'src', Given(entry.path)),
        *(('--source-hosts', 'source') if known else ('--inspect',)),
    )
    return intern_value(str(command))
