# SPDX-License-Identifier: Apache-2.0

"""What verify found, as rows, one sentence and an exit code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from osc_hwmt.compatibility.rules.definition import Severity
from osc_hwmt.destination.refusals import Refusal
from osc_hwmt.destination.verify import Finding
from osc_hwmt.tables.cells import (
    OptionalColumn,
    Row,
    candidates,
    project_cell,
    volume_cell,
    wanted_cell,
    with_remedy,
)
from osc_hwmt.tables.summary import (
    ExitCode,
    counted,
    in_projects,
    of_entries,
)

COLUMNS = (
    'Server',
    'Project',
    'Volume ID',
    'Wanted',
    'Found',
    'Question',
    'Finding',
    'Severity',
    'Detail',
    'Remedy',
)
BRIEF = ('Server', 'Wanted', 'Finding', 'Detail')


def row(finding: Finding, *, brief: bool = False) -> Row:
    """Return one answer about one server.

    In a ``brief`` one a short remedy is in the detail, but that of undecided
    servers, which is told for all of them.
    """
    remedy = finding.remedy or ''
    detail = candidates(finding.candidates, finding.reason)
    if brief and finding.code != Refusal.UNDECIDED.value:
        detail = with_remedy(detail, remedy, brief=True)
    return (
        finding.entry.name,
        project_cell(finding.entry),
        volume_cell(finding.holder),
        wanted_cell(finding.entry.wanted),
        OptionalColumn(finding.found),
        finding.question.value,
        finding.code,
        OptionalColumn(finding.severity.value if finding.severity else None),
        detail,
        remedy,
    )


def is_problem(finding: Finding) -> bool:
    """Tell whether a finding needs attention."""
    return finding.severity not in (None, Severity.NOTE)


def summary(findings: Sequence[Finding]) -> str:
    """Return the findings in one sentence."""
    entries = {one.entry.server_id: one.entry for one in findings}
    subject = of_entries(entries.values())
    projects = {one.project for one in entries.values() if one.project}
    if len(projects) > 1:
        subject = in_projects(subject, len(projects))
    return counted(subject, (finding.code for finding in findings))


def exit_code(findings: Iterable[Finding]) -> ExitCode:
    """Return DIFFERENT where anything is not as the manifest wants it."""
    if any(finding.is_difference for finding in findings):
        return ExitCode.DIFFERENT
    return ExitCode.WELL
