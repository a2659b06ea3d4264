# SPDX-License-Identifier: Apache-2.0

"""What is known of hosts and servers beside the clouds."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from osc_hwmt.collected import reading
from osc_hwmt.compatibility import release_file
from osc_hwmt.compatibility.computes import Computes
from osc_hwmt.compatibility.hosts import Host
from osc_hwmt.compatibility.releases import Product
from osc_hwmt.compatibility.support import Abilities
from osc_hwmt.display import few, printable
from osc_hwmt.exceptions import Problem
from osc_hwmt.model.evidence import Guest

LOG = logging.getLogger(__name__)

#: Of all files together; reading.py has fewer of one file.
_WARNINGS = 500


def computes(release_name: str | None, paths: Sequence[str]) -> Computes:
    """Return what is known of the computes of a release, and from files.

    What was collected from them comes before what is known of their release,
    which still gives the default and the PCIe ports. Raises Error.
    """
    return computes_of(release_name, hosts(paths) if paths else (), paths)


def computes_of(
    release_name: str | None, collected: Sequence[Host], paths: Sequence[str]
) -> Computes:
    """Return the same of hosts that were read from these files."""
    knowledge = release_file.load()
    release = knowledge.release(release_name) if release_name else None
    records = knowledge.records(release) if release else ()
    sources = [release.title] if release else []
    if collected:
        records = tuple(collected)
        sources = [printable(path) for path in paths]
    product = release if isinstance(release, Product) else None
    return Computes(
        Abilities.of(records),
        product.default_machine_types if product else {},
        product.pcie_ports if product else None,
        ', '.join(sources),
    )


def hosts(paths: Sequence[str]) -> tuple[Host, ...]:
    """Return what was collected about hosts, and warn; raises Error."""
    found = reading.hosts(paths)
    _warn(found.warnings)
    return found.hosts


def anything(paths: Sequence[str]) -> reading.Collected:
    """Return what was collected about hosts or servers, and warn.

    Raises Error.
    """
    if not paths:
        return reading.NOTHING
    found = reading.anything(paths)
    _warn(found.warnings)
    return found


def guests(paths: Sequence[str]) -> tuple[Guest, ...]:
    """Return what was collected about servers, and warn; raises Error."""
    if not paths:
        return ()
    found = reading.guests(paths)
    _warn(found.warnings)
    return found.guests


def _warn(problems: Sequence[Problem]) -> None:
    for line in few(problems, _WARNINGS):
        LOG.warning('%s', line)
