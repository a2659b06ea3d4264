# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import argparse
import configparser
import pathlib
import subprocess

import osc_hwmt
from osc_hwmt.commands.hook import ShowHook
from tests.unit.support import cases
from tests.unit.support.shell import App

PLUGINS = pathlib.Path(osc_hwmt.__file__).parent / 'hook' / 'callback'


class HookTest(cases.TestCase):
    def run_command(self, *words: str) -> str:
        app = App()
        command = ShowHook(app, argparse.Namespace())
        command.run(command.get_parser('x').parse_args(words))
        return app.stdout.getvalue()

    def evaluated(self, before: str) -> list[str]:
        """Return both variables after a shell has read the lines."""
        show = (
            'echo $ANSIBLE_CALLBACK_PLUGINS; echo $ANSIBLE_CALLBACKS_ENABLED'
        )
        done = subprocess.run(
            ['sh', '-c', f'{before}\n{self.run_command()}{show}'],
            env={'PATH': '/usr/bin:/bin'},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()

    def test_a_shell_finds_the_plugin_by_them(self) -> None:
        self.assertEqual([str(PLUGINS), 'osc_hwmt'], self.evaluated(''))
        self.assertTrue((PLUGINS / 'osc_hwmt.py').is_file())

    def test_a_shell_keeps_what_it_had(self) -> None:
        before = (
            'ANSIBLE_CALLBACK_PLUGINS=/mine; ANSIBLE_CALLBACKS_ENABLED=timer'
        )
        self.assertEqual(
            [f'/mine:{PLUGINS}', 'timer,osc_hwmt'], self.evaluated(before)
        )

    def test_ansible_cfg_takes_the_other_form(self) -> None:
        parser = configparser.ConfigParser()
        parser.read_string(self.run_command('--ansible-cfg'))
        self.assertEqual(
            {
                'callback_plugins': str(PLUGINS),
                'callbacks_enabled': 'osc_hwmt',
            },
            dict(parser['defaults']),
        )
        self.assertEqual('stop', parser['osc_hwmt']['on_failure'])
