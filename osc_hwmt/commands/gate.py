# SPDX-License-Identifier: Apache-2.0

"""openstack migrate machine-type gate"""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from osc_hwmt.commands import base, options
from osc_hwmt.exceptions import UsageError
from osc_hwmt.i18n import _

if TYPE_CHECKING:
    from osc_hwmt.gate.middleware import Settings
    from osc_hwmt.tables import cells

LOG = logging.getLogger(__name__)


class GateMachineType(base.MachineTypeLister):
    _description = _(
        "Run a gateway in front of the destination's Nova and Keystone.\n\n"
        'Clients use the address that it prints. A server listed in a '
        'manifest is created only after its boot volume has what the '
        'manifest wants; all other requests pass. The gateway runs until it '
        'is interrupted, and then lists the result for each server.'
    )

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        parser.add_argument(
            'manifests',
            metavar='<manifest>',
            nargs='+',
            help=_(
                "Manifest that export wrote, or os-migrate's workloads file; "
                'read again when it changes'
            ),
        )
        options.add_destination_cloud_option(parser)
        parser.add_argument(
            '--listen',
            metavar='<host>:<port>',
            type=_address,
            default=('127.0.0.1', 8790),
            help=_('Address to listen on (default: 127.0.0.1:8790)'),
        )
        parser.add_argument(
            '--allow-remote-clients',
            action='store_true',
            help=_(
                'Allow --listen on an address that other machines can reach. '
                'Their passwords and tokens cross the network unencrypted'
            ),
        )
        parser.add_argument(
            '--mode',
            choices=('enforce', 'audit'),
            default='enforce',
            help=_(
                'enforce sets and refuses; audit writes nothing, refuses '
                'nothing and logs what it would do (default: enforce)'
            ),
        )
        parser.add_argument(
            '--missing',
            choices=('refuse', 'warn'),
            default='refuse',
            help=_(
                'What to do with a request to create a server if the '
                'manifest cannot be read, or does not say what the server '
                'should have (default: refuse)'
            ),
        )
        parser.add_argument(
            '--rebuild',
            choices=('ignore', 'warn', 'refuse'),
            default='warn',
            help=_(
                'What to do with a request to rebuild a listed server, which '
                'replaces the machine type that Nova recorded (default: warn)'
            ),
        )
        parser.add_argument(
            '--timeout',
            metavar='<seconds>',
            type=_held,
            default=25.0,
            help=_(
                'Maximum number of seconds to hold a request to create a '
                'server, up to 30; after that the client is told to try '
                'again (default: 25)'
            ),
        )
        options.add_strict_option(
            parser,
            _(
                'Refuse undecided servers, whose machine type is neither '
                'recorded nor chosen'
            ),
        )
        options.add_computes_options(parser)
        options.add_journal_directory_option(parser)
        parser.add_argument(
            '--ignore-unsupported',
            action='store_true',
            help=_(
                'Also set machine types that the destination is known not to '
                'support'
            ),
        )
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[cells.Row]]:
        from osc_hwmt.commands import inputs
        from osc_hwmt.gate import serving, table, writers
        from osc_hwmt.gate.account import Account
        from osc_hwmt.gate.gateway import Gateway
        from osc_hwmt.gate.manifests import Manifests
        from osc_hwmt.journal.place import Place

        host, port = parsed_args.listen
        if not (serving.is_loopback(host) or parsed_args.allow_remote_clients):
            raise UsageError(
                _(
                    '--listen: other machines can reach %s; use '
                    '--allow-remote-clients if that is intended'
                )
                % host
            )
        serving.refuse_without_waitress()
        inputs.read_manifests(parsed_args.manifests)
        place = Place(parsed_args.journal_directory)
        place.check()
        account = Account(self._log)
        manifests = Manifests(
            parsed_args.manifests, say=self._log, warn=self._log
        )
        manifests.latest()
        written = writers.Writers(
            manifests,
            place,
            inputs.computes(parsed_args),
            strict=parsed_args.strict,
            ignore_unsupported=parsed_args.ignore_unsupported,
            say=self._log,
        )
        own = f'http://{host}:{port}'
        gateway = Gateway(
            own,
            self.cloud(
                parsed_args.destination_cloud,
                '--destination-cloud',
                serving.THREADS,
            ),
            manifests,
            _settings(parsed_args),
            written,
            account.told,
        )
        with serving.serving(gateway, host, port):
            self._introduce(own, parsed_args)
            self._until_interrupted()
            self._log(_('stopping'))
        for path in written.close():
            self.tell(_('Journal: %s'), path)
        self.tell('%s', account.summary)
        return table.COLUMNS, map(table.row, account.kept)

    def _introduce(self, own: str, parsed_args: argparse.Namespace) -> None:
        """Say what a client has to change."""
        name = parsed_args.destination_cloud or self.app.options.cloud
        self.tell_now(
            _(
                'In the clouds.yaml of the tool that creates servers, set '
                'this address for cloud %(cloud)s, remove any endpoint '
                'override for compute, and leave the rest as it is:\n'
                '  auth:\n'
                '    auth_url: %(own)s/identity/v3\n'
                'Mode %(mode)s. Press Ctrl-C to stop.'
            ),
            {'cloud': name or '-', 'own': own, 'mode': parsed_args.mode},
        )

    def _log(self, line: str) -> None:
        stamp = time.strftime('%Y-%m-%dT%H:%M:%S')
        self.tell_now('%s %s', stamp, line)

    def _until_interrupted(self) -> None:
        from osc_hwmt.commands import signals

        try:
            with signals.raised():
                while True:
                    time.sleep(3600)
        except signals.Interrupted:
            pass


def _settings(parsed_args: argparse.Namespace) -> Settings:
    from osc_hwmt.gate import middleware

    return middleware.Settings(
        mode=middleware.Mode(parsed_args.mode),
        missing=middleware.Missing(parsed_args.missing),
        rebuild=middleware.Rebuild(parsed_args.rebuild),
        strict=parsed_args.strict,
        timeout=parsed_args.timeout,
    )


def _held(text: str) -> float:
    """Return a time; raises argparse's error where it is too long."""
    number = int(text) if text.isdecimal() else 0
    if not 1 <= number <= 30:
        raise argparse.ArgumentTypeError(
            _('expected seconds, from 1 to 30, found %s') % text
        )
    return float(number)


def _address(text: str) -> tuple[str, int]:
    """Return a host and a port; raises argparse's error for another text."""
    host, _colon, port = text.rpartition(':')
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError(
            _('expected <host>:<port>, found %s') % text
        )
    return host.strip('[]'), int(port)
