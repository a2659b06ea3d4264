# SPDX-License-Identifier: Apache-2.0

"""What verify found, as rows, one sentence and an exit code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from osc_hwmt.destination.verify import Finding
from osc_hwmt.display import printable
from osc_hwmt.tables.cells import (
    OptionalColumn,
    Row,
    project_cell,
    volume_cell,
    wanted_cell,
)
from osc_hwmt.tables.summary import ExitCode, counted, of_entries

COLUMNS = (
    'Server',
    'Project',
    'Question',
    'Finding',
    'Severity',
    'Wanted',
    'Found',
    'Volume ID',
    'Reason',
    'Remedy',
)


def row(finding: Finding) -> Row:
    """Return one answer about one server."""
    return (
        printable(finding.entry.name),
        project_cell(finding.entry),
        finding.question.value,
        finding.code,
        OptionalColumn(finding.severity.value if finding.severity else None),
        wanted_cell(finding.entry.wanted),
        OptionalColumn(finding.found),
        volume_cell(finding.holder),
        printable(finding.reason),
        printable(finding.remedy or ''),
    )


def summary(findings: Sequence[Finding]) -> str:
    """Return the findings in one sentence."""
    entries = {one.entry.server_id: one.entry for one in findings}
    return counted(
        of_entries(entries.values()), (finding.code for finding in findings)
    )


def exit_code(findings: Iterable[Finding]) -> ExitCode:
    """Return DIFFERENT where anything is not as the manifest wants it."""
    if any(finding.is_difference for finding in findings):
        return ExitCode.DIFFERENT
    return ExitCode.WELL
