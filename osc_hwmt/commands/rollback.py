# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type rollback"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from osc_hwmt.commands import base, options
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.cloud.interface import Cloud
    from osc_hwmt.destination import rollback
    from osc_hwmt.destination.apply import Written
    from osc_hwmt.journal.format import Record
    from osc_hwmt.tables import cells


class RollBackMachineType(base.MachineTypeWriter):
    _description = _(
        'Undo the writes that a journal recorded.\n\n'
        'Volumes get back the machine types that they had, or none, wherever '
        'they still have what was written. Servers that were built meanwhile '
        'keep what they have. Run again, it finishes what is missing.'
    )
    name = 'rollback'
    recorded = (
        'servers',
        'servers_from',
        'overwrite_changed',
        'auto_approve',
        'concurrency',
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            'undone',
            metavar='<journal>',
            help=_('Journal of an apply, or of a rollback, to undo'),
        )
        options.add_destination_cloud_option(parser)
        base.add_write_options(parser, _('the one to undo'))
        parser.add_argument(
            '--overwrite-changed',
            action='store_true',
            help=_(
                'Also restore volumes that another run or tool has changed '
                'since'
            ),
        )
        options.add_server_options(parser)
        options.add_concurrency_option(parser)
        options.add_table_options(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[cells.Row]]:
        from osc_hwmt.commands import inputs
        from osc_hwmt.destination import rollback
        from osc_hwmt.journal import reading
        from osc_hwmt.journal.place import Place
        from osc_hwmt.tables import apply
        from osc_hwmt.tables import rollback as table

        servers = inputs.servers(parsed_args)
        Place(parsed_args.journal_directory).check()
        with reading.opened(parsed_args.undone) as (record, content):
            record = rollback.chosen(record, servers)
            steps, cloud = self._plan(parsed_args, record)
            writes = [
                one.write for one in steps if isinstance(one, rollback.Restore)
            ]
            written: Sequence[Written] = ()
            if writes and not parsed_args.dry_run:
                written = self.write(
                    parsed_args,
                    cloud,
                    writes,
                    list(map(apply.write_line, writes)),
                    [content],
                )
        results = table.results(steps, written)
        self.exit_code = self.exit_code or table.exit_code(results)
        self.tell('%s', table.summary(results))
        shown = (
            table.row(one)
            for one in results
            if table.is_problem(one) or not parsed_args.only_problems
        )
        return self.shown(parsed_args, table.COLUMNS, table.BRIEF, shown)

    def _plan(
        self, parsed_args: argparse.Namespace, record: Record
    ) -> tuple[Sequence[rollback.Step], Cloud]:
        from osc_hwmt.cloud import contents
        from osc_hwmt.destination import rollback

        cloud = self.cloud(
            parsed_args.destination_cloud,
            '--destination-cloud',
            parsed_args.concurrency,
        )
        record.header.refuse_stranger(
            _('journal'),
            cloud.name,
            cloud.identity.own_project(),
            cloud.region_name,
        )
        writes = [one.write for one in record.announced]
        volumes = contents.current(cloud, writes, parsed_args.concurrency)
        now = {one.id: one.image_metadata for one in volumes.values()}
        return rollback.build(
            record, now, parsed_args.overwrite_changed
        ), cloud
