# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.compatibility.hosts import Machine
from osc_hwmt.compatibility.release_file import read_release_file
from osc_hwmt.compatibility.releases import Status
from tests.unit.support import cases

TEXT = """
products:
  cloud1:
    title: Cloud 1
    hosts: {linux1: attested}
    default_machine_types: {x86_64: pc, aarch64: virt-1.0}
    status: attested
    source: >-
      its own
      templates
    pcie_ports: 16
    records_machine_type: no
hosts:
  linux1:
    title: Linux 1
    also: [linux1.1]
    architectures:
      x86_64:
        status: interpolated
        source: a dump
        complete: false
        aliases: {pc: pc-i440fx-2.0, q35: null}
        machine_types:
        - names: [pc-i440fx-2.0, pc-i440fx-2.10]
          deprecated: true
          max_cpus: 255
        - names: [pc-q35-2.10]
"""


class ReadTest(cases.TestCase):
    def test_products_are_read(self) -> None:
        product = read_release_file(TEXT).products['cloud1']
        self.assertEqual({'linux1': Status.ATTESTED}, product.hosts)
        self.assertEqual(
            {'x86_64': 'pc', 'aarch64': 'virt-1.0'},
            product.default_machine_types,
        )
        self.assertEqual('its own templates', product.source)
        self.assertEqual('Cloud 1', product.title)
        self.assertEqual(16, product.pcie_ports)
        self.assertIs(False, product.records_machine_type)

    def test_hosts_are_read(self) -> None:
        host = read_release_file(TEXT).hosts['linux1']
        self.assertEqual(('linux1', 'linux1.1'), host.names())
        found = host.lists['x86_64']
        self.assertEqual(Status.INTERPOLATED, found.status)
        self.assertEqual('a dump', found.source)
        self.assertFalse(found.complete)
        self.assertEqual(
            Machine('pc-i440fx-2.10', None, True, 255),
            found.machines['pc-i440fx-2.10'],
        )
        self.assertEqual(Machine('pc-q35-2.10'), found.machines['pc-q35-2.10'])

    def test_an_alias_is_like_what_it_stands_for(self) -> None:
        host = read_release_file(TEXT).hosts['linux1']
        machines = host.lists['x86_64'].machines
        self.assertEqual(
            Machine('pc', 'pc-i440fx-2.0', True, 255), machines['pc']
        )
        self.assertEqual(Machine('q35'), machines['q35'])
