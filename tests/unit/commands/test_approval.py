# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io
from collections.abc import Callable

from osc_hwmt.commands import approval
from osc_hwmt.commands.screen import Screen
from osc_hwmt.exceptions import Error
from tests.unit.support import cases, shell
from tests.unit.support.cloud import FakeCloud


class ApprovalTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.terminal = io.StringIO()
        screen = Screen(self.terminal)
        lines = ['web  a', 'db  b']
        cloud = FakeCloud()
        there = (
            'cloud dst (https://dst.test/v3, region RegionOne, project erp)'
        )
        self.questions: list[tuple[Callable[[], None], str]] = [
            (
                lambda: approval.ask_to_write(
                    lines, '2 volumes', cloud, screen
                ),
                f'  web  a\n  db  b\nWrite to 2 volumes in {there}?',
            ),
            (
                lambda: approval.ask_to_wait(lines, cloud, screen),
                '  web  a\n  db  b\nWrite to the volumes of 2 server(s) as '
                f'they appear in {there}?',
            ),
            (
                lambda: approval.ask_to_make(lines, 'So?', screen),
                'web  a\ndb  b\nSo?',
            ),
        ]

    def shown(self) -> str:
        text = self.terminal.getvalue()
        self.terminal.seek(0)
        self.terminal.truncate()
        return text

    def test_the_question_tells_what_where_and_how_many(self) -> None:
        for ask, question in self.questions:
            self.replace('sys.stdin', shell.Terminal('y\n'))
            ask()
            self.assertEqual(f'{question} [y/N] ', self.shown())

    def test_a_cloud_is_named_by_what_is_known_of_it(self) -> None:
        cloud = FakeCloud(name='d\x1bst')
        cloud.region_name = cloud.auth_url = None
        self.assertEqual(
            'cloud d\\x1bst (project erp)', approval.address(cloud)
        )

    def test_a_long_list_is_cut(self) -> None:
        self.replace('osc_hwmt.commands.approval._SHOWN', 1)
        for ask, _question in self.questions[:2]:
            self.replace('sys.stdin', shell.Terminal('y\n'))
            ask()
            shown = self.shown()
            self.assertIn('  web  a\n  and 1 more', shown)
            self.assertNotIn('db', shown)

    def test_yes_is_yes_and_anything_else_is_no(self) -> None:
        for ask, _question in self.questions:
            for answer in ('y\n', 'yes\n', ' YES \n', 'Y'):
                self.replace('sys.stdin', shell.Terminal(answer))
                ask()
            for answer in ('n\n', '\n', 'yep\n', 'yes please\n', ''):
                self.replace('sys.stdin', shell.Terminal(answer))
                error = self.assertRaises(Error, ask)
                self.assertRegex(
                    str(error),
                    r'^nothing was (written|created): not approved$',
                )

    def test_without_a_terminal_nothing_is_asked(self) -> None:
        self.replace('sys.stdin', io.StringIO('yes\n'))
        for ask, _question in self.questions:
            error = self.assertRaises(Error, ask)
            self.assertIn('--auto-approve', str(error))
            self.assertEqual('', self.shown())

    def test_dry_run_is_advised_only_where_it_is_an_option(self) -> None:
        self.replace('sys.stdin', io.StringIO())
        advised = [
            '--dry-run' in str(self.assertRaises(Error, ask))
            for ask, _question in self.questions
        ]
        self.assertEqual([True, False, False], advised)
