# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type hook"""

from __future__ import annotations

import argparse

from osc_lib.command import command

from osc_hwmt.i18n import _

NAME = 'osc_hwmt.machine_type.hook'
_SHELL = """\
export ANSIBLE_CALLBACKS_ENABLED="${ANSIBLE_CALLBACKS_ENABLED:+$ANSIBLE_CALLBACKS_ENABLED,}"%s
"""  # noqa: E501
_FILE = """\
[defaults]
callbacks_enabled = %s

[osc_hwmt]
destination_cloud = dst
on_failure = stop
"""


class ShowHook(command.Command):  # type: ignore[misc]
    _description = _(
        "Print the settings that enable the hook in os-migrate's import.\n\n"
        'To apply them in a shell: eval "$(openstack migrate machine-type '
        'hook)"'
    )

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            '--ansible-cfg',
            action='store_true',
            help=_('Print them for ansible.cfg instead'),
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        text = _FILE if parsed_args.ansible_cfg else _SHELL
        self.app.stdout.write(text % NAME)
