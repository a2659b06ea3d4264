# SPDX-License-Identifier: Apache-2.0

"""What apply --wait tells while it waits, in lines."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Iterator, Sequence

from osc_hwmt.destination import wait
from osc_hwmt.destination.apply import Result
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
    """Yield a line for each write, and for all that time does not mend."""
    for result in one.fresh:
        if apply.is_well(result):
            yield apply.result_line(result)
    for result in one.results:
        if _is_wrong(result) and not wait.is_awaited(result.step):
            yield _wrong_line(result)


def _is_wrong(result: Result) -> bool:
    begun = apply.outcome(result) is not Outcome.NOT_BEGUN
    return begun and not apply.is_well(result)


def _wrong_line(result: Result) -> str:
    """Return what went wrong, and why."""
    word = apply.outcome(result)
    if word is Outcome.TOO_LATE:
        # Its remedy takes a page; the table has it.
        return apply.result_line(result)
    name = printable(result.step.entry.name)
    return f'{name}: {word.value}; {apply.result_detail(result)}'


def standing(results: Iterable[Result]) -> Iterator[str]:
    """Yield a line for each word that there is, with whom it is said of."""
    names = collections.defaultdict(list)
    for result in results:
        word = apply.outcome(result).value
        if wait.is_awaited(result.step):
            word = _('not there yet')
        names[word].append(result.step.entry.name)
    for word, those in sorted(names.items()):
        yield printable(f'{len(those):7}  {word:<24} {_listed(those)}')


def missed_line(missed: Sequence[Entry]) -> str:
    """Return which servers have met no volume when the time was up."""
    named = _listed([entry.name for entry in missed])
    return printable(_('Time is up. No volume yet for %s') % named)


def _listed(names: Sequence[str]) -> str:
    named = ', '.join(names[:_NAMED])
    more = len(names) - _NAMED
    if more > 0:
        named = _('%(names)s and %(n)d more') % {'names': named, 'n': more}
    return named
