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
    terminal.write(
        _('Write to %(n)d volume(s) of cloud %(cloud)s? [y/N] ')
        % {'n': len(writes), 'cloud': cloud}
    )
    terminal.flush()
    if sys.stdin.readline().strip().lower() not in ('y', 'yes'):
        raise Error(_('nothing was written: not approved'))
