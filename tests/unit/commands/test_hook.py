# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import argparse
import configparser
import subprocess

from osc_hwmt.commands.hook import ShowHook
from tests.unit.support import cases
from tests.unit.support.shell import App

HOOK = 'osc_hwmt.machine_type.hook'


class HookTest(cases.TestCase):
    def run_command(self, *words: str) -> str:
        app = App()
        command = ShowHook(app, argparse.Namespace())
        command.run(command.get_parser('x').parse_args(words))
        return app.stdout.getvalue()

    def evaluated(self, before: str) -> str:
        """Return the variable after a shell has read the lines."""
        done = subprocess.run(
            [
                'sh',
                '-c',
                f'{before}\n{self.run_command()}'
                'echo $ANSIBLE_CALLBACKS_ENABLED',
            ],
            env={'PATH': '/usr/bin:/bin'},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def test_a_shell_enables_the_hook_by_its_full_name(self) -> None:
        self.assertEqual(HOOK, self.evaluated(''))

    def test_a_shell_keeps_what_it_had(self) -> None:
        self.assertEqual(
            f'timer,{HOOK}', self.evaluated('ANSIBLE_CALLBACKS_ENABLED=timer')
        )

    def test_ansible_cfg_takes_the_other_form(self) -> None:
        parser = configparser.ConfigParser()
        parser.read_string(self.run_command('--ansible-cfg'))
        self.assertEqual({'callbacks_enabled': HOOK}, dict(parser['defaults']))
        self.assertEqual('stop', parser['osc_hwmt']['on_failure'])
