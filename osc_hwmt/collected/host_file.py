# SPDX-License-Identifier: Apache-2.0

"""Our own file of what hosts can run, in JSON.

::

    {"hosts": {"compute-0": {"source": "probe", "machines": ["pc", "q35"]}}}

``machines`` is a list, or has a list for each architecture. Its elements are
names, or mappings of ``name`` and of what else is known: ``canonical``,
``deprecated``, ``max_cpus``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from osc_hwmt.collected.place import Place, Record
from osc_hwmt.compatibility.hosts import Host, Machine
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.model.machine_type import is_machine_type

#: What the text of such a file begins with.
MARK = '{\n  "hosts": {'


def read(value: Any, place: Place) -> list[Record] | None:
    """Return the hosts in JSON data, None where it is not meant as this file.

    A host of which anything is wrong is left out and told: what it lacks
    would count.
    """
    hosts = value.get('hosts') if isinstance(value, dict) else None
    if not isinstance(hosts, dict):
        return None
    records: list[Record] = []
    for name, said in hosts.items():
        try:
            records.append(_host(str(name), said, place))
        except _WrongError as exc:
            records.append(
                place.problem(
                    _('host %(host)s: %(why)s')
                    % {'host': printable(str(name)), 'why': exc}
                )
            )
    return records


def dump(hosts: Iterable[Host]) -> str:
    """Return the text of such a file."""
    every = {
        host.name: {'source': host.origin, 'machines': _lists(host)}
        for host in hosts
    }
    return json.dumps({'hosts': every}, indent=2) + '\n'


class _WrongError(Exception):
    """What is wrong with a host's data."""


def _host(name: str, said: Any, place: Place) -> Host:
    machines = said.get('machines') if isinstance(said, dict) else said
    if isinstance(machines, list):
        machines = {None: machines}
    if not isinstance(machines, dict) or not machines:
        raise _WrongError(_('expected a list of machine types'))
    source = said.get('source') if isinstance(said, dict) else None
    return Host(
        name,
        f'{place}: {printable(str(source))}' if source else str(place),
        {key: _machines(elements) for key, elements in machines.items()},
    )


def _machines(elements: Any) -> dict[str, Machine]:
    if not isinstance(elements, list) or not elements:
        raise _WrongError(_('expected a list of machine types'))
    machines = [_machine(element) for element in elements]
    return {one.name: one for one in machines if is_machine_type(one.name)}


def _machine(element: Any) -> Machine:
    known = {'name': element} if isinstance(element, str) else element
    if isinstance(known, dict):
        name, canonical = known.get('name'), known.get('canonical')
        deprecated, cpus = known.get('deprecated'), known.get('max_cpus')
        if (
            isinstance(name, str)
            and (canonical is None or isinstance(canonical, str))
            and (deprecated is None or isinstance(deprecated, bool))
            and (cpus is None or type(cpus) is int)
        ):
            return Machine(name, canonical, deprecated, cpus)
    raise _WrongError(
        _('expected the name of a machine type, found %s')
        % printable(repr(element)[:80])
    )


def _lists(host: Host) -> Any:
    lists = {
        architecture: [_element(machine) for machine in machines.values()]
        for architecture, machines in host.machines.items()
    }
    return lists.get(None, lists)


def _element(machine: Machine) -> Any:
    known = {
        'canonical': machine.canonical,
        'deprecated': machine.deprecated,
        'max_cpus': machine.max_cpus,
    }
    known = {key: value for key, value in known.items() if value is not None}
    return {'name': machine.name, **known} if known else machine.name
