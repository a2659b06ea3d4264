# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.tables import summary
from tests.unit.support import cases, fakes


class NotesTest(cases.TestCase):
    def test_what_decides_is_told_once_a_manifest(self) -> None:
        entries = [
            fakes.undecided(path='a.yml'),
            fakes.undecided(path='a.yml'),
        ]
        command = 'openstack migrate machine-type export --source-cloud src'
        self.assertEqual(
            [
                'To decide the undecided servers:',
                f'  {command} a.yml --source-hosts source',
            ],
            list(summary.notes(entries, 'a test', 0)),
        )

    def test_of_many_manifests_some_are_told_and_the_rest_counted(
        self,
    ) -> None:
        entries = [fakes.undecided(path=f'{n}.yml') for n in range(7)]
        told = list(summary.notes(entries, 'a test', 0))
        self.assertEqual((7, '  and 2 more of these'), (len(told), told[-1]))

    def test_what_was_not_selected_is_told(self) -> None:
        self.assertEqual(
            ['Not checked: 3 in the manifests that were not selected'],
            list(summary.notes([fakes.entry()], 'a test', 3)),
        )
