# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type verify"""

from __future__ import annotations

import argparse
import datetime
import itertools
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from osc_hwmt.commands import options
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.exceptions import UsageError
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.cloud.interface import Cloud
    from osc_hwmt.commands.inputs import Inputs
    from osc_hwmt.destination.plan import Step
    from osc_hwmt.destination.progress import Standing
    from osc_hwmt.destination.verify import Finding
    from osc_hwmt.model.evidence import Guest
    from osc_hwmt.tables import cells
    from osc_hwmt.tables.summary import ExitCode


class VerifyMachineType(MachineTypeLister):
    _description = _(
        'Compare the destination with manifests.\n\n'
        'This compares the volumes, the servers that were built, and the '
        'machine types that the hosts support. It reads the cloud and '
        'changes nothing. The exit code is 3 if anything differs.'
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        options.add_destination_options(parser)
        options.add_computes_options(
            parser, _('Capabilities and libvirt domains')
        )
        options.add_inspect_options(parser)
        options.add_strict_option(
            parser, _('Report undecided servers as errors')
        )
        imported = parser.add_mutually_exclusive_group()
        options.add_only_imported_option(imported)
        imported.add_argument(
            '--all-imported',
            action='store_true',
            help=_(
                'Report servers that are not imported yet, with neither a '
                'server nor a volume at the destination, as errors'
            ),
        )
        parser.add_argument(
            '--journal',
            metavar='<file>',
            action='append',
            help=_(
                'Additional journal of an earlier run (repeat option to read '
                'several); those next to the manifests and in '
                '--journal-directory are always read'
            ),
        )
        options.add_journal_directory_option(parser)
        options.add_note_option(parser, _('report'))
        parser.add_argument(
            '--report',
            metavar='<file>',
            type=options.path,
            help=_(
                'Write an HTML report to this file; replaces an earlier '
                'report, refuses any other file'
            ),
        )
        options.add_table_options(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[cells.Row]]:
        from osc_hwmt.collected import load
        from osc_hwmt.commands import inputs
        from osc_hwmt.destination import progress, verify
        from osc_hwmt.destination.planner import look
        from osc_hwmt.journal import reading
        from osc_hwmt.journal.history import History
        from osc_hwmt.journal.place import Place
        from osc_hwmt.report import file as report_file
        from osc_hwmt.tables import progress as progress_table
        from osc_hwmt.tables import verify as table
        from osc_hwmt.tables.summary import ExitCode, notes

        if parsed_args.report is not None:
            report_file.at(parsed_args.report).check()
        elif parsed_args.note is not None:
            raise UsageError(_('--note: only allowed with --report'))
        place = Place(parsed_args.journal_directory)
        place.check()
        given = inputs.destination(parsed_args)
        collected = inputs.destination_hosts(parsed_args)
        computes = load.computes_of(
            parsed_args.destination_release,
            collected.hosts,
            parsed_args.destination_hosts or (),
        )
        guests: dict[str, list[Guest]] = {}
        for guest in collected.guests:
            guests.setdefault(guest.server_id, []).append(guest)
        cloud = self.cloud(
            parsed_args.destination_cloud,
            '--destination-cloud',
            parsed_args.concurrency,
        )
        journals = reading.all_of(
            place, parsed_args.manifests, parsed_args.journal or ()
        )
        seen = look(
            cloud,
            given.entries,
            given.volume_map,
            parsed_args.concurrency,
            computes,
            lambda: History(journals),
        )
        if parsed_args.only_imported:
            seen = seen.imported()
        steps = seen.steps
        code = ExitCode.WELL
        if parsed_args.inspect:
            code = self._inspect(parsed_args, cloud, steps, guests)
        hosts = _repeated('--destination-hosts', parsed_args.destination_hosts)
        findings = verify.findings(
            steps,
            # apply refuses files that tell of no host.
            _spelled(
                'apply', parsed_args, *(hosts if collected.hosts else ())
            ),
            guests,
            computes.known_from,
            parsed_args.strict,
            parsed_args.all_imported,
        )
        self.exit_code = table.exit_code(findings) or code
        standings = progress.standings(
            findings, seen.presence.servers, journals
        )
        if parsed_args.report is not None:
            self._keep(
                parsed_args,
                cloud,
                given,
                findings,
                standings,
                computes.known_from,
            )
        beside = notes(
            [step.entry for step in steps],
            computes.known_from,
            given.left_out,
            len(given.entries) - len(steps),
        )
        return self.told(
            parsed_args,
            table,
            findings,
            itertools.chain(beside, progress_table.lines(standings)),
        )

    def _inspect(
        self,
        parsed_args: argparse.Namespace,
        cloud: Cloud,
        steps: Sequence[Step],
        guests: dict[str, list[Guest]],
    ) -> ExitCode:
        """Add what Nova recorded of servers that nothing tells of."""
        from osc_hwmt.commands import probes
        from osc_hwmt.destination import verify
        from osc_hwmt.local.parallel import in_parallel

        silent = [
            server
            for server in verify.silent_servers(steps, guests)
            if not server.image_id
        ]
        volumes = in_parallel(
            cloud.block_storage.volume,
            {one for server in silent for one in server.volume_ids},
            parsed_args.concurrency,
        )
        found, code = probes.inspect_servers(
            self,
            parsed_args,
            cloud,
            silent,
            {volume.id: volume for volume in volumes if volume},
        )
        for guest in found:
            guests.setdefault(guest.server_id, []).append(guest)
        return code

    def _keep(
        self,
        parsed_args: argparse.Namespace,
        cloud: Cloud,
        given: Inputs,
        findings: Sequence[Finding],
        standings: Sequence[Standing],
        known_from: str,
    ) -> None:
        """Write the report."""
        from osc_hwmt.journal import file as journal
        from osc_hwmt.report import document
        from osc_hwmt.report import file as report_file

        run = document.Run(
            journal.header(
                'verify', cloud, given.manifests, {}, note=parsed_args.note
            ),
            _spelled(
                'verify',
                parsed_args,
                *_repeated(
                    '--destination-hosts', parsed_args.destination_hosts
                ),
                *_repeated('--journal', parsed_args.journal),
                *(['--inspect'] if parsed_args.inspect else ()),
                *(['--strict'] if parsed_args.strict else ()),
                *(['--only-imported'] if parsed_args.only_imported else ()),
                *(['--all-imported'] if parsed_args.all_imported else ()),
                *_repeated('--server', parsed_args.servers),
                *_repeated('--servers-from', parsed_args.servers_from),
            ),
            datetime.datetime.now(datetime.timezone.utc),
            self.exit_code,
            given.described,
            known_from,
            standings,
        )
        report_file.at(parsed_args.report).write(
            document.pieces(run, findings)
        )
        self.tell(_('Report: %s'), parsed_args.report)


def _spelled(command: str, parsed_args: argparse.Namespace, *more: str) -> str:
    """Return a command line for the same destination and manifests.

    It has the options that apply and verify share, and ``more`` words.
    """
    from osc_hwmt.pasted import Command, Given

    words: list[str] = []
    for option in (
        'destination_cloud',
        'volume_map',
        'destination_release',
        'journal_directory',
    ):
        words += _repeated(
            f'--{option.replace("_", "-")}', getattr(parsed_args, option)
        )
    return str(
        Command(
            *('openstack', 'migrate', 'machine-type', command),
            *(*words, *more, *map(Given, parsed_args.manifests)),
        )
    )


def _repeated(option: str, given: str | Sequence[str] | None) -> list[str]:
    from osc_hwmt.pasted import options

    return options(option, [given] if isinstance(given, str) else given or ())
