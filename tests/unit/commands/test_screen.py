# SPDX-License-Identifier: Apache-2.0

"""Whatever a command shows, a terminal finds nothing in it to obey."""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import logging
import pathlib
import re
from collections.abc import Callable, Iterable, Sequence

import osc_hwmt
from osc_hwmt.commands import approval
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.commands.progress import LiveLines, Progress
from osc_hwmt.commands.screen import Screen
from osc_hwmt.exceptions import FileError, ManifestError, Problem, UsageError
from osc_hwmt.local import logs
from osc_hwmt.tables import cells
from tests.unit.support import cases, shell
from tests.unit.support.cloud import FakeCloud

ROOT = pathlib.Path(osc_hwmt.__file__).parent
#: Escapes of 7 and 8 bits, a bell, a line drawn over, reversed and hidden.
NASTY = 'web\x1b]0;owned\x07\x9b2J\x08\rroot\u202e\u200b\u3164'


class _Hostile(MachineTypeLister):
    """Shows a hostile text in one way."""

    way: Callable[[_Hostile], object] = lambda self: None

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[cells.Row]]:
        type(self).way(self)
        return ('A', 'B', 'C', 'D'), [
            (
                NASTY,
                cells.OptionalColumn(NASTY),
                cells.ListColumn([NASTY]),
                cells.PropertiesColumn({NASTY: NASTY}),
            )
        ]


def _raising(exc: Exception) -> Callable[[_Hostile], object]:
    def way(_command: _Hostile) -> object:
        raise exc

    return way


WAYS: dict[str, Callable[[_Hostile], object]] = {
    'told': lambda one: one.tell('%s', NASTY),
    'told of a mapping': lambda one: one.tell('%(n)s', {'n': NASTY}),
    'told at once': lambda one: one.tell_now(f'{NASTY}'),
    'logged': lambda one: logging.getLogger('osc_hwmt.x').warning(NASTY),
    'logged by another': lambda one: logging.getLogger('lib').error(NASTY),
    'asked': lambda one: approval.ask_to_make(
        [NASTY], f'{NASTY}?', one.screen
    ),
    'asked to write': lambda one: approval.ask_to_write(
        [NASTY], NASTY, FakeCloud(), one.screen
    ),
    'news': lambda one: LiveLines(one.screen).tell(NASTY),
    'progress': lambda one: Progress(1, one.screen).add(True),
    'an error': _raising(FileError(NASTY)),
    'several errors': _raising(
        ManifestError([Problem(NASTY, 1, 1, NASTY)] * 2)
    ),
    'wrong usage': _raising(UsageError(NASTY)),
    'a defect': _raising(ValueError(NASTY)),
}


class EveryWayTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.logged = io.StringIO()
        handler = logging.StreamHandler(self.logged)
        root = logging.getLogger()
        root.addHandler(handler)
        self.addCleanup(root.removeHandler, handler)
        self.replace('sys.stdin', shell.Terminal('y\n'))

    def shown(self, way: Callable[[_Hostile], object], *words: str) -> str:
        """Return all that a command shows, and the program after it."""
        app = shell.App()
        command = _Hostile(app, argparse.Namespace())
        self.replace(f'{__name__}._Hostile.way', staticmethod(way))
        parsed = command.get_parser('x').parse_args(words)
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            try:
                command.run(parsed)
            except SystemExit:
                pass
            except Exception as exc:
                # As cliff does, with --debug and without.
                logging.getLogger('openstackclient').error(exc)
                logging.getLogger('openstackclient').exception(exc)
        parts = (app.stdout, app.stderr, said, self.logged)
        return ''.join(part.getvalue() for part in parts)

    def assert_safe(self, shown: str, what: str) -> None:
        self.assertIn('web\\x1b]0;owned\\x07', shown, what)
        for line in shown.split('\n'):
            self.assertTrue(line.isprintable(), f'{what}: {line!r}')
            self.assertNotIn('\u3164', line, what)

    def test_every_format_of_the_table_is_safe(self) -> None:
        for form in ('table', 'csv', 'value', 'json', 'yaml'):
            shown = self.shown(lambda _one: None, '-f', form)
            # All but tables escape the escapes.
            shown = re.sub(r'\\+', r'\\', shown)
            self.assert_safe(shown, form)
        self.assert_safe(
            self.shown(lambda _one: None, '--max-width', '900'), 'wrapped'
        )

    def test_every_message_is_safe(self) -> None:
        for what, way in WAYS.items():
            if what != 'progress':
                self.assert_safe(self.shown(way, '-c', 'A'), what)

    def test_the_bar_of_a_terminal_has_only_its_own_controls(self) -> None:
        stream = shell.Terminal()
        Screen(stream).redraw(NASTY)
        drawn = stream.getvalue()
        self.assertTrue(drawn.startswith('\rweb\\x1b'), drawn)
        self.assertTrue(drawn.endswith('\x1b[K'), drawn)
        self.assertTrue(drawn[1:-3].isprintable(), drawn)


class LastResortTest(cases.TestCase):
    def test_what_is_logged_where_nobody_listens_is_safe(self) -> None:
        record = logging.LogRecord('a', 30, 'f', 1, NASTY, None, None)
        logs.make_safe()
        logs.make_safe()
        assert logging.lastResort
        self.assertTrue(logging.lastResort.format(record).isprintable())


class SourceTest(cases.TestCase):
    def test_nothing_else_writes_to_a_terminal(self) -> None:
        ways = {
            'print': ('print',),
            'stderr': ('commands/base.py', 'commands/screen.py'),
            'stdout': ('commands/base.py', 'commands/hook.py'),
        }
        found: dict[str, set[str]] = {}
        for path in ROOT.rglob('*.py'):
            for node in ast.walk(ast.parse(path.read_text('utf-8'))):
                name = getattr(node, 'attr', getattr(node, 'id', ''))
                if name in ways:
                    where = str(path.relative_to(ROOT))
                    found.setdefault(name, set()).add(where)
        self.assertEqual(
            {
                'stderr': {'commands/base.py'},
                # The hook's settings, the collector and the gate's section
                # are texts of ours.
                'stdout': {
                    'commands/base.py',
                    'commands/collector.py',
                    'commands/gate_filter.py',
                    'commands/hook.py',
                },
            },
            found,
        )
