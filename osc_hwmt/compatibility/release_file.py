# SPDX-License-Identifier: Apache-2.0

"""The file in which releases are written down (data/machine-types.yaml).

It comes with the package, and its own comment says of what form it is. That
it is of that form is for the tests to tell.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from importlib import resources
from typing import Any

import yaml

from osc_hwmt.compatibility.hosts import Machine
from osc_hwmt.compatibility.nova_releases import NovaRelease
from osc_hwmt.compatibility.releases import (
    HostRelease,
    Knowledge,
    MachineList,
    Product,
    Status,
)

SHIPPED = 'data/machine-types.yaml'
#: libyaml where PyYAML was built with it: ten times faster.
_LOADER = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)


def load() -> Knowledge:
    """Return what the package knows of releases."""
    text = resources.files('osc_hwmt').joinpath(SHIPPED).read_text('utf-8')
    return read_release_file(text)


def read_release_file(text: str) -> Knowledge:
    """Return what a text of that form says of releases."""
    sections = yaml.load(text, _LOADER)  # noqa: S506
    hosts = {
        name: _host(name, members)
        for name, members in sections['hosts'].items()
    }
    products = {
        name: _product(name, members)
        for name, members in sections['products'].items()
    }
    nova = tuple(
        _nova_release(name, members)
        for name, members in sections.get('nova', {}).items()
    )
    return Knowledge(products, hosts, nova)


def _nova_release(name: str, members: Mapping[str, Any]) -> NovaRelease:
    major, minor = members['newest_microversion'].split('.')
    return NovaRelease(
        **{
            **members,
            'name': name,
            'newest_microversion': (int(major), int(minor)),
        }
    )


def _product(name: str, members: Mapping[str, Any]) -> Product:
    return Product(
        **{
            **members,
            'name': name,
            'hosts': _statuses(members['hosts']),
            'status': Status(members['status']),
            'also': tuple(members.get('also', ())),
        }
    )


def _statuses(members: Mapping[str, str]) -> dict[str, Status]:
    return {name: Status(status) for name, status in members.items()}


def _host(name: str, members: Mapping[str, Any]) -> HostRelease:
    return HostRelease(
        name,
        members['title'],
        {
            architecture: _machine_list(**one)
            for architecture, one in members['architectures'].items()
        },
        tuple(members.get('also', ())),
        members.get('note', ''),
    )


def _machine_list(
    status: str,
    source: str,
    machine_types: list[Mapping[str, Any]],
    aliases: Mapping[str, str | None] | None = None,
    complete: bool = True,
) -> MachineList:
    machines = {
        name: Machine(name, None, row.get('deprecated'), row.get('max_cpus'))
        for row in machine_types
        for name in row['names']
    }
    for alias, name in (aliases or {}).items():
        machines[alias] = (
            Machine(alias)
            if name is None
            else dataclasses.replace(
                machines[name], name=alias, canonical=name
            )
        )
    return MachineList(machines, Status(status), source, complete)
