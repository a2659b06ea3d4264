# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.columns import MachineTypeColumn
from tests.unit import base


class MachineTypeColumnTest(base.TestCase):
    def test_none_and_empty_read_differently_to_people(self) -> None:
        for value, shown in ((None, '-'), ('', "''"), ('pc', 'pc')):
            self.assertEqual(shown, MachineTypeColumn(value).human_readable())

    def test_programs_get_the_value_itself(self) -> None:
        for value in (None, '', 'pc'):
            self.assertEqual(
                value, MachineTypeColumn(value).machine_readable()
            )

    def test_no_value_reaches_a_terminal_raw(self) -> None:
        cell = MachineTypeColumn('\x1b[2J')
        self.assertEqual('\\x1b[2J', cell.human_readable())
        self.assertEqual('\\x1b[2J', cell.machine_readable())
