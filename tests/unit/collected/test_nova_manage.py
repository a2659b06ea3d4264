# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.model.evidence import Evidence, Guest
from tests.unit.collected.base import A, B, C, CaptureTestCase

UNSET = f'No machine type registered for instance {B}'
UNMAPPED = f'Instance {C} has no mapping to a cell.'


class NovaManageTest(CaptureTestCase):
    def types(self, text: str) -> dict[str, str | None]:
        """Return the machine type by server; warnings are left out."""
        guests = [one for one in self.read(text) if isinstance(one, Guest)]
        for guest in guests:
            self.assertIs(Evidence.NOVA_RECORD, guest.evidence)
        return {guest.server_id: guest.machine_type for guest in guests}

    def test_a_server_and_its_type_stand_on_one_line(self) -> None:
        for between in (' ', ',', ': ', '\t', '=', '", "', ' | '):
            self.assertEqual(
                {A: 'q35', B: 'pc-i440fx-rhel7.6.0'},
                self.types(
                    f'{A}{between}q35\n{B}{between}pc-i440fx-rhel7.6.0\n'
                ),
                between,
            )

    def test_a_type_may_stand_below_its_server(self) -> None:
        self.assertEqual(
            {A: 'q35', B: 'pc'}, self.types(f'{A}\nq35\n\n{B}\r\n\npc\r\n')
        )

    def test_an_id_in_capitals_is_the_same_server(self) -> None:
        self.assertEqual({A: 'q35'}, self.types(f'{A.upper()} q35'))

    def test_not_registered_means_unset(self) -> None:
        for text in (f'{B} {UNSET}\n', f'{UNSET}\n', f'{B}\n{UNSET}\n'):
            self.assertEqual({B: None}, self.types(text), text)

    def test_without_a_cell_nothing_is_known(self) -> None:
        text = f'{A} q35\n{C}\n{UNMAPPED}\n'
        self.assertEqual({A: 'q35'}, self.types(text))
        (problem,) = self.problems(text)
        self.assertTrue(problem.startswith('compute-0.txt:3:1: '), problem)
        self.assertIn(C, problem)

    def test_ids_alone_are_those_of_whom_nothing_is_recorded(self) -> None:
        noise = '2026-11-24 12:00:00.000 7 WARNING oslo_config\n'
        self.assertEqual({A: None, B: None}, self.types(f'{noise}{A}\n{B}\n'))

    def test_none_of_whom_nothing_is_recorded(self) -> None:
        text = 'No instances found without hw_machine_type set.\n'
        self.assertEqual([], self.read(text))

    def test_an_answer_that_is_missing_is_told_and_not_unset(self) -> None:
        text = f'{A}\n{B} pc\n{C}\n'
        self.assertEqual({B: 'pc'}, self.types(text))
        problems = self.problems(text)
        self.assertEqual(2, len(problems))
        self.assertIn(f'server {A}: no machine type is given', problems[0])

    def test_other_words_beside_a_server_are_no_machine_type(self) -> None:
        for answer in (
            'instance-0000002a',  # virsh list --all --uuid --name
            'pc is used',
            'pcx',
            'Unexpected error, see log',
        ):
            (problem,) = self.problems(f'{A} {answer}\n')
            self.assertIn(answer, problem)
