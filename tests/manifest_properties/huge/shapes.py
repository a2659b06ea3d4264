# SPDX-License-Identifier: Apache-2.0

"""Files of 200 MB, each of another shape, in pieces."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

SIZE = 200 * 1024 * 1024
_PIECE = 1024 * 1024
_LIST = 'resources:\n'
_SERVER = """\
- type: openstack.compute.Server
  params:
    name: web-{0}
    hw_machine_type: pc-q35-rhel9.4.0
  _info:
    id: id-{0}
"""
_ONE = _LIST + _SERVER.format(1)
_COMMENT = '# a comment, of which there are very many\n'
_OPEN = '- type: openstack.compute.Server\n  params:\n    name: '

#: What is repeated until the file is full, and what stands before and behind.
_REPEATED = {
    'zeros': ('', '\0', ''),
    'spaces': ('', ' ', ''),
    'blank lines': ('', '\n', ''),
    'documents': ('', '---\n', ''),
    'tiny elements': (_LIST, '- a\n', ''),
    'elements of nothing': (_LIST, '-\n', ''),
    'elements in quotes that do not end': (_LIST, '- "\n', ''),
    'one server many times': (_LIST, _SERVER.format(1), ''),
    'old line ends': (_LIST, '- a\r', ''),
    'a name': (_LIST + _OPEN, 'x', '\n  _info:\n    id: a\n'),
    'a text of many lines': (_ONE + '    note: |\n', '      word\n', ''),
    'quotes that do not end': (_ONE + '    note: "', 'word ', ''),
    'wide characters': (_ONE + '    note: ', '\U0001f642', '\n'),
    'a comment in one line': (_ONE + '#', 'x', '\n'),
    'comments at the top': ('', _COMMENT, _ONE),
    'comments at the end': (_ONE, _COMMENT, ''),
    'blank lines at the end': (_ONE, '\n', 'other: 1\n'),
    'brackets': (_LIST + '- ', '[', ''),
    'dashes': (_LIST, '- ', ''),
    'question marks': (_LIST, '? ', ''),
    'flow mappings': (_LIST + '- ', '{a: ', ''),
    'a list in one line': ('resources: [', '{a: 1},', ']\n'),
    'a resource in one line': (_ONE + '    x: [', '{a: 1},', ']\n'),
    'aliases': (_LIST + '- &a b\n', '- *a\n', ''),
    'volumes': (
        _LIST + _OPEN + 'a\n    volumes:\n',
        '    - params: {}\n',
        '  _info:\n    id: a\n',
    ),
}
#: The same where what is repeated has a number.
_NUMBERED = {
    'keys of a resource': (_ONE, '    k{0}: v\n', ''),
    'keys beside the list': (_ONE, 'k{0}: v\n', ''),
    'keys above the list': ('', 'k{0}: v\n', _ONE),
    'a list beside the list': (_ONE + 'others:\n', '- id-{0}\n', ''),
    'anchors': (_LIST, '- &a{0} b\n', ''),
    'anchors in a resource': (_ONE, '    k{0}: &a{0} v\n', ''),
    'servers': (_LIST, _SERVER, ''),
}
#: What is a manifest, and read.
PADDED = 'servers between comments'
_VALID = {
    PADDED: (_LIST, _SERVER + _COMMENT * 300, ''),
    'servers at the limit': (_LIST, _SERVER + _COMMENT * 15, ''),
}
REFUSED = (*_REPEATED, *_NUMBERED)
READ = tuple(_VALID)


def pieces(name: str) -> Iterator[bytes]:
    """Yield the file of that name."""
    units: Iterator[str]
    if name in _REPEATED:
        before, unit, behind = _REPEATED[name]
        units = itertools.repeat(unit * (_PIECE // len(unit)))
    else:
        before, unit, behind = {**_NUMBERED, **_VALID}[name]
        units = map(unit.format, itertools.count())
    yield before.encode()
    size = 0
    for text in units:
        if size >= SIZE:
            break
        piece = text.encode()
        size += len(piece)
        yield piece
    yield behind.encode()
