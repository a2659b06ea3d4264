# SPDX-License-Identifier: Apache-2.0

"""The ways of machine types from source to destination."""

from __future__ import annotations

import collections
import dataclasses
import enum
from collections.abc import Mapping, Sequence

from osc_hwmt.destination.finding_codes import LEFT, UNDECIDED
from osc_hwmt.destination.verify import Finding, Question
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry, Intent
from osc_hwmt.model.machine_type import Family, parse_machine_type
from osc_hwmt.report.verdict import Answer, Verdict


@dataclasses.dataclass(frozen=True)
class Stop:
    """A machine type at a stage, or in words why there is none.

    ``machine_type`` is what the words come down to, empty if not known.
    """

    label: str
    is_value: bool = False
    machine_type: str = ''

    @property
    def text(self) -> str:
        """Return all of it in one text."""
        if self.machine_type:
            return f'{self.label} ({self.machine_type})'
        return self.label

    @property
    def family(self) -> str:
        """Return the machine type's family, nothing where it is not known."""
        family = parse_machine_type(self.machine_type or self.label).family
        return '' if family is Family.OTHER else family.value


class Change(enum.Enum):
    """What becomes of machine types between two stages."""

    KEPT = 'kept'
    #: On purpose: the manifest wants something else than was found.
    CHANGED = 'changed'
    #: Nobody knows what it was, and nobody decided what it shall be.
    UNDECIDED = 'undecided'
    #: The destination does not have what the manifest wants.
    DIFFERS = 'differs'


@dataclasses.dataclass(frozen=True)
class Way:
    """The stops of a server, and what changes after each but the last."""

    stops: tuple[Stop, ...]
    changes: tuple[Change, ...]


def ways(verdicts: Sequence[Verdict]) -> Mapping[Way, int]:
    """Return how many servers go each way.

    The stops are: found at the source, wanted, on the destination's volume,
    and, if anything is said of servers that were built already, there.
    """
    built = any(verdict.of(Question.SERVER) for verdict in verdicts)
    return collections.Counter(_way(verdict, built) for verdict in verdicts)


def source_stop(entry: Entry) -> Stop:
    """Return what was found of a server at the source."""
    recorded = entry.recorded
    if recorded is None:
        return Stop(_('not exported'))
    if recorded.value:
        return Stop(recorded.value, True)
    if recorded.presumed:
        return Stop(_('presumably %s') % recorded.presumed.value)
    return Stop(_('unknown') if recorded.unknown else _('nothing recorded'))


def wanted_stop(entry: Entry) -> Stop:
    """Return what the manifest wants of a server."""
    if entry.wanted.intent is Intent.SET:
        return Stop(str(entry.wanted.value), True)
    if entry.wanted.intent is Intent.MISSING:
        return Stop(_('missing'))
    if entry.is_undecided:
        return Stop(_('undecided'))
    return Stop(_("the destination's default"))


def _way(verdict: Verdict, built: bool) -> Way:
    source, wanted = source_stop(verdict.entry), wanted_stop(verdict.entry)
    volume = _on_volume(verdict.of(Question.VOLUME))
    # Another property than the machine type may be what is wrong.
    wrong = (
        verdict.answer(Question.VOLUME) is Answer.ERROR and volume != wanted
    )
    stops = [source, wanted, volume]
    changes = [
        Change.CHANGED if _is_changed(verdict.entry) else Change.KEPT,
        Change.DIFFERS if wrong else Change.KEPT,
    ]
    if verdict.is_undecided:
        changes = [Change.UNDECIDED, Change.UNDECIDED]
    if built:
        answers = verdict.of(Question.SERVER)
        wrong = verdict.answer(Question.SERVER) is Answer.ERROR
        stops.append(_built(answers))
        changes.append(Change.DIFFERS if wrong else Change.KEPT)
    return Way(tuple(stops), tuple(changes))


def _is_changed(entry: Entry) -> bool:
    if entry.wanted.intent not in (Intent.SET, Intent.REMOVE):
        return False
    recorded = entry.recorded.value if entry.recorded else None
    return entry.wanted.value != recorded


def _on_volume(findings: Sequence[Finding]) -> Stop:
    for finding in findings:
        if finding.found:
            return Stop(finding.found, True)
        if finding.code in (LEFT, UNDECIDED) or (
            finding.holder and not finding.severity
        ):
            return Stop(
                _("the destination's default"),
                machine_type=finding.default or '',
            )
        return Stop(_('not set') if finding.holder else finding.code)
    return Stop(_('unknown'))


def _built(findings: Sequence[Finding]) -> Stop:
    for finding in findings:
        return (
            Stop(finding.found, True) if finding.found else Stop(_('unknown'))
        )
    return Stop(_('not built yet'))
