# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type apply"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from osc_hwmt.commands import options, writing
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt import report


class ApplyMachineType(writing.MachineTypeWriter):
    _description = _(
        "Set the machine types of a manifest on the destination's volumes. "
        'Run it before the servers are created: Nova reads the machine type '
        'once, when it builds a server. Run again, it finishes what is '
        'missing and writes nothing twice'
    )
    name = 'apply'
    recorded = (
        'servers',
        'volume_map',
        'machine_types',
        'destination_release',
        'knowledge',
        'force',
        'auto_approve',
        'concurrency',
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        options.add_destination_options(parser)
        options.add_computes_options(parser)
        parser.add_argument(
            '--force',
            action='store_true',
            help=_(
                'Write even what the destination, as far as known, can not '
                'run. Which volume is meant is never forced'
            ),
        )
        writing.add_write_options(parser, _('the first manifest'))
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[report.Row]]:
        from osc_hwmt import apply, journal, journals, plan, report
        from osc_hwmt.assess import assess
        from osc_hwmt.commands import inputs, known

        manifests, entries, volume_map = inputs.destination(parsed_args)
        computes = known.computes(parsed_args)
        cloud = self.cloud(
            parsed_args.destination_cloud,
            '--destination-cloud',
            parsed_args.concurrency,
        )
        steps = assess(
            cloud,
            entries,
            volume_map,
            parsed_args.concurrency,
            computes,
            lambda: journals.history(parsed_args.manifests),
        )
        if not parsed_args.force:
            steps = plan.refuse_unfit(steps)
        sets = [step for step in steps if isinstance(step, plan.Set)]
        if parsed_args.dry_run or not sets:
            self.exit_code = report.plan_code(steps)
            self.tell('%s', report.plan_summary(steps))
            return report.APPLY_COLUMNS, map(report.plan_row, steps)
        outcomes = self.write(
            parsed_args,
            cloud,
            [step.write for step in sets],
            list(map(report.change_line, sets)),
            [journal.digest(one.path, one.text) for one in manifests],
        )
        results = apply.results(steps, outcomes)
        self.exit_code = self.exit_code or report.results_code(results)
        self.tell('%s', report.results_summary(results))
        return report.APPLY_COLUMNS, map(report.result_row, results)
