# SPDX-License-Identifier: Apache-2.0

"""A journal as lines of a log, where no file would stay."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from osc_hwmt.display import printable
from osc_hwmt.exceptions import FileError
from osc_hwmt.i18n import _
from osc_hwmt.journal import format as journal_format
from osc_hwmt.journal.file import Journal
from osc_hwmt.journal.format import Header
from osc_hwmt.local import files, private

#: What each line begins with, whatever a logger puts before it.
MARK = 'osc-hwmt-journal'


class LoggedJournal(Journal):
    """A journal of one run, whose lines have the run's name.

    ``log`` is a logger's method.
    """

    def __init__(
        self, header: Header, log: Callable[[str, str, str], None]
    ) -> None:
        self.path = secrets.token_hex(8)
        self._log = log
        self._append(journal_format.header_line(header))

    def __exit__(self, *_exception: object) -> None:
        """Leave the log to its owner."""

    def _append(self, record: Mapping[str, Any]) -> None:
        now = datetime.datetime.now(datetime.timezone.utc)
        line = {'run': self.path, 'time': now.isoformat(), **record}
        self._log('%s %s', MARK, json.dumps(line))


def save(text: str, path: str, directory: str) -> list[str]:
    """Write the journals in a log to files, one for each project.

    Returns their paths, which the same log has again. Raises FileError, also
    where the log has none.
    """
    found = journals(text)
    if not found:
        raise FileError(
            _('%(path)s: no line contains %(mark)s')
            % {'path': printable(path), 'mark': MARK}
        )
    with private.opened(os.path.realpath(directory), make=True):
        pass
    saved = []
    for key, journal in found.items():
        # Whatever is cut off is told before anything is written.
        journal_format.read_journal(journal, path)
        name = hashlib.sha256('/'.join(key).encode()).hexdigest()[:16]
        target = os.path.join(directory, f'nova-api.{name}.journal')
        files.replace(target, [journal.encode()])
        saved.append(target)
    return saved


def journals(text: str) -> dict[tuple[str, str], str]:
    """Return the journals in a log as their files' texts.

    They are of a project and a region, with the header of the first run. A
    line may begin with anything, and may itself be JSON, as oslo.log writes
    it where use_json is true. Lines of others are passed over, and so is a
    run whose beginning is not there.
    """
    #: By its name, of which project and region each run is.
    runs: dict[str, tuple[str, str]] = {}
    found: dict[tuple[str, str], list[str]] = {}
    for line in text.splitlines():
        record = _record(line)
        if record is None:
            continue
        run = str(record.pop('run', ''))
        if 'journal' in record:
            key = str(record.get('project_id')), str(record.get('region'))
            runs[run] = key
            if key in found:
                continue
        if run in runs:
            found.setdefault(runs[run], []).append(json.dumps(record))
    return {key: '\n'.join((*some, '')) for key, some in found.items()}


def _record(line: str) -> dict[str, Any] | None:
    """Return what a line of ours says, None for one of others."""
    if MARK not in line:
        return None
    document = _decoded(line)
    message = document.get('message') if document else line
    _before, mark, after = str(message).partition(f'{MARK} ')
    return _decoded(after) if mark else None


def _decoded(text: str) -> dict[str, Any] | None:
    """Return the mapping that a text begins with, None if it is none."""
    try:
        found, _end = json.JSONDecoder().raw_decode(text.strip())
    except (RecursionError, ValueError):
        return None
    return found if isinstance(found, dict) else None
