# SPDX-License-Identifier: Apache-2.0

"""What became of the servers that were ordered through a gateway, as rows."""

from __future__ import annotations

from osc_hwmt.display import printable
from osc_hwmt.gate.account import Ordered
from osc_hwmt.tables.cells import (
    OptionalColumn,
    Row,
    project_cell,
    wanted_cell,
)

COLUMNS = ('Server', 'Project', 'Volume ID', 'Wanted', 'Result', 'Detail')


def row(ordered: Ordered) -> Row:
    """Return what became of one order."""
    verdict = ordered.verdict
    entry, volume_id = verdict.entry, verdict.volume_id
    return (
        printable(ordered.name),
        project_cell(entry) if entry else OptionalColumn(None),
        OptionalColumn(volume_id),
        wanted_cell(entry.wanted) if entry else OptionalColumn(None),
        verdict.word.value,
        printable(verdict.detail),
    )
