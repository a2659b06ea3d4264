# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type verify"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Sequence

from osc_hwmt import report, verify
from osc_hwmt.assess import assess
from osc_hwmt.commands import options
from osc_hwmt.commands.base import (
    MachineTypeLister,
    read_manifests,
    read_volume_map,
    select,
)
from osc_hwmt.i18n import _


class VerifyMachineType(MachineTypeLister):
    _description = _(
        "Compare the destination's volumes with a manifest. The cloud is read "
        'anew and nothing is written. Ends with exit code 3 if anything '
        'differs'
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        options.add_destination_options(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[report.Row]]:
        manifests = read_manifests(parsed_args.manifests)
        entries = select(
            (entry for one in manifests for entry in one.entries),
            parsed_args.servers,
        )
        cloud = self.cloud(
            parsed_args.destination_cloud,
            '--destination-cloud',
            parsed_args.concurrency,
        )
        plan = assess(
            cloud,
            entries,
            read_volume_map(parsed_args.volume_map),
            parsed_args.concurrency,
        )
        findings = verify.findings(plan, _mending(parsed_args))
        if not all(finding.well for finding in findings):
            self.exit_code = report.ExitCode.DIFFERENT
        self.tell('%s', report.findings_summary(findings))
        return report.VERIFY_COLUMNS, map(report.verify_row, findings)


def _mending(parsed_args: argparse.Namespace) -> str:
    """Return the apply command for the same destination and manifests."""
    words = ['openstack', 'migrate', 'machine-type', 'apply']
    for option in ('destination_cloud', 'volume_map'):
        value = getattr(parsed_args, option)
        if value:
            words += [f'--{option.replace("_", "-")}', value]
    return shlex.join([*words, *parsed_args.manifests])
