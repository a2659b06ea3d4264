# SPDX-License-Identifier: Apache-2.0

"""The built wheel, installed: what it holds and what it does to openstack."""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

import testtools

_COMMANDS = (
    'apply',
    'collector',
    'export',
    'gate',
    'gate filter',
    'gate journal',
    'hook',
    'list',
    'rollback',
    'verify',
)
#: What commands import only when they run.
_HEAVY_COMMANDS = ('osc_hwmt.commands.approval', 'osc_hwmt.commands.inputs')


def _installed() -> metadata.Distribution:
    """Return what was installed, whatever lies in this directory."""
    path = [sysconfig.get_path('purelib')]
    (found,) = metadata.distributions(name='osc-hwmt', path=path)
    return found


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / words[0], *words[1:]],
        # Elsewhere than the checkout, so that the wheel is what is imported.
        cwd='/',
        capture_output=True,
        text=True,
        check=True,
    )


class WheelTest(testtools.TestCase):  # type: ignore[misc]
    """The tests of an environment into which the wheel was installed."""

    def test_a_wheel_holds_the_package_and_nothing_else(self) -> None:
        files = _installed().files or []
        tops = {
            file.parts[0] for file in files if '__pycache__' not in file.parts
        }
        self.assertIn('osc_hwmt', tops, 'this is no installed wheel')
        others = {top for top in tops if not top.startswith('osc_hwmt')}
        self.assertEqual({'ansible_collections'}, others)

    def test_a_wheel_holds_what_is_known_of_machine_types(self) -> None:
        known = _run(
            'python',
            '-c',
            'from osc_hwmt.compatibility import release_file\n'
            'print(*release_file.load().products)',
        )
        self.assertIn('rhoso18', known.stdout.split())

    def test_a_wheel_holds_the_whole_collection(self) -> None:
        collection = 'ansible_collections/osc_hwmt/machine_type/'
        held = {
            str(file)
            for file in _installed().files or []
            if str(file).startswith(collection) and file.suffix != '.pyc'
        }
        root = Path(__file__).parents[2]
        self.assertEqual(
            {
                str(path.relative_to(root))
                for path in (root / collection).rglob('*')
                if path.is_file() and path.suffix != '.pyc'
            },
            held,
        )

    def test_a_wheel_holds_the_collector(self) -> None:
        files = {str(file) for file in _installed().files or []}
        for name in ('collect.sh', 'collect.yml'):
            self.assertIn(f'osc_hwmt/collector/{name}', files)

    def test_a_wheel_holds_the_parts_of_the_report(self) -> None:
        files = {str(file) for file in _installed().files or []}
        for name in ('page.html', 'page.css', 'page.js'):
            self.assertIn(f'osc_hwmt/data/{name}', files)

    def test_a_wheel_holds_the_schema_of_the_manifest(self) -> None:
        files = {str(file) for file in _installed().files or []}
        self.assertIn('osc_hwmt/data/manifest.schema.json', files)

    def test_its_metadata_is_complete(self) -> None:
        about = _installed().metadata
        self.assertEqual('>=3.9', about['Requires-Python'])
        self.assertIn(
            'Apache', about['License'] or about['License-Expression']
        )
        self.assertIn('openstack migrate', about['Description'])

    def test_openstack_knows_the_commands(self) -> None:
        listed = _run('openstack', 'migrate', 'machine-type', '--help').stdout
        for command in _COMMANDS:
            self.assertIn(f'migrate machine-type {command}', listed)
            words = command.split()
            _run('openstack', 'migrate', 'machine-type', *words, '--help')

    def test_no_other_command_says_anything_new(self) -> None:
        done = _run('openstack', '--version')
        self.assertEqual('', done.stderr)
        self.assertEqual(1, len(done.stdout.splitlines()))

    def test_no_other_command_loads_more_than_command_lines(self) -> None:
        program = (
            'import sys, openstackclient.shell as shell\n'
            'try:\n'
            '    shell.main(["module", "list"])\n'
            'except SystemExit:\n'
            '    pass\n'
            'print("LOADED", *sorted(m for m in sys.modules '
            'if m.startswith("osc_hwmt")))'
        )
        last = _run('python', '-c', program).stdout.splitlines()[-1]
        # Exceptions shorten what they name, by display, which needs only re.
        light = re.compile(
            r'osc_hwmt(\.(plugin|display|exceptions|i18n|commands.*))?'
        )
        heavy = [
            name
            for name in last.split()[1:]
            if not light.fullmatch(name) or name in _HEAVY_COMMANDS
        ]
        self.assertEqual([], heavy, 'these cost every command time')
