# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import textwrap

from hypothesis import given, settings
from hypothesis import strategies as st

from osc_hwmt.compatibility.hosts import Machine
from osc_hwmt.compatibility.release_file import read_release_file
from osc_hwmt.compatibility.releases import Knowledge, Status
from osc_hwmt.exceptions import ManifestError
from tests.unit.support import cases

TEXT = """
products:
  cloud1:
    hosts: {linux1: attested}
    default_machine_types: {x86_64: pc, aarch64: virt-1.0}
    status: attested
    source: its own
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


class KnowledgeTestCase(cases.TestCase):
    def read(self, text: str, before: Knowledge | None = None) -> Knowledge:
        text = textwrap.dedent(text)
        return read_release_file(text, 'own.yaml', before or Knowledge())

    def problems(self, text: str, before: Knowledge | None = None) -> str:
        error = self.assertRaises(ManifestError, self.read, text, before)
        return '\n'.join(map(str, error.problems))

    def replaced(self, old: str, new: str) -> str:
        """Return the problems of the text with one place changed."""
        self.assertIn(old, TEXT)
        return self.problems(TEXT.replace(old, new))


class ReadTest(KnowledgeTestCase):
    def test_products_are_read(self) -> None:
        product = self.read(TEXT).products['cloud1']
        self.assertEqual({'linux1': Status.ATTESTED}, product.hosts)
        self.assertEqual(
            {'x86_64': 'pc', 'aarch64': 'virt-1.0'},
            product.default_machine_types,
        )
        self.assertEqual('its own templates', product.source)
        self.assertEqual('cloud1', product.title)
        self.assertEqual(16, product.pcie_ports)
        self.assertIs(False, product.records_machine_type)

    def test_hosts_are_read(self) -> None:
        host = self.read(TEXT).hosts['linux1']
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
        machines = self.read(TEXT).hosts['linux1'].lists['x86_64'].machines
        self.assertEqual(
            Machine('pc', 'pc-i440fx-2.0', True, 255), machines['pc']
        )
        self.assertEqual(Machine('q35'), machines['q35'])

    def test_an_empty_file_says_nothing(self) -> None:
        before = self.read(TEXT)
        for text in ('', '# nothing', 'hosts: {}', 'products: {}'):
            self.assertEqual(before, self.read(text, before))


class ChangeTest(KnowledgeTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.before = self.read(TEXT)

    def test_a_key_of_a_product_replaces_that_key(self) -> None:
        text = """
        products:
          cloud1:
            hosts: {linux1.1: unverified}
            records_machine_type: true
            status: attested
            source: what I saw
        """
        product = self.read(text, self.before).products['cloud1']
        self.assertEqual({'linux1': Status.UNVERIFIED}, product.hosts)
        self.assertEqual('what I saw', product.source)
        self.assertIs(True, product.records_machine_type)
        self.assertEqual('pc', product.default('x86_64'))
        self.assertEqual(16, product.pcie_ports)

    def test_an_architecture_of_a_host_replaces_its_list(self) -> None:
        text = """
        hosts:
          linux1:
            architectures:
              aarch64: {status: attested, source: x, machine_types: []}
              x86_64:
                status: attested
                source: my hosts
                machine_types: [{names: [pc-q35-3.0]}]
        """
        host = self.read(text, self.before).hosts['linux1']
        self.assertEqual('Linux 1', host.title)
        self.assertEqual(('linux1.1',), host.also)
        self.assertEqual({'x86_64', 'aarch64'}, set(host.lists))
        self.assertEqual({'pc-q35-3.0'}, set(host.lists['x86_64'].machines))

    def test_releases_can_be_added(self) -> None:
        text = """
        products:
          mine:
            hosts: {linux1: attested, linux2: attested}
            default_machine_types: {}
            status: attested
            source: x
        hosts:
          linux2:
            architectures:
              s390x: {status: attested, source: x, machine_types: []}
        """
        found = self.read(text, self.before)
        self.assertEqual(['cloud1', 'mine'], list(found.products))
        self.assertEqual(
            ['linux1', 'linux2'],
            [one.name for one in found.abilities(found.release('mine')).hosts],
        )

    def test_whoever_changes_something_says_from_where(self) -> None:
        self.assertIn(
            'own.yaml:2:11: expected also status, source',
            self.problems('products:\n  cloud1: {pcie_ports: 1}', self.before),
        )


class ProblemTest(KnowledgeTestCase):
    def test_every_problem_is_told_with_its_place(self) -> None:
        text = """\
        products:
          cloud1:
            hosts: {linux1: sure, Linux-1: attested}
            pcie_ports: -1
            records_machine_type: perhaps
            status: attested
            colour: blue
        hosts:
          linux1:
            architectures: [x86_64]
        """
        self.assertEqual(
            [
                'own.yaml:3:5: expected also default_machine_types, source',
                'own.yaml:3:21: expected one of attested, interpolated, '
                "unverified, found 'sure'",
                'own.yaml:3:36: release Linux-1 is not known (did you mean '
                'linux1?); known are linux1',
                "own.yaml:4:17: expected a number from 0, found '-1'",
                "own.yaml:5:27: expected true or false, found 'perhaps'",
                'own.yaml:7:5: unknown key colour; known are title, hosts, '
                'default_machine_types, status, source, also, nova, '
                'pcie_ports, records_machine_type, note',
                'own.yaml:10:20: expected a mapping, found a list',
            ],
            self.problems(text).splitlines(),
        )

    def test_a_section_has_to_be_a_mapping(self) -> None:
        self.assertEqual(
            'own.yaml:1:8: expected a mapping, found a list',
            self.problems('hosts: [linux1]'),
        )

    def test_a_machine_type_has_to_look_like_one(self) -> None:
        for old, new in (
            ('x86_64: pc,', "x86_64: 'x86_64=pc',"),
            ('x86_64: pc,', 'x86_64: none,'),
            ('[pc-q35-2.10]', '[[pc-q35-2.10]]'),
            ('[pc-q35-2.10]', "['pc-q35-2.10 ']"),
        ):
            self.assertIn('expected a machine type', self.replaced(old, new))

    def test_a_machine_type_stands_once(self) -> None:
        self.assertIn(
            'own.yaml:25:19: pc-i440fx-2.0 is in the list already',
            self.replaced('[pc-q35-2.10]', '[pc-i440fx-2.0]'),
        )

    def test_an_alias_stands_for_a_machine_type_of_its_host(self) -> None:
        self.assertIn(
            'expected a machine type of the list, or null if not known, '
            "found 'pc-i440fx-9.9'",
            self.replaced('pc: pc-i440fx-2.0', 'pc: pc-i440fx-9.9'),
        )
        self.assertIn(
            'pc-q35-2.10 can not be an alias',
            self.replaced('q35: null', 'pc-q35-2.10: null'),
        )

    def test_a_name_means_one_release(self) -> None:
        self.assertIn(
            'own.yaml:13:5: cloud1 is a name of cloud1 and of Linux 1',
            self.replaced('[linux1.1]', '[cloud1]'),
        )
        self.assertIn(
            'own.yaml:2:13: linux1.1 is a name of linux1.1 and of Linux 1',
            self.problems(
                'products:\n  linux1.1: {hosts: {}, status: attested,\n'
                '    default_machine_types: {}, source: x}',
                self.read(TEXT),
            ),
        )

    def test_names_are_plain(self) -> None:
        for name in ('Linux1', 'linux 1', '-linux', '\x1b'):
            self.assertIn(
                'cannot be a name',
                self.problems(f'hosts:\n  {name!r}: {{architectures: {{}}}}'),
            )

    def test_what_is_no_yaml_is_told(self) -> None:
        for text in ('[1', 'a: b: c', 'hosts: *x', '- 1', 'hosts: 3'):
            self.assertIn('own.yaml:', self.problems(text))

    @settings(max_examples=150)
    @given(
        st.integers(0, len(TEXT)),
        st.integers(0, 40),
        st.text('{}[]:,- \n#&*"\x00ä1a', max_size=6),
    )
    def test_a_damaged_file_is_read_or_refused(
        self, start: int, length: int, text: str
    ) -> None:
        damaged = TEXT[:start] + text + TEXT[start + length :]
        try:
            found = read_release_file(damaged, 'own.yaml', Knowledge())
        except ManifestError as exc:
            for problem in exc.problems:
                self.assertTrue(str(problem).isprintable(), problem)
        else:
            for one in found.hosts.values():
                for names in one.lists.values():
                    for machine in names.machines.values():
                        self.assertIn(
                            machine.canonical or machine.name, names.machines
                        )
