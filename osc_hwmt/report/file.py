# SPDX-License-Identifier: Apache-2.0

"""The file that keeps a page."""

from __future__ import annotations

from collections.abc import Iterable

from osc_hwmt.i18n import _
from osc_hwmt.local import files
from osc_hwmt.report.document import MARK


def check(path: str) -> None:
    """Raise FileError where a page may not be put."""
    files.refuse_other(path, MARK, _('report of verify'))


def write(path: str, pieces: Iterable[str]) -> None:
    """Put a page into a file, piece by piece and then at once.

    Raises FileError if that can't be done; then the file is as it was.
    """
    files.replace(
        path, (piece.encode() for piece in pieces), lambda: check(path)
    )
