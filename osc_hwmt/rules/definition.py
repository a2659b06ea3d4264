# SPDX-License-Identifier: Apache-2.0

"""How a rule is written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

from osc_hwmt.fitness import Hardware, Offer, Rule, Severity
from osc_hwmt.model.machine_type import Family, parse

#: What a rule says against some hardware, and the remedy; or nothing.
Said = Optional[tuple[str, str]]


def rule(
    code: str, severity: Severity, summary: str, *, source: str
) -> Callable[[Callable[[Hardware, Offer], Said]], Rule]:
    """Return what makes a rule of the function that checks it."""
    return lambda check: Rule(code, severity, summary, source, check)


def family(name: str | None) -> Family | None:
    """Return a machine type's family, None where that is not known."""
    known = parse(name).family if name else Family.OTHER
    return None if known is Family.OTHER else known
