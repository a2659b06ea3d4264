# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type hook"""

from __future__ import annotations

import argparse

from osc_lib.command import command

from osc_hwmt.i18n import _

NAME = 'osc_hwmt'
_SHELL = """\
export ANSIBLE_CALLBACK_PLUGINS="${ANSIBLE_CALLBACK_PLUGINS:+$ANSIBLE_CALLBACK_PLUGINS:}"%(path)s
export ANSIBLE_CALLBACKS_ENABLED="${ANSIBLE_CALLBACKS_ENABLED:+$ANSIBLE_CALLBACKS_ENABLED,}"%(name)s
"""  # noqa: E501
_FILE = """\
[defaults]
callback_plugins = %(path)s
callbacks_enabled = %(name)s

[%(name)s]
destination_cloud = dst
on_failure = stop
"""


class ShowHook(command.Command):  # type: ignore[misc]
    _description = _(
        "Print the settings that enable the hook in os-migrate's import.\n\n"
        'They are for a shell: eval "$(openstack migrate machine-type hook)"'
    )

    auth_required = False

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            '--ansible-cfg',
            action='store_true',
            help=_('Print the same for an ansible.cfg'),
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        import pathlib

        import osc_hwmt
        from osc_hwmt.pasted import Command

        package = pathlib.Path(osc_hwmt.__file__).parent
        path = str(package / 'hook' / 'callback')
        text, path = (
            (_FILE, path)
            if parsed_args.ansible_cfg
            else (_SHELL, str(Command(path)))
        )
        self.app.stdout.write(text % {'path': path, 'name': NAME})
