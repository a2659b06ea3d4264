# SPDX-License-Identifier: Apache-2.0

"""An import held at a volume that cannot be set yet, and tried again."""

from __future__ import annotations

import time
from collections.abc import Callable

from osc_hwmt.destination import apply
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.exceptions import CloudError, FileError
from osc_hwmt.i18n import _
from osc_hwmt.tables import apply as told

#: Seconds from the first attempt to the next. The pauses double up to the
#: time between two lines that say so.
PAUSE, LINE = 15.0, 60.0
_MENDS = frozenset(
    (
        told.Outcome.FAILED,
        told.Outcome.CHANGED,
        told.Outcome.UNKNOWN,
        told.Outcome.BUSY,
        told.Outcome.NOT_BEGUN,
    )
)
#: What a policy hides, and what Cinder is still busy with.
_PASSES = frozenset((Refusal.METADATA_UNKNOWN, Refusal.VOLUME_NOT_READY))


class Holding:
    """Attempts what fails again, until some minutes from now.

    ``say`` hears once a minute what is wrong.
    """

    def __init__(
        self,
        minutes: float,
        say: Callable[[str], None],
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._say = say
        self._clock = clock or time.monotonic
        self._sleep = sleep or time.sleep
        self._until = self._clock() + minutes * 60
        self._silent_until = self._clock()
        self._pause = PAUSE

    def until_well(
        self, name: str, attempt: Callable[[], apply.Result]
    ) -> apply.Result:
        """Return an attempt's result, that of the last one if none was well.

        What a cloud or a disk did not do is attempted again: somebody may
        mend that meanwhile, a policy included. Other refusals are not.
        Raises the Error of the last attempt.
        """
        while True:
            try:
                result = attempt()
            except (CloudError, FileError) as exc:
                if not self._rested(name, str(exc)):
                    raise
            else:
                if not _may_mend(result) or not self._rested(
                    name, told.detail(result)
                ):
                    return result

    def _rested(self, name: str, trouble: str) -> bool:
        """Tell whether there is time for another attempt, after a pause."""
        now = self._clock()
        left = self._until - now
        if left <= 0:
            return False
        if now >= self._silent_until:
            self._silent_until = now + LINE
            self._say(
                _(
                    '%(name)s: %(trouble)s; retrying for another %(n)d min, '
                    'while the play waits'
                )
                % {'name': name, 'trouble': trouble, 'n': -(-left // 60)}
            )
        self._sleep(min(self._pause, left))
        self._pause = min(self._pause * 2, LINE)
        return True


def _may_mend(result: apply.Result) -> bool:
    step = result.step
    return told.outcome(result) in _MENDS or (
        isinstance(step, Refused) and step.refusal in _PASSES
    )
