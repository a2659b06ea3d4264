# SPDX-License-Identifier: Apache-2.0

"""What every command prints, and in which order."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from osc_lib import exceptions

from osc_hwmt.commands import options
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.exceptions import Error, UsageError
from osc_hwmt.tables import cells
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


class _Table(MachineTypeLister):
    """Prints a table with an empty cell and a long one."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        options.add_table_options(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[cells.Row]]:
        return self.shown(
            parsed_args,
            ('Server', 'ID', 'Wanted', 'Detail'),
            ('Server', 'Wanted', 'Detail'),
            [('web', '1', cells.OptionalColumn(None), 'so ' * 40)],
        )


class TableTest(cases.TestCase):
    def printed(self, *words: str) -> str:
        app = shell.App()
        command = _Table(app, argparse.Namespace())
        command.run(command.get_parser('x').parse_args(words))
        return app.stdout.getvalue()

    def columns(self, *words: str) -> list[str]:
        return self.printed('-f', 'csv', *words).splitlines()[0].split(',')

    def test_the_table_has_few_columns_unless_more_are_asked_for(
        self,
    ) -> None:
        self.assertEqual(['"Server"', '"Wanted"', '"Detail"'], self.columns())
        self.assertEqual(4, len(self.columns('--long')))
        self.assertEqual(['"ID"'], self.columns('-c', 'ID'))

    def test_an_empty_cell_is_empty_where_there_is_no_null(self) -> None:
        for form in ('csv', 'value'):
            self.assertNotIn('None', self.printed('-f', form))
        (row,) = json.loads(self.printed('-f', 'json'))
        self.assertIsNone(row['Wanted'])

    def test_the_table_is_as_wide_as_was_asked_for(self) -> None:
        table = self.printed('--max-width', '60')
        self.assertEqual({60}, set(map(len, table.splitlines())))


class MisuseTest(cases.TestCase):
    def test_a_wrong_usage_ends_with_that_of_argparse(self) -> None:
        class Misused(_Command):
            def take_action(self, _parsed_args: argparse.Namespace) -> Any:
                raise UsageError('--a: only allowed with --b')

        command = Misused(shell.App(), argparse.Namespace())
        parsed = command.get_parser('x').parse_args([])
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            error = self.assertRaises(SystemExit, command.run, parsed)
        self.assertEqual(2, error.code)
        self.assertIn('usage: x', said.getvalue())
        self.assertIn('x: error: --a: only allowed', said.getvalue())


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
