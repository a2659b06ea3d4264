# SPDX-License-Identifier: Apache-2.0

"""What the commands have in common: clouds, errors, exit codes."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from osc_lib import exceptions as osc_exceptions
from osc_lib.command import command

from osc_hwmt import manifest, manifest_file, volume_map
from osc_hwmt.display import printable
from osc_hwmt.exceptions import (
    CloudError,
    Error,
    FileError,
    ManifestError,
    Problem,
)
from osc_hwmt.i18n import _
from osc_hwmt.report import ExitCode

if TYPE_CHECKING:
    from osc_hwmt.cloud.interface import Cloud

LOG = logging.getLogger(__name__)


class MachineTypeLister(command.Lister):  # type: ignore[misc]
    """A command that prints its whole table before it fails."""

    # The commands open their clouds themselves, after the arguments are
    # known to be right, and some of them two.
    auth_required = False

    exit_code = ExitCode.WELL

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
        from openstack import exceptions as sdk_exceptions

        from osc_hwmt.cloud import connection, errors

        selection: dict[str, Any] = (
            {'cloud': name} if name else {'argparse': self.app.options}
        )
        label = name or self.app.options.cloud or 'OS_*'
        try:
            with errors.translated(label, _('log in')):
                region = self.app.cloud_config.get_one(**selection)
            return connection.connect(region, label, concurrency)
        except CloudError as exc:
            if not isinstance(exc.__cause__, sdk_exceptions.ConfigException):
                raise
            if name is None:
                hint = _('Give %s, --os-cloud or OS_* variables') % option
            else:
                known = ', '.join(self.app.cloud_config.get_cloud_names())
                hint = _('Clouds of clouds.yaml: %s') % (known or '-')
            raise Error(
                _('%(option)s: %(why)s. %(hint)s')
                % {
                    'option': option,
                    'why': str(exc.__cause__).rstrip('.'),
                    'hint': hint,
                }
            ) from exc

    def tell(self, message: str, *arguments: object) -> None:
        """Say something beside the table, unless -q was given."""
        if self.app.options.verbose_level > 0:
            self.app.stderr.write(message % arguments + '\n')


def read_manifests(paths: Sequence[str]) -> list[manifest.Manifest]:
    """Return the manifests; raises with the problems of all files at once."""
    manifests = []
    problems: list[Problem] = []
    unreadable: list[str] = []
    for path in dict.fromkeys(paths):
        try:
            file = manifest_file.read(path)
            manifests.append(manifest.parse(file.text, path))
        except ManifestError as exc:
            problems += exc.problems
        except FileError as exc:
            unreadable.append(str(exc))
    if unreadable:
        known = [str(problem) for problem in problems]
        raise FileError('\n'.join((*unreadable, *known)))
    if problems:
        raise ManifestError(problems)
    manifest.repeated_across(manifests)
    for one in manifests:
        if one.other_resources:
            LOG.warning(
                _('%(path)s: %(n)d resources that are no servers left alone'),
                {'path': one.path, 'n': one.other_resources},
            )
    return manifests


def select(
    entries: Iterable[manifest.Entry], servers: Sequence[str] | None
) -> list[manifest.Entry]:
    """Return the entries of some servers (name or id), or all of them.

    Raises Error with every name that no entry has.
    """
    entries = list(entries)
    if not servers:
        return entries
    names = {name for one in entries for name in (one.name, one.server_id)}
    require_known(servers, names, _('the manifest'))
    chosen = set(servers)
    return [
        entry
        for entry in entries
        if entry.name in chosen or entry.server_id in chosen
    ]


def require_known(
    asked: Sequence[str], known: Iterable[str], where: str
) -> None:
    """Raise Error with every server that was asked for and is not known."""
    missing = sorted(set(asked) - set(known))
    if missing:
        raise Error(
            _('--server: not in %(where)s: %(missing)s')
            % {
                'where': where,
                'missing': ', '.join(printable(name) for name in missing),
            }
        )


def read_volume_map(path: str | None) -> dict[str, str]:
    """Return what --volume-map says, nothing where it is not given."""
    if path is None:
        return {}
    return volume_map.parse(manifest_file.read(path).text, path)
