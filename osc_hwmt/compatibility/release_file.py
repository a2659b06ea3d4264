# SPDX-License-Identifier: Apache-2.0

"""The form in which knowledge is written down (data/machine-types.yaml)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from importlib import resources

from osc_hwmt.compatibility.hosts import Machine
from osc_hwmt.compatibility.releases import (
    HostRelease,
    Knowledge,
    MachineList,
    Product,
    Release,
    Status,
)
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error, ManifestError
from osc_hwmt.i18n import _
from osc_hwmt.local import files
from osc_hwmt.model.machine_type import is_machine_type
from osc_hwmt.yaml_text.nodes import Node, compose, is_null, scalar_of
from osc_hwmt.yaml_text.reader import Reader

_RELEASE_NAME = re.compile(r'[a-z0-9][a-z0-9.-]{0,63}')
_ARCHITECTURE = re.compile(r'[a-z0-9_]{1,32}')
_STATUSES = {status.value: status for status in Status}
_PRODUCT_KEYS = [
    field.name for field in dataclasses.fields(Product) if field.name != 'name'
]


def read_release_file(text: str, path: str, base: Knowledge) -> Knowledge:
    """Return a knowledge with what a text adds to it or corrects in it.

    A product's key replaces the same key of that product; an architecture of
    a host release replaces its list. Raises ManifestError with every problem
    of the text.
    """
    reader = Reader(path)
    sections = reader.members(compose(text, path), ('products', 'hosts'))
    host_nodes = reader.mapping(sections.get('hosts'), _RELEASE_NAME)
    product_nodes = reader.mapping(sections.get('products'), _RELEASE_NAME)
    hosts = dict(base.hosts)
    for name, node in host_nodes.items():
        hosts[name] = _host(reader, name, node, base.hosts.get(name))
    known = Knowledge(hosts=hosts)
    products = dict(base.products)
    for name, node in product_nodes.items():
        products[name] = _product(
            reader, name, node, base.products.get(name), known
        )
    found = Knowledge(products, hosts)
    _complain_of_shared_names(reader, found, {**product_nodes, **host_nodes})
    if reader.problems:
        raise ManifestError(sorted(reader.problems))
    return found


def _product(
    reader: Reader,
    name: str,
    node: Node,
    before: Product | None,
    known: Knowledge,
) -> Product:
    first = () if before else ('hosts', 'default_machine_types')
    members = reader.members(node, _PRODUCT_KEYS, (*first, 'status', 'source'))
    said: dict[str, object] = {
        'hosts': _product_hosts(reader, members.get('hosts'), known),
        'default_machine_types': {
            architecture: _machine_type(reader, value)
            for architecture, value in reader.mapping(
                members.get('default_machine_types'), _ARCHITECTURE
            ).items()
        },
        'status': _status(reader, members.get('status')),
        'also': _names(reader, members.get('also')),
        'pcie_ports': reader.number(members.get('pcie_ports'), 0),
        'records_machine_type': reader.boolean(
            members.get('records_machine_type')
        ),
    }
    for key in ('title', 'source', 'nova', 'note'):
        said[key] = reader.text(members.get(key))
    old = before or Product(name, name, {}, {}, Status.UNVERIFIED, '')
    changed = {key: value for key, value in said.items() if key in members}
    return dataclasses.replace(old, **changed)  # type: ignore[arg-type]


def _product_hosts(
    reader: Reader, node: Node | None, known: Knowledge
) -> dict[str, Status]:
    """Return host releases by their first names, whichever is written."""
    found = {}
    for name, status in reader.mapping(node).items():
        try:
            first_name = known.release(name).name
        except Error as exc:
            reader.complain(status, str(exc))
        else:
            found[first_name] = _status(reader, status)
    return found


def _host(
    reader: Reader, name: str, node: Node, before: HostRelease | None
) -> HostRelease:
    members = reader.members(
        node, ('title', 'also', 'note', 'architectures'), ('architectures',)
    )
    old = before or HostRelease(name, name, {})
    lists = {
        architecture: _machine_list(reader, one)
        for architecture, one in reader.mapping(
            members.get('architectures'), _ARCHITECTURE
        ).items()
    }
    return HostRelease(
        name,
        reader.text(members.get('title')) or old.title,
        {**old.lists, **lists},
        _names(reader, members.get('also')) or old.also,
        reader.text(members.get('note')) or old.note,
    )


def _machine_list(reader: Reader, node: Node) -> MachineList:
    members = reader.members(
        node,
        ('status', 'source', 'complete', 'aliases', 'machine_types'),
        ('status', 'source', 'machine_types'),
    )
    machines: dict[str, Machine] = {}
    for row in reader.elements(members.get('machine_types')):
        _add_machines(reader, row, machines)
    return MachineList(
        {**machines, **_aliases(reader, members.get('aliases'), machines)},
        _status(reader, members.get('status')),
        reader.text(members.get('source')),
        reader.boolean(members.get('complete')) is not False,
    )


def _add_machines(
    reader: Reader, row: Node, machines: dict[str, Machine]
) -> None:
    members = reader.members(
        row, ('names', 'deprecated', 'max_cpus'), ('names',)
    )
    deprecated = reader.boolean(members.get('deprecated'))
    max_cpus = reader.number(members.get('max_cpus'), 1)
    for node in reader.elements(members.get('names')):
        name = _machine_type(reader, node)
        if name in machines:
            reader.complain(node, _('%s is in the list already') % name)
        machines[name] = Machine(name, None, deprecated, max_cpus)


def _aliases(
    reader: Reader, node: Node | None, machines: Mapping[str, Machine]
) -> dict[str, Machine]:
    """Return each alias like what it stands for, under its own name."""
    aliases = {}
    for alias, meant in reader.mapping(node).items():
        target = machines.get(scalar_of(meant) or '')
        if alias in machines or not is_machine_type(alias):
            reader.complain(
                meant,
                _('%s can not be an alias, it is in the list or no name')
                % printable(alias),
            )
        elif is_null(meant):
            aliases[alias] = Machine(alias)
        elif target is None:
            reader.expected(
                meant, _('a machine type of the list, or null if not known')
            )
        else:
            aliases[alias] = dataclasses.replace(
                target, name=alias, canonical=target.name
            )
    return aliases


def _status(reader: Reader, node: Node | None) -> Status:
    return _STATUSES[reader.word(node, _STATUSES)]


def _names(reader: Reader, node: Node | None) -> tuple[str, ...]:
    found = []
    for one in reader.elements(node):
        found.append(reader.text(one))
        if found[-1] and not _RELEASE_NAME.fullmatch(found[-1]):
            reader.expected(one, _('a name such as rhel9.5'))
    return tuple(found)


def _machine_type(reader: Reader, node: Node) -> str:
    found = scalar_of(node) or ''
    if not is_machine_type(found):
        reader.expected(node, _('a machine type'))
    return found


def _complain_of_shared_names(
    reader: Reader, found: Knowledge, nodes: Mapping[str, Node]
) -> None:
    owners: dict[str, Release] = {}
    for one in found.releases():
        for name in one.names():
            other = owners.setdefault(name, one)
            if other is not one:
                reader.complain(
                    nodes.get(one.name) or nodes[other.name],
                    _('%(name)s is a name of %(one)s and of %(other)s')
                    % {
                        'name': printable(name),
                        'one': printable(other.title),
                        'other': printable(one.title),
                    },
                )


SHIPPED = 'data/machine-types.yaml'


def load(paths: Iterable[str]) -> Knowledge:
    """Return the package's knowledge with what some files change in it.

    A later file has the last word. Raises FileError for one that can't be
    read, and ManifestError with the problems of one that is wrong.
    """
    text = resources.files('osc_hwmt').joinpath(SHIPPED).read_text('utf-8')
    knowledge = read_release_file(text, SHIPPED, Knowledge())
    for path in paths:
        knowledge = read_release_file(files.read(path).text, path, knowledge)
    return knowledge
