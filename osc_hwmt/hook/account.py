# SPDX-License-Identifier: Apache-2.0

"""What became of each workload of a play, for the lines at its end."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from osc_hwmt.display import printable
from osc_hwmt.hook.going_on import Kept
from osc_hwmt.i18n import _
from osc_hwmt.tables.apply import Outcome
from osc_hwmt.tables.summary import counted, of_numbers


@dataclasses.dataclass
class Fate:
    """What became of a workload, or of a volume that no server has.

    ``key`` tells it from others. ``word`` is the one word for it, ``reason``
    why it is not as wanted, ``kept`` what was copied for it and nothing was
    built from. ``undecided`` tells that nobody knows or chose its machine
    type, whatever else was set.
    """

    key: str
    name: str
    detached: bool = False
    word: str = Outcome.NOT_BEGUN.value
    reason: str | None = None
    kept: Kept | None = None
    undecided: bool = False

    def fail(self, reason: str, word: str = Outcome.FAILED.value) -> None:
        """Keep why it is not as wanted, and the word unless there is one."""
        if self.reason is None and self.word == Outcome.NOT_BEGUN.value:
            self.word = word
        self.reason = reason


class Account:
    """What became of all, in the order in which they came."""

    def __init__(self) -> None:
        self._fates: dict[str, dict[str, Fate]] = {}

    def fate(
        self, manifest: str, key: str, name: str, detached: bool = False
    ) -> Fate:
        """Return what became of one so far; it may be changed."""
        fates = self._fates.setdefault(manifest, {})
        return fates.setdefault(key, Fate(key, name, detached))

    def lines(self, stops: bool) -> Iterator[str]:
        """Yield how many became what, and who is not as wanted, and why.

        ``stops`` tells that no server was built of those.
        """
        for manifest, fates in self._fates.items():
            known = list(fates.values())
            volumes = sum(one.detached for one in known)
            subject = of_numbers(len(known) - volumes, volumes)
            words = counted(subject, (one.word for one in known))
            yield f'{printable(manifest)}: {words}'
        everyone = [
            one for fates in self._fates.values() for one in fates.values()
        ]
        undecided = [one for one in everyone if one.undecided]
        if undecided:
            yield _("undecided, given the destination's default: %s") % (
                ', '.join(printable(one.name) for one in undecided)
            )
        for one in everyone:
            if one.reason is not None:
                yield _said(one, stops) % {
                    'name': printable(one.name),
                    'reason': one.reason,
                }
        for one in everyone:
            if one.kept:
                yield one.kept.instructions


def _said(fate: Fate, stops: bool) -> str:
    if fate.detached:
        return _('not set: volume %(name)s: %(reason)s')
    if stops:
        return _('not imported: %(name)s: %(reason)s')
    return _('imported anyway: %(name)s: %(reason)s')
