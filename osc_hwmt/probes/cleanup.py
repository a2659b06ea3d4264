# SPDX-License-Identifier: Apache-2.0

"""The temporary resources of a run, and their removal.

However a run ends, they are deleted: those it knows of, and those that the
cloud shows under its mark, such as one whose creation was answered too late.
After kill -9 the next run finds them by that mark.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import threading
import time
from collections.abc import Collection, Iterable, Sequence

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
    """A temporary resource that could not be removed, and why."""

    resource: TemporaryResource
    reason: str


@dataclasses.dataclass(frozen=True)
class Leftovers:
    """What other runs have left: ``dead`` ones, and perhaps living ones.

    ``namesakes`` are called like those of a run that is over, and nothing
    proves that it made them.
    """

    dead: tuple[TemporaryResource, ...]
    doubtful: tuple[TemporaryResource, ...]
    namesakes: tuple[TemporaryResource, ...]


class Run:
    """A run's temporary resources; as a context manager it removes them.

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

    def __exit__(self, *_exception: object) -> None:
        with self._exit:
            try:
                for one in self._made():
                    self.add(one.kind, one.id, one.name)
            except CloudError as exc:
                self.unchecked = str(exc)
            self.left = self.remove(self.known, self._concurrency)

    @property
    def known(self) -> tuple[TemporaryResource, ...]:
        """What this run made and has not removed yet."""
        with self._lock:
            return tuple(self._known.values())

    def add(
        self, kind: ResourceKind, id: str, name: str | None = None
    ) -> TemporaryResource:
        """Return what was just created, remembered from then on.

        ``name`` is its name where that is more than the mark's.
        """
        resource = TemporaryResource(
            kind, id, name or self.mark.name, self.mark
        )
        with self._lock:
            self._known[resource.id] = resource
        return resource

    def remove(
        self, resources: Iterable[TemporaryResource], concurrency: int = 1
    ) -> tuple[NotRemoved, ...]:
        """Delete resources of this run, return those that stay.

        Those are tried again in the end. Several threads call this, so each
        has one request under way at a time.
        """
        resources = tuple(resources)
        left = remove(self._cloud, resources, concurrency)
        resisting = {one.resource.id for one in left}
        with self._lock:
            for resource in resources:
                if resource.id not in resisting:
                    self._known.pop(resource.id, None)
        return left

    def sweep(self, text: str) -> None:
        """Remove what has that text in its name; raises CloudError."""
        self.remove(
            resource for resource in self._made() if text in resource.name
        )

    def _made(self) -> list[TemporaryResource]:
        """Return what the cloud shows of this run; raises CloudError."""
        return [
            resource
            for resource in self._cloud.temporary.made(self._kinds)
            if resource.mark.run == self.mark.run
        ]


def leftovers(
    cloud: Cloud, purpose: Purpose, kinds: Collection[ResourceKind]
) -> Leftovers:
    """Return what earlier runs of that purpose have left; raises CloudError.

    A run is dead when the time is over that its mark names, or when it was
    this machine's and its process has ended: that proves a name as well.
    """
    now = datetime.datetime.now(datetime.timezone.utc)
    dead: list[TemporaryResource] = []
    doubtful: list[TemporaryResource] = []
    namesakes: list[TemporaryResource] = []
    for resource in cloud.temporary.made(kinds):
        if resource.mark.purpose is not purpose:
            continue
        if locks.run_ended(resource.mark.run):
            dead.append(resource)
        elif resource.mark.expires >= now:
            doubtful.append(resource)
        else:
            (dead if resource.proven else namesakes).append(resource)
    return Leftovers(tuple(dead), tuple(doubtful), tuple(namesakes))


def remove_leftovers(
    cloud: Cloud, resources: Iterable[TemporaryResource], concurrency: int
) -> tuple[NotRemoved, ...]:
    """Delete what dead runs have left, return what stays."""
    resources = tuple(resources)
    left = remove(cloud, resources, concurrency)
    staying = {one.resource.mark.run for one in left}
    for run in {resource.mark.run for resource in resources} - staying:
        locks.forget_run(run)
    return left


def remove(
    cloud: Cloud, resources: Iterable[TemporaryResource], concurrency: int
) -> tuple[NotRemoved, ...]:
    """Delete resources, wait until they are gone, return those that stay."""
    resources = tuple(resources)
    return tuple(
        left
        for kind in ORDER
        for left in _remove(
            cloud,
            [resource for resource in resources if resource.kind is kind],
            concurrency,
        )
    )


def _remove(
    cloud: Cloud, resources: Sequence[TemporaryResource], concurrency: int
) -> Sequence[NotRemoved]:
    """Delete resources of one kind, return those that stay.

    A refusal is tried again: a snapshot that is still being created cannot
    be deleted yet. What policy forbids is not.
    """
    accepted: set[str] = set()
    forbidden: set[str] = set()

    def resistance(resource: TemporaryResource) -> str | None:
        try:
            if resource.id not in accepted:
                cloud.temporary.delete(resource)
                accepted.add(resource.id)
            if not cloud.temporary.is_there(resource):
                return None
        except CloudError as exc:
            if exc.code == 403:
                forbidden.add(resource.id)
            return str(exc)
        return _('it still exists after %d s') % REMOVAL_LIMIT

    limit = time.monotonic() + REMOVAL_LIMIT
    stay: list[NotRemoved] = []
    while resources:
        reasons = in_parallel(resistance, resources, concurrency)
        late = time.monotonic() >= limit
        again = []
        for resource, reason in zip(resources, reasons):
            if reason is None:
                continue
            if late or resource.id in forbidden:
                stay.append(NotRemoved(resource, reason))
            else:
                again.append(resource)
        resources = again
        if resources:
            time.sleep(PAUSE)
    return stay
