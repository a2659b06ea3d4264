# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.model.changes import Change
from tests.unit.support import cases, fakes

A, B = Change('a', None, '1'), Change('b', '0', None)
WRITE = fakes.write('volume-1', A, B)


class WriteTest(cases.TestCase):
    def test_a_volume_lacks_what_is_not_there_yet(self) -> None:
        for now, missing in (
            ({'b': '0'}, (A, B)),
            ({}, (A,)),
            ({'a': '1', 'b': '0', 'c': '2'}, (B,)),
        ):
            left = WRITE.missing(now)
            self.assertEqual(missing, left.changes if left else ())

    def test_a_volume_that_has_it_all_lacks_nothing(self) -> None:
        self.assertIsNone(WRITE.missing({'a': '1', 'c': '2'}))

    def test_other_old_values_are_surprises(self) -> None:
        self.assertEqual([], WRITE.surprises({'b': '0'}))
        self.assertEqual([A, B], WRITE.surprises({'a': '2', 'b': '3'}))
