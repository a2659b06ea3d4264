# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Iterable, Sequence

import fixtures

from osc_hwmt.cloud.interface import ResourceKind, Scope
from osc_hwmt.commands import inspecting, options
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.exceptions import CloudError
from osc_hwmt.model.inventory import MACHINE_TYPE
from tests.unit.support import fakes, shell


class Inspect(MachineTypeLister):
    """A command that inspects all servers and shows what was learned."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().get_parser(prog_name)
        options.add_inspect_options(parser)
        options.add_concurrency_option(parser)
        return parser

    def take_action(
        self, parsed_args: argparse.Namespace
    ) -> tuple[Sequence[str], Iterable[tuple[str, str | None]]]:
        cloud = self.cloud(None, '--source-cloud', parsed_args.concurrency)
        guests = inspecting.inspected(
            self,
            parsed_args,
            cloud,
            cloud.compute.servers(Scope()).readable,
            {one.id: one for one in cloud.block_storage.volumes(Scope())},
        )
        return ('ID', 'Machine Type'), [
            (guest.server_id, guest.machine_type) for guest in guests
        ]


class InspectingTest(shell.CommandTestCase):
    command = Inspect

    def setUp(self) -> None:
        super().setUp()
        self.replace('tempfile.tempdir', str(self.directory()))
        self.replace('osc_hwmt.probes.cleanup.PAUSE', 0.0)
        self.cloud = fakes.FakeCloud(
            servers=[
                fakes.server('web', 'server-1', ['volume-1', 'volume-2']),
                fakes.server('db\x1b', 'server-2', ['volume-3']),
            ],
            volumes=[
                fakes.volume(f'volume-{number}', size=number * 10)
                for number in (1, 2, 3)
            ],
            name='src',
        )
        self.inspecting = self.cloud.inspecting
        self.inspecting.recorded = {'server-2': {MACHINE_TYPE: 'pc'}}
        self.logged = self.useFixture(
            fixtures.FakeLogger('osc_hwmt.commands.inspecting')
        )

    def test_each_server_tells_what_nova_recorded(self) -> None:
        self.assertEqual(0, self.run_command('--auto-approve'))
        self.assertEqual(
            [('server-1', 'q35'), ('server-2', 'pc')],
            [tuple(row.values()) for row in self.rows],
        )
        self.assertEqual({}, self.cloud.temporary.held)

    def test_the_question_has_the_exact_counts(self) -> None:
        self.typing('y\n')
        self.assertEqual(0, self.run_command('--concurrency', 1))
        for text in (
            'In project erp of cloud src, all called osc-hwmt-inspect-',
            '  image: 2, without data',
            '  volume snapshot: 3, of all volumes of these servers',
            'Servers at once: at most 1, with snapshots of at most 30 GiB',
            'file systems frozen',
            'Inspect 2 server(s) of cloud src so? [y/N]',
        ):
            self.assertIn(text, self.told)

    def test_no_means_no(self) -> None:
        self.typing('n\n')
        self.assertIn('not approved', self.refused())
        self.assertEqual([], self.cloud.temporary.deleted)

    def test_a_server_that_tells_nothing_is_a_warning_and_a_failure(
        self,
    ) -> None:
        self.cloud.temporary.troubles['image server-2'] = [
            CloudError('rebooting', 409)
        ]
        self.assertEqual(1, self.run_command('--auto-approve'))
        self.assertEqual(['server-1'], self.column('ID'))
        self.assertIn(
            'server db\\x1b (server-2) was not inspected: rebooting',
            self.logged.output,
        )

    def test_where_no_server_can_be_inspected_nothing_is_asked(self) -> None:
        self.cloud.compute.held = [
            dataclasses.replace(server, status='SHELVED_OFFLOADED')
            for server in self.cloud.compute.held
        ]
        self.assertEqual(1, self.run_command())
        self.assertEqual(2, len(self.logged.output.splitlines()))

    def test_without_servers_all_is_well(self) -> None:
        self.cloud.compute.held = []
        self.assertEqual(0, self.run_command())

    def test_a_release_that_records_nothing_is_refused(self) -> None:
        self.cloud.compute.microversion = (2, 79)
        self.assertIn('Wallaby', self.refused('--auto-approve'))

    def test_an_interruption_removes_all_and_shows_no_table(self) -> None:
        self.replace('osc_hwmt.commands.signals._say', lambda _text: 0)
        self.inspecting.on_image = shell.interrupt
        self.assertRaises(
            KeyboardInterrupt, self.run_command, '--auto-approve'
        )
        self.assertEqual({}, self.cloud.temporary.held)
        self.assertIn(ResourceKind.SNAPSHOT, self.cloud.temporary.deleted)
        self.assertEqual('', self.app.stdout.getvalue())
