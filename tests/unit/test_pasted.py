# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import ast
import pathlib
import re
import shlex
import subprocess
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

import osc_hwmt
from osc_hwmt.pasted import Command, Given, after_each_other, options
from tests.unit.support import cases

ROOT = pathlib.Path(osc_hwmt.__file__).parent
#: What an operator's command lines begin with, where something follows.
PROGRAM = re.compile(
    r'(?<![\w/.-])(openstack|nova-manage|virsh|oc|ssh|sudo|cinder|nova) [a-z-]'
)
PLACEHOLDER = re.compile(r'%[(sdr]|\{')


class CommandTest(cases.TestCase):
    @given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
    def test_a_shell_takes_each_word_for_one_word(
        self, words: list[str]
    ) -> None:
        command = Command('echo', *map(Given, words))
        told = str(command)
        self.assertTrue(told.isprintable(), told)
        if command.is_safe:
            self.assertEqual(['echo', *words], shlex.split(told))

    def test_what_is_planted_in_a_name_does_not_run(self) -> None:
        home = self.directory()
        for name in (
            '$(touch planted)',
            '`touch planted`',
            '; touch planted',
            "'; touch planted; '",
            '\n touch planted\n',
            '\x1b[2K; touch planted #',
            '--config=x; touch planted',
            '\u202e; touch planted',
            '!! | touch planted',
        ):
            for command in (
                Command('echo', Given(name)),
                Command('echo', *options('--property', [f'a={name}'])),
            ):
                subprocess.run(
                    ['sh', '-c', str(command)],
                    cwd=home,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    check=False,
                )
                self.assertEqual([], list(home.iterdir()), str(command))

    def test_a_name_that_would_be_an_option_is_only_told(self) -> None:
        command = Command('openstack', 'server', 'delete', Given('--all'))
        self.assertFalse(command.is_safe)
        self.assertEqual(
            '(unsafe to paste because of a name in it: '
            "'openstack server delete --all')",
            str(command),
        )
        self.assertTrue(Command('list', '--long', Given('-')).is_safe)

    def test_a_name_that_cannot_be_shown_is_only_told(self) -> None:
        for name in ('a\x1b[2J', 'a\u202eb', 'a\u200bb', 'a\nb', '\ud800'):
            command = Command('openstack', 'server', 'show', Given(name))
            self.assertFalse(command.is_safe, repr(name))
            self.assertTrue(str(command).isprintable(), repr(name))

    def test_commands_after_each_other_stop_where_one_fails(self) -> None:
        self.assertEqual(
            "a 'b c' && d",
            after_each_other([Command('a', Given('b c')), Command('d')]),
        )


class SourceTest(cases.TestCase):
    """No command line is made in another way."""

    def trees(self) -> Iterator[tuple[pathlib.Path, ast.Module]]:
        for path in sorted(ROOT.rglob('*.py')):
            if path.name != 'pasted.py':
                yield path, ast.parse(path.read_text(encoding='utf-8'))

    def test_only_one_module_quotes(self) -> None:
        for path, tree in self.trees():
            names = {
                alias.name
                for node in ast.walk(tree)
                if isinstance(node, (ast.Import, ast.ImportFrom))
                for alias in node.names
            }
            self.assertNotIn('shlex', names, path)

    def test_no_text_has_a_command_with_something_put_into_it(self) -> None:
        for path, tree in self.trees():
            for line, text in _texts(tree):
                if PROGRAM.search(text) and PLACEHOLDER.search(text):
                    self.fail(
                        f'{path}:{line}: make it of pasted.Command: {text!r}'
                    )

    def test_every_word_of_a_command_is_written_out_or_given(self) -> None:
        seen = 0
        for path, tree in self.trees():
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and (
                    getattr(node.func, 'id', None) == 'Command'
                    or getattr(node.func, 'attr', None) == 'Command'
                ):
                    seen += 1
                    for word in node.args:
                        self.assertIsNone(
                            _unmarked(word),
                            f'{path}:{word.lineno}: not Given: '
                            f'{ast.unparse(word)}',
                        )
        self.assertGreater(seen, 10)


def _texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the texts of a module; what an f-string puts in is {}."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield (
                node.lineno,
                ''.join(
                    str(part.value) if isinstance(part, ast.Constant) else '{}'
                    for part in node.values
                ),
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def _unmarked(word: ast.expr) -> ast.expr | None:
    """Return a word of a command that may be of others, and is not marked.

    What is starred is made of such words: by options(), by map(Given), or in
    a variable, whose words are looked at by mypy no more than here.
    """
    if isinstance(word, ast.Starred):
        inner = word.value
        if isinstance(inner, (ast.Tuple, ast.List)):
            found = filter(None, map(_unmarked, inner.elts))
            return next(found, None)
        if isinstance(inner, ast.IfExp):
            return _unmarked(ast.Starred(inner.body)) or _unmarked(
                ast.Starred(inner.orelse)
            )
        if isinstance(inner, ast.Call):
            name = getattr(inner.func, 'id', '')
            of = getattr(inner.args[0], 'id', '') if inner.args else ''
            split = getattr(inner.func, 'attr', '') == 'split'
            good = name == 'options' or (name, of) == ('map', 'Given')
            return None if good or split else word
        return None
    if isinstance(word, ast.Constant):
        return None
    if isinstance(word, ast.Call):
        return None if getattr(word.func, 'id', '') == 'Given' else word
    # A verb of ours that a loop or a parameter names.
    return None if isinstance(word, ast.Name) and word.id in _OURS else word


_OURS = ('verb', 'command', 'path')
