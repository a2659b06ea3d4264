# SPDX-License-Identifier: Apache-2.0

"""In which order a command says what it has to say."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterable, Sequence

from osc_lib import exceptions

from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.exceptions import Error
from tests.unit.support import cases, shell


class _Command(MachineTypeLister):
    """Says something of each kind."""

    fails = False

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[tuple[str, ...]]]:
        self.tell('%d note', 1)
        self.tell('%(path)s: note', {'path': '100%'})
        self.tell_now('now')
        if self.fails:
            raise Error('why')
        return ('Server',), [('web',)]


class OrderTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.app = shell.App()
        # As where both go to one terminal.
        self.app.stdout = self.app.stderr = io.StringIO()
        self.command = _Command(self.app, argparse.Namespace())
        self.parsed = self.command.get_parser('x').parse_args(['-f', 'value'])

    def test_what_is_told_comes_after_the_table(self) -> None:
        self.assertEqual(0, self.command.run(self.parsed))
        self.assertEqual(
            'now\nweb\n1 note\n100%: note\n', self.app.stderr.getvalue()
        )

    def test_what_was_told_is_not_lost_where_the_command_fails(self) -> None:
        self.command.fails = True
        self.assertRaises(
            exceptions.CommandError, self.command.run, self.parsed
        )
        self.assertEqual(
            'now\n1 note\n100%: note\n', self.app.stderr.getvalue()
        )

    def test_quiet_is_the_table_alone(self) -> None:
        self.app.options.verbose_level = 0
        self.command.run(self.parsed)
        self.assertEqual('web\n', self.app.stderr.getvalue())
