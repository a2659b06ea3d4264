# SPDX-License-Identifier: Apache-2.0

"""What the commands have in common: clouds, errors, exit codes.

openstackclient may import every plugin's command modules at every start, so
these define the command line and import the rest of the package only when a
command runs.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from osc_lib import exceptions as osc_exceptions
from osc_lib.command import command

from osc_hwmt.exceptions import ConfigurationError, Error
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.cloud.interface import Cloud


class MachineTypeLister(command.Lister):  # type: ignore[misc]
    """A command that prints its whole table before it fails."""

    # The commands open their clouds themselves, after the arguments are
    # known to be right, and some of them two.
    auth_required = False

    exit_code = 0

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Return the exit code that take_action left, or 0."""
        try:
            code: int = super().run(parsed_args) or self.exit_code
        except Error as exc:
            raise osc_exceptions.CommandError(str(exc)) from exc
        return int(code)

    def cloud(self, name: str | None, option: str, concurrency: int) -> Cloud:
        """Return a cloud of clouds.yaml, or the one of --os-cloud and OS_*.

        Only the latter sees the environment and the global options: they
        belong to one cloud, and the other must not be mixed with it.
        """
        from osc_hwmt.cloud import connection

        selection: dict[str, Any] = (
            {'cloud': name} if name else {'argparse': self.app.options}
        )
        label = name or self.app.options.cloud or 'OS_*'
        try:
            return connection.open_cloud(
                self.app.cloud_config, label, concurrency, **selection
            )
        except ConfigurationError as exc:
            if name is None:
                hint = _('Give %s, --os-cloud or OS_* variables') % option
            else:
                known = ', '.join(self.app.cloud_config.get_cloud_names())
                hint = _('Clouds of clouds.yaml: %s') % (known or '-')
            raise Error(
                _('%(option)s: %(why)s. %(hint)s')
                % {'option': option, 'why': exc, 'hint': hint}
            ) from exc

    def tell(self, message: str, *arguments: object) -> None:
        """Say something beside the table, unless -q was given."""
        if self.app.options.verbose_level > 0:
            self.app.stderr.write(message % arguments + '\n')
