# SPDX-License-Identifier: Apache-2.0

"""What speaks against the hardware that a manifest's server would get."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from osc_hwmt.compatibility import rules
from osc_hwmt.compatibility.computes import Computes
from osc_hwmt.compatibility.rules.definition import Concern, Hardware
from osc_hwmt.manifest.entry import Entry, Intent
from osc_hwmt.model import properties as image_properties
from osc_hwmt.model.inventory import MACHINE_TYPE


def concerns(
    entry: Entry,
    carried: Mapping[str, str],
    computes: Computes,
    gigabytes: int | None = None,
) -> tuple[Concern, ...]:
    """Return what speaks against an entry, errors first.

    ``carried`` are the properties that its volume or image has now, and
    ``gigabytes`` is the size of the volume in GiB.
    """
    architecture = entry.recorded.architecture if entry.recorded else None
    wanted = dataclasses.replace(
        hardware_of(entry, carried, computes.default(architecture)),
        gigabytes=gigabytes,
        gigabytes_before=entry.boot_volume.size if entry.boot_volume else None,
    )
    offer = computes.offer(wanted.machine_type, architecture)
    return rules.check(wanted, offer)


def hardware_of(
    entry: Entry, carried: Mapping[str, str], default: str | None
) -> Hardware:
    """Return what an entry's server is going to be.

    What is not wanted stays as it is ``carried``. Without a machine type
    on either, the destination takes its ``default``.
    """
    properties = {
        key: value
        for key, value in carried.items()
        if image_properties.is_property(key)
    }
    for key, wanted in entry.wanted_properties.items():
        if wanted.intent is Intent.SET and wanted.value:
            properties[key] = wanted.value
        elif wanted.intent is Intent.REMOVE:
            properties.pop(key, None)
    chosen = properties.pop(MACHINE_TYPE, None)
    left = entry.wanted.intent in (Intent.LEAVE, Intent.REMOVE)
    recorded = entry.recorded
    return Hardware(
        machine_type=chosen or (default if left else None),
        chosen=chosen is not None,
        before=recorded.value if recorded else None,
        presumed=recorded.presumed if recorded else None,
        properties=properties,
        found=recorded.hardware if recorded else {},
        vcpus=recorded.vcpus if recorded else None,
        devices=recorded.devices if recorded else None,
    )
