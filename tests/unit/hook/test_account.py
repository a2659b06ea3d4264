# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.hook.account import Account
from tests.unit.support import cases


class AccountTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.account = Account()

    def lines(self, stops: bool = True) -> list[str]:
        return list(self.account.lines(stops))

    def test_nobody_is_left_out_of_the_numbers(self) -> None:
        self.account.fate('m.yml', 'a', 'web').word = 'set'
        self.account.fate('m.yml', 'b', 'crm')
        self.account.fate('m.yml', 'c', 'erp').fail('no answer')
        self.account.fate('m.yml', 'd', 'd', detached=True).word = 'set'
        self.assertEqual(
            [
                'm.yml: 3 servers, 1 volume: 1 failed, 1 not begun, 2 set',
                'not imported: erp: no answer',
            ],
            self.lines(),
        )

    def test_a_refusal_stays_one_when_it_is_told_again(self) -> None:
        fate = self.account.fate('m.yml', 'a', 'web')
        fate.fail('no such server', 'refused')
        fate.fail('no such server')
        self.assertEqual('m.yml: 1 server: 1 refused', self.lines()[0])

    def test_what_was_imported_without_is_said_as_well(self) -> None:
        self.account.fate('m.yml', 'a', 'web').fail('no answer')
        self.account.fate('m.yml', 'v', 'v', detached=True).fail('none')
        self.assertEqual(
            [
                'imported anyway: web: no answer',
                'not set: volume v: none',
            ],
            self.lines(stops=False)[1:],
        )

    def test_each_manifest_has_its_own_numbers(self) -> None:
        for manifest in 'ab':
            self.account.fate(manifest, 'a', 'web').word = 'set'
        self.assertEqual(
            ['a: 1 server: 1 set', 'b: 1 server: 1 set'], self.lines()
        )

    def test_who_is_undecided_is_named(self) -> None:
        for name in ('web', 'crm'):
            self.account.fate('m.yml', name, name).undecided = True
        self.assertEqual(
            "undecided, given the destination's default: web, crm",
            self.lines()[1],
        )
