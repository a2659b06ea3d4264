# SPDX-License-Identifier: Apache-2.0

"""The file that keeps a page."""

from __future__ import annotations

import os
from collections.abc import Iterable

from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _
from osc_hwmt.local import files
from osc_hwmt.report.document import MARK


def check(path: str) -> None:
    """Raise FileError where a page may not be put.

    What is there already is replaced only if it is such a page, or empty:
    who repeats a command wants the new one, who mistypes a name keeps what
    has it.
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
    if not os.path.isfile(target) or not _is_page(target):
        raise FileError(
            _(
                '%s: is there already and no report of verify, so it stays as '
                'it is. Name another file'
            )
            % path
        )


def write(path: str, pieces: Iterable[str]) -> None:
    """Put a page into a file, piece by piece and then at once.

    Raises FileError if that can't be done; then the file is as it was.
    """
    files.replace(
        path, (piece.encode() for piece in pieces), lambda: check(path)
    )


def _is_page(path: str) -> bool:
    """Tell whether a file is a page or empty; False if it is unreadable."""
    mark = MARK.encode()
    try:
        with open(path, 'rb') as file:
            return file.read(len(mark)) in (mark, b'')
    except OSError:
        return False
