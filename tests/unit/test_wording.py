# SPDX-License-Identifier: Apache-2.0

"""Phrases that no operator says: they are in no message and on no page."""

from __future__ import annotations

import ast
import pathlib
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tests.unit.support import cases

#: Python, of which the strings are read that are no docstrings. What the
#: hostile tests say of themselves is on a page.
PACKAGES = (
    'ansible_collections',
    'doc',
    'osc_hwmt',
    'osc_hwmt_tempest_plugin',
    'tests/hostile',
)
#: What is read as a whole.
TEXTS = (
    '*.rst',
    'doc/**/*.rst',
    'releasenotes/**/*.yaml',
    'osc_hwmt/collector/*',
    'osc_hwmt/data/*.html',
    'osc_hwmt/data/*.yaml',
    'ansible_collections/**/*.md',
    'ansible_collections/**/*.yml',
)


class Phrase(NamedTuple):
    """A phrase, what it always has in it, and what says the same."""

    pattern: str
    within: str
    instead: str


PHRASES = (
    Phrase(r'\bcan not\b', 'can not', 'cannot'),
    Phrase(r', too(?=[^\w\s]|\n\n|\n?\Z)', ', too', 'also'),
    Phrase(r'\bany more\b', 'any more', 'no longer'),
    Phrase(r'\banew\b', 'anew', 'again'),
    Phrase(r'\ball the same\b', 'all the same', 'anyway'),
    Phrase(r'\bwhence\b', 'whence', 'source'),
    Phrase(r'\bshall\b', 'shall', 'should or must'),
    Phrase(r'\bnothing t(?:ells|old)\b', 'nothing t', 'unknown'),
    Phrase(
        r'\btells (?:how|nothing|of|what|whether|which)\b',
        'tells ',
        'says or shows',
    ),
    Phrase(r'\bwhat there is\b', 'what there is', 'what exists'),
    Phrase(r'\b(?:id|each|name|one|pattern) a line\b', ' a line', 'per line'),
    Phrase(r'\bspeaks? against\b', ' against', 'a known obstacle'),
    Phrase(r'\bwish(?:es)?\b', 'wish', 'want'),
    Phrase(r'\btrips? over\b', ' over', 'fails on'),
    Phrase(r'\bcomes? to grief\b', ' to grief', 'fails'),
    Phrase(r'\bis not there\b', 'is not there', 'does not exist'),
    Phrase(r'\bthere already\b', 'there already', 'already exists'),
    Phrase(r'\ban own\b', 'an own', 'of its own'),
    Phrase(r'\bthe own\b', 'the own', 'its own'),
    Phrase(r'\bnobody asked for\b', 'nobody asked for', 'not requested'),
    Phrase(r'\bpassed over\b', 'passed over', 'ignored or skipped'),
    Phrase(r'\bmend(?:s|ed|ing)?\b', 'mend', 'fix'),
    Phrase(r'\bexpected (?:a )?texts?\b', 'expected ', 'expected a string'),
)
#: Where a string of Python goes on in the next line.
_SEAM = re.compile(r"""['"]\n *[fr]?['"]""")


def _found(
    text: str, phrases: Iterable[Phrase], line: int = 1
) -> Iterator[tuple[int, str]]:
    """Yield each phrase in a text with its line, and what to write."""
    for phrase in phrases:
        pattern = phrase.pattern.replace(' ', r'\s+')
        for match in re.finditer(pattern, text, re.IGNORECASE):
            number = line + text.count('\n', 0, match.start())
            said = ' '.join(match[0].split())
            yield number, f'"{said}": write {phrase.instead}'


def _strings(source: str) -> Iterator[tuple[str, int]]:
    """Yield the strings of a module but its docstrings, and their lines."""
    tree = ast.parse(source)
    statements = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in statements
        ):
            yield node.value, node.lineno


def _in_file(path: pathlib.Path) -> Iterator[tuple[int, str]]:
    text = path.read_text(encoding='utf-8')
    is_python = path.suffix == '.py'
    joined = _SEAM.sub('', text) if is_python else text
    flat = ' '.join(joined.lower().split())
    # To look for a few words is fast; a pattern and a parser are not.
    suspected = [one for one in PHRASES if one.within in flat]
    if not is_python:
        yield from _found(text, suspected)
    elif suspected:
        for string, line in _strings(text):
            yield from _found(string, suspected, line)


class WordingTest(cases.TestCase):
    def test_phrases_are_in_no_message_and_on_no_page(self) -> None:
        paths = {
            *(
                path
                for name in PACKAGES
                for path in cases.ROOT.glob(f'{name}/**/*.py')
            ),
            *(path for one in TEXTS for path in cases.ROOT.glob(one)),
        }
        self.assertEqual(
            [],
            [
                f'{path.relative_to(cases.ROOT)}:{line}: {what}'
                for path in sorted(paths)
                for line, what in _in_file(path)
            ],
        )

    def test_a_phrase_is_found_where_it_is(self) -> None:
        for name, text, found in (
            (
                'a.py',
                '"""It can not."""\n\nTEXT = _(\n    "volume %s can "\n'
                '    "not be set"\n)\n',
                [(4, '"can not": write cannot')],
            ),
            (
                'b.rst',
                'A\nserver shall\n',
                [(2, '"shall": write should or must')],
            ),
            ('c.rst', 'Add ``--long``, too.', [(1, '", too": write also')]),
            (
                'd.rst',
                'One that it can\nnot do is, too\nlate, done anew.\n',
                [(1, '"can not": write cannot'), (3, '"anew": write again')],
            ),
            ('e.rst', 'It is not too late, too often.', []),
        ):
            path = self.directory() / name
            path.write_text(text)
            self.assertEqual(found, list(_in_file(path)), name)
