# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import argparse
from typing import Any

from osc_hwmt.commands import export_inputs
from osc_hwmt.exceptions import FileError, UsageError
from osc_hwmt.model.evidence import Evidence
from tests.unit.support import cases
from tests.unit.support.fakes import PC

SERVER = '11111111-2222-4333-8444-555555555555'
OPTIONS = {
    'destination_hosts': None,
    'destination_release': None,
    'source_hosts': None,
    'source_release': None,
    'default_machine_type': None,
    'translate': False,
    'pin': False,
}


class SourceHintsTest(cases.TestCase):
    def given(self, **options: Any) -> argparse.Namespace:
        return argparse.Namespace(**{**OPTIONS, **options})

    def refused(self, **options: Any) -> str:
        error = self.assertRaises(
            UsageError, export_inputs.source_hints, self.given(**options)
        )
        return str(error)

    def test_domains_become_guests(self) -> None:
        path = self.directory() / 'types.csv'
        path.write_text(f'uuid,machine_type\n{SERVER},{PC}\n')
        hints = export_inputs.source_hints(
            self.given(source_hosts=[str(path)])
        )
        (guest,) = hints.guests
        self.assertEqual((SERVER, PC), (guest.server_id, guest.machine_type))

    def test_a_directory_without_any_is_refused(self) -> None:
        directory = str(self.directory())
        error = self.assertRaises(
            FileError,
            export_inputs.source_hints,
            self.given(source_hosts=[directory]),
        )
        self.assertIn(directory, str(error))

    def test_the_default_of_a_release_that_records_nothing_is_taken(
        self,
    ) -> None:
        hints = export_inputs.source_hints(
            self.given(
                source_release='rhosp16.2',
                default_machine_type=[('aarch64', 'virt')],
            )
        )
        said = [
            (one.get('x86_64'), one.evidence)
            for one in hints.defaults
            if one.get('x86_64')
        ]
        self.assertEqual([(PC, Evidence.RELEASE_DEFAULT)], said)
        self.assertEqual('virt', hints.defaults[0].get('aarch64'))

    def test_a_release_that_records_types_gives_no_default(self) -> None:
        with self.assertLogs(
            'osc_hwmt.commands.export_inputs', 'WARNING'
        ) as logs:
            hints = export_inputs.source_hints(
                self.given(source_release='rhosp17.1')
            )
        self.assertIn('its default is not used', logs.output[0])
        self.assertEqual([None], [one.get('x86_64') for one in hints.defaults])

    def test_translate_and_pin_need_something_to_know_by(self) -> None:
        for option in ('translate', 'pin'):
            said = self.refused(**{option: True})
            self.assertIn(f'--{option}: only allowed with ', said)
            self.assertIn('--destination-release', said)
        self.assertIn('--source-release', self.refused(pin=True))

    def test_standard_input_stands_in_one_option_alone(self) -> None:
        self.assertIn(
            'once', self.refused(source_hosts=['-'], destination_hosts=['-'])
        )
