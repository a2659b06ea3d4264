# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import argparse
from typing import Any

from osc_hwmt.collected import load
from osc_hwmt.commands import export_inputs
from osc_hwmt.compatibility.hosts import Support
from osc_hwmt.exceptions import Error
from osc_hwmt.model.evidence import Evidence
from tests.unit.support import cases
from tests.unit.support.fakes import PC, Q35

HELP = f"""\
Supported machines are:
pc                   RHEL 7.6.0 PC (alias of {PC})
{PC}  RHEL 7.6.0 PC (default) (deprecated)
none                 empty machine
"""
SERVER = '11111111-2222-4333-8444-555555555555'
OPTIONS = {
    'machine_types': None,
    'destination_release': None,
    'domains': None,
    'source_release': None,
    'default_machine_type': None,
    'translate': False,
    'pin': False,
}


class KnownTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()

    def file(self, name: str, text: str) -> str:
        path = self.home / name
        path.write_text(text)
        return str(path)

    def given(self, **options: Any) -> argparse.Namespace:
        return argparse.Namespace(**{**OPTIONS, **options})

    def refused(self, **options: Any) -> str:
        error = self.assertRaises(
            Error, export_inputs.source_hints, self.given(**options)
        )
        return str(error)


class ComputesTest(KnownTestCase):
    def test_nothing_given_is_nothing_known(self) -> None:
        computes = load.computes(self.given())
        offer = computes.offer(PC, 'x86_64')
        self.assertEqual(
            (Support.UNKNOWN, ''), (offer.support, offer.known_from)
        )

    def test_a_release_tells_its_hosts_default_and_ports(self) -> None:
        computes = load.computes(self.given(destination_release='rhoso18'))
        self.assertEqual('q35', computes.default('x86_64'))
        offer = computes.offer(PC, 'x86_64')
        self.assertEqual(
            (Support.DEPRECATED, 24, 9),
            (offer.support, offer.pcie_ports, offer.rhel_major),
        )
        gone = computes.offer('pc-i440fx-rhel7.4.0', 'x86_64')
        self.assertEqual(
            (Support.UNSUPPORTED, PC), (gone.support, gone.nearest)
        )

    def test_a_release_of_hosts_has_no_default(self) -> None:
        computes = load.computes(self.given(destination_release='rhel9.4'))
        self.assertIsNone(computes.default('x86_64'))

    def test_what_was_collected_comes_before_the_release(self) -> None:
        path = self.file('compute-0.txt', HELP)
        computes = load.computes(
            self.given(machine_types=[path], destination_release='rhoso18')
        )
        offer = computes.offer(Q35, 'x86_64')
        self.assertEqual(
            (Support.UNSUPPORTED, ('compute-0',), path),
            (offer.support, offer.lacking, offer.known_from),
        )
        self.assertEqual('q35', computes.default('x86_64'))

    def test_an_unknown_release_is_told_with_what_is_known(self) -> None:
        error = self.assertRaises(
            Error, load.computes, self.given(destination_release='rhoso81')
        )
        self.assertIn('rhoso18', str(error))


class ToldTest(KnownTestCase):
    def test_domains_become_guests(self) -> None:
        path = self.file('types.csv', f'uuid,machine_type\n{SERVER},{PC}\n')
        told = export_inputs.source_hints(self.given(domains=[path]))
        (guest,) = told.guests
        self.assertEqual((SERVER, PC), (guest.server_id, guest.machine_type))

    def test_a_directory_without_any_is_refused(self) -> None:
        self.file('x.txt', HELP)
        said = self.refused(domains=[str(self.home)])
        self.assertIn(str(self.home), said)

    def test_the_default_of_a_release_that_records_nothing_is_taken(
        self,
    ) -> None:
        told = export_inputs.source_hints(
            self.given(
                source_release='rhosp16.2',
                default_machine_type=[('aarch64', 'virt')],
            )
        )
        said = [
            (one.get('x86_64'), one.evidence)
            for one in told.defaults
            if one.get('x86_64')
        ]
        self.assertEqual([(PC, Evidence.RELEASE_DEFAULT)], said)
        self.assertEqual('virt', told.defaults[0].get('aarch64'))

    def test_a_release_that_records_types_gives_no_default(self) -> None:
        with self.assertLogs(
            'osc_hwmt.commands.export_inputs', 'WARNING'
        ) as logs:
            told = export_inputs.source_hints(
                self.given(source_release='rhosp17.1')
            )
        self.assertIn('no default is taken', logs.output[0])
        self.assertEqual([None], [one.get('x86_64') for one in told.defaults])

    def test_translate_and_pin_need_something_to_know_by(self) -> None:
        for option in ('translate', 'pin'):
            said = self.refused(**{option: True})
            self.assertIn(f'--{option}: expected ', said)
            self.assertIn('--destination-release', said)
        self.assertIn('--source-release', self.refused(pin=True))

    def test_standard_input_is_read_once(self) -> None:
        self.assertIn('once', self.refused(domains=['-'], machine_types=['-']))
