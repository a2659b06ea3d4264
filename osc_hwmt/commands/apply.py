# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type apply"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import osc_hwmt
from osc_hwmt import apply, journal, report
from osc_hwmt.assess import assess
from osc_hwmt.commands import options
from osc_hwmt.commands.base import (
    MachineTypeLister,
    read_manifests,
    read_volume_map,
    select,
)
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _
from osc_hwmt.manifest import Manifest
from osc_hwmt.plan import Set, Step

if TYPE_CHECKING:
    from osc_hwmt.cloud.interface import Cloud

#: How many planned writes the question before them lists.
_SHOWN = 20


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
        manifests = read_manifests(parsed_args.manifests)
        entries = select(
            (entry for one in manifests for entry in one.entries),
            parsed_args.servers,
        )
        volume_map = read_volume_map(parsed_args.volume_map)
        cloud = self.cloud(
            parsed_args.destination_cloud,
            '--destination-cloud',
            parsed_args.concurrency,
        )
        plan = assess(cloud, entries, volume_map, parsed_args.concurrency)
        writes = [step for step in plan if isinstance(step, Set)]
        if parsed_args.dry_run or not writes:
            self.exit_code = report.plan_code(plan)
            self.tell('%s', report.plan_summary(plan))
            return report.APPLY_COLUMNS, map(report.plan_row, plan)
        if not parsed_args.auto_approve:
            self._ask(cloud, writes)
        path = parsed_args.journal or _journal_path(parsed_args.manifests[0])
        header = _header(cloud, manifests)
        with journal.Journal(path, header) as opened:
            results = apply.run(
                plan, cloud.block_storage, opened, parsed_args.concurrency
            )
        self.exit_code = report.results_code(results)
        self.tell('%s', report.results_summary(results))
        self.tell(_('Journal: %s'), printable(path))
        return report.APPLY_COLUMNS, map(report.result_row, results)

    def _ask(self, cloud: Cloud, writes: Sequence[Step]) -> None:
        """Return if a human says yes; raises Error otherwise."""
        if not sys.stdin.isatty():
            raise Error(
                _(
                    'nothing was written: there is no terminal to ask on. '
                    'Give --dry-run to see the plan, --auto-approve to write'
                )
            )
        for step in writes[:_SHOWN]:
            if isinstance(step, Set):
                self.app.stderr.write(f'  {report.change_line(step)}\n')
        if len(writes) > _SHOWN:
            self.app.stderr.write(
                _('  and %d more, all shown by --dry-run\n')
                % (len(writes) - _SHOWN)
            )
        self.app.stderr.write(
            _('Write to %(n)d volumes of cloud %(cloud)s? [y/N] ')
            % {'n': len(writes), 'cloud': cloud.name}
        )
        self.app.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ('y', 'yes'):
            raise Error(_('nothing was written: not approved'))


def _journal_path(manifest_path: str) -> str:
    now = datetime.datetime.now(datetime.timezone.utc)
    return f'{manifest_path}.{now:%Y%m%dT%H%M%S%fZ}.journal'


def _header(cloud: Cloud, manifests: Sequence[Manifest]) -> dict[str, Any]:
    project = cloud.identity.own_project()
    return {
        'tool': f'osc-hwmt {osc_hwmt.version()}',
        'cloud': cloud.name,
        'project_id': project.id,
        'manifests': [
            {
                'path': one.path,
                'sha256': hashlib.sha256(one.text.encode()).hexdigest(),
            }
            for one in manifests
        ],
    }
