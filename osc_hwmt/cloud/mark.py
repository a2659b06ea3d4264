# SPDX-License-Identifier: Apache-2.0

"""The names of temporary resources.

The name alone says which command made a resource, in which run, and when that
run is over at the latest: the snapshots that Nova makes carry nothing else.
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import re
import secrets

#: The key beside the name, wherever a resource takes properties or metadata.
PROPERTY = 'osc_hwmt_run'
_TIME = '%Y%m%dT%H%M%SZ'
#: Nova calls a snapshot "snapshot for <image>", in its host's language.
_FORM = re.compile(
    r'(?:.{1,60} )?'
    r'osc-hwmt-(probe|inspect)-([0-9a-f]{12})-(\d{8}T\d{6}Z)'
    r'(?:-[0-9a-f-]{36})?'
)


class Purpose(enum.Enum):
    """What a run is for."""

    PROBE = 'probe'
    INSPECT = 'inspect'


@dataclasses.dataclass(frozen=True)
class RunMark:
    """One run: its purpose, a random id, and when it is over at the latest.

    ``expires`` is in UTC, in whole seconds.
    """

    purpose: Purpose
    run: str
    expires: datetime.datetime

    @classmethod
    def new(cls, purpose: Purpose, limit: float) -> RunMark:
        """Return the mark of a run that takes at most so many seconds."""
        now = datetime.datetime.now(datetime.timezone.utc)
        expires = now + datetime.timedelta(seconds=limit)
        return cls(
            purpose, secrets.token_hex(6), expires.replace(microsecond=0)
        )

    @classmethod
    def of(cls, name: str) -> RunMark | None:
        """Return the mark that a resource's name has, None if it has none."""
        found = _FORM.fullmatch(name)
        if not found:
            return None
        purpose, run, time = found.groups()
        try:
            expires = datetime.datetime.strptime(time, _TIME)
        except ValueError:
            return None
        return cls(
            Purpose(purpose),
            run,
            expires.replace(tzinfo=datetime.timezone.utc),
        )

    @property
    def name(self) -> str:
        """The name, or its beginning, of all that the run makes."""
        time = self.expires.strftime(_TIME)
        return f'osc-hwmt-{self.purpose.value}-{self.run}-{time}'

    @property
    def properties(self) -> dict[str, str]:
        """The name again, as a property."""
        return {PROPERTY: self.name}
