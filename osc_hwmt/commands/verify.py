# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type verify"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from osc_hwmt.commands import options
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt import report


class VerifyMachineType(MachineTypeLister):
    _description = _(
        'Compare the destination with a manifest: its volumes, the servers '
        'that were built, and what its computes can run. The cloud is read '
        'anew and nothing is written. Ends with exit code 3 if anything '
        'differs'
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        options.add_destination_options(parser)
        options.add_computes_options(parser)
        options.add_domains_option(parser, _('on the destination'))
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[report.Row]]:
        from osc_hwmt import report, verify
        from osc_hwmt.assess import assess
        from osc_hwmt.commands import inputs, known

        _manifests, entries, volume_map = inputs.destination(parsed_args)
        computes = known.computes(parsed_args)
        guests = known.guests_by_server(parsed_args)
        cloud = self.cloud(
            parsed_args.destination_cloud,
            '--destination-cloud',
            parsed_args.concurrency,
        )
        steps = assess(
            cloud, entries, volume_map, parsed_args.concurrency, computes
        )
        findings = verify.findings(steps, _mending(parsed_args), guests)
        self.exit_code = report.findings_code(findings)
        self.tell('%s', report.findings_summary(findings))
        return report.VERIFY_COLUMNS, map(report.verify_row, findings)


def _mending(parsed_args: argparse.Namespace) -> str:
    """Return the apply command for the same destination and manifests."""
    words = ['openstack', 'migrate', 'machine-type', 'apply']
    for option in (
        'destination_cloud',
        'volume_map',
        'machine_types',
        'destination_release',
        'knowledge',
    ):
        given = getattr(parsed_args, option) or ()
        for value in [given] if isinstance(given, str) else given:
            words += [f'--{option.replace("_", "-")}', value]
    return shlex.join([*words, *parsed_args.manifests])
