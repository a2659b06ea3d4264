# SPDX-License-Identifier: Apache-2.0

"""What export found, as rows and one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from osc_hwmt.compatibility.rules.definition import Concern, Severity
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Kind, Recorded, Wanted
from osc_hwmt.model.evidence import Conclusion, Evidence
from osc_hwmt.source.effect import Effect, Line
from osc_hwmt.source.export import Exported
from osc_hwmt.source.facts import Fact
from osc_hwmt.tables.cells import (
    OptionalColumn,
    Row,
    concern_text,
    wanted_cell,
)
from osc_hwmt.tables.summary import by_project, not_selected

COLUMNS = (
    'Server',
    'ID',
    'Project',
    'Machine Type',
    'Evidence',
    'Wanted',
    'Result',
    'Detail',
)
BRIEF = ('Server', 'Wanted', 'Result', 'Detail')
_PROPOSED = {
    Kind.TRANSLATED: _(
        'translated: the destination does not support what was found'
    ),
    Kind.PINNED: _('pinned'),
}


def rows(
    exported: Exported, *, brief: bool = False, only_problems: bool = False
) -> Iterable[Row]:
    """Yield a row for each server that export looked at."""
    for line in exported.lines:
        concerns = exported.concerns.get(line.entry.server_id, ())
        if not only_problems or is_problem(line, concerns):
            yield row(line, concerns, brief=brief)


def is_problem(line: Line, concerns: Iterable[Concern] = ()) -> bool:
    """Tell whether a server needs attention."""
    fact = line.fact
    return (
        fact is None
        or line.entry.is_undecided
        or fact.unknown is not None
        or bool(fact.contradicted_by or line.entry.trapped_volumes)
        or line.renamed is not None
        or any(one.rule.severity is not Severity.NOTE for one in concerns)
    )


def row(
    line: Line, concerns: Iterable[Concern] = (), *, brief: bool = False
) -> Row:
    """Return what export found of one server, and its problems.

    In a ``brief`` one the evidence is in the detail.
    """
    fact, known = line.fact, _known(line)
    evidence = _found(line) if brief else ()
    project = fact.project if fact else None
    return (
        line.entry.name,
        line.entry.server_id,
        (project.name or project.id) if project else '',
        OptionalColumn(known.value if known else None),
        known.evidence.value if known else None,
        wanted_cell(line.entry.wanted),
        line.effect.value,
        '; '.join((*evidence, *_notes(line), *map(concern_text, concerns))),
    )


def not_checked(exported: Exported) -> Iterator[str]:
    """Yield which entries of the manifests were not looked at, and why."""
    if exported.elsewhere:
        yield (_('Not checked (in other projects): %d') % exported.elsewhere)
    if exported.not_chosen:
        yield not_selected(exported.not_chosen)


def summary(lines: Sequence[Line]) -> str:
    """Return what export found, by evidence.

    That is one sentence, and one for each project.
    """
    return by_project((line.entry, [_evidence(line)]) for line in lines)


def _evidence(line: Line) -> str:
    known = _known(line)
    if known is None:
        return line.effect.value
    if line.entry.is_undecided:
        return _('undecided')
    if known.unknown:
        return _('unknown')
    if known.evidence is Evidence.NONE and not line.entry.detached:
        return _('chosen')
    return known.evidence.value


def _known(line: Line) -> Fact | Recorded | None:
    """Return what is known of a server, from this export or an earlier one."""
    fact = line.fact
    if fact and not fact.unknown and line.effect is Effect.EARLIER_KEPT:
        return line.entry.recorded
    return fact


def _found(line: Line) -> Iterable[str]:
    """Yield the evidence, with what was found unless that is wanted."""
    known = _known(line)
    if known is None:
        return
    if known.value and known.value != line.entry.wanted.value:
        yield printable(f'{known.value} ({known.evidence.value})')
    elif not (known.unknown or line.entry.is_undecided):
        yield known.evidence.value


def _notes(line: Line) -> Iterable[str]:
    fact = line.fact
    if fact is None:
        return
    if line.renamed is not None:
        yield _('named %s on the source') % printable(line.renamed)
    if line.entry.trapped_volumes:
        yield _('os-migrate cannot import the image metadata of volume %s') % (
            printable(', '.join(line.entry.trapped_volumes))
        )
    if fact.unknown:
        yield _('unknown: %s') % printable(fact.unknown)
    recorded = line.entry.recorded
    if line.entry.is_undecided:
        yield _('undecided')
    elif recorded and recorded.left_to_destination:
        yield _('left to the destination')
    if recorded and recorded.presumed:
        yield _('presumably %s') % recorded.presumed.value
    yield from _contradictions(fact)
    if fact.proposal and line.entry.wanted.value == fact.wanted:
        yield _PROPOSED[fact.proposal.kind]
    for key in sorted(line.entry.other_hardware.intersection(fact.properties)):
        yield _property_note(
            key, fact.properties[key], line.entry.wanted_properties.get(key)
        )


def _contradictions(found: Conclusion) -> Iterable[str]:
    for other in found.contradicted_by:
        yield _('%(evidence)s says %(value)s') % {
            'evidence': other.evidence.value,
            'value': printable(str(other.value)),
        }


def _property_note(key: str, found: Conclusion, wanted: Wanted | None) -> str:
    """Return what export found of another property, and what is wanted."""
    parts = [f'{key} {found.value or "-"} ({found.evidence.value})']
    if found.unknown:
        parts = [
            _('%(key)s unknown: %(why)s') % {'key': key, 'why': found.unknown}
        ]
    if wanted is None:
        parts.append(_('not requested'))
    elif found.unknown or wanted != Wanted.of(found.value):
        parts.append(_('wanted %s') % wanted.spelled)
    return printable(', '.join((*parts, *_contradictions(found))))
