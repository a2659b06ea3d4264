# SPDX-License-Identifier: Apache-2.0

"""The file that keeps a page."""

from __future__ import annotations

from osc_hwmt.i18n import _
from osc_hwmt.local.files import OwnFile
from osc_hwmt.report.document import MARK


def at(path: str) -> OwnFile:
    """Return the file of a page, where only an earlier one is replaced."""
    return OwnFile(path, MARK, _('report of verify'))
