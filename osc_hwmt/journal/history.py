# SPDX-License-Identifier: Apache-2.0

"""What journals tell of the past of volumes.

Nova reads a volume's image metadata once, when it takes the order for a
server (nova/compute/api.py, Queens to master). So what a server was built
with is what its volume had then.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
from collections.abc import Iterable, Sequence

from osc_hwmt.journal.format import Record
from osc_hwmt.model.changes import Change, WriteResult
from osc_hwmt.model.inventory import Volume

#: How far two clocks that were compared may still be apart, and two that
#: were not. HTTP and Nova tell whole seconds.
_COMPARED = datetime.timedelta(seconds=2)
_NOT_COMPARED = datetime.timedelta(minutes=5)
#: How long after its reading Nova may stamp a server as created.
_STAMPED = datetime.timedelta(seconds=10)
#: What the journal of a hook inside an import is of, and that of a gate.
HOOK, GATE = 'hook', 'gate'


@dataclasses.dataclass(frozen=True)
class _Written:
    """One key of a volume, written.

    A server that was created earlier than ``began`` was created before it,
    one that was created at ``settled`` or later after it, by the cloud's
    clock. In between nobody knows.
    """

    change: Change
    certain: bool
    began: datetime.datetime
    settled: datetime.datetime


class History:
    """The writes of some journals, for many questions."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._written: dict[tuple[str, str], list[_Written]] = (
            collections.defaultdict(list)
        )
        for record in records:
            self._add(record)
        for some in self._written.values():
            some.sort(key=lambda one: one.began)

    def read(
        self,
        volume: Volume,
        keys: Iterable[str],
        created: datetime.datetime,
    ) -> dict[str, str | None]:
        """Return what Nova read of a volume for a server created then.

        None means that the volume did not have the key. A key of which the
        journals do not tell is not in it.
        """
        now = volume.image_metadata or {}
        found = {}
        for key in keys:
            written = self._written.get((volume.id, key), ())
            known = _value(written, created, now.get(key))
            if known:
                (found[key],) = known
        return found

    def _add(self, record: Record) -> None:
        ahead = record.header.clock_ahead
        apart = _NOT_COMPARED if ahead is None else _COMPARED
        # Both let a server be created only when they have written.
        waits = record.header.command in (HOOK, GATE) and ahead is not None
        clock = datetime.timedelta(seconds=ahead or 0)
        for one in record.announced:
            if one.result is WriteResult.FAILED or one.begun is None:
                continue
            began = one.begun + clock - apart
            ended = (one.ended or one.begun) + clock + apart + _STAMPED
            for change in one.write.changes:
                self._written[one.write.volume_id, change.key].append(
                    _Written(
                        change,
                        one.result is WriteResult.DONE,
                        began,
                        began if waits else ended,
                    )
                )


def _value(
    written: Sequence[_Written], created: datetime.datetime, now: str | None
) -> tuple[str | None] | None:
    """Return what a key was, in a tuple, or None where that is not known."""
    earlier = [one for one in written if one.settled <= created]
    later = [one for one in written if created < one.began]
    if len(earlier) + len(later) < len(written):
        return None
    if not earlier:
        return (later[0].change.old,) if later else None
    last = earlier[-1]
    afterwards = later[0].change.old if later else now
    if not last.certain or last.change.new != afterwards:
        return None
    return (last.change.new,)
