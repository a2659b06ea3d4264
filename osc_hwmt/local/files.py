# SPDX-License-Identifier: Apache-2.0

"""Files that hold what an operator decided: read whole, replaced whole.

Only a regular file is read or replaced, and nothing is waited for: a device
would be replaced by a file, and a pipe may never end.
"""

from __future__ import annotations

import codecs
import contextlib
import dataclasses
import datetime
import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _

#: Three times what 100,000 servers take.
MAX_BYTES = 1024 * 1024 * 1024
#: How much is read and written at once.
_PIECE = 1024 * 1024
_KINDS = {
    stat.S_IFDIR: _('a directory'),
    stat.S_IFIFO: _('a pipe'),
    stat.S_IFSOCK: _('a socket'),
    stat.S_IFCHR: _('a device'),
    stat.S_IFBLK: _('a device'),
}
#: Access control lists, which setfacl writes.
_ACL = 'system.posix_acl_access'
#: What the kernel measures of a file's content, and writes by itself.
_MEASURED = ('security.ima', 'security.evm')


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


@dataclasses.dataclass(frozen=True)
class OwnFile:
    """A file of a kind that only this package writes.

    What is there already is replaced only if it begins with the kind's mark,
    or is empty: who repeats a command wants the new one, who mistypes a name
    keeps what has it. ``kind`` is for messages.
    """

    path: str
    mark: str
    kind: str

    def check(self) -> None:
        """Raise FileError where such a file may not be put."""
        directory = os.path.dirname(os.path.realpath(self.path))
        if not os.access(directory, os.W_OK | os.X_OK):
            raise FileError(
                _('%(path)s: directory %(directory)s is not writable')
                % {'path': self.path, 'directory': directory}
            )
        mark = self.mark.encode()
        with _old(self.path) as old:
            if old is not None and os.pread(old, len(mark), 0) not in (
                mark,
                b'',
            ):
                raise FileError(
                    _(
                        '%(path)s: already exists and is not a %(kind)s, so '
                        'it is not replaced. Choose another file'
                    )
                    % {'path': self.path, 'kind': self.kind}
                )

    def write(self, pieces: Iterable[str]) -> None:
        """Put the pieces there, all of them at once, or raise FileError."""
        replace(self.path, (piece.encode() for piece in pieces), self.check)


def opened(path: str, *, piped: bool = False) -> IO[bytes]:
    """Return a file like regular(); raises FileError."""
    try:
        return regular(path, piped=piped)
    except OSError as exc:
        raise unreadable(path, exc) from exc


def regular(path: str, *, piped: bool = False) -> IO[bytes]:
    """Return a regular file that is open for reading.

    With ``piped`` it may be a pipe that the shell made: /dev/stdin, or what
    stands for ``<(command)``. Raises OSError, for everything else as well.
    """
    # Even to open a device may have effects.
    _refuse_special(path, os.stat(path).st_mode, piped=piped)
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        _refuse_special(path, os.fstat(descriptor).st_mode, piped=piped)
        os.set_blocking(descriptor, True)
        return os.fdopen(descriptor, 'rb')
    except BaseException:
        os.close(descriptor)
        raise


def _refuse_special(path: str, mode: int, *, piped: bool) -> None:
    # What the shell has opened is a link below /proc to nothing with a name.
    ours = stat.S_ISFIFO(mode) and os.path.realpath(path).startswith('/proc/')
    if not (stat.S_ISREG(mode) or (piped and ours)):
        raise OSError(
            errno.EINVAL,
            _('expected a regular file, found %s') % _KINDS[stat.S_IFMT(mode)],
        )


def read(
    path: str, limit: int | None = None, *, piped: bool = False
) -> TextFile:
    """Return a UTF-8 file, with or without a byte order mark.

    ``piped`` is that of opened(). Raises FileError if it is absent,
    unreadable, no regular file, larger than ``limit`` bytes (MAX_BYTES), or
    not UTF-8.
    """
    content = b''.join(_content(path, limit, piped=piped))
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


def read_to_write(path: str) -> TextFile:
    """Return a file like read(), or an empty one where there is none yet.

    Raises FileError also for a file that write() would refuse.
    """
    with _old(path) as old:
        return TextFile(path, None, '') if old is None else read(path)


