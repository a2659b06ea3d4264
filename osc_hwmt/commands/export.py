# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type export"""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from osc_hwmt.commands import options
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.exceptions import UsageError
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.cloud.interface import Cloud
    from osc_hwmt.model.evidence import Guest
    from osc_hwmt.model.inventory import Server, Volume
    from osc_hwmt.source.export import (
        Exported,
        SourceHints,
        Target,
        Writing,
        Written,
    )
    from osc_hwmt.tables import cells


class ExportMachineType(MachineTypeLister):
    _description = _(
        'Find the machine types of source servers.\n\n'
        'They are written to manifests; without a manifest they are only '
        "shown. An existing file is refreshed in place, and the operator's "
        'edits are kept.'
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        of_others = len(parser._actions)
        parser.add_argument(
            'manifests',
            metavar='<manifest>',
            nargs='*',
            type=options.path,
            help=_(
                'Manifest to create, or to refresh and extend; a file that '
                'os-migrate wrote gets machine types but no new servers'
            ),
        )
        parser.add_argument(
            '--source-cloud',
            metavar='<cloud>',
            help=_(
                'Source cloud, by its name in clouds.yaml (default: '
                '--os-cloud or OS_* variables)'
            ),
        )
        projects = parser.add_mutually_exclusive_group()
        projects.add_argument(
            '--project',
            metavar='<project>',
            help=_('Export servers of this project (name or ID) (admin only)'),
        )
        projects.add_argument(
            '--all-projects',
            action='store_true',
            help=_('Export servers of all projects (admin only)'),
        )
        parser.add_argument(
            '--project-domain',
            metavar='<project-domain>',
            help=_(
                'Domain of --project (name), if the project name is not unique'
            ),
        )
        parser.add_argument(
            '--default-machine-type',
            metavar='[<architecture>=]<machine-type>',
            action='append',
            type=_default,
            help=_(
                'Machine type for servers with no recorded machine type, '
                'such as hw_machine_type in nova.conf of the source hosts; '
                'with an architecture, applies only to servers of that '
                'architecture (repeat option to set several architectures)'
            ),
        )
        _add_override_options(parser)
        _add_writing_options(parser)
        _add_property_options(parser)
        _add_evidence_options(parser)
        _add_proposal_options(parser)
        options.add_inspect_options(parser)
        options.add_server_options(parser)
        options.add_concurrency_option(parser)
        self._options = parser._actions[of_others:]
        options.add_table_options(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[cells.Row]]:
        from osc_hwmt.commands import export_inputs, inputs
        from osc_hwmt.source import export, selection
        from osc_hwmt.tables import export as table
        from osc_hwmt.tables.summary import ExitCode

        if parsed_args.project_domain and not parsed_args.project:
            raise UsageError(
                _('--project-domain: only allowed with --project')
            )
        wanted = export_inputs.overrides(parsed_args)
        servers = inputs.servers(parsed_args)
        targets = export_inputs.targets(parsed_args.manifests)
        writing = export_inputs.writing(parsed_args, targets)
        hints = export_inputs.source_hints(parsed_args)
        cloud = self.cloud(
            parsed_args.source_cloud,
            '--source-cloud',
            parsed_args.concurrency,
        )
        if parsed_args.inspect:
            hints = self._inspecting(hints, parsed_args, cloud)
        chosen = selection.Selection(
            selection.scope(
                cloud,
                parsed_args.project,
                parsed_args.project_domain,
                parsed_args.all_projects,
            ),
            servers,
            selection.RequestedProperties(
                frozenset(parsed_args.properties or ()), parsed_args.hardware
            ),
            wanted,
        )
        exported = export.export(
            cloud,
            chosen,
            hints,
            targets,
            parsed_args.concurrency,
            writing,
        )
        self._conclude(exported, parsed_args)
        extended = any(target.extend for target in targets)
        if exported.elsewhere and not (extended or exported.lines):
            self.exit_code = ExitCode.FAILED
        for one in exported.manifests:
            if one.target:
                self._tell_of(one, one.target, writing, parsed_args.manifests)
        if exported.undecided:
            self._tell_undecided(exported, hints, parsed_args)
        shown = table.rows(
            exported,
            brief=options.is_brief(parsed_args),
            only_problems=parsed_args.only_problems,
        )
        return self.shown(parsed_args, table.COLUMNS, table.BRIEF, shown)

    def _tell_undecided(
        self,
        exported: Exported,
        hints: SourceHints,
        parsed_args: argparse.Namespace,
    ) -> None:
        """Say what is known of undecided servers, and how to decide."""
        from osc_hwmt.compatibility import release_file
        from osc_hwmt.pasted import options as repeated
        from osc_hwmt.tables import undecided

        named = self.app.options.cloud
        command = undecided.ExportCommand(
            [
                'openstack',
                *repeated('--os-cloud', [named] if named else ()),
                *('migrate', 'machine-type', 'export'),
                *options.spelled(self._options, parsed_args),
            ],
            parsed_args.manifests,
            source_hosts=bool(parsed_args.source_hosts),
            source_release=bool(parsed_args.source_release),
            inspect=parsed_args.inspect,
        )
        for line in undecided.block(
            exported.undecided,
            exported.release,
            release_file.load(),
            hints.computes,
            command,
        ):
            self.tell('%s', line)

    def _tell_of(
        self,
        written: Written,
        target: Target,
        writing: Writing,
        given: Sequence[str],
    ) -> None:
        """Say what was written, or would be."""
        from osc_hwmt.commands import export_inputs
        from osc_hwmt.display import printable
        from osc_hwmt.source.diff import unified

        path, update = target.before.path, written.update
        trapped = sum(
            bool(line.entry.trapped_volumes) for line in update.lines
        )
        if trapped and not target.extend and not writing.park:
            self.tell(
                _(
                    '%(path)s: servers that os-migrate would fail to import '
                    'because of their volume image metadata: %(n)d. Use '
                    '--park-volume-metadata to rename it'
                ),
                {'path': path, 'n': trapped},
            )
        if writing.park and not target.extend:
            self.tell(
                _(
                    '%(path)s: servers with parked volume image metadata, '
                    'including servers no longer on the source: %(n)d'
                ),
                {'path': path, 'n': written.moved},
            )
        if writing.dry_run:
            for line in unified(target.before.text, update.text, path):
                self.tell('%s', printable(line))
            self.tell(_('Not written: %s'), path)
            return
        if written.backup:
            self.tell(_('Backup: %s'), written.backup)
        if target.before.exists:
            self.tell(_('Manifest: %s'), path)
            return
        self.tell(_('New manifest: %s'), path)
        for alike in export_inputs.names_alike(path, given):
            self.tell(
                _('Did you mean %s? If so, delete the new one'),
                printable(alike),
            )

    def _inspecting(
        self, hints: SourceHints, parsed_args: argparse.Namespace, cloud: Cloud
    ) -> SourceHints:
        """Return the hints, with a way to ask Nova for the rest."""
        from osc_hwmt.commands import probes

        def inspect(
            servers: Sequence[Server], volumes: Mapping[str, Volume]
        ) -> Sequence[Guest]:
            guests, self.exit_code = probes.inspect_servers(
                self, parsed_args, cloud, servers, volumes
            )
            return guests

        return dataclasses.replace(hints, inspect=inspect)

    def _conclude(
        self, exported: Exported, parsed_args: argparse.Namespace
    ) -> None:
        from osc_hwmt.display import printable
        from osc_hwmt.tables import export as table
        from osc_hwmt.tables.summary import ExitCode

        lines, unreadable = exported.lines, exported.unreadable
        if exported.not_listed:
            self.tell(
                _('Collected, but not among the exported servers: %d'),
                exported.not_listed,
            )
        not_found = sum(line.fact is None for line in lines)
        if not_found or unreadable:
            self.exit_code = ExitCode.FAILED
        if unreadable:
            self.tell(
                _('Not checked: %(n)d servers whose cell is down: %(ids)s'),
                {'n': len(unreadable), 'ids': ', '.join(unreadable)},
            )
        if not_found:
            self.tell(
                _('Not found on the source, entries left unchanged: %d'),
                not_found,
            )
        self.tell('%s', table.summary(lines))
        for line in table.not_checked(exported):
            self.tell('%s', line)
        if not (parsed_args.all_projects or parsed_args.project):
            self.tell(
                _(
                    'Not checked: projects other than %s (use --all-projects '
                    'or --project)'
                ),
                printable(exported.own_project.name or ''),
            )


def _add_override_options(parser: argparse.ArgumentParser) -> None:
    """Add what an operator wants of many servers at once."""
    parser.add_argument(
        '--set',
        metavar='<server-pattern>=<machine-type>',
        action='append',
        dest='overrides',
        help=_(
            'Set this machine type for servers with this name or ID (shell '
            'wildcards allowed in the name); null leaves it to the '
            'destination, an empty value removes the property (repeat option '
            'to set several; the last match wins)'
        ),
    )
    parser.add_argument(
        '--rules',
        metavar='<file>',
        help=_(
            'YAML file with rules that set machine types and other '
            'properties of servers; --set takes precedence'
        ),
    )


def _add_writing_options(parser: argparse.ArgumentParser) -> None:
    """Add how the manifest is written."""
    parser.add_argument(
        '--dry-run',
        action='store_true',
        help=_(
            'Write nothing; show the changes to the manifests on standard '
            'error'
        ),
    )
    parser.add_argument(
        '--backup',
        action='store_true',
        help=_('Keep a copy of each changed manifest, in the same directory'),
    )
    parser.add_argument(
        '--park-volume-metadata',
        action='store_true',
        help=_(
            "Rename volume image metadata that would make os-migrate's "
            'import fail, so that os-migrate ignores it; keeps a copy of the '
            'file'
        ),
    )


def _add_property_options(parser: argparse.ArgumentParser) -> None:
    """Add what names other properties than the machine type."""
    parser.add_argument(
        '--include-property',
        metavar='<key>',
        action='append',
        dest='properties',
        type=_property,
        help=_(
            'Also export this image property, such as hw_firmware_type '
            '(repeat option to export several properties)'
        ),
    )
    parser.add_argument(
        '--hardware',
        action='store_true',
        help=_(
            'Also export all other image properties found that define '
            'virtual hardware: firmware, buses, device models'
        ),
    )


def _add_evidence_options(parser: argparse.ArgumentParser) -> None:
    """Add what tells more of the source than its APIs."""
    parser.add_argument(
        '--source-hosts',
        metavar='<path>',
        action='append',
        help=_(
            "Data collected from the source's hosts or Nova database "
            '(libvirt domains, nova-manage output or database tables): a '
            'file, a directory or - for standard input (repeat option to '
            'read several)'
        ),
    )
    parser.add_argument(
        '--source-release',
        metavar='<release>',
        help=_(
            'Source release, such as rhosp16.2; its default is used for '
            'servers with no recorded machine type, and marked as inferred'
        ),
    )
    options.add_computes_options(parser)


def _add_proposal_options(parser: argparse.ArgumentParser) -> None:
    """Add what may be wanted instead of what was found."""
    parser.add_argument(
        '--translate',
        action='store_true',
        help=_(
            'If the destination does not support a machine type, write the '
            'nearest supported one of the same family'
        ),
    )
    parser.add_argument(
        '--pin',
        action='store_true',
        help=_(
            'Replace an alias such as q35 with a versioned name: that of the '
            'source release if the destination supports it, otherwise that '
            'of the destination'
        ),
    )


def _property(key: str) -> str:
    from osc_hwmt.model import properties

    refusal = properties.refusal(key)
    if refusal:
        raise argparse.ArgumentTypeError(
            _('%(key)s: %(why)s') % {'key': key, 'why': refusal}
        )
    return key


def _default(text: str) -> tuple[str | None, str]:
    """Return the architecture, or None, and its machine type."""
    from osc_hwmt.model.machine_type import is_machine_type

    architecture, sign, machine_type = text.rpartition('=')
    if not is_machine_type(machine_type) or (
        sign and not architecture.isidentifier()
    ):
        raise argparse.ArgumentTypeError(
            _('expected [<architecture>=]<machine-type>, found %r') % text
        )
    return architecture or None, machine_type
