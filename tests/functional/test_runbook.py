# SPDX-License-Identifier: Apache-2.0

"""The commands of the runbook and of undoing it, run as they are there."""

from __future__ import annotations

import os
import re
import subprocess
import unittest
from pathlib import Path

from tests.clouds.scenario import I440FX, Q35
from tests.functional import fleet
from tests.functional.base import LIMIT, without_cloud
from tests.functional.fork_server import OPENSTACK
from tests.waves.site import Planned, Site, Size

_ROOT = Path(__file__).parents[2]
#: In the order in which an operator reads them.
PAGES = [
    _ROOT / 'doc/source/guides' / name
    for name in ('whole-cloud.rst', 'undo.rst')
]
_COMMAND = re.compile(r'^    \$ ((?:.*\\\n)*.*)$', re.MULTILINE)
#: What tests/hook runs, where there is an Ansible.
ELSEWHERE = 'ansible-playbook '
#: Who commits, whatever this machine has.
_GIT = {
    f'GIT_{who}_{what}': value
    for who in ('AUTHOR', 'COMMITTER')
    for what, value in (('NAME', 'Operator'), ('EMAIL', 'o@example.test'))
}


class RunbookTest(unittest.TestCase):
    site: Site

    @classmethod
    def setUpClass(cls) -> None:
        if not fleet.available():
            raise unittest.SkipTest('only the test clouds take rows')
        cls.site = Site(Size(servers=4, projects=2, waves=2), copied=False)
        cls.addClassCleanup(cls.site.close)

    def setUp(self) -> None:
        self.home = self.site.directory
        self.wave = [one for one in self.site.servers if one.wave == 1]
        for number, name in enumerate(('crm', 'erp')):
            path = self.home / 'data' / name / 'workloads.yml'
            path.parent.mkdir(parents=True)
            path.write_text(self.site.workloads(number))
        self.write('wave-1.txt', *(one.name for one in self.wave))
        self.write(
            'source/domains.csv',
            'uuid,machine_type',
            f'{self.site.source_ids[self.site.servers[0].name]},{I440FX}',
        )
        self.write(
            'destination/compute-0.txt',
            'Supported machines are:',
            f'{I440FX}  RHEL 7 PC',
            f'{Q35}  RHEL 8 PC (default)',
        )
        self.write(
            'decide.yml',
            'rules:',
            f'- servers: [{self.undecided().name}]',
            f'  set: {{hw_machine_type: {I440FX}}}',
        )
        self.exported: list[str] = []

    def undecided(self) -> Planned:
        """Return the server of which the source recorded nothing."""
        (one,) = [one for one in self.site.servers if one.found is None]
        return one

    def write(self, name: str, *lines: str) -> None:
        path = self.home / name
        path.parent.mkdir(exist_ok=True)
        path.write_text('\n'.join(lines) + '\n')

    def run_line(self, line: str) -> str:
        """Return what a line prints; it has to end well."""
        if line.startswith('export '):
            self.exported.append(line)
        bin_directory = Path(OPENSTACK).parent
        done = subprocess.run(
            ['bash', '-c', '\n'.join([*self.exported, line])],
            cwd=self.home,
            env={
                **without_cloud(self.site.configuration, _GIT),
                'PATH': f'{bin_directory}:{os.environ["PATH"]}',
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        self.assertEqual(0, done.returncode, f'{line}\n{done.stdout}')
        return done.stdout

    def test_every_command_does_what_the_runbook_says(self) -> None:
        lines = [
            line
            for page in PAGES
            for line in _COMMAND.findall(page.read_text())
        ]
        printed: dict[str, str] = {}
        for line in lines:
            if line.startswith(ELSEWHERE):
                continue
            if '--save-plan' in line:
                self.site.copy_volumes(self.wave)
            if 'server delete' in line:
                for one in self.wave:
                    self.site.keep_volume(one)
            if 'server start' in line:
                self.site.source.copies.stop(
                    self.site.source_ids[one.name] for one in self.wave
                )
            printed[line] = self.run_line(line)
            if '--plan wave-1.plan' in line:
                self.site.build(self.wave)
                self.assertEqual(
                    {one.name: one.found or I440FX for one in self.wave},
                    dict(self.site.built_with()),
                )
        self.assertEqual({None}, set(self.site.on_volumes().values()))
        said = '\n'.join(printed.values())
        self.assertIn('Report: wave-1.html', said)
        self.assertIn('4 servers in 2 projects', said)
        self.assertTrue(list((self.home / 'journals').glob('*.journal')))
        self.assertIn('wave-1.html', (self.home / 'SHA256SUMS').read_text())
