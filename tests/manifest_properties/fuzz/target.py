# SPDX-License-Identifier: Apache-2.0

"""One file of bytes, whatever is in it, read and edited as commands do it.

It is read, or refused in words with a place in it. What is read can be edited,
or is refused, and without the edit it is what it was.
"""

from __future__ import annotations

import codecs
import pathlib
import random
import tempfile
import zlib

from osc_hwmt.exceptions import Error, FileError, ManifestError
from osc_hwmt.local import files
from osc_hwmt.manifest.reading import Manifest, read_manifest
from osc_hwmt.source import diff as manifest_diff
from osc_hwmt.source import update as update_source
from osc_hwmt.source.facts import ExportedServer, ServerFacts
from osc_hwmt.source.parking import parked
from tests.manifest_properties import edits, styles
from tests.manifest_properties.undoing import undone
from tests.unit.support import cases, fakes
from tests.unit.support.updates import fact_of

_DIRECTORY = tempfile.TemporaryDirectory(prefix='hwmt-fuzz-')
_PATH = pathlib.Path(_DIRECTORY.name) / 'workloads.yml'
_SEEDS = tuple(
    path.read_bytes() for path in sorted(cases.DATA.glob('os-migrate-*.yml'))
)
#: What YAML, our keys and our limits are made of.
_TOKENS = (
    *(b'\xff', b'\xc3', b'\xed\xa0\x80'),
    *map(
        str.encode,
        (
            *('- ', '-', ': ', ':', '? ', '\n', '\r\n', '\r', '\t', '  ', '#'),
            *(' #', '"', "'", '{', '}', '[', ']', ',', '&a ', '*a', '!!str '),
            *('!<tag:', '|', '>-', '|+', '---\n', '...\n', '%YAML 1.1\n'),
            *('\\', '\\x00', '\x00', '\x1b[2J', '\x85', '\u2028', '\ufeff'),
            *('null', "''", 'resources:', 'params:', '_info:', 'type:', 'id:'),
            *('hw_machine_type:', 'hw_machine_typ: q35\n', '🙂', '~', '='),
            *('openstack.compute.Server', 'openstack.network.ServerVolume'),
            *('volume_image_metadata_parked:', 'hw_disk_bus: ide\n', 'yes'),
            *('volumes:', '[' * 70, '- ' * 70, '<<: ', '0x10', '1e9'),
        ),
    ),
)


class Chance(random.Random):
    """Draws from given bytes, and when they are used up from their sum."""

    def __new__(cls, content: bytes) -> Chance:
        return super().__new__(cls)

    def __init__(self, content: bytes) -> None:
        super().__init__(zlib.crc32(content))
        self._content = content
        self._position = 0

    def getrandbits(self, bits: int) -> int:
        """Return a number of so many bits."""
        size = (bits + 7) // 8
        taken = self._content[self._position : self._position + size]
        self._position += size
        if len(taken) < size:
            return super().getrandbits(bits)
        return int.from_bytes(taken, 'little') & ((1 << bits) - 1)

    def random(self) -> float:
        """Return a number from 0 up to 1."""
        return self.getrandbits(16) / (1 << 16)


def run(content: bytes) -> None:
    """Read and edit what these bytes stand for; raises for a defect."""
    chance = Chance(content[1:])
    way = _WAYS[content[0] % len(_WAYS)] if content else _as_it_is
    check(way(chance, content[1:]), chance)


def check(content: bytes, chance: random.Random) -> None:
    """Read and edit a file; raises for whatever is not a clean answer."""
    _PATH.write_bytes(content)
    try:
        text = files.read(str(_PATH)).text
        manifest = read_manifest(text, str(_PATH))
    except FileError as exc:
        _check_error(exc, content)
        return
    _edit(manifest, chance)


