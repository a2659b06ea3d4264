# SPDX-License-Identifier: Apache-2.0

"""Files that hold what an operator decided: read whole, replaced whole."""

from __future__ import annotations

import codecs
import contextlib
import dataclasses
import datetime
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator

from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _

#: Three times what 100,000 servers take.
MAX_BYTES = 1024 * 1024 * 1024
#: How much is read and written at once.
_PIECE = 1024 * 1024


@dataclasses.dataclass(frozen=True)
class TextFile:
    """A file as it was read; ``digest`` None means that there was none."""

    path: str
    digest: bytes | None
    text: str
    has_byte_order_mark: bool = False

    @property
    def exists(self) -> bool:
        """Tell whether there was a file."""
        return self.digest is not None


def read(path: str, limit: int | None = None) -> TextFile:
    """Return a UTF-8 file, with or without a byte order mark.

    Raises FileError if it is absent, unreadable, larger than ``limit`` bytes
    (MAX_BYTES), or not UTF-8.
    """
    content = b''.join(_content(path, limit))
    try:
        text = content.decode('utf-8-sig')
    except UnicodeDecodeError as exc:
        raise FileError(
            _(
                '%(path)s:%(line)d: expected UTF-8 text, found byte '
                '%(byte)#x at %(n)d'
            )
            % {
                'path': path,
                'line': content.count(b'\n', 0, exc.start) + 1,
                'byte': content[exc.start],
                'n': exc.start,
            }
        ) from exc
    return TextFile(
        path,
        digest([content]),
        text,
        content.startswith(codecs.BOM_UTF8),
    )


def read_if_there(path: str) -> TextFile:
    """Return a file like read(), or an empty one where there is none yet."""
    if not os.path.lexists(path):
        return TextFile(path, None, '')
    return read(path)


def write(before: TextFile, text: str, *, backup: bool = False) -> str | None:
    """Replace a file's text at once, or leave the file as it is.

    A new file is readable by its owner alone; an old one keeps its owner,
    its mode and its byte order mark. With ``backup``, what was there stays
    beside it; its path is returned. Raises FileError if that fails or if the
    file is no longer what was read.
    """
    kept = None
    if backup and before.exists:
        now = datetime.datetime.now(datetime.timezone.utc)
        kept = f'{before.path}.{now:%Y%m%dT%H%M%S%fZ}.backup'

    def keep() -> None:
        _refuse_changed(before)
        if kept:
            replace(kept, _pieces(before, before.text))

    replace(before.path, _pieces(before, text), check=keep)
    return kept


def replace(
    path: str,
    pieces: Iterable[bytes],
    check: Callable[[], object] = lambda: None,
) -> None:
    """Put the pieces where a file is or shall be, all of them at once.

    A new file is readable by its owner alone; an old one keeps its owner and
    its mode, and a link stays a link. ``check`` is called when everything is
    written and nothing replaced yet; what it raises ends the replacement.
    Raises FileError if that fails; then the file is as it was.
    """
    target = os.path.realpath(path)
    directory = os.path.dirname(target)
    try:
        descriptor, temporary = tempfile.mkstemp(
            dir=directory, prefix=f'.{os.path.basename(target)}.'
        )
        try:
            with os.fdopen(descriptor, 'wb') as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            check()
            _take_over(target, temporary)
            os.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        sync(directory)
    except OSError as exc:
        raise FileError(
            _('%(path)s: cannot be written: %(why)s')
            % {'path': path, 'why': exc.strerror}
        ) from exc


def refuse_other(path: str, mark: str, kind: str) -> None:
    """Raise FileError where a new file of some kind may not be put.

    What is there already is replaced only if it begins with the kind's mark,
    or is empty: who repeats a command wants the new one, who mistypes a name
    keeps what has it.
    """
    target = os.path.realpath(path)
    directory = os.path.dirname(target)
    if not os.access(directory, os.W_OK | os.X_OK):
        raise FileError(
            _('%(path)s: no file can be written to directory %(directory)s')
            % {'path': path, 'directory': directory}
        )
    if not os.path.lexists(target):
        return
    if not os.path.isfile(target) or not _begins_with(target, mark.encode()):
        raise FileError(
            _(
                '%(path)s: is there already and no %(kind)s, so it stays as '
                'it is. Name another file'
            )
            % {'path': path, 'kind': kind}
        )


def encoded(text: str) -> Iterator[bytes]:
    """Yield a text in UTF-8, in pieces."""
    for start in range(0, len(text), _PIECE):
        yield text[start : start + _PIECE].encode('utf-8')


def _content(path: str, limit: int | None = None) -> Iterator[bytes]:
    """Yield a file's content in pieces."""
    size, limit = 0, limit or MAX_BYTES
    try:
        with open(path, 'rb') as file:
            while piece := file.read(_PIECE):
                size += len(piece)
                if size > limit:
                    raise FileError(
                        _('%(path)s: expected at most %(limit)d MiB')
                        % {'path': path, 'limit': limit >> 20}
                    )
                yield piece
    except OSError as exc:
        raise unreadable(path, exc) from exc


def unreadable(path: str, exc: OSError) -> FileError:
    """Return the error of a file that cannot be read."""
    return FileError(
        _('%(path)s: cannot be read: %(why)s')
        % {'path': path, 'why': exc.strerror}
    )


def digest(pieces: Iterable[bytes]) -> bytes:
    """Return the SHA-256 of some pieces, put together."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.digest()


def _begins_with(path: str, mark: bytes) -> bool:
    """Tell whether a file does, or is empty; False if it is unreadable."""
    try:
        with open(path, 'rb') as file:
            return file.read(len(mark)) in (mark, b'')
    except OSError:
        return False


def _refuse_changed(before: TextFile) -> None:
    now = None
    if os.path.lexists(before.path):
        now = digest(_content(before.path))
    if now != before.digest:
        raise FileError(
            _('%s: was changed by someone else meanwhile; nothing was written')
            % before.path
        )


def _pieces(before: TextFile, text: str) -> Iterator[bytes]:
    if before.has_byte_order_mark:
        yield codecs.BOM_UTF8
    yield from encoded(text)


def _take_over(target: str, temporary: str) -> None:
    """Give a new file the owner and the mode of the one it replaces."""
    try:
        old = os.stat(target)
    except FileNotFoundError:
        return
    new = os.stat(temporary)
    if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
        os.chown(temporary, old.st_uid, old.st_gid)
    os.chmod(temporary, old.st_mode & 0o7777)


def sync(directory: str) -> None:
    """Put the names in a directory on the disk; raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
