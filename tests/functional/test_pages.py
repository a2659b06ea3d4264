# SPDX-License-Identifier: Apache-2.0

"""The commands of the documentation, run as they are there, page by page."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import termios
import unittest
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import yaml

from tests import console
from tests.clouds import domain
from tests.clouds.scenario import I440FX, Q35
from tests.functional import fleet
from tests.functional.base import LIMIT, fork_server, without_cloud
from tests.functional.fork_server import OPENSTACK
from tests.functional.terminal import Terminal
from tests.waves.site import Planned, Site, Size

ROOT = Path(__file__).parents[2]
#: What a terminal gets beside the text.
_CONTROL = re.compile('\x1b\\[[0-9;?]*[A-Za-z]|[^\n]*\r(?!\n)')
_QUESTION = '[y/N] '
#: A command of which a shell does no more than to part its words.
_PLAIN = re.compile(r'openstack [^|<>;&`\n]*(\\\n[^|<>;&`\n]*)*')
#: What a shell keeps from one command to the next.
_KEPT = ('export ', 'umask ', 'cd ')
#: Who commits, whatever this machine has.
_GIT = {
    f'GIT_{who}_{what}': value
    for who in ('AUTHOR', 'COMMITTER')
    for what, value in (('NAME', 'Operator'), ('EMAIL', 'o@example.test'))
}
UNDO = 'doc/source/guides/undo.rst'
#: A journal of one run, by the name that the page gives it.
_JOURNAL = re.compile(r'vms\.yml\.\w+\.journal')
#: What happens elsewhere before a command that has these words in it.
Directions = Sequence[tuple[str, Callable[[], object]]]


class PageTest(unittest.TestCase):
    """A page whose commands are typed in a directory and a shell."""

    site: Site
    #: What pages call what the tests call otherwise.
    names: ClassVar[dict[str, str]] = {}

    def setUp(self) -> None:
        self.home = self.site.directory
        self.kept: list[str] = []
        self.printed: dict[str, str] = {}

    def write(self, name: str, *lines: str) -> None:
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('\n'.join(lines) + '\n')

    def follow(
        self,
        page: str,
        directions: Directions = (),
        chosen: Callable[[str], bool] = bool,
    ) -> None:
        """Type the commands of a page, and compare what they print.

        Of these all, or those whose text is ``chosen``.
        """
        commands = [
            one
            for one in console.commands((ROOT / page).read_text())
            if chosen(one.text)
        ]
        self.assertNotEqual([], commands, f'{page} has no commands')
        for command in commands:
            if command.not_run is not None:
                continue
            for words, happens in directions:
                if words in command.text:
                    happens()
            place = f'{page}:{command.line}: {command.text}'
            printed = self.type(command, place)
            self.printed[command.text] = printed
            if command.output is not None:
                self.assertTrue(
                    console.matches(command.output, printed),
                    f'{place}\nThe page shows:\n{command.output}\n'
                    f'It printed:\n{printed}',
                )

    def type(self, command: console.Command, place: str) -> str:
        """Return what a terminal shows of a command; "y" is the answer."""
        if command.text.startswith(_KEPT):
            self.kept.append(command.text)
        terminal = Terminal()
        self.addCleanup(terminal.close)
        # Wide enough for every line.
        fcntl.ioctl(
            terminal.end, termios.TIOCSWINSZ, struct.pack('4H', 50, 999, 0, 0)
        )
        run = self.fork if _PLAIN.fullmatch(command.text) else self.bash
        with ThreadPoolExecutor(1) as pool:
            code = pool.submit(run, command.text, terminal.end)
            shown = terminal.answer(code.done, _QUESTION, 'y\n')
        printed = _CONTROL.sub('', shown).replace('\r', '')
        for ours, theirs in self.names.items():
            printed = printed.replace(ours, theirs)
        self.assertEqual(
            command.exit_code, code.result(), f'{place}\n{printed}'
        )
        return printed

    def bash(self, text: str, terminal: int) -> int:
        """Run a text as a shell does, on a terminal; return its exit code."""
        return self.shell(
            text, stdin=terminal, stdout=terminal, stderr=terminal
        ).returncode

    def fork(self, text: str, terminal: int) -> int:
        """Do the same without starting "openstack" anew."""
        words = self.shell(f"printf '%s\\0' {text}; echo; env -0").stdout
        words, _newline, environment = words.partition('\0\n')
        variables = dict(
            one.split('=', 1) for one in environment.strip('\0').split('\0')
        )
        return fork_server().run_on(
            (terminal, terminal, terminal),
            *words.split('\0')[1:],
            environment=variables,
            directory=Path(variables['PWD']),
            limit=LIMIT,
        )

    def shell(
        self,
        text: str,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.PIPE,
        stderr: int | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ['bash', '-c', '\n'.join([*self.kept, text])],
            cwd=self.home,
            env={
                **without_cloud(self.site.configuration, _GIT),
                'PATH': f'{Path(OPENSTACK).parent}:{os.environ["PATH"]}',
            },
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            text=True,
            timeout=LIMIT,
            check=False,
        )


class OneProjectTest(PageTest):
    """A member of a project moves its servers; each page begins anew."""

    @classmethod
    def setUpClass(cls) -> None:
        if not fleet.available():
            raise unittest.SkipTest('only the test clouds take rows')
        # A project of its own has the servers that others are copied from.
        servers = [
            Planned(name, project=1, wave=1, found=found)
            for name, found in (
                ('erp-win2012', I440FX),
                ('web-q35', Q35),
                ('plain-linux', None),
            )
        ]
        cls.site = Site(
            Size(servers=3, projects=2, waves=1), copied=True, servers=servers
        )
        cls.addClassCleanup(cls.site.close)
        cls.names = {f'{cls.site.run}-p01': 'demo'}
        cls.site.configuration.write_text(
            yaml.safe_dump(
                {
                    'clouds': {
                        'src': cls.site.source.as_member(1),
                        'dst': cls.site.destination.as_member(1),
                    }
                }
            )
        )

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.site.forget)
        self.write(
            'source/compute-0.txt',
            *(
                domain.dumped(
                    self.site.source_ids[one.name], one.found or I440FX
                )
                for one in self.site.servers
            ),
        )
        self.addCleanup(lambda: (self.home / 'vms.yml').unlink())
        self.directions: Directions = (
            ('machine-type apply', self.copy_volumes),
            ('machine-type verify', self.build),
        )

    def command(self, words: str) -> None:
        """Type what a page takes to have been typed before."""
        text = f'openstack migrate machine-type {words}'
        self.type(console.Command(0, text, None), text)

    def export(self) -> None:
        self.command('export --source-cloud src --source-hosts source vms.yml')

    def copy_volumes(self) -> None:
        if not self.site.volume_ids:
            self.site.copy_volumes(self.site.servers)

    def build(self) -> None:
        if not self.site.server_ids:
            # Nobody creates them in the seconds after apply.
            self.site.build(self.site.servers, later=60.0)

    def check(self) -> None:
        """Every server was built with what it ran on."""
        self.assertEqual(
            {one.name: one.found or I440FX for one in self.site.servers},
            dict(self.site.built_with()),
        )

    def test_the_quick_start(self) -> None:
        self.follow('doc/source/start/quick-start.rst', self.directions)
        self.check()

    def test_the_readme(self) -> None:
        self.follow('README.rst', self.directions)
        self.check()

    def test_the_guide_without_os_migrate(self) -> None:
        self.follow(
            'doc/source/guides/without-os-migrate.rst', self.directions
        )
        self.check()

    def test_the_guide_for_tenants(self) -> None:
        self.follow('doc/source/guides/tenants.rst')

    def test_the_guide_to_undecided_servers(self) -> None:
        self.follow('doc/source/guides/undecided.rst')

    def test_the_approval_of_a_plan(self) -> None:
        self.export()
        self.follow('doc/source/guides/plan.rst', self.directions)
        self.build()
        self.check()

    def test_the_undoing_of_one_run(self) -> None:
        (journal,) = set(_JOURNAL.findall((ROOT / UNDO).read_text()))
        self.export()
        self.copy_volumes()
        self.command(
            f'apply --destination-cloud dst --journal {journal} vms.yml'
        )
        self.follow(
            UNDO, chosen=lambda text: _JOURNAL.search(text) is not None
        )


class WholeCloudTest(PageTest):
    """An administrator moves two projects in waves, and undoes a wave."""

    @classmethod
    def setUpClass(cls) -> None:
        if not fleet.available():
            raise unittest.SkipTest('only the test clouds take rows')
        cls.site = Site(Size(servers=4, projects=2, waves=2), copied=False)
        cls.addClassCleanup(cls.site.close)

    def setUp(self) -> None:
        super().setUp()
        self.wave = [one for one in self.site.servers if one.wave == 1]
        for number, name in enumerate(('crm', 'erp')):
            self.write(
                f'data/{name}/workloads.yml', self.site.workloads(number)
            )
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
        (undecided,) = [one for one in self.site.servers if not one.found]
        self.write(
            'decide.yml',
            'rules:',
            f'- servers: [{undecided.name}]',
            f'  set: {{hw_machine_type: {I440FX}}}',
        )

    def build(self) -> None:
        self.site.build(self.wave)

    def test_a_wave_and_its_undoing(self) -> None:
        self.follow(
            'doc/source/guides/whole-cloud.rst',
            (
                ('--save-plan', lambda: self.site.copy_volumes(self.wave)),
                ('--report wave-1.html', self.build),
            ),
        )
        self.assertEqual(
            {one.name: one.found or I440FX for one in self.wave},
            dict(self.site.built_with()),
        )
        said = '\n'.join(self.printed.values())
        self.assertIn('Report: wave-1.html', said)
        self.assertIn('4 servers in 2 projects', said)
        self.assertTrue(list((self.home / 'journals').glob('*.journal')))
        self.assertIn('wave-1.html', (self.home / 'SHA256SUMS').read_text())
        source = self.site.source
        self.follow(
            UNDO,
            (
                ('server delete', self.keep_volumes),
                (
                    'server start',
                    lambda: source.copies.stop(
                        self.site.source_ids[one.name] for one in self.wave
                    ),
                ),
            ),
            lambda text: not _JOURNAL.search(text),
        )
        self.assertEqual({None}, set(self.site.on_volumes().values()))

    def keep_volumes(self) -> None:
        for one in self.wave:
            self.site.keep_volume(one)
