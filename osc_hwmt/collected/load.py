# SPDX-License-Identifier: Apache-2.0

"""What a command line tells of hosts and servers, beside the clouds."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterable

from osc_hwmt.collected import reading
from osc_hwmt.compatibility import release_file
from osc_hwmt.compatibility.computes import Computes
from osc_hwmt.compatibility.hosts import Host
from osc_hwmt.compatibility.releases import Product
from osc_hwmt.compatibility.support import Abilities
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error, Problem
from osc_hwmt.i18n import _
from osc_hwmt.model.evidence import Guest

LOG = logging.getLogger(__name__)


def computes(parsed_args: argparse.Namespace) -> Computes:
    """Return what is known of the destination's computes.

    What was collected from them comes before what is known of their release,
    which still gives the default and the PCIe ports. Raises Error.
    """
    _refuse_stdin_twice(parsed_args)
    knowledge = release_file.load()
    release = (
        knowledge.release(parsed_args.destination_release)
        if parsed_args.destination_release
        else None
    )
    hosts = knowledge.records(release) if release else ()
    sources = [release.title] if release else []
    if parsed_args.machine_types:
        hosts = collected_hosts(parsed_args)
        sources = [printable(path) for path in parsed_args.machine_types]
    product = release if isinstance(release, Product) else None
    return Computes(
        Abilities.of(hosts),
        product.default_machine_types if product else {},
        product.pcie_ports if product else None,
        ', '.join(sources),
    )


def collected_hosts(parsed_args: argparse.Namespace) -> tuple[Host, ...]:
    """Return what --machine-types collected about hosts; raises Error."""
    found = reading.hosts(parsed_args.machine_types)
    _warn(found.warnings)
    return found.hosts


def guests(parsed_args: argparse.Namespace) -> tuple[Guest, ...]:
    """Return what --domains collected about servers; raises Error."""
    if not parsed_args.domains:
        return ()
    found = reading.guests(parsed_args.domains)
    _warn(found.warnings)
    return found.guests


def guests_by_server(
    parsed_args: argparse.Namespace,
) -> dict[str, list[Guest]]:
    """Return what --domains collected, by the server's id; raises Error."""
    found: dict[str, list[Guest]] = {}
    for guest in guests(parsed_args):
        found.setdefault(guest.server_id, []).append(guest)
    return found


def _refuse_stdin_twice(parsed_args: argparse.Namespace) -> None:
    domains = getattr(parsed_args, 'domains', None) or ()
    given = [*domains, *(parsed_args.machine_types or ())]
    if given.count('-') > 1:
        raise Error(
            _('expected - (standard input) once, found it in several options')
        )


def _warn(problems: Iterable[Problem]) -> None:
    for problem in problems:
        LOG.warning('%s', problem)
