# SPDX-License-Identifier: Apache-2.0

"""What apply --wait tells while it waits, in lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from osc_hwmt.destination import wait
from osc_hwmt.destination.apply import Result
from osc_hwmt.destination.plan import Step, Undecided
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry, Intent
from osc_hwmt.tables import apply
from osc_hwmt.tables.apply import Outcome

#: So many are named in one line; the table has them all.
_NAMED = 10


def wanted_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield what each server is to get, before its volume is known.

    Those that are to get nothing are left out.
    """
    for entry in entries:
        wanted = ', '.join(
            f'{key} {one.spelled}'
            for key, one in entry.wanted_properties.items()
            if one.intent is not Intent.LEAVE
        )
        if wanted:
            yield printable(f'{entry.name}  {wanted}')


def news(one: wait.Round) -> Iterator[str]:
    """Yield a line for each write, and for all that time does not mend.

    Undecided servers are named as well, though nothing waits for them.
    """
    for result in one.fresh:
        if apply.is_well(result):
            yield apply.line(result)
    for result in one.results:
        if isinstance(result.step, Undecided):
            yield apply.line(result)
        elif _is_wrong(result) and not _may_come(result.step):
            yield _wrong_line(result)


def _is_wrong(result: Result) -> bool:
    begun = apply.outcome(result) is not Outcome.NOT_BEGUN
    return begun and not apply.is_well(result)


def _may_come(step: Step) -> bool:
    """Tell whether it is no news that a volume is waited for.

    What a failed import left has to be told: a human has to start it again.
    """
    return wait.is_awaited(step) and not (
        isinstance(step, Refused) and step.refusal is Refusal.VOLUME_UNUSABLE
    )


def _wrong_line(result: Result) -> str:
    """Return what went wrong, and why."""
    outcome = apply.outcome(result)
    if outcome is Outcome.TOO_LATE:
        # Its remedy takes a page; the table has it.
        return apply.line(result)
    step = result.step
    name = printable(step.entry.name)
    detail = apply.detail(result)
    if isinstance(step, Refused):
        # A line is told once, and the candidates' ages would make it another.
        detail = printable(f'{step.reason}; {step.remedy}')
    return f'{name}: {outcome.value}; {detail}'


def missed_line(missed: Sequence[Entry]) -> str:
    """Return which servers have met no volume when the time was up."""
    names = ', '.join(entry.name for entry in missed[:_NAMED])
    more = len(missed) - _NAMED
    if more > 0:
        names = _('%(names)s and %(n)d more') % {'names': names, 'n': more}
    return printable(_('Timed out. No volume found yet for %s') % names)
