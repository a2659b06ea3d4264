# SPDX-License-Identifier: Apache-2.0

"""What a run makes in a cloud for a moment, and takes away again.

However a run ends, its things are deleted: those it knows of, and those that
the cloud shows under its mark, such as one whose creation was answered too
late. After kill -9 the next run finds them by that mark.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from types import TracebackType

from osc_hwmt.cloud.interface import Cloud, ResourceKind, TemporaryResource
from osc_hwmt.cloud.mark import Purpose, RunMark
from osc_hwmt.exceptions import CloudError
from osc_hwmt.i18n import _
from osc_hwmt.local import locks
from osc_hwmt.local.parallel import in_parallel

#: Seconds that a deletion may take, and between two looks at it.
REMOVAL_LIMIT = 180.0
PAUSE = 1.0
#: Servers go first, what they were made from afterwards.
ORDER = (
    ResourceKind.SERVER,
    ResourceKind.IMAGE,
    ResourceKind.SNAPSHOT,
    ResourceKind.FLAVOR,
)


@dataclasses.dataclass(frozen=True)
class NotRemoved:
    """A thing that could not be removed, and why."""

    thing: TemporaryResource
    reason: str


@dataclasses.dataclass(frozen=True)
class Leftovers:
    """What other runs have left: ``dead`` ones, and perhaps living ones."""

    dead: tuple[TemporaryResource, ...]
    doubtful: tuple[TemporaryResource, ...]


class Run:
    """A run's temporary things; as a context manager it removes them.

    ``stop`` is set where the run shall end early; whoever waits has to look
    at it. After the end ``left`` has what could not be removed, and
    ``unchecked`` why the cloud could not be searched for more. ``known`` has
    at any moment what exists, as far as it is known.
    """

    def __init__(
        self,
        cloud: Cloud,
        mark: RunMark,
        kinds: Collection[ResourceKind],
        concurrency: int,
    ) -> None:
        self.mark = mark
        self.stop = threading.Event()
        self.left: tuple[NotRemoved, ...] = ()
        self.unchecked: str | None = None
        self._cloud = cloud
        self._kinds = kinds
        self._concurrency = concurrency
        self._known: dict[str, TemporaryResource] = {}
        # Reentrant, because a signal's handler asks for what is known.
        self._lock = threading.RLock()
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> Run:
        self._exit.enter_context(locks.held_run(self.mark.run))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._exit:
            try:
                for thing in self._made():
                    self.add(thing)
            except CloudError as exc:
                self.unchecked = str(exc)
            self.left = self._remove(self.known, self._concurrency)

    @property
    def known(self) -> tuple[TemporaryResource, ...]:
        """What this run made and has not removed yet."""
        with self._lock:
            return tuple(self._known.values())

    def make(
        self,
        kind: ResourceKind,
        create: Callable[[], str],
        name: str | None = None,
    ) -> TemporaryResource:
        """Return what was created, remembered from then on.

        ``name`` is its name where that is more than the mark's.
        """
        thing = TemporaryResource(
            kind, create(), name or self.mark.name, self.mark
        )
        self.add(thing)
        return thing

    def add(self, thing: TemporaryResource) -> None:
        """Remember what something else created for this run."""
        with self._lock:
            self._known[thing.id] = thing

    def remove(self, things: Iterable[TemporaryResource]) -> None:
        """Delete things of this run; those that stay are tried in the end.

        One request is under way at a time, because several call this.
        """
        self._remove(tuple(things), 1)

    def _remove(
        self, things: Sequence[TemporaryResource], concurrency: int
    ) -> tuple[NotRemoved, ...]:
        left = remove(self._cloud, things, concurrency)
        resisting = {one.thing.id for one in left}
        with self._lock:
            for thing in things:
                if thing.id not in resisting:
                    self._known.pop(thing.id, None)
        return left

    def sweep(self, text: str) -> None:
        """Remove what has that text in its name; raises CloudError."""
        self.remove(thing for thing in self._made() if text in thing.name)

    def _made(self) -> list[TemporaryResource]:
        """Return what the cloud shows of this run; raises CloudError."""
        return [
            thing
            for thing in self._cloud.temporary.made(self._kinds)
            if thing.mark.run == self.mark.run
        ]


def remove(
    cloud: Cloud, things: Iterable[TemporaryResource], concurrency: int
) -> tuple[NotRemoved, ...]:
    """Delete things and wait until they are gone, return those that stay."""
    things = tuple(things)
    return tuple(
        left
        for kind in ORDER
        for left in _remove(
            cloud,
            [thing for thing in things if thing.kind is kind],
            concurrency,
        )
    )


def _remove(
    cloud: Cloud, things: Sequence[TemporaryResource], concurrency: int
) -> Sequence[NotRemoved]:
    """Delete things of one kind, return those that stay.

    A refusal is tried again: a snapshot that is still being created can not
    be deleted yet.
    """
    accepted: set[str] = set()

    def resistance(thing: TemporaryResource) -> str | None:
        try:
            if thing.id not in accepted:
                cloud.temporary.delete(thing)
                accepted.add(thing.id)
            if not cloud.temporary.is_there(thing):
                return None
        except CloudError as exc:
            return str(exc)
        return _('it is still there, %d s later') % REMOVAL_LIMIT

    limit = time.monotonic() + REMOVAL_LIMIT
    left: list[NotRemoved] = []
    while things:
        reasons = in_parallel(resistance, things, concurrency)
        left = [
            NotRemoved(thing, reason)
            for thing, reason in zip(things, reasons)
            if reason is not None
        ]
        if time.monotonic() >= limit:
            break
        things = [one.thing for one in left]
        if things:
            time.sleep(PAUSE)
    return left


def leftovers(
    cloud: Cloud, purpose: Purpose, kinds: Collection[ResourceKind]
) -> Leftovers:
    """Return what earlier runs of that purpose have left; raises CloudError.

    A run is dead when the time is over that its mark names, or when it was
    this machine's and its process has ended.
    """
    now = datetime.datetime.now(datetime.timezone.utc)
    dead: list[TemporaryResource] = []
    doubtful: list[TemporaryResource] = []
    for thing in cloud.temporary.made(kinds):
        if thing.mark.purpose is not purpose:
            continue
        over = thing.mark.expires < now or locks.run_ended(thing.mark.run)
        (dead if over else doubtful).append(thing)
    return Leftovers(tuple(dead), tuple(doubtful))


def remove_leftovers(
    cloud: Cloud, things: Iterable[TemporaryResource], concurrency: int
) -> tuple[NotRemoved, ...]:
    """Delete what dead runs have left, return what stays."""
    things = tuple(things)
    left = remove(cloud, things, concurrency)
    staying = {one.thing.mark.run for one in left}
    for run in {thing.mark.run for thing in things} - staying:
        locks.forget_run(run)
    return left
