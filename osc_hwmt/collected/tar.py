# SPDX-License-Identifier: Apache-2.0

"""A tar archive, read once from its beginning to its end.

tarfile believes what headers say: a size of some EiB, a sparse file's list of
parts or a chain of extended headers keeps it busy for ever. Here nothing is
read that is not there, and no number of a header is counted up to.
POSIX.1-2001 (pax), and tar/src/tar.h of GNU tar 1.35.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Protocol

from osc_hwmt.display import printable
from osc_hwmt.i18n import _

BLOCK = 512
#: Where a header says that it is one, and of which kind.
MAGIC, MAGIC_AT = b'ustar', 257
#: Of an extended header: a path and what goes with it.
_MAX_HEADER = 1024 * 1024
_LONGEST_NAME = 300
_CHUNK = 256 * 1024

_FILES = (b'0', b'\0', b'7')
#: Links, devices, directories and pipes have no content, whatever they say.
_WITHOUT_CONTENT = (b'1', b'2', b'3', b'4', b'5', b'6')
_GNU_NAME, _GNU_LINK, _GNU_SPARSE = b'L', b'K', b'S'
_PAX, _PAX_FOR_ALL = b'x', b'g'
_EXTENDED = (_GNU_NAME, _GNU_LINK, _PAX, _PAX_FOR_ALL)
_RECORD = re.compile(rb'([1-9][0-9]{0,7}) ')


class DamagedError(Exception):
    """An archive cannot be read any further."""


class Source(Protocol):
    """What an archive is read from; an empty answer is its end."""

    def read(self, size: int, /) -> bytes | None: ...


@dataclasses.dataclass
class Member:
    """A file in an archive; what is not read of it is passed over.

    ``why_not`` says why it cannot be read, None where it can.
    """

    name: str
    why_not: str | None
    _source: Source
    _left: int
    _padding: int

    def read(self, size: int = _CHUNK, /) -> bytes:
        """Return some of what follows, nothing at the end."""
        data = self._source.read(min(size, self._left)) or b''
        self._left -= len(data)
        if self._left and size and not data:
            raise _cut_off()
        return data

    def end(self) -> None:
        """Go to the header that follows."""
        while self._left:
            self.read()
        _exactly(self._source, self._padding)


@dataclasses.dataclass(frozen=True)
class _Extended:
    """What extended headers say of the member after them."""

    name: str | None = None
    size: int | None = None
    is_sparse: bool = False


def members(
    source: Source, most: int, count: Callable[[], object] = lambda: None
) -> Iterator[Member]:
    """Yield the files; each is to be read before the next is asked for.

    ``count`` is called for each header, and may raise what ends it all.
    Raises DamagedError, also for a member that claims more than ``most``
    bytes.
    """
    extended = _Extended()
    while any(header := _exactly(source, BLOCK)):
        count()
        kind = header[156:157]
        name = extended.name or _name(header)
        size = extended.size
        if size is None or kind in _EXTENDED:
            size = _number(header[124:136])
        if not _is_sound(header) or size is None:
            raise DamagedError(_('damaged header'))
        if kind in _EXTENDED:
            extended = _extended(kind, _content(source, name, size), extended)
            continue
        if size > most:
            raise DamagedError(
                _(
                    'member %(name)s claims %(size)d bytes; expected at most '
                    '%(most)d MiB'
                )
                % {'name': _shown(name), 'size': size, 'most': most >> 20}
            )
        is_sparse = extended.is_sparse or kind == _GNU_SPARSE
        more = header[482] if kind == _GNU_SPARSE else 0
        while more:
            more = _exactly(source, BLOCK)[504]
        if kind in _WITHOUT_CONTENT:
            size = 0
        member = Member(
            name[:_LONGEST_NAME],
            _('sparse files are not read') if is_sparse else None,
            source,
            size,
            -size % BLOCK,
        )
        if (kind in _FILES and not name.endswith('/')) or is_sparse:
            yield member
        member.end()
        extended = _Extended()


def _content(source: Source, name: str, size: int) -> bytes:
    """Return what an extended header says."""
    if size > _MAX_HEADER:
        raise DamagedError(
            _(
                'the header of %(name)s claims %(size)d bytes; expected at '
                'most %(most)d MiB'
            )
            % {'name': _shown(name), 'size': size, 'most': _MAX_HEADER >> 20}
        )
    content = _exactly(source, size)
    _exactly(source, -size % BLOCK)
    return content


def _extended(kind: bytes, content: bytes, before: _Extended) -> _Extended:
    if kind == _GNU_NAME:
        return dataclasses.replace(before, name=_text(content))
    found = before
    for key, value in _records(content) if kind == _PAX else ():
        if key == b'path':
            found = dataclasses.replace(found, name=_text(value))
        elif key == b'size':
            size = int(value) if re.fullmatch(b'[0-9]{1,20}', value) else None
            if size is None:
                raise DamagedError(_('damaged header'))
            found = dataclasses.replace(found, size=size)
        elif key.startswith(b'GNU.sparse.'):
            found = dataclasses.replace(found, is_sparse=True)
    return found


def _records(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the keys and values of a pax header: ``12 path=abc`` and a LF."""
    start = 0
    while start < len(content):
        length = _RECORD.match(content, start)
        end = start + int(length[1]) if length else 0
        if not length or end > len(content) or content[end - 1 : end] != b'\n':
            raise DamagedError(_('damaged header'))
        key, _sign, value = content[length.end() : end - 1].partition(b'=')
        yield key, value
        start = end


def _is_sound(header: bytes) -> bool:
    """Tell whether a header has its own checksum; some tars have it signed."""
    others = header[:148] + b' ' * 8 + header[156:]
    unsigned, said = sum(others), _number(header[148:156])
    return said == unsigned or said == unsigned - 256 * sum(
        byte > 127 for byte in others
    )


def _number(field: bytes) -> int | None:
    """Return a number of a header, None where it is none or negative."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], 'big')
    text = field.partition(b'\0')[0].strip(b' ') or b'0'
    return int(text, 8) if re.fullmatch(b'[0-7]+', text) else None


def _name(header: bytes) -> str:
    name = _text(header[:100])
    # GNU's own format has other things there.
    prefix = _text(header[345:500]) if header[257:263] == b'ustar\0' else ''
    return f'{prefix}/{name}' if prefix else name


def _text(field: bytes) -> str:
    return field.partition(b'\0')[0].decode('utf-8', 'replace')


def _shown(name: str) -> str:
    return printable(name[:_LONGEST_NAME])


def _exactly(source: Source, size: int) -> bytes:
    data = b''
    while len(data) < size:
        more = source.read(size - len(data))
        if not more:
            raise _cut_off()
        data += more
    return data


def _cut_off() -> DamagedError:
    return DamagedError(_('the archive is cut off'))
