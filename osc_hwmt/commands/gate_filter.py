# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type gate filter, and gate journal"""

from __future__ import annotations

import argparse

from osc_lib import exceptions as osc_exceptions
from osc_lib.command import command

from osc_hwmt.commands import options
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _


class ShowGateFilter(command.Command):  # type: ignore[misc]
    _description = _(
        'Print the section of api-paste.ini that mounts the gate.\n\n'
        'It contains the servers of the manifests. Add the filter after '
        "keystonecontext to the keystone pipelines in nova-api's "
        'api-paste.ini.'
    )

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            'manifests',
            metavar='<manifest>',
            nargs='+',
            help=_(
                "Manifest that export wrote, or os-migrate's workloads file"
            ),
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        from osc_hwmt.commands import inputs
        from osc_hwmt.gate import section

        try:
            read = inputs.read_manifests(parsed_args.manifests)
        except Error as exc:
            raise osc_exceptions.CommandError(str(exc)) from exc
        entries = [entry for one in read for entry in one.entries]
        self.app.stdout.write(section.section(entries))


class SaveGateJournal(command.Command):  # type: ignore[misc]
    _description = _(
        'Save the journals that the filter logged in nova-api.\n\n'
        'Writes one journal for each project to --journal-directory, where '
        'verify and rollback read them. Running it again with a longer log '
        'replaces them.'
    )

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            'log',
            metavar='<log>',
            help=_('Log of nova-api, or an extract of it'),
        )
        options.add_journal_directory_option(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        from osc_hwmt.display import printable
        from osc_hwmt.journal import log
        from osc_hwmt.local import files

        directory = parsed_args.journal_directory
        if directory is None:
            raise osc_exceptions.CommandError(
                _('expected --journal-directory <directory>')
            )
        try:
            text = files.read(parsed_args.log).text
            saved = log.save(text, parsed_args.log, directory)
        except Error as exc:
            raise osc_exceptions.CommandError(str(exc)) from exc
        for path in saved:
            self.app.stdout.write(f'{printable(path)}\n')
