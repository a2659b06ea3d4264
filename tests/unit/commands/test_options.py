# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import argparse
import contextlib
import io

from osc_hwmt.commands import options
from osc_hwmt.commands.apply import ApplyMachineType
from osc_hwmt.commands.list import ListMachineType
from osc_hwmt.commands.verify import VerifyMachineType
from tests.unit.support import cases, shell


class ConcurrencyTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.parser = argparse.ArgumentParser()
        options.add_concurrency_option(self.parser)

    def read(self, text: str) -> int:
        parsed = self.parser.parse_args([f'--concurrency={text}'])
        return int(parsed.concurrency)

    def test_concurrency_is_a_sensible_number(self) -> None:
        self.assertEqual([1, 256], [self.read('1'), self.read('256')])
        for text in ('0', '-1', '257', 'x', '1.5', '', '²'):
            said = io.StringIO()
            with contextlib.redirect_stderr(said):
                self.assertRaises(SystemExit, self.read, text)
            self.assertIn('expected a number from 1 to 256', said.getvalue())

    def test_concurrency_has_a_default(self) -> None:
        self.assertEqual(
            options.CONCURRENCY, self.parser.parse_args([]).concurrency
        )


class PathTest(cases.TestCase):
    def test_standard_output_is_no_file_to_keep_something_in(self) -> None:
        for command, option in (
            (ApplyMachineType, '--save-plan'),
            (ApplyMachineType, '--journal'),
            (VerifyMachineType, '--report'),
            (ListMachineType, '--save'),
        ):
            parser = command(shell.App(), argparse.Namespace()).get_parser('x')
            said = io.StringIO()
            with contextlib.redirect_stderr(said):
                self.assertRaises(SystemExit, parser.parse_args, [option, '-'])
            self.assertIn(f'{option}: expected a file', said.getvalue())
