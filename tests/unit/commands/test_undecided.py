# SPDX-License-Identifier: Apache-2.0

"""Servers of which nothing is recorded, in every command."""

from __future__ import annotations

from typing import Any

import yaml

from osc_hwmt.commands.apply import ApplyMachineType
from osc_hwmt.commands.verify import VerifyMachineType
from tests.unit.support import shell
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.exporting import KEY, ExportTestCase
from tests.unit.support.fakes import (
    PC,
    facts,
    manifest_text,
    resource,
    server,
    source_volume,
    volume,
)


class ExportTest(ExportTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.cloud = FakeCloud(
            servers=[server('erp', 'source-1')],
            volumes=[volume('volume-1', 'erp-boot')],
            name='src',
        )
        self.cloud.compute.microversion = (2, 79)

    def test_nothing_recorded_is_no_error_and_never_quiet(self) -> None:
        code = self.run_command(
            self.path,
            '--source-cloud',
            'src',
            '--hardware',
            '--destination-release',
            'rhoso18',
        )
        self.assertEqual(0, code)
        (one,) = yaml.safe_load(self.path.read_text())['resources']
        self.assertEqual('i440fx', one['_info'][KEY]['presumed'])
        for line in (
            '1 server: 1 undecided',
            'Not checked: projects other than erp (use --all-projects or '
            '--project)',
            '1 server undecided: no machine type is recorded',
            '  Source: Nova Train, which records no machine types. x86 '
            'servers ran on pc',
            '  1 server: presumably i440fx; the destination will give q35',
            "  Not checked: the source's hosts (--source-hosts)",
        ):
            self.assertIn(f'{line}\n', self.told)

    def test_the_commands_to_paste_keep_what_was_given(self) -> None:
        self.run_command(
            self.path,
            '--source-cloud',
            'my cloud',
            '--hardware',
            '--include-property',
            'os_type',
            '--default-machine-type',
            'aarch64=virt',
        )
        told = ' '.join(self.told.replace('\\\n', '').split())
        export = 'openstack migrate machine-type export'
        kept = (
            "--source-cloud 'my cloud' --default-machine-type aarch64=virt "
            '--include-property os_type --hardware'
        )
        for more in (
            '--source-hosts source',
            '--source-release rhosp16.2',
            '--default-machine-type pc',
            '--set erp=null',
        ):
            self.assertIn(f'{export} {kept} {more} {self.path}', told)

    def test_what_was_pasted_decides(self) -> None:
        for options, wanted, note in (
            (('--source-release', 'rhosp16.2'), PC, ''),
            (
                ('--set', 'erp=null'),
                None,
                'left to the destination; presumably i440fx',
            ),
        ):
            path = self.home / f'{options[0]}.yml'
            self.run_command(path, *options)
            self.assertEqual([wanted], self.column('Wanted'))
            self.assertEqual([note], self.column('Detail'))
            self.assertNotIn('undecided', self.told)
            self.start_again()

    def test_entries_that_were_not_chosen_are_counted(self) -> None:
        self.path.write_text(
            manifest_text(
                resource('erp'),
                resource('web', 'source-2'),
                resource('db', 'source-3', info={'project_id': 'other'}),
            )
        )
        self.run_command(self.path, '--server', 'erp')
        self.assertIn(
            'Not checked (not selected): 2\n',
            self.told,
        )
        self.assertNotIn('in other projects', self.told)


class DestinationTestCase(shell.CommandTestCase):
    """A manifest with one server that is decided, and one that is not."""

    def setUp(self) -> None:
        super().setUp()
        volumes = [source_volume('s-2', 'erp-boot')]
        params: dict[str, Any] = {KEY: None, 'volumes': volumes}
        nothing = facts(
            None,
            'none',
            presumed='i440fx',
            project_name='erp',
            project_domain_name='Default',
        )
        self.path = self.file(
            manifest_text(
                resource(params={KEY: PC}),
                resource('erp', 's2', params=params, info={KEY: nothing}),
            )
        )
        self.cloud = FakeCloud(
            volumes=[
                volume(image_metadata={KEY: PC}),
                volume('volume-2', 'erp-boot'),
            ]
        )
        self.release = ('--destination-release', 'rhoso18')


class ApplyTest(DestinationTestCase):
    command = ApplyMachineType

    def test_an_undecided_server_is_named_and_no_failure(self) -> None:
        code = self.run_command(self.path, *self.release)
        self.assertEqual(0, code)
        self.assertEqual(['unchanged', 'undecided'], self.column('Result'))
        self.assertIn('2 servers: 1 unchanged, 1 undecided\n', self.told)
        detail = self.column('Detail')[1]
        self.assertIn('the destination will give it q35', detail)
        self.assertIn('chipset-change-windows', detail)

    def test_strict_refuses_it(self) -> None:
        self.assertEqual(1, self.run_command(self.path, '--strict'))
        self.assertEqual(['unchanged', 'refused'], self.column('Result'))

    def test_waiting_does_not_wait_for_it(self) -> None:
        code = self.run_command(
            self.path, '--wait', '--auto-approve', '--timeout', '5'
        )
        self.assertEqual(0, code)
        self.assertIn('erp: undecided; it presumably', self.told)

    def test_what_was_not_chosen_is_counted(self) -> None:
        self.run_command(self.path, '--server', 'erp')
        self.assertIn(
            'Not checked (not selected): 1\n',
            self.told,
        )


class VerifyTest(DestinationTestCase):
    command = VerifyMachineType

    def test_an_undecided_server_is_a_warning(self) -> None:
        self.assertEqual(0, self.run_command(self.path))
        self.assertEqual(['ok', 'undecided'], self.column('Finding'))
        self.assertEqual('warning', self.column('Severity')[1])
        self.assertIn('2 servers: 1 ok, 1 undecided\n', self.told)

    def test_strict_makes_it_a_difference(self) -> None:
        page = self.home / 'report.html'
        code = self.run_command(self.path, '--strict', '--report', page)
        self.assertEqual(3, code)
        self.assertEqual('error', self.column('Severity')[1])
        self.assertIn('verify --strict', page.read_text())

    def test_what_was_not_chosen_is_counted(self) -> None:
        self.run_command(self.path, '--server', 'erp')
        self.assertIn(
            'Not checked (not selected): 1\n',
            self.told,
        )