def _check_error(error: FileError, content: bytes) -> None:
    _expect(str(_PATH) in str(error), 'the file is not named', error)
    _expect(str(error).replace('\n', '').isprintable(), 'unprintable', error)
    if isinstance(error, ManifestError):
        # A file of other line ends may have more lines than line feeds.
        lines = len(content.decode('utf-8-sig').splitlines()) + 1
        _expect(bool(error.problems), 'nothing is wrong', error)
        for problem in error.problems:
            _expect(problem.path == str(_PATH), 'another file', problem)
            _expect(1 <= problem.line <= lines, 'no such line', problem)
            _expect(problem.column >= 1, 'no such column', problem)


def _edit(manifest: Manifest, chance: random.Random) -> None:
    before = manifest.text
    found = {
        entry.server_id: edits.found_of(entry, chance)
        for entry in manifest.entries
    }
    extend = chance.random() < 0.2
    if extend:
        new = fakes.server("new: it's #1", 'new')
        found.setdefault('new', ServerFacts(ExportedServer.of(new), fact_of()))
    try:
        update = update_source.update(
            manifest,
            found,
            extend=extend,
            requested=edits.requested(chance),
        )
    except Error as exc:
        _check_refusal(exc)
        return
    after = update.text
    if chance.random() < 0.7:
        try:
            after = parked(after, str(_PATH)).text
        except Error as exc:
            _check_refusal(exc)
    again = read_manifest(after, manifest.path, compared=False)
    _expect(
        len(again.entries) == len(update.lines), 'entries came or went', after
    )
    back = undone(before, after)
    _expect(back == before, 'more than the edit changed', (before, after))
    list(manifest_diff.unified(before, after, manifest.path))


def _check_refusal(error: Error) -> None:
    _expect(str(_PATH) in str(error), 'the file is not named', error)
    _expect(
        'cannot be edited in place' in str(error)
        # An illegal word of a volume counts once its key is asked for.
        or 'volume_image_metadata' in str(error),
        'refused without a reason',
        error,
    )


def _expect(holds: bool, what: str, shown: object) -> None:
    if not holds:
        raise AssertionError(what, shown)


def _as_it_is(_chance: random.Random, content: bytes) -> bytes:
    return content


def _generated(chance: random.Random, _content: bytes) -> bytes:
    """Return a valid manifest in some style."""
    mark = codecs.BOM_UTF8 if chance.random() < 0.1 else b''
    text = styles.written(styles.data(chance), chance)
    return mark + text.encode()


def _generated_and_damaged(chance: random.Random, content: bytes) -> bytes:
    return _damaged(_generated(chance, content), chance)


def _real_and_damaged(chance: random.Random, _content: bytes) -> bytes:
    """Return a piece of a file of os-migrate's, damaged."""
    content = chance.choice(_SEEDS)
    resources = content.split(b'\n- ')
    if chance.random() < 0.8 and len(resources) > 1:
        head, others = resources[0], resources[1:]
        content = b'\n- '.join((head, chance.choice(others)))
        content += b'' if content.endswith(b'\n') else b'\n'
    return _damaged(content, chance)


def _damaged(content: bytes, chance: random.Random) -> bytes:
    """Return bytes with some taken out, put in, doubled, moved or changed."""
    for _time in range(chance.choice((1, 1, 2, 4))):
        start = chance.randrange(len(content) + 1)
        if chance.random() < 0.5:
            # Where a line or a word begins, damage is less of a kind.
            start = content.rfind(chance.choice((b'\n', b' ')), 0, start) + 1
        end = min(len(content), start + chance.choice((0, 1, 2, 8, 40, 400)))
        piece = content[start:end]
        new = chance.choice(
            (
                b'',
                chance.choice(_TOKENS),
                piece + piece,
                piece + chance.choice(_TOKENS),
                chance.choice(_TOKENS) + piece,
                bytes((chance.randrange(256),)) + piece[1:],
            )
        )
        content = content[:start] + new + content[end:]
    return content


_WAYS = (
    _as_it_is,
    _generated,
    _generated_and_damaged,
    _real_and_damaged,
)
