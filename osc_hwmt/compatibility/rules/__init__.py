# SPDX-License-Identifier: Apache-2.0

"""Which hardware cannot work, or works differently, at the destination.

Every rule is one function of the hardware that a server is going to have and
of what the destination offers. Those of these modules are in force; the
documentation's table is made from them.
"""

from __future__ import annotations

from osc_hwmt.compatibility.hosts import Offer
from osc_hwmt.compatibility.rules import (
    boot_disk,
    chipset_change,
    combinations,
    offered,
)
from osc_hwmt.compatibility.rules.definition import (
    Concern,
    Hardware,
    Rule,
    Severity,
)

RULES = tuple(
    rule
    for module in (offered, combinations, chipset_change, boot_disk)
    for rule in vars(module).values()
    if isinstance(rule, Rule)
)


def check(hardware: Hardware, offer: Offer) -> tuple[Concern, ...]:
    """Return what speaks against the hardware, errors first."""
    concerns = [
        Concern(rule, *said)
        for rule in RULES
        for said in (rule.check(hardware, offer),)
        if said
    ]
    order = list(Severity)
    return tuple(
        sorted(concerns, key=lambda one: order.index(one.rule.severity))
    )
