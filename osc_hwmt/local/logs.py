# SPDX-License-Identifier: Apache-2.0

"""What this process logs, made safe for a terminal."""

from __future__ import annotations

import logging

from osc_hwmt.display import lines


class _Safe(logging.Formatter):
    """A formatter whose result has nothing that a terminal would obey."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self._formatter = formatter

    def format(self, record: logging.LogRecord) -> str:
        """Return what is logged, tracebacks as well."""
        return lines(self._formatter.format(record))


def make_safe() -> None:
    """Let all handlers of this process write safe text, whoever logs it.

    Python's last resort, where nobody has made one, is among them.
    """
    for handler in (*logging.getLogger().handlers, logging.lastResort):
        if handler and not isinstance(handler.formatter, _Safe):
            formatter = handler.formatter or logging.Formatter()
            handler.setFormatter(_Safe(formatter))
