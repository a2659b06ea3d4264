# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type rollback"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from osc_hwmt.commands import base, options
from osc_hwmt.exceptions import UsageError
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.cloud.interface import Cloud
    from osc_hwmt.destination.apply import Written
    from osc_hwmt.journal.format import Input, Record
    from osc_hwmt.journal.place import Place
    from osc_hwmt.model.server_patterns import ServerPatterns
    from osc_hwmt.tables import cells


class RollBackMachineType(base.MachineTypeWriter):
    _description = _(
        'Undo the writes that journals recorded.\n\n'
        'Volumes get back the machine types that they had, or none, if they '
        'still have what was written. With several journals, the newest '
        'write is undone first. Servers that have been built since keep what '
        'they have. Running it again finishes what is missing.'
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
            nargs='*',
            help=_(
                'Journal of apply, the hook or rollback to undo; several are '
                'undone together (default with --server or --servers-from: '
                'all journals of this cloud and project in '
                '--journal-directory)'
            ),
        )
        options.add_destination_cloud_option(parser)
        base.add_write_options(parser, _('the first journal to undo'))
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
        from osc_hwmt.cloud import contents
        from osc_hwmt.commands import inputs
        from osc_hwmt.destination import rollback
        from osc_hwmt.journal.place import Place
        from osc_hwmt.tables import apply
        from osc_hwmt.tables import rollback as table

        servers = inputs.servers(parsed_args)
        place = Place(parsed_args.journal_directory)
        if not parsed_args.undone and not (servers and place.directory):
            raise UsageError(
                _(
                    'expected a journal, or --journal-directory with '
                    '--server or --servers-from'
                )
            )
        place.check()
        with contextlib.ExitStack() as kept:
            if parsed_args.undone:
                undone = _opened(parsed_args.undone, kept)
                cloud = self._cloud(parsed_args)
                for record, _input in undone:
                    _refuse_stranger(record, cloud)
            else:
                known = list(_of_place(place))
                cloud = self._cloud(parsed_args)
                undone = _opened(self._chosen(known, servers, cloud), kept)
            records = rollback.chosen([one for one, _in in undone], servers)
            for record in records:
                self.tell_now('%s', table.journal_line(record))
            own = cloud.identity.own_project()
            steps = rollback.build(
                records,
                contents.current(
                    cloud,
                    rollback.written(records),
                    parsed_args.concurrency,
                ),
                own.id,
                parsed_args.overwrite_changed,
            )
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
                    [content for _record, content in undone],
                )
        results = table.results(steps, written)
        self.exit_code = self.exit_code or table.exit_code(results)
        projects = {own.id: own}
        if len(table.project_ids(results, own.id)) > 1:
            projects.update(contents.all_projects(cloud))
        for line in table.summary(results, own.id, projects):
            self.tell('%s', line)
        shown = (
            table.row(one, own.id)
            for one in results
            if table.is_problem(one) or not parsed_args.only_problems
        )
        return self.shown(parsed_args, table.COLUMNS, table.BRIEF, shown)

    def _cloud(self, parsed_args: argparse.Namespace) -> Cloud:
        return self.cloud(
            parsed_args.destination_cloud,
            '--destination-cloud',
            parsed_args.concurrency,
        )

    def _chosen(
        self, known: Sequence[Record], servers: ServerPatterns, cloud: Cloud
    ) -> list[str]:
        """Return the journals of this cloud that tell of some servers.

        How many are of others is told. Raises Error for a pattern that fits
        no server of theirs.
        """
        from osc_hwmt.destination import rollback

        own, region = cloud.identity.own_project(), cloud.region_name
        here = [one for one in known if one.header.is_of(own, region)]
        others = len(known) - len(here)
        if others:
            self.tell_now(
                _('Not undone: %d journal(s) of other clouds or projects'),
                others,
            )
        return [one.path for one in rollback.chosen(here, servers)]


def _opened(
    paths: Iterable[str], kept: contextlib.ExitStack
) -> list[tuple[Record, Input]]:
    """Return what some journals say, keeping others away from them."""
    from osc_hwmt.journal import reading

    return [
        kept.enter_context(reading.opened(path))
        for path in dict.fromkeys(paths)
    ]


def _of_place(place: Place) -> Iterable[Record]:
    from osc_hwmt.journal import reading

    return reading.readable(place.journals([]))


def _refuse_stranger(record: Record, cloud: Cloud) -> None:
    record.header.refuse_stranger(
        _('journal'),
        cloud.name,
        cloud.identity.own_project(),
        cloud.region_name,
    )
