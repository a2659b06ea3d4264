# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from osc_hwmt.cloud.mark import Purpose, RunMark
from tests.unit.support import cases

MARK = RunMark(
    Purpose.INSPECT,
    '0123456789ab',
    datetime.datetime(2026, 11, 24, 3, 4, 5, tzinfo=datetime.timezone.utc),
)
NAME = 'osc-hwmt-inspect-0123456789ab-20261124T030405Z'
SERVER = '8a7a98d4-a48c-472a-a226-3da6f739a6f6'


class RunMarkTest(cases.TestCase):
    def test_a_name_tells_the_run_its_purpose_and_its_end(self) -> None:
        self.assertEqual(NAME, MARK.name)
        self.assertEqual(MARK, RunMark.of(NAME))

    def test_every_new_run_has_a_mark_of_its_own(self) -> None:
        one, other = (RunMark.new(Purpose.PROBE, 60) for _ in range(2))
        self.assertNotEqual(one.run, other.run)
        self.assertEqual(one, RunMark.of(one.name))

    def test_a_new_run_is_over_after_its_limit(self) -> None:
        now = datetime.datetime.now(datetime.timezone.utc)
        rest = RunMark.new(Purpose.PROBE, 3600).expires - now
        self.assertTrue(3590 < rest.total_seconds() <= 3600, rest)

    def test_the_mark_is_found_in_what_nova_makes_of_the_name(self) -> None:
        for name in (
            f'{NAME}-{SERVER}',
            f'snapshot for {NAME}-{SERVER}',
            f'Schnappschuss von {NAME}-{SERVER}',
        ):
            self.assertEqual(MARK, RunMark.of(name), name)

    def test_what_only_looks_alike_is_nobodys(self) -> None:
        for name in (
            '',
            'osc-hwmt-inspect-',
            NAME[:-1],
            NAME.replace('inspect', 'apply'),
            NAME.replace('0123456789ab', '0123456789AB'),
            NAME.replace('20261124', '20261399'),
            f'{NAME}-{SERVER}-mine',
            f'my{NAME}',
            f'{NAME}\n',
        ):
            self.assertIsNone(RunMark.of(name), name)

    @given(st.text(max_size=80))
    @settings(max_examples=100, deadline=None)
    def test_any_name_has_a_mark_or_none(self, name: str) -> None:
        mark = RunMark.of(name)
        self.assertTrue(mark is None or mark.name in name, name)
