# SPDX-License-Identifier: Apache-2.0

"""Which hardware cannot work, or works differently, at the destination.

Every rule is one function of the hardware that a server is going to have and
of what the destination offers. ``RULES`` lists them all; the documentation's
table is made from it.
"""

from __future__ import annotations

from osc_hwmt.compatibility.hosts import Offer
from osc_hwmt.compatibility.rules import chipset_change, combinations, offered
from osc_hwmt.compatibility.rules.definition import Concern, Hardware, Severity

RULES = (
    offered.unsupported,
    combinations.firmware_lost,
    combinations.ide_on_q35,
    offered.device_not_offered,
    combinations.secure_boot,
    combinations.uefi_on_i440fx,
    combinations.viommu,
    combinations.sev,
    offered.too_many_vcpus,
    offered.deprecated,
    offered.floating,
    chipset_change.changed_by_default,
    chipset_change.windows,
    chipset_change.nic_names,
    chipset_change.pcie_ports,
    combinations.cirrus,
    combinations.floppy,
    offered.support_unknown,
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
