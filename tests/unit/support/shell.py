# SPDX-License-Identifier: Apache-2.0

"""Commands with real arguments and a cloud in memory."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import pathlib
import signal
from typing import Any
from unittest import mock

from osc_lib import exceptions

from osc_hwmt.commands.base import MachineTypeLister
from tests.unit.support import cases
from tests.unit.support.cloud import FakeCloud


class App:
    """As much of the openstack shell as a command uses."""

    def __init__(self) -> None:
        self.stdout = io.StringIO()
        self.stderr = io.StringIO()
        self.options = argparse.Namespace(verbose_level=1, cloud=None)


class Terminal(io.StringIO):
    """A human at a keyboard who types this."""

    def isatty(self) -> bool:
        return True


def interrupt() -> None:
    """Press Ctrl-C."""
    os.kill(os.getpid(), signal.SIGINT)


class CommandTestCase(cases.TestCase):
    """Runs one command class against one cloud."""

    command: type[MachineTypeLister]
    #: What every command line of the test ends with.
    output: tuple[str, ...] = ('-f', 'json', '--long')

    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.app = App()
        self.asked: list[tuple[str | None, str]] = []
        self.cloud = FakeCloud()
        opening = mock.patch.object(
            MachineTypeLister,
            'cloud',
            lambda _command, *asked: self._cloud(*asked),
        )
        opening.start()
        self.addCleanup(opening.stop)
        self.replace('osc_hwmt.version', lambda: '1.2.3')
        self.typing('', terminal=False)

    def _cloud(
        self, name: str | None, option: str, _concurrency: int
    ) -> FakeCloud:
        self.asked.append((name, option))
        return self.cloud

    def typing(self, text: str, *, terminal: bool = True) -> None:
        """Let standard input be that."""
        stdin = Terminal(text) if terminal else io.StringIO(text)
        self.replace('sys.stdin', stdin)

    def file(self, text: str, name: str = 'workloads.yml') -> pathlib.Path:
        """Return a new file of that text."""
        path = self.home / name
        path.write_text(text, encoding='utf-8')
        return path

    def run_command(self, *words: object) -> int:
        """Return the exit code of a command line."""
        command = self.command(self.app, argparse.Namespace())
        parser = command.get_parser('x')
        return command.run(parser.parse_args([*map(str, words), *self.output]))

    def refused(self, *words: object) -> str:
        """Return what a command line is refused with, exit code 1."""
        error = self.assertRaises(
            exceptions.CommandError, self.run_command, *words
        )
        return str(error)

    def misused(self, *words: object) -> str:
        """Return what argparse says of a command line, exit code 2."""
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            error = self.assertRaises(SystemExit, self.run_command, *words)
        self.assertEqual(2, error.code)
        return said.getvalue()

    @property
    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.app.stdout.getvalue())
        return found

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]

    @property
    def told(self) -> str:
        """What was said beside the table."""
        return self.app.stderr.getvalue()

    def start_again(self) -> None:
        """Forget what was said and asked."""
        self.app = App()
        self.cloud.calls.clear()
