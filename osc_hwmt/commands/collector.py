# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type collector"""

from __future__ import annotations

import argparse

from osc_lib.command import command

from osc_hwmt.i18n import _


class ShowCollector(command.Command):  # type: ignore[misc]
    _description = _(
        'Print the script that collects data from compute hosts.\n\n'
        'Pipe it into sh on a host to get the libvirt domains or the machine '
        'types of that host.'
    )

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            '--ansible',
            action='store_true',
            help=_('Print the path of an Ansible playbook that does the same'),
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        from importlib import resources

        directory = resources.files('osc_hwmt') / 'collector'
        self.app.stdout.write(
            f'{directory / "collect.yml"}\n'
            if parsed_args.ansible
            else (directory / 'collect.sh').read_text('utf-8')
        )
