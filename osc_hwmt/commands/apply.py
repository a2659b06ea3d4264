# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type apply"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from osc_hwmt.commands import options
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt import report


class ApplyMachineType(MachineTypeLister):
    _description = _(
        "Set the machine types of a manifest on the destination's volumes. "
        'Run it before the servers are created: Nova reads the machine type '
        'once, when it builds a server. Run again, it finishes what is '
        'missing and writes nothing twice'
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        options.add_destination_options(parser)
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
            help=_(
                'New file that records every write '
                '(default: beside the first manifest)'
            ),
        )
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[report.Row]]:
        from osc_hwmt import apply, journal, plan, report
        from osc_hwmt.assess import assess
        from osc_hwmt.commands import approval, inputs

        manifests, entries, volume_map = inputs.destination(parsed_args)
        cloud = self.cloud(
            parsed_args.destination_cloud,
            '--destination-cloud',
            parsed_args.concurrency,
        )
        steps = assess(cloud, entries, volume_map, parsed_args.concurrency)
        writes = [step for step in steps if isinstance(step, plan.Set)]
        if parsed_args.dry_run or not writes:
            self.exit_code = report.plan_code(steps)
            self.tell('%s', report.plan_summary(steps))
            return report.APPLY_COLUMNS, map(report.plan_row, steps)
        if not parsed_args.auto_approve:
            approval.ask(writes, cloud.name, self.app.stderr)
        path = parsed_args.journal or journal.path_beside(manifests[0].path)
        with journal.Journal(path, journal.header(cloud, manifests)) as opened:
            results = apply.run(
                steps, cloud.block_storage, opened, parsed_args.concurrency
            )
        self.exit_code = report.results_code(results)
        self.tell('%s', report.results_summary(results))
        self.tell(_('Journal: %s'), path)
        return report.APPLY_COLUMNS, map(report.result_row, results)
