# SPDX-License-Identifier: Apache-2.0

"""Commands that a page shows, and what it shows that they print.

A console block is a literal block, or a code block of the language console or
text, in which a line begins with ``$``. A command goes on after a backslash,
and on lines that begin with ``>``. (One that begins with ``openstack`` is a
script without prompts.) What follows up to the next command is its
output; without any, only the exit code counts. It is compared word by word:
any id, time or address is as good as the one that is shown, and three dots
stand for anything.

A comment above a block says what a reader sees by himself::

    .. not run: there is no Ansible
    .. exit code: 3
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

_CODE_BLOCK = re.compile(r'\.\. (?:code-block|code):: *(\w*)$')
_LANGUAGES = ('console', 'text')
_COMMENT = re.compile(r'\.\. (not run|exit code): *(.*)$')
_PROGRAM = 'openstack '
#: What differs from one run to the next, and what it is taken for.
_VARYING = {
    r'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}': r'[0-9a-f-]{36}',
    r'[0-9a-f]{40,64}': r'[0-9a-f]{40,64}',
    r'\d{8}T\d{6,12}Z': r'\d{8}T\d{6,12}Z',
    r'\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d': (
        r'\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d'
    ),
    r'https?://[\w.:/-]+': r'https?://[\w.:/-]+',
    # The beginning of an id.
    r'\b[0-9a-f]{4,8}-?\.\.\.': r'\S+',
    r' ?\.\.\. ?': '.*?',
}
_TOKEN = re.compile('|'.join(f'({one})' for one in _VARYING))
_REPLACED = tuple(_VARYING.values())


@dataclasses.dataclass(frozen=True)
class Command:
    """A command of a page; ``output`` is None where it shows none.

    ``not_run`` is the reason why it cannot be run by the tests.
    """

    line: int
    text: str
    output: str | None
    exit_code: int = 0
    not_run: str | None = None


def commands(page: str) -> list[Command]:
    """Return the commands of a page in their order.

    Raises ValueError where a comment has no block to be about.
    """
    return [
        command
        for block in _blocks(page.splitlines())
        for command in block.commands()
    ]


def matches(shown: str, printed: str) -> bool:
    """Tell whether a command printed what its page shows."""
    pattern, end = '', 0
    shown = _words(shown)
    for token in _TOKEN.finditer(shown):
        pattern += re.escape(shown[end : token.start()])
        pattern += _REPLACED[(token.lastindex or 1) - 1]
        end = token.end()
    pattern += re.escape(shown[end:])
    return re.fullmatch(pattern, _words(printed), re.DOTALL) is not None


def _words(text: str) -> str:
    """Return a text without what widths and wrapping make of it."""
    return ' '.join(re.sub('-{3,}', '---', text).split())


@dataclasses.dataclass(frozen=True)
class _Block:
    """A literal block, without its indentation, and the comments above it."""

    line: int
    lines: Sequence[str]
    exit_code: int
    not_run: str | None

    def commands(self) -> Iterator[Command]:
        if self.lines[0].startswith(_PROGRAM):
            text = '\n'.join(self.lines)
            yield Command(self.line, text, None, self.exit_code, self.not_run)
            return
        starts = [
            number
            for number, line in enumerate(self.lines)
            if line.startswith('$ ')
        ]
        for start, end in zip(starts, [*starts[1:], len(self.lines)]):
            number = start + 1
            while number < end and (
                self.lines[number - 1].endswith('\\')
                or self.lines[number].startswith('> ')
            ):
                number += 1
            text = '\n'.join(
                line[2:] if line.startswith(('$ ', '> ')) else line
                for line in self.lines[start:number]
            )
            output = '\n'.join(self.lines[number:end]).strip('\n')
            yield Command(
                self.line + start,
                text,
                output or None,
                self.exit_code,
                self.not_run,
            )


def _blocks(lines: Sequence[str]) -> Iterator[_Block]:
    marks: dict[str, str] = {}
    number = 0
    while number < len(lines):
        line = lines[number]
        text = line.strip()
        number += 1
        comment = _COMMENT.match(text)
        if comment:
            marks[comment[1]] = comment[2]
        if not _introduces(text):
            continue
        first, number = _extent(lines, number, _indent(line))
        body = lines[first:number]
        if not body:
            continue
        margin = _indent(body[0])
        body = [one[margin:] for one in body]
        if body[0].startswith(_PROGRAM) or any(
            one.startswith('$ ') for one in body
        ):
            yield _Block(
                first + 1,
                body,
                int(marks.pop('exit code', '0')),
                marks.pop('not run', None),
            )
    if marks:
        raise ValueError(f'no commands follow "{", ".join(marks)}"')


def _introduces(text: str) -> bool:
    """Tell whether a literal block may follow a line."""
    if text.startswith('..'):
        code = _CODE_BLOCK.match(text)
        return code is not None and code[1] in _LANGUAGES
    return text.endswith('::')


def _extent(lines: Sequence[str], number: int, indent: int) -> tuple[int, int]:
    """Return where an indented block begins and ends, from a line on."""
    while number < len(lines) and not lines[number].strip():
        number += 1
    first = number
    while number < len(lines) and (
        not lines[number].strip() or _indent(lines[number]) > indent
    ):
        number += 1
    end = number
    while end > first and not lines[end - 1].strip():
        end -= 1
    return first, end


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
