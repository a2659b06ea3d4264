# SPDX-License-Identifier: Apache-2.0

"""Apply, over and over, while another tool makes the volumes."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Sequence

from osc_hwmt.destination import apply, plan, refusals
from osc_hwmt.destination.apply import Result, Run
from osc_hwmt.destination.plan import Set, Step, Unchanged
from osc_hwmt.destination.refusals import Refusal
from osc_hwmt.exceptions import CloudError
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.changes import WriteResult
from osc_hwmt.model.inventory import Server

#: Seconds between two looks, from the first on and while nothing happens.
SHORTEST, LONGEST = 2.0, 30.0
_GROWTH = 1.5
#: A look that takes long is not to keep the cloud busy: it gets this many
#: times its own time as a pause.
_SHARE = 2.0
#: An import that failed may be started again.
_AWAITED = (
    Refusal.VOLUME_NOT_FOUND,
    Refusal.NOT_IMPORTED_YET,
    Refusal.VOLUME_NOT_READY,
    Refusal.VOLUME_UNUSABLE,
)


def now() -> float:
    """Return seconds of a clock that only goes forward."""
    return time.monotonic()


def rest(seconds: float) -> None:
    """Return after that time; an interrupt ends it."""
    time.sleep(seconds)


@dataclasses.dataclass(frozen=True)
class Round:
    """What one look found, and was done after it.

    ``results`` are what became of each entry so far, ``fresh`` those of this
    round's writes. ``trouble`` is a cloud that did not answer this time.
    """

    results: tuple[Result, ...]
    fresh: tuple[Result, ...] = ()
    trouble: CloudError | None = None

    @property
    def awaited(self) -> int:
        """Return the number of entries whose volume is not there."""
        return sum(is_awaited(one.step) for one in self.results)


class Waiting:
    """Looks, and writes what has come, until all is there or time is up.

    ``look`` returns the plan as it is now, ``write`` carries some of it out,
    ``told`` hears of each round. ``stopped`` is what ended the waiting before
    that: an interrupt, or whatever ``write`` says.
    """

    def __init__(
        self,
        look: Callable[[], Sequence[Step]],
        write: Callable[[Sequence[Set]], Run],
        told: Callable[[Round], None],
        timeout: float | None,
        clock: Callable[[], float] | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._look = look
        self._write = write
        self._told = told
        self._clock = clock or now
        self._sleep = sleep or rest
        self._deadline = None if timeout is None else self._clock() + timeout
        self._steps: Sequence[Step] = ()
        #: By volume: each is written once, whatever others do to it then.
        self._written: dict[str, Result] = {}
        self.stopped: BaseException | None = None
        #: The entries whose volume had not come when the time was up.
        self.missed: tuple[Entry, ...] = ()

    def run(self) -> list[Result]:
        """Return what became of each entry, in their order."""
        pause = SHORTEST
        try:
            while True:
                began = self._clock()
                one = self._round()
                took = self._clock() - began
                # A last look shows whose server came before the last write.
                if self.stopped or not (
                    one.awaited or one.fresh or one.trouble
                ):
                    break
                pause = SHORTEST if one.fresh else min(pause, LONGEST)
                rest = max(pause, _SHARE * took)
                if not self._pause(rest):
                    self.missed = tuple(
                        step.entry for step in self._steps if is_awaited(step)
                    )
                    break
                pause *= _GROWTH
        except KeyboardInterrupt as exc:
            self.stopped = exc
        return list(self._results())

    def _results(self) -> tuple[Result, ...]:
        return tuple(map(self._result, self._steps))

    def _round(self) -> Round:
        try:
            self._steps = self._look()
        except CloudError as exc:
            if not exc.transient:
                raise
            one = Round(self._results(), trouble=exc)
        else:
            fresh = self._carry_out(self._steps)
            one = Round(self._results(), tuple(fresh))
        self._told(one)
        return one

    def _carry_out(self, steps: Iterable[Step]) -> list[Result]:
        new = [
            step
            for step in steps
            if isinstance(step, Set)
            and step.match.volume.id not in self._written
            and not is_awaited(step)
        ]
        if not new:
            return []
        run = self._write(new)
        self.stopped = run.stopped
        results = apply.results(new, run.written)
        for step, result in zip(new, results):
            if not _is_busy(result):
                self._written[step.match.volume.id] = result
        return results

    def _pause(self, seconds: float) -> bool:
        """Sleep; tell whether there is time for another look."""
        if self._deadline is not None:
            left = self._deadline - self._clock()
            if left <= 0:
                return False
            seconds = min(seconds, left)
        self._sleep(seconds)
        return True

    def _result(self, step: Step) -> Result:
        """Return a step with what became of its volume in any round."""
        holder = plan.holder_of(step)
        result = self._written.get(holder.id) if holder else None
        if result is None and isinstance(step, Set) and is_awaited(step):
            busy = refusals.still_busy(step.match.volume)
            return Result(step, apply.put_off(step.write, busy))
        if result is None:
            return Result(step)
        if isinstance(step, Unchanged) and step.server:
            return _met(result, step, step.server)
        return result


def _met(result: Result, seen: Unchanged, server: Server) -> Result:
    """Return the result of a write, now that the server has been seen.

    Where no look before the write saw it, the journals tell which came first.
    """
    step, written = result.step, result.written
    if not isinstance(step, Set) or step.match.server or not written:
        return result
    if seen.too_late:
        match = dataclasses.replace(step.match, server=server)
        return Result(dataclasses.replace(step, match=match), written)
    if written.is_well and not plan.is_as_wanted(seen.entry, seen.read):
        close = _(
            'server %s was created at about the time the volume was written, '
            'and it is unknown which came first; verify --inspect shows what '
            'it has'
        )
        written = dataclasses.replace(written, detail=close % server.id)
    return Result(step, written)


def _is_busy(result: Result) -> bool:
    written = result.written
    return written is not None and written.result is WriteResult.BUSY


def is_awaited(step: Step) -> bool:
    """Tell whether there is no volume to write to, which time may mend."""
    if isinstance(step, Set):
        return step.match.volume.is_busy
    return isinstance(step, refusals.Refused) and step.refusal in _AWAITED
