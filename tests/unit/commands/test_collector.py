# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import argparse
import pathlib
import subprocess

from osc_hwmt.commands.collector import ShowCollector
from tests.unit.support import cases
from tests.unit.support.shell import App


class CollectorTest(cases.TestCase):
    def run_command(self, *words: str) -> str:
        app = App()
        command = ShowCollector(app, argparse.Namespace())
        command.run(command.get_parser('x').parse_args(words))
        return app.stdout.getvalue()

    def test_the_script_runs_when_it_is_piped_into_a_shell(self) -> None:
        done = subprocess.run(
            ['sh', '-s', 'domains'],
            input=self.run_command(),
            env={'PATH': '/usr/bin:/bin', 'VIRSH': 'false'},
            capture_output=True,
            text=True,
        )
        self.assertIn('No virsh answers', done.stderr, done)

    def test_the_playbook_is_there_and_so_is_what_it_runs(self) -> None:
        playbook = pathlib.Path(self.run_command('--ansible').strip())
        self.assertIn('script: collect.sh', playbook.read_text('utf-8'))
        self.assertTrue(playbook.with_name('collect.sh').is_file())

    def test_its_own_marks_begin_a_line_whatever_came_before(self) -> None:
        home = self.directory()
        virsh = home / 'virsh'
        virsh.write_text(
            '#!/bin/sh\n'
            'case "$*" in\n'
            '*" uri") ;;\n'
            '*" list "*) echo "*" ;;\n'
            '*dumpxml*) printf "<domain>cut"; exit 1 ;;\n'
            'esac\n'
        )
        virsh.chmod(0o755)
        done = subprocess.run(
            ['sh', '-s', 'domains'],
            input=self.run_command(),
            env={'PATH': '/usr/bin:/bin', 'VIRSH': str(virsh)},
            cwd=home,
            capture_output=True,
            text=True,
        )
        self.assertEqual(
            ['<domain>cut', '# osc-hwmt failed domain *', '# osc-hwmt end'],
            [line for line in done.stdout.splitlines() if line][1:],
            done,
        )
