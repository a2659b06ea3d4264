# SPDX-License-Identifier: Apache-2.0

"""The question before anything is written."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TextIO

from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _

#: How many planned writes the question lists.
_SHOWN = 20


def ask(writes: Sequence[str], cloud: str, terminal: TextIO) -> None:
    """Return if a human approves of the writes; raises Error otherwise.

    Each is one printable line.
    """
    if not sys.stdin.isatty():
        raise Error(
            _(
                'nothing was written: there is no terminal to ask on. '
                'Give --dry-run to see the plan, --auto-approve to write'
            )
        )
    for line in writes[:_SHOWN]:
        terminal.write(f'  {line}\n')
    if len(writes) > _SHOWN:
        terminal.write(
            _('  and %d more, all shown by --dry-run\n')
            % (len(writes) - _SHOWN)
        )
    question = _('Write to %(n)d volume(s) of cloud %(cloud)s? [y/N] ')
    if not _agreed(question % {'n': len(writes), 'cloud': cloud}, terminal):
        raise Error(_('nothing was written: not approved'))


def ask_to_make(lines: Sequence[str], question: str, terminal: TextIO) -> None:
    """Return if a human approves of making some things for a moment.

    The printable lines say which. Raises Error otherwise.
    """
    if not sys.stdin.isatty():
        raise Error(
            _(
                'nothing was made: there is no terminal to ask on. '
                'Give --auto-approve to go on without being asked'
            )
        )
    terminal.writelines(f'{line}\n' for line in lines)
    if not _agreed(f'{question} [y/N] ', terminal):
        raise Error(_('nothing was made: not approved'))


def _agreed(question: str, terminal: TextIO) -> bool:
    terminal.write(question)
    terminal.flush()
    return sys.stdin.readline().strip().lower() in ('y', 'yes')
