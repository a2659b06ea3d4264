# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.collected import recognise
from osc_hwmt.compatibility.hosts import Host
from osc_hwmt.compatibility.support import Abilities
from osc_hwmt.model.evidence import Guest
from tests.unit.collected.base import (
    NOVA_27,
    A,
    CaptureTestCase,
    domain,
    sample,
    server_id,
)


def collected(host: str, *texts: str) -> str:
    """Return what the collector prints on a host."""
    return f'# osc-hwmt host {host}\n{"".join(texts)}# osc-hwmt end\n'


class NoiseTest(CaptureTestCase):
    def test_many_domains_with_prompts_and_comments(self) -> None:
        text = (
            '[root@compute ~]# for u in $(virsh list --all --uuid); do '
            'virsh dumpxml $u; done\n'
            + '\n'.join(sample(name) for name in NOVA_27.values())
            + sample('domain-windows-uefi.xml')
            + 'error: failed to get domain x\n[root@compute ~]# '
        )
        self.assertEqual(4, len(self.guests(text)))

    def test_ids_around_documents_say_nothing(self) -> None:
        # Read by themselves, they would be servers without a record.
        text = f'{server_id(1)}\n{server_id(2)}\n{domain(1)}'
        self.assertEqual(
            [server_id(1)], [one.server_id for one in self.guests(text)]
        )

    def test_a_place_is_the_line_that_a_document_begins_on(self) -> None:
        text = f'\n\n{domain(1)}x\n{domain(2)}'
        self.assertEqual(
            ['compute-0.txt:3', 'compute-0.txt:5'],
            [one.origin for one in self.guests(text)],
        )

    def test_documents_of_libvirt_that_tell_nothing_are_known(self) -> None:
        for name in ('network', 'pool', 'secret', 'domainsnapshot'):
            text = f'<{name}><domain>{domain()}</domain></{name}>'
            self.assertEqual([], self.read(text), name)

    def test_what_nothing_is_understood_of_is_none(self) -> None:
        for text in (
            'hello',
            'pc\nq35\n',
            '{"a": 1}',
            '<html></html>',
            'hosts:\n  a:\n  - pc\n',
            '\\',
        ):
            self.assertIsNone(recognise.records(text, 'f'), text)

    def test_an_empty_text_is_told(self) -> None:
        for text in ('', ' \n'):
            self.assertEqual(['compute-0.txt:1:1: empty'], self.problems(text))


class TruncatedTest(CaptureTestCase):
    def test_a_domain_that_is_cut_off_is_named(self) -> None:
        text = sample(NOVA_27['pc'])
        cut = text[: text.index('<devices>')]
        (problem,) = self.problems(cut)
        self.assertIn('instance-0000000d, b-pc, a108412f-24d6', problem)
        self.assertIn('cut off', problem)

    def test_a_damaged_domain_is_told_with_its_line(self) -> None:
        text = 'x\n' + sample(NOVA_27['pc']).replace('</features>', '')
        (problem,) = self.problems(text)
        self.assertRegex(
            problem, r'^compute-0\.txt:\d{2,3}:1: instance-0000000d'
        )
        self.assertIn('mismatched tag', problem)

    def test_damaged_capabilities_are_told(self) -> None:
        text = sample('capabilities-rocky-9.2.xml')
        problems = self.problems(text[: text.index('</capabilities>')])
        self.assertIn('capabilities: cut off', problems[0])


class MarkedTest(CaptureTestCase):
    def test_the_collector_names_the_host(self) -> None:
        text = collected('compute-3', domain(1)) + collected(
            'compute-4', domain(2), domain(3)
        )
        self.assertEqual(
            [('compute-3', 2), ('compute-4', 5), ('compute-4', 6)],
            [
                (one.host, int(one.origin.rpartition(':')[2]))
                for one in self.guests(text)
            ],
        )

    def test_everything_of_a_host_is_of_that_host(self) -> None:
        def said(host: str) -> str:
            return collected(
                host,
                sample('capabilities-rocky-9.2.xml'),
                sample('domcapabilities-rocky-9.2.xml'),
                sample('machine-help-rocky-9.8.txt'),
                sample('qmp-7.2.json'),
            )

        hosts = self.hosts(said('a') + said('b'))
        self.assertEqual(8, len(hosts))
        self.assertEqual(
            ['a', 'b'], [one.name for one in Abilities.of(hosts).hosts]
        )

    def test_a_collection_that_has_no_end_is_told(self) -> None:
        text = f'# osc-hwmt host compute-3\n{domain(1)}'
        (problem,) = self.problems(text)
        self.assertIn('compute-3 is cut off', problem)
        (problem,) = self.problems(text + collected('compute-4', domain(2)))
        self.assertIn('compute-0.txt:1:1: ', problem)

    def test_what_the_collector_could_not_read_is_told(self) -> None:
        text = collected('compute-3', f'# osc-hwmt failed domain {A}\n')
        (problem,) = self.problems(text)
        self.assertEqual(
            f'compute-0.txt:2:1: the collector failed: domain {A}', problem
        )
        self.assertEqual([], self.read(collected('compute-3')))

    def test_a_marker_amid_a_domain_is_none(self) -> None:
        text = domain(rest='<title># osc-hwmt end</title>')
        self.assertEqual(1, len(self.guests(text)))

    def test_a_text_may_have_servers_and_hosts(self) -> None:
        records = self.read(sample('capabilities-rocky-9.2.xml') + domain(1))
        self.assertEqual([Guest, Host], [type(one) for one in records])
