# SPDX-License-Identifier: Apache-2.0

"""What the commands that write have in common: approval, journal, exit."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.apply import Outcome
    from osc_hwmt.cloud.interface import Cloud
    from osc_hwmt.journal_lines import Input
    from osc_hwmt.write import Write


def add_write_options(parser: argparse.ArgumentParser, beside: str) -> None:
    """Add --dry-run, --auto-approve and --journal.

    ``beside`` says which file a new journal is put beside.
    """
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        '--dry-run',
        action='store_true',
        help=_('Show the plan and write nothing'),
    )
    mode.add_argument(
        '--auto-approve',
        action='store_true',
        help=_('Write without asking'),
    )
    parser.add_argument(
        '--journal',
        metavar='<file>',
        help=_('New file that records every write (default: beside %s)')
        % beside,
    )


class MachineTypeWriter(MachineTypeLister):
    """A command that asks, then writes with a journal."""

    #: What the journal's header calls it, and which of its options it has.
    name: str
    recorded: tuple[str, ...]

    def write(
        self,
        parsed_args: argparse.Namespace,
        cloud: Cloud,
        writes: Sequence[Write],
        question: Sequence[str],
        inputs: Sequence[Input],
    ) -> list[Outcome]:
        """Return what became of each write, once a human approved of them.

        ``question`` has one line for each write. The journal goes beside the
        first input unless an option says otherwise. Raises Error.
        """
        from osc_hwmt import apply, journal
        from osc_hwmt.commands import approval

        if not parsed_args.auto_approve:
            approval.ask(question, cloud.name, self.app.stderr)
        path = parsed_args.journal or journal.path_beside(inputs[0].path)
        options: dict[str, Any] = {
            name: getattr(parsed_args, name) for name in self.recorded
        }
        header = journal.header(self.name, cloud, inputs, options)
        with journal.Journal(path, header) as opened:
            outcomes = apply.carry_out(
                writes, cloud.block_storage, opened, parsed_args.concurrency
            )
        self.tell(_('Journal: %s'), path)
        return outcomes
