# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.manifest.entry import Entry
from osc_hwmt.tables import summary
from tests.unit.support import cases, fakes


def _of(project: str, number: int) -> list[tuple[Entry, list[str]]]:
    """Return what is said of so many entries of a project."""
    recorded = fakes.recorded(project=(project, 'Default'))
    return [(fakes.entry(recorded=recorded), ['set'])] * number


class ByProjectTest(cases.TestCase):
    def test_each_of_several_projects_has_a_line_and_all_the_last(
        self,
    ) -> None:
        refused = _of('crm', 1)[0][0]
        said = [*_of('erp', 2), (refused, ['refused', 'undecided'])]
        self.assertEqual(
            '  crm: 1 server: 1 refused, 1 undecided\n'
            '  erp: 2 servers: 2 set\n'
            '3 servers in 2 projects: 1 refused, 2 set, 1 undecided',
            summary.by_project(said),
        )

    def test_a_single_project_is_not_named(self) -> None:
        self.assertEqual('2 servers: 2 set', summary.by_project(_of('erp', 2)))

    def test_of_many_projects_the_first_are_told(self) -> None:
        said = [one for n in range(60) for one in _of(f'{n:02}', 1)]
        lines = summary.by_project(said).splitlines()
        self.assertEqual(52, len(lines))
        self.assertEqual('  and 10 more projects', lines[-2])

    def test_names_reach_a_terminal_spelled_out(self) -> None:
        said = [*_of('a\x1b[2J', 1), *_of('b', 1)]
        self.assertIn('  a\\x1b[2J: 1 server', summary.by_project(said))


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
            ['Not checked (not selected): 3'],
            list(summary.notes([fakes.entry()], 'a test', 3)),
        )

    def test_what_is_not_imported_yet_is_told(self) -> None:
        self.assertEqual(
            ['Not checked (not imported yet): 2'],
            list(summary.notes([fakes.entry()], 'a test', 0, 2)),
        )
