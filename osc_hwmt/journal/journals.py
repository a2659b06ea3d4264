# SPDX-License-Identifier: Apache-2.0

"""All journals that lie beside some files, and what they tell together."""

from __future__ import annotations

import contextlib
import glob
import logging
from collections.abc import Iterable

from osc_hwmt.exceptions import FileError
from osc_hwmt.journal import file as journal
from osc_hwmt.journal.history import History
from osc_hwmt.journal.lines import Record

LOG = logging.getLogger(__name__)


def history(manifests: Iterable[str], named: Iterable[str] = ()) -> History:
    """Return what the journals beside some manifests, and others, tell.

    One beside a manifest that can't be read is told and passed over. Raises
    FileError for any other.
    """
    named = list(dict.fromkeys(named))
    records = [journal.read(path) for path in named]
    for manifest in manifests:
        for path in _beside(manifest):
            if path not in named:
                try:
                    records.append(journal.read(path))
                except FileError as exc:
                    LOG.warning('%s', exc)
    return History(records)


def unfinished(manifest: str) -> Record | None:
    """Return the newest journal beside a manifest if its run was killed.

    A journal that can't be read, or that a run is writing now, is none.
    """
    with contextlib.suppress(FileError):
        for path in _beside(manifest)[-1:]:
            with journal.opened(path) as (record, _input):
                return None if record.ended else record
    return None


def _beside(path: str) -> list[str]:
    """Return the journals of all runs that put theirs beside a file."""
    return sorted(glob.glob(f'{glob.escape(path)}.*.journal'))
