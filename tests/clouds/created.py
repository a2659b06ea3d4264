# SPDX-License-Identifier: Apache-2.0

"""What was made in a cloud, and in which project."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterable, Sequence


@dataclasses.dataclass(frozen=True)
class Created:
    """A thing that was made, and the project to find it in."""

    kind: str
    id: str
    project_id: str | None = None


Record = Callable[[Sequence[Created]], None]


class Made:
    """All that was made and not deleted, in the order of making.

    ``record`` is called with all of it whenever something was made or
    deleted.
    """

    def __init__(self, record: Record | None) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._all: list[Created] = []

    @property
    def all(self) -> tuple[Created, ...]:
        """Return what there is now, in the order of making."""
        with self._lock:
            return tuple(self._all)

    def adopt(self, created: Iterable[Created]) -> None:
        """Take over what an earlier run has made."""
        with self._lock:
            self._all.extend(created)

    def remember(self, created: Created) -> None:
        """Note that something was made."""
        with self._lock:
            self._all.append(created)
            self._tell()

    def forget(self, created: Created) -> None:
        """Note that something was deleted."""
        with self._lock:
            self._all.remove(created)
            self._tell()

    def _tell(self) -> None:
        if self._record is not None:
            self._record(tuple(self._all))
