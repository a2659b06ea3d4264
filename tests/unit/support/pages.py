# SPDX-License-Identifier: Apache-2.0

"""Pages of the report, and what a strict reader finds in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from osc_hwmt.destination import verify
from osc_hwmt.destination.plan import Step
from osc_hwmt.destination.verify import Finding
from osc_hwmt.report import document
from osc_hwmt.report.document import Run
from tests.page import sample, strict
from tests.page.strict import Element


def run(**differing: object) -> Run:
    """Return a run that differs in some way."""
    return dataclasses.replace(sample.run(0, 1), **differing)  # type: ignore[arg-type]


def text(findings: Sequence[Finding], of_run: Run | None = None) -> str:
    """Return the page of some findings."""
    return ''.join(document.pieces(of_run or run(), findings))


def page(
    findings: Sequence[Finding] | None = None, of_run: Run | None = None
) -> Element:
    """Return the page of some findings, those of the sample if of none."""
    if findings is None:
        findings = sample.findings(60)
    return strict.read(text(findings, of_run))


def of(*steps: Step) -> Element:
    """Return the page of what verify finds of some steps."""
    return page(verify.findings(steps, 'openstack apply'))


def rows(shown: Element) -> list[Element]:
    """Return the rows of all servers."""
    return [
        row
        for sheet in shown.all('div', **{'class': 'sheet'})
        for row in sheet.all('tbody')
    ]
