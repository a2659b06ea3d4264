# SPDX-License-Identifier: Apache-2.0

"""Counts in one sentence, and the exit codes."""

from __future__ import annotations

import collections
import enum
from collections.abc import Iterable

from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry


class ExitCode(enum.IntEnum):
    """What the commands end with; 2 is argparse's, for wrong usage."""

    WELL = 0
    FAILED = 1
    DIFFERENT = 3


def counted(entries: Iterable[Entry], words: Iterable[str]) -> str:
    counts = collections.Counter(words)
    parts = ', '.join(f'{counts[word]} {word}' for word in sorted(counts))
    named = whom(entries)
    return f'{named}: {parts}' if parts else named


def whom(entries: Iterable[Entry]) -> str:
    """Return how many servers, and volumes of no server."""
    detached = collections.Counter(entry.detached for entry in entries)
    servers, volumes = detached[False], detached[True]
    told = []
    if servers or not volumes:
        told.append(
            _('1 server') if servers == 1 else _('%d servers') % servers
        )
    if volumes:
        told.append(
            _('1 volume') if volumes == 1 else _('%d volumes') % volumes
        )
    return ', '.join(told)
