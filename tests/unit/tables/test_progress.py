# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime

from osc_hwmt.destination.progress import Standing, State, Wave
from osc_hwmt.tables import progress
from tests.unit.support import cases, fakes

BEGAN = datetime.datetime(2026, 11, 29, tzinfo=datetime.timezone.utc)


def _standings(project: str, wave: str, number: int = 1) -> list[Standing]:
    recorded = fakes.recorded(project=(project, 'Default'))
    one = fakes.entry(recorded=recorded)
    return [Standing(one, State.RIGHT, Wave(wave, BEGAN))] * number


class LinesTest(cases.TestCase):
    def test_projects_waves_and_all_have_a_line_each(self) -> None:
        late = Standing(
            _standings('crm', 'wave 2')[0].entry,
            State.TOO_LATE,
            Wave('wave 2', BEGAN),
        )
        self.assertEqual(
            [
                'Project                Servers Undecided     Ready     Right'
                '  Too late     Wrong',
                'crm                          1         -         -         -'
                '         1         -',
                'erp                          2         -         -         2'
                '         -         -',
                'Wave                   Servers Undecided     Ready     Right'
                '  Too late     Wrong',
                'wave 1                       2         -         -         2'
                '         -         -',
                'wave 2                       1         -         -         -'
                '         1         -',
                'All                          3         -         -         2'
                '         1         -',
            ],
            list(progress.lines([*_standings('erp', 'wave 1', 2), late])),
        )

    def test_a_single_project_and_wave_need_no_lines(self) -> None:
        self.assertEqual(
            [], list(progress.lines(_standings('erp', 'wave 1', 2)))
        )

    def test_the_lines_fit_80_columns_whatever_the_names(self) -> None:
        found = [
            *_standings('a' * 90, 'w' * 90),
            *_standings('b\x1b[2J', 'wave 2'),
        ]
        lines = list(progress.lines(found))
        self.assertEqual({80}, set(map(len, lines)))
        self.assertIn('b\\x1b[2J', lines[2])

    def test_of_many_projects_fifty_have_a_line(self) -> None:
        found = [
            one for n in range(60) for one in _standings(f'p{n:02}', 'wave 1')
        ]
        lines = list(progress.lines(found))
        self.assertEqual(53, len(lines))
        self.assertEqual('  and 10 more projects', lines[-2])