def write(before: TextFile, text: str, *, backup: bool = False) -> str | None:
    """Replace a file's text at once, or leave the file as it is.

    The byte order mark stays, and all that replace() keeps. With ``backup``,
    what was there stays beside it; its path is returned. Raises FileError if
    that fails or if the file is no longer what was read.
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

    A new file is readable by its owner alone; an old one keeps its owner,
    mode, access control list and extended attributes, and a link stays a
    link. ``check`` is called when everything is written and nothing replaced
    yet; what it raises ends the replacement. Raises FileError if that fails,
    and for what is no regular file, a link to nothing, or a file with several
    names, of which one only would get the new content. Then all is as it was.
    """
    target = os.path.realpath(path)
    directory = os.path.dirname(target)
    try:
        with _old(path) as old:
            descriptor, temporary = tempfile.mkstemp(
                dir=directory, prefix=f'.{os.path.basename(target)}.'
            )
            try:
                with os.fdopen(descriptor, 'wb') as file:
                    if old is not None:
                        _take_over(path, old, descriptor)
                    file.writelines(pieces)
                    file.flush()
                    os.fsync(descriptor)
                check()
                if not _is_still(target, old):
                    raise _changed(path)
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


@contextlib.contextmanager
def _old(path: str) -> Iterator[int | None]:
    """Yield the file that is to be replaced, None where there is none.

    Raises FileError for one that must not be.
    """
    if path and not os.path.exists(path):
        if os.path.islink(path):
            raise FileError(
                _('%(path)s: is a link to %(target)s, which does not exist')
                % {'path': path, 'target': os.path.realpath(path)}
            )
        yield None
        return
    with opened(path) as file:
        names = os.fstat(file.fileno()).st_nlink
        if names != 1:
            raise FileError(
                _(
                    '%(path)s: has %(n)d hard links, and only this one would '
                    'be changed. Copy the file, and move the copy here'
                )
                % {'path': path, 'n': names}
            )
        yield file.fileno()


def _is_still(target: str, old: int | None) -> bool:
    """Tell whether a path still leads to that file, or to none."""
    if old is None or not os.path.lexists(target):
        return old is None and not os.path.lexists(target)
    return os.path.samestat(os.lstat(target), os.fstat(old))


def encoded(text: str) -> Iterator[bytes]:
    """Yield a text in UTF-8, in pieces."""
    for start in range(0, len(text), _PIECE):
        yield text[start : start + _PIECE].encode('utf-8')


def _content(
    path: str, limit: int | None = None, *, piped: bool = False
) -> Iterator[bytes]:
    """Yield a file's content in pieces."""
    size, limit = 0, limit or MAX_BYTES
    try:
        with opened(path, piped=piped) as file:
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


def _refuse_changed(before: TextFile) -> None:
    now = None
    if os.path.lexists(before.path):
        now = digest(_content(before.path))
    if now != before.digest:
        raise _changed(before.path)


def _changed(path: str) -> FileError:
    return FileError(
        _('%s: changed by someone else in the meantime; nothing was written')
        % path
    )


def _pieces(before: TextFile, text: str) -> Iterator[bytes]:
    if before.has_byte_order_mark:
        yield codecs.BOM_UTF8
    yield from encoded(text)


def _take_over(path: str, old: int, new: int) -> None:
    """Give a new file what a file has beside its content."""
    try:
        before, now = os.fstat(old), os.fstat(new)
        if (before.st_uid, before.st_gid) != (now.st_uid, now.st_gid):
            os.fchown(new, before.st_uid, before.st_gid)
        wanted, there = _attributes(old), _attributes(new)
        # Of a directory's default list, which a new mode would wake.
        if _ACL in there and _ACL not in wanted:
            os.removexattr(new, _ACL)
        for name, value in wanted.items():
            if there.get(name) != value:
                os.setxattr(new, name, value)
        os.fchmod(new, stat.S_IMODE(before.st_mode))
    except OSError as exc:
        raise FileError(
            _(
                '%(path)s: cannot be written, because its owner, mode, access '
                'control list and attributes cannot all be kept: %(why)s'
            )
            % {'path': path, 'why': exc.strerror}
        ) from exc


def _attributes(descriptor: int) -> dict[str, bytes]:
    """Return the extended attributes, none where a file system has none."""
    try:
        names = os.listxattr(descriptor)
    except OSError as exc:
        if exc.errno == errno.ENOTSUP:
            return {}
        raise
    return {
        name: os.getxattr(descriptor, name)
        for name in names
        if name not in _MEASURED
    }


def sync(directory: str) -> None:
    """Put the names in a directory on the disk; raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
