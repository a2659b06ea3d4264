# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

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

    def test_each_resource_that_changes_has_its_name_above(self) -> None:
        before = manifest_text(
            resource('web'), resource('db', 'source-2'), resource('c', 'c')
        )
        after = before
        for name in ('web', 'db'):
            line = f'    name: {name}\n'
            after = after.replace(line, f'    {KEY}: {PC}\n{line}')
        # Where the resource's own text begins, its lines count from.
        one = [
            *('@@ -6,6 +6,7 @@', '       uuid: null', '   params:'),
            *('     image_ref: null', f'+    {KEY}: {PC}'),
        ]
        diff = self.diff(before, after + 'z: 1\n')
        self.assertEqual(
            [
                *('--- w.yml: web', '+++ w.yml: web', *one),
                *('     name: web', '     volumes:', '     - _info:'),
                *('--- w.yml: db', '+++ w.yml: db', *one),
                *('     name: db', '     volumes:', '     - _info:'),
            ],
            diff,
        )

    def test_a_new_manifest_is_all_new(self) -> None:
        diff = self.diff('', 'a: 1\nresources:\n- params: {name: b}\n')
        self.assertEqual(
            ['+a: 1', '+resources:', '+++ w.yml: b', '+- params: {name: b}'],
            [one for one in diff[2:] if one.startswith('+')],
        )

    def test_a_new_resource_follows_the_last_one(self) -> None:
        first = 'resources:\n- params:\n    name: a\n'
        new = '- params:\n    name: b\n'
        diff = self.diff(first + '# end\n', first + new + '# end\n')
        self.assertEqual(
            ['-# end', '+- params:', '+    name: b', '+# end'],
            [
                one
                for one in diff
                if one.startswith(('+', '-')) and 'w.yml' not in one
            ],
        )
