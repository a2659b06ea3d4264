# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import shutil
import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from osc_hwmt.source.diff import unified
from tests.unit.support import cases
from tests.unit.support.fakes import PC, manifest_text, resource

KEY = 'hw_machine_type'


class UnifiedTest(cases.TestCase):
    def diff(self, before: str, after: str) -> list[str]:
        return list(unified(before, after, 'w.yml'))

    def test_no_change_is_no_line(self) -> None:
        text = manifest_text(resource())
        self.assertEqual([], self.diff(text, text))

    def test_a_change_is_shown_where_it_is(self) -> None:
        before = manifest_text(resource(), resource('db', 'source-2'))
        line = '    name: db\n'
        number = before[: before.index(line)].count('\n') + 1
        after = before.replace(line, f'    {KEY}: {PC}\n{line}')
        diff = self.diff(before, after)
        self.assertEqual(['--- w.yml', '+++ w.yml'], diff[:2])
        self.assertEqual(f'@@ -{number - 3},6 +{number - 3},7 @@', diff[2])
        self.assertEqual(
            [f'+    {KEY}: {PC}'],
            [one for one in diff[2:] if one.startswith('+')],
        )

    def test_a_new_manifest_is_all_new(self) -> None:
        diff = self.diff('', 'a: 1\nresources:\n- b\n')
        self.assertEqual(
            ['+a: 1', '+resources:', '+- b'],
            [one for one in diff[2:] if one.startswith('+')],
        )

    @settings(max_examples=30)
    @given(
        st.lists(st.sampled_from('abc'), min_size=1, max_size=6),
        st.lists(st.sampled_from('abcd'), min_size=1, max_size=8),
        st.sampled_from(['', 'z: 1\n', 'z: 1']),
    )
    def test_patch_makes_the_one_of_the_other(
        self, old: list[str], new: list[str], end: str
    ) -> None:
        patch = shutil.which('patch') or self.skipTest('without patch')
        before, after = (
            'x: 1\nresources:\n'
            + ''.join(f'- {one}:\n    deep: {one}\n' for one in elements)
            + end
            for elements in (old, new)
        )
        path = self.directory() / 'w.yml'
        path.write_text(before)
        diff = ''.join(f'{line}\n' for line in self.diff(before, after))
        if diff:
            subprocess.run(
                [str(patch), '-s', str(path)],
                input=diff,
                text=True,
                check=True,
            )
        self.assertEqual(after, path.read_text())
