# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type export"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from osc_hwmt import collect, manifest, manifest_file, manifest_update, report
from osc_hwmt.cloud.interface import Scope
from osc_hwmt.commands import options
from osc_hwmt.commands.base import MachineTypeLister, require_known
from osc_hwmt.display import printable
from osc_hwmt.evidence import Defaults, establish
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _
from osc_hwmt.inventory import Inventory

if TYPE_CHECKING:
    from osc_hwmt.cloud.interface import Cloud


class ExportMachineType(MachineTypeLister):
    _description = _(
        'Find the machine types of source servers and put them in a manifest. '
        'Without --file or --workloads the findings are only shown. A file '
        'that exists is refreshed in place: what an operator edited stays'
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            '--source-cloud',
            metavar='<cloud>',
            help=_(
                'Cloud of clouds.yaml that the servers are on '
                '(default: --os-cloud or OS_* variables)'
            ),
        )
        target = parser.add_mutually_exclusive_group()
        target.add_argument(
            '--file',
            metavar='<file>',
            help=_('Manifest to write, or to refresh and extend'),
        )
        target.add_argument(
            '--workloads',
            metavar='<file>',
            help=_('os-migrate workloads file to enrich in place'),
        )
        projects = parser.add_mutually_exclusive_group()
        projects.add_argument(
            '--project',
            metavar='<project>',
            help=_('Servers of this project (name or ID) (admin only)'),
        )
        projects.add_argument(
            '--all-projects',
            action='store_true',
            help=_('Servers of all projects (admin only)'),
        )
        parser.add_argument(
            '--project-domain',
            metavar='<project-domain>',
            help=_('Domain of --project (name), if its name is not unique'),
        )
        parser.add_argument(
            '--default-machine-type',
            metavar='[<architecture>=]<machine-type>',
            action='append',
            type=_default,
            help=_(
                'Machine type of servers that nothing tells about, such as '
                'the hw_machine_type of nova.conf on the source computes; '
                'with an architecture it holds for servers that record that '
                'one (repeat option to name several)'
            ),
        )
        options.add_server_option(parser)
        options.add_concurrency_option(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[report.Row]]:
        path = parsed_args.file or parsed_args.workloads
        before = None
        if parsed_args.workloads:
            before = manifest_file.read(path)
        elif path:
            before = manifest_file.read_if_there(path)
        known = (
            manifest.parse(before.text, path)
            if before and before.content is not None
            else None
        )
        cloud = self.cloud(
            parsed_args.source_cloud,
            '--source-cloud',
            parsed_args.concurrency,
        )
        inventory = collect.source(
            cloud, [_scope(cloud, parsed_args)], parsed_args.concurrency
        )
        found = _found(inventory, parsed_args)
        update = (
            manifest_update.update(
                known, found, extend=not parsed_args.workloads
            )
            if known
            else manifest_update.create(list(found.values()), path or '')
        )
        if before and update.text != before.text:
            manifest_file.write(before, update.text)
        self._conclude(inventory, update, path)
        return report.EXPORT_COLUMNS, map(report.export_row, update.lines)

    def _conclude(
        self,
        inventory: Inventory,
        update: manifest_update.Update,
        path: str | None,
    ) -> None:
        not_found = sum(line.fact is None for line in update.lines)
        unreadable = inventory.unreadable_servers
        if not_found or unreadable:
            self.exit_code = report.ExitCode.FAILED
        if unreadable:
            self.tell(
                _('Not exported, their cell is down: %s'),
                ', '.join(unreadable),
            )
        if not_found:
            self.tell(
                _('Not found on the source and left as they were: %d'),
                not_found,
            )
        self.tell('%s', report.export_summary(update.lines))
        if path:
            self.tell(_('Manifest: %s'), printable(path))


def _default(text: str) -> tuple[str | None, str]:
    architecture, _sign, machine_type = text.rpartition('=')
    if not manifest.is_machine_type(machine_type):
        raise argparse.ArgumentTypeError(
            _('expected [<architecture>=]<machine-type>, found %r') % text
        )
    return architecture or None, machine_type


def _scope(cloud: Cloud, parsed_args: argparse.Namespace) -> Scope:
    """Return whose servers to list; raises Error for an unknown project."""
    asked, domain = parsed_args.project, parsed_args.project_domain
    if domain and not asked:
        raise Error(_('--project-domain: expected --project beside it'))
    if not asked:
        return Scope(all_projects=parsed_args.all_projects)
    fitting = [
        project
        for project in cloud.identity.projects()
        if asked in (project.id, project.name)
        and domain in (None, project.domain_name)
    ]
    if len(fitting) != 1:
        raise Error(
            _('--project %(name)s: %(n)d projects are called so in %(cloud)s')
            % {
                'name': printable(asked),
                'n': len(fitting),
                'cloud': cloud.name,
            }
        )
    return Scope(project_id=fitting[0].id)


def _found(
    inventory: Inventory, parsed_args: argparse.Namespace
) -> dict[str, manifest_update.Found]:
    given = dict(parsed_args.default_machine_type or ())
    otherwise = given.pop(None, None)
    defaults = Defaults(given, otherwise)
    asked = parsed_args.servers or ()
    names = {name for one in inventory.servers for name in (one.name, one.id)}
    require_known(asked, names, _('the source'))
    return {
        server.id: manifest_update.Found(
            server, establish(server, inventory, defaults)
        )
        for server in inventory.servers
        if not asked or {server.name, server.id} & set(asked)
    }
