# SPDX-License-Identifier: Apache-2.0

"""The table of attacks is made from their tests."""

from __future__ import annotations

import contextlib
import io

from tests.hostile import __main__ as program
from tests.hostile import attacks
from tests.unit.support import cases


class AttacksTest(cases.TestCase):
    def test_every_module_of_the_suite_has_attacks(self) -> None:
        for title, some in attacks.by_module().items():
            self.assertNotEqual((), some, f'{title}: no @attack')

    def test_no_outcome_is_left_unsaid(self) -> None:
        for some in attacks.by_module().values():
            for one in some:
                self.assertTrue(one.tried and one.outcome, one.test)

    def test_no_text_is_markup_in_the_printed_table(self) -> None:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            program.row('an id of `x`', 'osc_hwmt and *')
        self.assertEqual(
            '   * - an id of \\`x\\`\n     - osc\\_hwmt and \\*\n',
            out.getvalue(),
        )
