# SPDX-License-Identifier: Apache-2.0

"""One write to one volume: what apply and rollback plan and carry out."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Change:
    """One key of a volume's image metadata; None means that it is absent."""

    key: str
    old: str | None
    new: str | None


@dataclasses.dataclass(frozen=True)
class Write:
    """The changes that one volume gets, all or none of them.

    ``server_id`` and ``server`` are the source server's, for humans.
    ``project_id`` is the volume's, None where Cinder did not tell it; then
    it is the session's.
    """

    volume_id: str
    project_id: str | None
    server_id: str
    server: str
    changes: tuple[Change, ...]
