# SPDX-License-Identifier: Apache-2.0

"""The texts in files, directories and archives that an operator names.

Nothing is written anywhere, an archive says nothing about paths, and all
that is read is bounded, however well it was compressed.
"""

from __future__ import annotations

import dataclasses
import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, Any, Union

from osc_hwmt.collected import tar
from osc_hwmt.display import printable
from osc_hwmt.exceptions import FileError, Problem
from osc_hwmt.i18n import _
from osc_hwmt.local import files

MEBIBYTE = 1024 * 1024
#: Of one text, which is in memory while it is read.
MAX_TEXT = 256 * MEBIBYTE
#: Of everything that one command reads; 10,000 domains have about 50 MiB.
MAX_TOTAL = 4096 * MEBIBYTE
MAX_FILES = 200_000
#: An archive in an archive, each compressed.
MAX_DEPTH = 4
STDIN = '-'

_GZIP = b'\x1f\x8b'
_CHUNK = 256 * 1024
_Source = Union[IO[bytes], gzip.GzipFile, tar.Member]
#: What damaged files make the readers of archives raise.
_DAMAGED = (OSError, EOFError, ValueError, tar.DamagedError, zlib.error)


@dataclasses.dataclass(frozen=True)
class Text:
    """A text; ``path`` tells the file, and the one inside of an archive.

    ``named`` is false for one that a directory or an archive brought along.
    """

    path: str
    content: str
    named: bool


def texts(
    names: Iterable[str], stdin: IO[bytes] | None = None
) -> Iterator[Text | Problem]:
    """Yield the texts of all that was named, and what can't be read in it.

    A name is of a file, of a directory with whatever is below it, or ``-``
    for standard input; each of them may be compressed, and an archive. Raises
    FileError for one that can't be read at all, and where it gets too much.
    """
    limits = _Limits()
    for name in dict.fromkeys(names):
        if name == STDIN:
            stream = stdin or sys.stdin.buffer
            yield from _contents(stream, name, limits)
        elif os.path.isdir(name):
            yield from _below(name, limits)
        else:
            with files.opened(name, piped=True) as file:
                yield from _contents(file, name, limits)


class _Limits:
    """What may still be read."""

    def __init__(self) -> None:
        self._bytes = MAX_TOTAL
        self._files = MAX_FILES

    def read(self, size: int) -> None:
        self._bytes -= size
        if self._bytes < 0:
            raise FileError(
                _('expected at most %d MiB of collected data in total')
                % (MAX_TOTAL // MEBIBYTE)
            )

    def begin_file(self) -> None:
        self._files -= 1
        if self._files < 0:
            raise FileError(
                _('expected at most %d files of collected data in total')
                % MAX_FILES
            )


class _Stream(io.RawIOBase):
    """What comes out of a file or an archive, counted."""

    def __init__(self, source: _Source, limits: _Limits) -> None:
        super().__init__()
        self._source = source
        self._limits = limits
        self._ahead = b''

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._ahead[: len(buffer)]
        self._ahead = self._ahead[len(data) :]
        data = data or self._more(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def beginning(self) -> bytes:
        """Return the first block without taking it away."""
        while len(self._ahead) < tar.BLOCK:
            data = self._more(tar.BLOCK - len(self._ahead))
            if not data:
                break
            self._ahead += data
        return self._ahead

    def _more(self, size: int) -> bytes:
        data = self._source.read(size)
        self._limits.read(len(data))
        return data


def _below(root: str, limits: _Limits) -> Iterator[Text | Problem]:
    """Yield the texts below a directory, by name, hidden files left out."""
    wrong: list[OSError] = []
    for directory, subdirectories, names in os.walk(
        root, onerror=wrong.append
    ):
        subdirectories[:] = _visible(subdirectories)
        for name in _visible(names):
            path = os.path.join(directory, name)
            try:
                with files.regular(path) as file:
                    yield from _contents(file, path, limits, named=False)
            except OSError as exc:
                yield _unreadable(path, exc)
    for error in wrong:
        yield _unreadable(str(error.filename), error)


def _visible(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if not name.startswith('.'))


def _contents(
    source: _Source,
    path: str,
    limits: _Limits,
    named: bool = True,
    depth: int = 0,
) -> Iterator[Text | Problem]:
    """Yield the text of a file, or those in an archive."""
    stream = _Stream(source, limits)
    try:
        beginning = stream.beginning()
    except _DAMAGED as exc:
        yield _unreadable(path, exc)
        return
    packed = beginning.startswith(_GZIP)
    archive = beginning[tar.MAGIC_AT :].startswith(tar.MAGIC)
    if (packed or archive) and depth == MAX_DEPTH:
        yield _problem(path, _('packed more than %d times') % MAX_DEPTH)
    elif packed:
        with gzip.open(stream) as inner:
            yield from _contents(inner, path, limits, named, depth + 1)
    elif archive:
        yield from _members(stream, path, limits, depth + 1)
    else:
        limits.begin_file()
        yield from _text(stream, path, named)


def _members(
    stream: _Stream, path: str, limits: _Limits, depth: int
) -> Iterator[Text | Problem]:
    """Yield the texts in an archive; links and devices are passed over."""
    try:
        for member in tar.members(stream, MAX_TOTAL, limits.begin_file):
            inside = f'{path}:{member.name}'
            if member.why_not:
                yield _problem(inside, member.why_not)
            elif not os.path.basename(member.name).startswith('.'):
                yield from _contents(member, inside, limits, False, depth)
    except _DAMAGED as exc:
        yield _unreadable(path, exc)


def _text(stream: _Stream, path: str, named: bool) -> Iterator[Text | Problem]:
    """Yield a file as text, as many whole lines of it as can be read."""
    content = bytearray()
    try:
        while True:
            data = stream.read(_CHUNK)
            if not data:
                break
            content += data
            if len(content) > MAX_TEXT:
                yield _problem(
                    path,
                    _('expected at most %d MiB') % (MAX_TEXT // MEBIBYTE),
                )
                return
    except _DAMAGED as exc:
        yield _unreadable(path, exc)
        # What begins a line may look like the whole of it.
        del content[content.rfind(b'\n') + 1 :]
    if 0 in content:
        yield _problem(path, _('expected UTF-8 text, found binary data'))
    else:
        yield Text(path, content.decode('utf-8-sig', 'replace'), named)


def _unreadable(path: str, exc: Exception) -> Problem:
    why = (exc.strerror if isinstance(exc, OSError) else None) or exc
    return _problem(path, _('cannot be read any further: %s') % why)


def _problem(path: str, text: str) -> Problem:
    return Problem(printable(path), 1, 1, printable(text))
