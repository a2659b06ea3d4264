# SPDX-License-Identifier: Apache-2.0

"""Files that hold what an operator decided: read whole, replaced whole."""

from __future__ import annotations

import codecs
import dataclasses
import os

from osc_hwmt import replacement
from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _


@dataclasses.dataclass(frozen=True)
class TextFile:
    """A file as it was read; ``content`` None means that there was none."""

    path: str
    content: bytes | None
    text: str


def read(path: str) -> TextFile:
    """Return a UTF-8 file, with or without a byte order mark.

    Raises FileError if it is absent, unreadable, or not UTF-8.
    """
    try:
        with open(path, 'rb') as file:
            content = file.read()
    except OSError as exc:
        raise FileError(
            _('%(path)s: can not be read: %(why)s')
            % {'path': path, 'why': exc.strerror}
        ) from exc
    try:
        return TextFile(path, content, content.decode('utf-8-sig'))
    except UnicodeDecodeError as exc:
        raise FileError(
            _('%(path)s: expected UTF-8 text, found byte %(byte)#x at %(n)d')
            % {'path': path, 'byte': content[exc.start], 'n': exc.start}
        ) from exc


def read_if_there(path: str) -> TextFile:
    """Return a file like read(), or an empty one where there is none yet."""
    if not os.path.lexists(path):
        return TextFile(path, None, '')
    return read(path)


def write(before: TextFile, text: str) -> None:
    """Replace a file's text at once, or leave the file as it is.

    A new file is readable by its owner alone; an old one keeps its owner,
    its mode and its byte order mark. Raises FileError if that fails or if
    the file is no longer what was read.
    """
    content = text.encode('utf-8')
    if (before.content or b'').startswith(codecs.BOM_UTF8):
        content = codecs.BOM_UTF8 + content
    replacement.replace(before.path, [content], lambda: _unchanged(before))


def _unchanged(before: TextFile) -> None:
    if read_if_there(before.path).content != before.content:
        raise FileError(
            _('%s: was changed by someone else meanwhile; nothing was written')
            % before.path
        )
