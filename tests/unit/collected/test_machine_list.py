# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json

from osc_hwmt.collected import machine_list
from osc_hwmt.compatibility.hosts import Machine
from tests.unit.collected.base import CaptureTestCase, sample

PC = 'pc-i440fx-rhel7.6.0'
REFUSAL = (
    "'pc-i440fx-rhel7.6.0' is not valid/supported machine type, Supported "
    "machine types are: ['pc-i440fx-7.2', 'pc-q35-5.2', 'pc', 'pc', 'virt'"
)


class PrintedTest(CaptureTestCase):
    def test_a_real_list_with_its_prompts(self) -> None:
        (host,) = self.hosts(sample('machine-help-rocky-9.8.txt'))
        self.assertEqual('compute-0', host.name)
        self.assertEqual(frozenset(), host.partial)
        self.assertEqual(
            {
                'pc': Machine('pc', PC),
                PC: Machine(PC, None, True),
                'q35': Machine('q35', 'pc-q35-rhel9.8.0'),
                'pc-q35-rhel9.8.0': Machine('pc-q35-rhel9.8.0', None, False),
                'pc-q35-rhel9.0.0': Machine('pc-q35-rhel9.0.0', None, False),
                'pc-q35-rhel8.6.0': Machine('pc-q35-rhel8.6.0', None, True),
                'pc-q35-rhel7.6.0': Machine('pc-q35-rhel7.6.0', None, True),
            },
            host.machines[None],
        )

    def test_a_long_name_touches_its_description(self) -> None:
        self.assertEqual(
            {
                'pc-q35-mantic-maxcpus': Machine('pc-q35-mantic-maxcpus'),
                'ubuntu-q35': Machine('ubuntu-q35', 'pc-q35-questing'),
            },
            self.machines(sample('machine-help-ubuntu-25.10.txt')),
        )

    def test_a_list_without_the_last_machine_was_cut_off(self) -> None:
        text = sample('machine-help-rocky-9.8.txt')
        (host,) = self.hosts(text[: text.index('none ')])
        self.assertEqual(frozenset([None]), host.partial)

    def test_two_lists_of_one_file_are_of_two_hosts(self) -> None:
        one = sample('machine-help-rocky-9.8.txt')
        names = [
            host.name for host in self.hosts(one + one.replace('9.8', '9.6'))
        ]
        self.assertEqual(['compute-0', 'compute-0 (2)'], names)

    def test_a_header_that_nothing_follows_lists_nothing(self) -> None:
        self.path = 'x'
        self.assertEqual(
            [], self.hosts('Supported machines are:\n\n# osc-hwmt end\n')
        )


class QuotedTest(CaptureTestCase):
    def test_novas_refusal_lists_what_the_compute_has(self) -> None:
        (host,) = self.hosts(f'2026-11-24 ERROR {REFUSAL}] [instance: x]')
        self.assertEqual(
            ['pc-i440fx-7.2', 'pc-q35-5.2', 'pc', 'virt'],
            list(host.machines[None]),
        )
        self.assertEqual(frozenset(), host.partial)

    def test_a_fault_message_that_was_cut_is_partial(self) -> None:
        for cut in (REFUSAL, f"{REFUSAL}, 'q3"):
            (host,) = self.hosts(cut)
            self.assertEqual(frozenset([None]), host.partial)
            self.assertNotIn('q3', host.machines[None])

    def test_of_a_refusal_only_a_whole_list_is_taken(self) -> None:
        self.assertEqual(
            ['pc-i440fx-7.2', 'pc-q35-5.2', 'pc', 'virt'],
            list(machine_list.refused(f'x: {REFUSAL}]\n')),
        )
        for text in (REFUSAL, '', 'Supported machine types are: []'):
            self.assertEqual({}, machine_list.refused(text), text)

    def test_a_refusal_is_found_in_a_servers_json(self) -> None:
        text = json.dumps(
            {'fault': {'details': f'Traceback:\n  x\n{REFUSAL}]\n'}}, indent=2
        )
        self.assertIn('pc-q35-5.2', self.machines(text))


class QueriedTest(CaptureTestCase):
    def test_a_real_answer_amid_events(self) -> None:
        self.assertEqual(
            {
                'pc-i440fx-7.2': Machine('pc-i440fx-7.2', None, False, 255),
                'pc': Machine('pc', 'pc-i440fx-7.2', False, 255),
                'pc-i440fx-1.5': Machine('pc-i440fx-1.5', None, True, 255),
            },
            self.machines(sample('qmp-7.2.json')),
        )

    def test_before_qemu_4_1_deprecation_is_not_told(self) -> None:
        text = '{"return": [{"name": "pc-1.0", "cpu-max": 255}]}'
        self.assertEqual(
            {'pc-1.0': Machine('pc-1.0', None, None, 255)}, self.machines(text)
        )

    def test_an_answer_is_the_same_in_any_form(self) -> None:
        answer = json.loads(sample('qmp-7.2.json').splitlines()[2])
        for text in (
            'virsh # \n' + json.dumps(answer, indent=2),
            json.dumps(answer['return']),
        ):
            self.assertEqual(
                self.machines(sample('qmp-7.2.json')), self.machines(text)
            )

    def test_members_of_other_kinds_tell_nothing(self) -> None:
        text = (
            '{"return": [{"name": "pc", "cpu-max": "many", "deprecated": 1, '
            '"alias": 7}, {"name": 3, "cpu-max": true}]}'
        )
        self.assertEqual(
            {'pc': Machine('pc'), '3': Machine('3')}, self.machines(text)
        )
