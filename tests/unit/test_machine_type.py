# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.machine_type import MEANT_AS_NULL, is_machine_type
from tests.fakes import PC, Q35
from tests.unit import base


class IsMachineTypeTest(base.TestCase):
    def test_what_qemu_and_distributors_write_is_one(self) -> None:
        for text in ('pc', 'q35', PC, Q35, 'a' * 255, 'virt-6.2+x_y', '0'):
            self.assertTrue(is_machine_type(text), text)

    def test_other_text_is_none(self) -> None:
        for text in ('', 'a' * 256, 'pc\n', '.pc', 'a/b', 'é', 'x86_64=pc'):
            self.assertFalse(is_machine_type(text), text)

    def test_no_machine_at_all_is_none(self) -> None:
        for text in (*MEANT_AS_NULL, 'None', 'NULL'):
            self.assertFalse(is_machine_type(text), text)
        self.assertTrue(is_machine_type('none-of-those'))
