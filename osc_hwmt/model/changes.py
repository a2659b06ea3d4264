# SPDX-License-Identifier: Apache-2.0

"""One write to one volume: what apply and rollback plan and carry out."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from osc_hwmt.model.memory import slotted


@slotted
@dataclasses.dataclass(frozen=True)
class Change:
    """One key of a volume's image metadata; None means that it is absent."""

    key: str
    old: str | None
    new: str | None


@slotted
@dataclasses.dataclass(frozen=True)
class Write:
    """The changes that one volume gets, all or none of them.

    ``server_id`` and ``server`` are the source server's, for humans.
    ``project_id`` is the volume's, None where Cinder did not tell it; then
    it is the session's. ``unproven_page`` is the volume's: the changes' old
    values are not proven yet.
    """

    volume_id: str
    project_id: str | None
    server_id: str
    server: str
    changes: tuple[Change, ...]
    unproven_page: str | None = None

    def missing(self, now: Mapping[str, str]) -> Write | None:
        """Return what of this a volume that has ``now`` lacks, if anything."""
        lacking = tuple(
            one for one in self.changes if now.get(one.key) != one.new
        )
        return dataclasses.replace(self, changes=lacking) if lacking else None

    def surprises(self, now: Mapping[str, str]) -> list[Change]:
        """Return the changes whose old value is not that of ``now``."""
        return [one for one in self.changes if now.get(one.key) != one.old]


class WriteResult(enum.Enum):
    """What became of a write. A journal knows the first three alone."""

    DONE = 'done'
    #: Cinder refused it: nothing was written.
    FAILED = 'failed'
    #: No answer, or one that does not say: it may have been written.
    UNKNOWN = 'unknown'
    #: Somebody else, or an earlier run, wrote the same.
    ALREADY = 'already'
    #: The volume is not as the plan knew it, so nothing was written.
    CHANGED = 'changed'
    #: Cinder is at work on the volume, and nothing was written yet.
    BUSY = 'busy'
    NOT_BEGUN = 'not begun'


#: What a write that was sent can end with.
SENT_RESULTS = (WriteResult.DONE, WriteResult.FAILED, WriteResult.UNKNOWN)
