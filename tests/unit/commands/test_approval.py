# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import io

from osc_hwmt.commands import approval
from osc_hwmt.exceptions import Error
from tests.unit.support import cases, shell


class ApprovalTestCase(cases.TestCase):
    """A terminal to ask on, of which ``shown`` is what it shows."""

    def setUp(self) -> None:
        super().setUp()
        self.terminal = io.StringIO()

    @property
    def shown(self) -> str:
        return self.terminal.getvalue()


class AskToWriteTest(ApprovalTestCase):
    def ask(self, stdin: io.StringIO) -> None:
        self.replace('sys.stdin', stdin)
        approval.ask_to_write(
            ['web  volume-1', 'db  volume-2'], 'dst', self.terminal
        )

    def refused(self, stdin: io.StringIO) -> str:
        return str(self.assertRaises(Error, self.ask, stdin))

    def test_without_a_terminal_nothing_is_asked(self) -> None:
        told = self.refused(io.StringIO('yes\n'))
        self.assertIn('--auto-approve', told)
        self.assertEqual('', self.shown)

    def test_yes_is_yes(self) -> None:
        for answer in ('y\n', 'yes\n', ' YES \n', 'Y'):
            self.ask(shell.Terminal(answer))

    def test_anything_else_is_no(self) -> None:
        for answer in ('n\n', '\n', 'yep\n', 'yes please\n', ''):
            told = self.refused(shell.Terminal(answer))
            self.assertIn('not approved', told)

    def test_the_question_tells_what_where_and_how_many(self) -> None:
        self.ask(shell.Terminal('y\n'))
        *listed, question = self.shown.split('\n')
        self.assertEqual(['  web  volume-1', '  db  volume-2'], listed)
        self.assertIn('2 volume', question)
        self.assertTrue(question.endswith(' of cloud dst? [y/N] '), question)

    def test_a_long_list_is_cut(self) -> None:
        self.replace('osc_hwmt.commands.approval._SHOWN', 1)
        self.ask(shell.Terminal('y\n'))
        self.assertIn('and 1 more', self.shown)
        self.assertNotIn('volume-2', self.shown)


class AskToWaitTest(ApprovalTestCase):
    def ask(self, stdin: io.StringIO) -> None:
        self.replace('sys.stdin', stdin)
        self.replace('osc_hwmt.commands.approval._SHOWN', 1)
        approval.ask_to_wait(['web  pc', 'db  q35'], 'dst', self.terminal)

    def test_the_question_tells_whose_volumes_and_where(self) -> None:
        self.ask(shell.Terminal('y\n'))
        self.assertEqual(
            '  web  pc\n'
            '  and 1 more\n'
            'Write to the volumes of 2 server(s) as they appear in cloud '
            'dst? [y/N] ',
            self.shown,
        )

    def test_no_option_is_advised_that_does_not_go_with_waiting(self) -> None:
        error = self.assertRaises(Error, self.ask, io.StringIO('yes\n'))
        self.assertIn('nothing was written', str(error))
        self.assertIn('--auto-approve', str(error))
        self.assertNotIn('--dry-run', str(error))


class AskToMakeTest(ApprovalTestCase):
    def ask(self, stdin: io.StringIO) -> None:
        self.replace('sys.stdin', stdin)
        approval.ask_to_make(['one', 'two'], 'So?', self.terminal)

    def test_what_is_made_comes_before_the_question(self) -> None:
        self.ask(shell.Terminal('y\n'))
        self.assertEqual('one\ntwo\nSo? [y/N] ', self.shown)

    def test_anything_but_yes_is_no(self) -> None:
        for answer in ('n\n', '', 'so\n'):
            error = self.assertRaises(Error, self.ask, shell.Terminal(answer))
            self.assertIn('nothing was made: not approved', str(error))

    def test_without_a_terminal_nothing_is_asked(self) -> None:
        error = self.assertRaises(Error, self.ask, io.StringIO('yes\n'))
        self.assertIn('--auto-approve', str(error))
        self.assertEqual('', self.shown)
