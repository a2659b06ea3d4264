# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type list"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from osc_hwmt.commands import options
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.exceptions import UsageError
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.compatibility.hosts import Host
    from osc_hwmt.compatibility.support import Abilities
    from osc_hwmt.model.machine_type import Family
    from osc_hwmt.tables import cells


class ListMachineType(MachineTypeLister):
    _description = _(
        'List known releases and machine types.\n\n'
        'Without options, this lists the releases; with a release, its '
        'machine types; with two releases, which machine types of the source '
        'are available at the destination. With --destination-hosts or '
        "--probe, it lists those of the destination's own hosts instead of "
        "its release's. No cloud is contacted unless --probe is used."
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            '--source-release',
            metavar='<release>',
            help=_(
                'Source release: an OpenStack product, such as rhosp16.2, or '
                'the operating system of its hosts, such as rhel8.4'
            ),
        )
        parser.add_argument(
            '--destination-release',
            metavar='<release>',
            help=_('Destination release, such as rhoso18 or rhel9.4'),
        )
        parser.add_argument(
            '--family',
            metavar='<family>',
            type=_family,
            help=_(
                'List only machine types of this family, such as i440fx or '
                'q35, or of the family of this machine type'
            ),
        )
        parser.add_argument(
            '--architecture',
            metavar='<architecture>',
            help=_(
                'List only machine types of this architecture, such as '
                'x86_64; in a list of releases, show the default for it '
                '(default: x86_64)'
            ),
        )
        parser.add_argument(
            '--differing',
            action='store_true',
            help=_(
                'List only machine types whose support differs between hosts'
            ),
        )
        options.add_destination_hosts_option(parser)
        options.add_probe_options(parser)
        options.add_destination_cloud_option(parser)
        options.add_concurrency_option(parser)
        options.add_long_option(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[cells.Row]]:
        from osc_hwmt.compatibility import listing, release_file
        from osc_hwmt.tables import list as table

        known = release_file.load()
        source, destination = (
            known.release(name) if name else None
            for name in (
                parsed_args.source_release,
                parsed_args.destination_release,
            )
        )
        choice = listing.Choice(
            parsed_args.family,
            parsed_args.architecture,
            parsed_args.differing,
        )
        asked = self._asked(parsed_args)
        if not (source or destination or asked or choice.is_of_machine_types):
            architecture = known.architecture(choice.architecture)
            self.tell(
                _('To list machine types, add --destination-release <release>')
            )
            columns, rows = table.releases(known, architecture)
            return self.shown(parsed_args, columns, table.brief(columns), rows)
        for release in (source, None if asked else destination):
            for line in table.about(release, known) if release else ():
                self.tell('%s', line)
        there = asked or (
            known.abilities(destination) if destination else None
        )
        shown = known.abilities(source) if source or not there else there
        columns, rows = table.machines(
            listing.listed(shown, choice),
            known,
            source or destination,
            there if source else None,
            asked if shown is asked else None,
        )
        return self.shown(parsed_args, columns, table.brief(columns), rows)

    def _asked(self, parsed_args: argparse.Namespace) -> Abilities | None:
        """Return what hosts themselves told, None if none was asked.

        Raises Error.
        """
        from osc_hwmt.collected import load
        from osc_hwmt.commands import probes
        from osc_hwmt.compatibility.support import Abilities

        for option, given in (
            ('--destination-cloud', parsed_args.destination_cloud),
            ('--host', parsed_args.hosts),
            ('--flavor', parsed_args.flavor),
            ('--save', parsed_args.save),
            ('--auto-approve', parsed_args.auto_approve),
        ):
            if given and not parsed_args.probe:
                raise UsageError(_('%s: only allowed with --probe') % option)
        hosts: list[Host] = []
        if parsed_args.destination_hosts:
            hosts += load.hosts(parsed_args.destination_hosts)
        if parsed_args.probe:
            told, self.exit_code = probes.probe_hosts(self, parsed_args)
            hosts += told
        elif not parsed_args.destination_hosts:
            return None
        return Abilities.of(hosts)


def _family(text: str) -> Family:
    """Return a family by its name, or that of a machine type."""
    from osc_hwmt.model.machine_type import Family, parse_machine_type

    known = [family.value for family in Family]
    if text in known:
        return Family(text)
    found = parse_machine_type(text).family
    if found is Family.OTHER:
        raise argparse.ArgumentTypeError(
            _('expected one of %(known)s, or a machine type, found %(text)r')
            % {'known': ', '.join(known), 'text': text}
        )
    return found
