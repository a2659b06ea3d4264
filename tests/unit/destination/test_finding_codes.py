# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import re

from osc_hwmt.compatibility import rules
from osc_hwmt.destination import verify
from osc_hwmt.destination.finding_codes import MEANINGS
from osc_hwmt.destination.refusals import Refusal
from tests.unit.support import cases

_OF_VERIFY = {
    value
    for name, value in vars(verify).items()
    if name.isupper() and re.fullmatch('[a-z-]+', str(value))
} - {'hw_machine_type'}
_OF_PLAN = {refusal.value for refusal in Refusal}
_OF_RULES = {rule.code for rule in rules.RULES}


class MeaningsTest(cases.TestCase):
    def test_every_code_has_one(self) -> None:
        self.assertIn('server-unknown', _OF_VERIFY)
        self.assertEqual(_OF_VERIFY | _OF_PLAN | _OF_RULES, set(MEANINGS))

    def test_meanings_are_parts_of_a_sentence(self) -> None:
        for code, meaning in MEANINGS.items():
            self.assertRegex(meaning, r'^.*[^.]$', code)
