# SPDX-License-Identifier: Apache-2.0

"""Manifests as people and programs write them, drawn at random.

YAML has many ways to say the same. Each of these is one that the reader takes:
block and flow style mixed, quotes, tags and anchors, comments, blank lines,
any indentation, document markers, line ends of Windows.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from typing import Any, Optional, TypeVar

from tests.unit.support.fakes import PC, Q35, facts, resource, source_volume

KEY = 'hw_machine_type'
#: How a key is written that the editor leaves alone, and says so.
EXPLICIT = re.compile(r'^[ -]*\? ', re.MULTILINE)
#: Keys whose values the editor takes in block style alone.
_EDITED = frozenset(('resources', 'params', '_info', 'volumes', KEY))
_Kind = TypeVar('_Kind')
_Values = Sequence[Optional[str]]
_PLAIN = re.compile('[A-Za-z][A-Za-z0-9_./-]*')
_NOT_PLAIN = frozenset('y n yes no on off true false null'.split())
_TEXTS = (
    *('web', 'a b', "it's", 'say "hi"', 'a: b', '# no', '- no', '', 'null'),
    *('書 🙂', *'yes 7.6 0o7 é { ] &x *x !x %x @'.split()),
    *('two\nlines', 'end\n', '\ttab', ' space ', 'a #b', 'hw_machine_type: x'),
    *('---', '...', '-', '?', ':', ',', '|', '>', '`', 'x' * 90),
)
_WISHES: _Values = (None, '', PC, Q35, 'virt')
_METADATA: tuple[Any, ...] = (
    None,
    {},
    {KEY: PC},
    {KEY: Q35, 'os_type': 'linux', 'image_id': 'a: b'},
    {'min_disk': '0', 'image_name': "it's #1"},
)
#: More than a comment: what looks like YAML and is none.
_COMMENTS = ('# c', '#', '# - a: "b', "# it's", '#{[', '# 書')


def data(chance: random.Random) -> dict[str, Any]:
    """Return what a manifest says: servers, volumes, other resources."""
    resources: list[Any] = []
    for number in range(chance.choice((1, 1, 2, 3))):
        make = chance.choice((_server, _server, _server, _volume, _other))
        resources.append(make(chance, number))
    found: dict[str, Any] = {'os_migrate_version': '1.0.5'}
    if chance.random() < 0.2:
        found['aside'] = chance.choice(_TEXTS)
    found['resources'] = resources
    if chance.random() < 0.2:
        found['z'] = [chance.choice(_TEXTS), {'resources': [1]}]
    return found


def _server(chance: random.Random, number: int) -> dict[str, Any]:
    volumes = [
        _metadata_given(source_volume(f'v-{number}-{n}'), chance)
        for n in range(chance.choice((0, 1, 1, 2)))
    ]
    made = resource(
        chance.choice([text for text in _TEXTS if text.strip()]),
        f'id-{number}',
        params={'volumes': volumes, 'tags': [chance.choice(_TEXTS)]},
        info={'note': chance.choice(_TEXTS)},
        migration=chance.choice(({}, {'data_copy': True}, {'x': {}})),
    )
    return _with_our_keys(made, chance)


def _volume(chance: random.Random, number: int) -> dict[str, Any]:
    made = source_volume(f'id-{number}', chance.choice(_TEXTS))
    return _with_our_keys(_metadata_given(made, chance), chance)


def _other(chance: random.Random, number: int) -> dict[str, Any]:
    return {'type': 'openstack.network.Network', 'params': {'name': number}}


def _metadata_given(
    volume: dict[str, Any], chance: random.Random
) -> dict[str, Any]:
    # A copy: each of its members may be written in a way of its own.
    metadata = chance.choice(_METADATA)
    volume['params']['volume_image_metadata'] = metadata
    return volume


def _with_our_keys(
    made: dict[str, Any], chance: random.Random
) -> dict[str, Any]:
    """Return a resource with what an earlier export left in it, perhaps."""
    metadata = [
        volume['params'].get('volume_image_metadata') or {}
        for volume in made['params'].get('volumes', [made])
    ]
    said = {one[KEY] for one in metadata if KEY in one}
    if chance.random() < 0.4:
        # Two edits that contradict each other would make it invalid.
        found = said.pop() if len(said) == 1 else None
        made['params'][KEY] = chance.choice(_WISHES)
        made['_info'][KEY] = facts(
            found, 'volume-image-metadata' if found else 'none'
        )
    elif chance.random() < 0.2:
        made['params'][KEY] = chance.choice(_WISHES)
    if chance.random() < 0.2:
        made['params']['hw_disk_bus'] = chance.choice((None, 'ide', ''))
    return _shuffled(made, chance)


def _shuffled(made: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.5:
        return made
    keys = list(made)
    chance.shuffle(keys)
    return {
        key: _shuffled(made[key], chance)
        if isinstance(made[key], dict)
        else made[key]
        for key in keys
    }


def written(
    found: dict[str, Any], chance: random.Random, *, editable: bool = False
) -> str:
    """Return data as YAML, in a style that is drawn.

    One that is ``editable`` has in block style what the editor looks at; all
    that it may refuse then are keys behind question marks.
    """
    return _Writer(chance, editable).document(found)


class _Writer:
    """Writes one document; each choice of style is made where it comes up."""

    def __init__(self, chance: random.Random, editable: bool) -> None:
        self._chance = chance
        self._editable = editable
        self._anchors = 0
        #: How often each liberty is taken, so that some files are plain.
        self._odd = chance.choice((0.0, 0.05, 0.2))
        self._flow = chance.choice((0.0, 0.0, 0.2))
        #: The editor takes no keys behind question marks, but reads them.
        self._explicit = chance.random() < 0.1
        self._step = chance.choice((2, 2, 4, 3, 1))
        self._gap = chance.choice((1, 1, 1, 3))
        self._dash = chance.choice((0, 0, self._step))
        self._quoted = chance.choice((0.0, 0.0, 0.5, 1.0))

    def document(self, found: dict[str, Any]) -> str:
        lines = self._mapping(found, 0)
        if self._chance.random() < self._flow / 4 and not self._editable:
            lines = [self._in_flow(found)]
        if self._is_odd():
            lines = ['---', *lines]
            if self._is_odd():
                lines = ['%YAML 1.1', *lines]
        if self._is_odd():
            lines = ['# above', '', *lines]
        if self._is_odd():
            lines.append(self._pick(('...', '', '# below')))
        newline = self._pick(('\n', '\n', '\r\n'))
        # A text in block style has its own line ends; as many are its end.
        text = newline.join(line.replace('\n', newline) for line in lines)
        return text + self._pick((newline, newline, '', newline * 3))

    def _pick(self, choices: Sequence[_Kind]) -> _Kind:
        return self._chance.choice(choices)

    def _is_odd(self) -> bool:
        return self._chance.random() < self._odd

    def _block(
        self, value: Any, column: int, key: str = ''
    ) -> tuple[str, list[str]]:
        """Return what stands beside a key or dash, and the lines below it."""
        if not value or not isinstance(value, (dict, list)):
            return self._scalar_or_empty(value, column)
        in_block = self._editable and key in _EDITED
        if self._chance.random() < self._flow and not in_block:
            return self._properties() + self._in_flow(value, column), []
        beside = self._properties()
        if self._editable and key == 'resources':
            beside = ''
        if isinstance(value, dict):
            return beside, self._mapping(value, column + self._step)
        return beside, self._sequence(value, column + self._dash)

    def _scalar_or_empty(
        self, value: Any, column: int
    ) -> tuple[str, list[str]]:
        if value is None and self._is_odd():
            return '', []
        if (
            isinstance(value, str)
            and self._is_odd()
            and re.fullmatch(r'[^\s#-][^\n\t]*[^\s]|[a-z]', value)
        ):
            style = self._pick(('|-', '>-', '|-  # c'))
            return style, [' ' * (column + self._step) + value]
        return self._properties() + self._scalar(value), []

    def _mapping(self, mapping: dict[str, Any], column: int) -> list[str]:
        lines = []
        for key, value in mapping.items():
            lines += self._between(column)
            name = self._key(key)
            if self._editable and key == 'resources':
                name = key
            beside, below = self._block(value, column, key)
            if self._explicit and self._is_odd() and not below:
                lines.append(f'{" " * column}? {name}')
                name = ''
            lines.append(self._line(column, f'{name}:', beside, bool(below)))
            lines += below
        return lines

    def _sequence(self, elements: list[Any], column: int) -> list[str]:
        lines = []
        dash = ' ' * column + '-'
        for element in elements:
            lines += self._between(column)
            if isinstance(element, dict) and element:
                inner = column + 1 + self._gap
                if self._chance.random() < self._flow and not self._editable:
                    gap = ' ' * self._gap
                    lines.append(dash + gap + self._in_flow(element, column))
                    continue
                first, *others = self._mapping(element, inner)
                if not first.strip() or first.lstrip().startswith('#'):
                    lines += [dash, first, *others]
                elif self._is_odd():
                    lines += [dash + self._end(), first, *others]
                else:
                    gap = ' ' * self._gap
                    lines += [dash + gap + first.lstrip(' '), *others]
                continue
            beside, below = self._block(element, column)
            lines.append(self._line(column, '-', beside, bool(below)))
            lines += below
        return lines

    def _line(self, column: int, head: str, beside: str, below: bool) -> str:
        gap = ' ' * (self._gap if beside else 0)
        end = '' if beside.startswith(('|', '>')) else self._end()
        return ' ' * column + head + gap + beside.rstrip(' ') + end

    def _end(self) -> str:
        """Return what may stand at the end of any line."""
        if not self._is_odd():
            return ''
        return self._pick(('  ', *(f' {one}' for one in _COMMENTS)))

    def _between(self, column: int) -> list[str]:
        """Return what may stand above any key or dash."""
        lines = []
        while self._is_odd():
            margin = ' ' * self._pick((0, column, column))
            lines.append(self._pick(('', margin + self._pick(_COMMENTS))))
        return lines

    def _properties(self) -> str:
        if not self._is_odd():
            return ''
        self._anchors += 1
        return f'&a{self._anchors} '

    def _key(self, key: str) -> str:
        if self._chance.random() < self._quoted:
            return self._in_quotes(key)
        return self._plain_or_quoted(key)

    def _scalar(self, value: Any) -> str:
        if isinstance(value, str):
            if self._chance.random() < self._quoted:
                return self._in_quotes(value)
            tag = '!!str ' if self._is_odd() else ''
            return tag + self._plain_or_quoted(value)
        if value is None:
            return self._pick(('null', 'null', '~', 'Null'))
        return json.dumps(value)

    def _plain_or_quoted(self, text: str) -> str:
        if _PLAIN.fullmatch(text) and text.lower() not in _NOT_PLAIN:
            return text
        return self._in_quotes(text)

    def _in_quotes(self, text: str) -> str:
        if '\n' in text or '\t' in text or self._chance.random() < 0.5:
            return json.dumps(text, ensure_ascii=False)
        return "'" + text.replace("'", "''") + "'"

    def _in_flow(self, value: Any, column: int | None = None) -> str:
        """Return a value in flow style, on several lines if it has room."""
        comma = ', '
        if column is not None and self._is_odd():
            comma = ',\n' + ' ' * (column + 5)

        def inner(one: Any) -> str:
            return self._in_flow(one, column)

        room = self._pick(('', '', ' '))
        if isinstance(value, dict):
            pairs = [f'{self._key(k)}: {inner(v)}' for k, v in value.items()]
            return '{' + room + comma.join(pairs) + room + '}'
        if isinstance(value, list):
            return '[' + room + comma.join(map(inner, value)) + room + ']'
        return self._scalar(value)
