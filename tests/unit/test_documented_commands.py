# SPDX-License-Identifier: Apache-2.0

"""Each command that the documentation shows has the options it shows."""

from __future__ import annotations

import configparser
import contextlib
import importlib
import io
import pathlib
import re
import shlex
from collections.abc import Iterator
from typing import Any

from tests.unit.support import cases

ROOT = pathlib.Path(__file__).parents[2]
PAGES = (
    'README.rst',
    'doc/source/**/*.rst',
    'doc/upstream/**/*.rst',
    'ansible_collections/**/*.md',
)
_PREFIX = 'openstack migrate machine-type '
#: A line that begins with a command, or with what a prompt or a shell has
#: before it, and the lines on which it goes on.
_COMMAND = re.compile(
    rf'^[ >$]*(?:.*\$\()?{_PREFIX}((?:.*\\\n)*.*)$', re.MULTILINE
)
#: What ends a command.
_ENDS = ('>', '>>', '<', '|', '|&', '&&', ';')


def _parsers() -> dict[str, Any]:
    """Return the commands' parsers by their words, "gate filter" as well."""
    config = configparser.ConfigParser()
    config.read(ROOT / 'setup.cfg')
    points = config['entry_points']['openstack.machine_type_migration.v1']
    found = {}
    for point in filter(None, points.split('\n')):
        name, _equal, target = (part.strip() for part in point.partition('='))
        module, _colon, kind = target.partition(':')
        command = getattr(importlib.import_module(module), kind)(None, None)
        action = name.removeprefix('migrate_machine-type_').replace('_', ' ')
        found[action] = command.get_parser(_PREFIX + action)
    return found


def _shown() -> Iterator[tuple[str, list[str]]]:
    """Return what pages show, with the place of each."""
    for pattern in PAGES:
        for path in sorted(ROOT.glob(pattern)):
            text = path.read_text(encoding='utf-8')
            for match in _COMMAND.finditer(text):
                line = text.count('\n', 0, match.start()) + 1
                command = match[1].replace('\\\n', ' ')
                try:
                    words = shlex.split(command.rstrip(')'), comments=True)
                except ValueError as exc:
                    raise ValueError(f'{path}:{line}: {exc}') from exc
                yield f'{path.relative_to(ROOT)}:{line}', _alone(words)


def _alone(words: list[str]) -> list[str]:
    """Return the words of a command without what a shell does with it."""
    for number, word in enumerate(words):
        if word in _ENDS:
            return words[:number]
        if word.endswith(';'):
            return [*words[:number], word[:-1]]
    return words


class DocumentedCommandsTest(cases.TestCase):
    def test_each_has_only_options_that_there_are(self) -> None:
        parsers = _parsers()
        shown = list(_shown())
        self.assertGreater(len(shown), 50)
        wrong = []
        for place, words in shown:
            action = ' '.join(words[:2])
            if action not in parsers:
                action = words[0]
            given = words[len(action.split()) :]
            said = io.StringIO()
            with contextlib.redirect_stderr(said):
                try:
                    parsers[action].parse_args(given)
                except SystemExit:
                    last = said.getvalue().splitlines()[-1]
                    wrong.append(f'{place}: {last}')
        self.assertEqual([], wrong)
