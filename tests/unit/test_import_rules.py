# SPDX-License-Identifier: Apache-2.0

"""Who may import whom: the rooms of the package, read from its source."""

from __future__ import annotations

import ast
import functools
import json
import pathlib
import subprocess
import sys
from collections.abc import Iterator

import osc_hwmt
from tests.unit.support import cases

ROOT = pathlib.Path(osc_hwmt.__file__).parent

#: The rooms in their order of import: each may import those above it, and
#: its own modules.
ROOMS = (
    'i18n display exceptions pasted',
    'model',
    'local',
    'yaml_text',
    'cloud',
    'manifest',
    'journal',
    'compatibility',
    'collected',
    'source',
    'destination',
    'probes',
    'tables',
    'report',
    'hook',
    'gate',
    'commands',
    'plugin',
)
#: Rooms and modules without effects, and the modules in them that have some.
PURE = (
    'model',
    'yaml_text',
    'cloud.interface',
    'manifest',
    'journal.format',
    'journal.history',
    'compatibility',
    'source',
    'destination.match',
    'destination.approved',
    'destination.plan',
    'destination.plan_file',
    'destination.presence',
    'destination.progress',
    'destination.refusals',
    'destination.rollback',
    'destination.verify',
    'destination.too_late',
    'destination.finding_codes',
    'destination.volume_map',
    'gate.request',
    'report',
)
EFFECTFUL = (
    'model.memory',
    'compatibility.release_file',
    'source.export',
    'source.selection',
    'report.file',
)
#: What code without any effect has no use for.
EFFECTS = frozenset(
    'asyncio concurrent http io multiprocessing os pathlib requests shutil '
    'socket subprocess sys tempfile threading time urllib'.split()
)
#: What other rooms than commands and hook know a cloud by.
CLOUD = ('contents', 'interface', 'mark', 'retry')
#: Which rooms alone import these.
CLIENTS = {
    'cinderclient': 'cloud',
    'keystoneauth1': 'cloud',
    'openstack': 'cloud',
    'requests': 'cloud',
    'urllib3': 'cloud',
    'ansible': 'hook',
    'nova': 'gate',
    'waitress': 'gate',
}
FLOOR = {
    room: floor for floor, rooms in enumerate(ROOMS) for room in rooms.split()
}


@functools.cache
def _modules() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each module's name within the package, and what it imports."""
    return tuple(_read())


def _read() -> Iterator[tuple[str, tuple[str, ...]]]:
    for path in sorted(ROOT.rglob('*.py')):
        parts = path.relative_to(ROOT).with_suffix('').parts
        name = '.'.join(part for part in parts if part != '__init__')
        tree = ast.parse(path.read_text(encoding='utf-8'))
        yield name, tuple(_imports(tree))


def _imports(tree: ast.AST) -> Iterator[str]:
    """Yield the full names of everything that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (
                '.' * node.level + f'{node.module}.{alias.name}'
                for alias in node.names
            )


def _within(name: str, places: tuple[str, ...]) -> bool:
    return any(f'{name}.'.startswith(f'{place}.') for place in places)


def _loaded_by(statement: str, before: str = 'pass') -> set[str]:
    """Return the modules that a statement loads into a fresh interpreter."""
    program = (
        f'import json, sys\n{before}\nbefore = set(sys.modules)\n{statement}\n'
        'print(json.dumps(sorted(set(sys.modules) - before)))\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', program],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT.parent,
        env=cases.without_openstack(),
    )
    return set(json.loads(done.stdout))


class RoomsTest(cases.TestCase):
    def test_every_module_is_in_a_room(self) -> None:
        rooms = {name.partition('.')[0] for name, _imported in _modules()}
        self.assertEqual({'', *FLOOR}, rooms)

    def test_no_module_imports_from_a_room_below_its_own(self) -> None:
        for name, imported in _modules():
            room = name.partition('.')[0]
            for one in imported:
                package, _dot, rest = one.partition('.')
                other = rest.partition('.')[0]
                if package == 'osc_hwmt' and {room, other} <= set(FLOOR):
                    self.assertLessEqual(
                        FLOOR[other], FLOOR[room], f'{name} imports {one}'
                    )

    def test_no_import_is_relative(self) -> None:
        for name, imported in _modules():
            self.assertEqual([], [o for o in imported if o[0] == '.'], name)

    def test_pure_modules_import_nothing_with_effects(self) -> None:
        for name, imported in _modules():
            if _within(name, PURE) and not _within(name, EFFECTFUL):
                heads = {one.partition('.')[0] for one in imported}
                self.assertEqual(set(), heads & EFFECTS, name)
                self.assertFalse(
                    any(_within(one, ('osc_hwmt.local',)) for one in imported),
                    f'{name} imports local',
                )

    def test_a_client_library_is_imported_in_its_room_alone(self) -> None:
        for name, imported in _modules():
            for one in imported:
                owner = CLIENTS.get(one.partition('.')[0])
                if owner:
                    self.assertEqual(
                        owner, name.partition('.')[0], f'{name} imports {one}'
                    )

    def test_what_carries_a_plan_out_knows_a_cloud_by_its_interface(
        self,
    ) -> None:
        for name, imported in _modules():
            if not _within(name, ('cloud', 'commands', 'gate', 'hook')):
                for one in imported:
                    if _within(one, ('osc_hwmt.cloud',)):
                        self.assertIn(
                            one.split('.')[2], CLOUD, f'{name} imports {one}'
                        )

    def test_the_plugin_imports_nothing_of_the_package(self) -> None:
        imported = dict(_modules())['plugin']
        self.assertEqual([], [o for o in imported if 'osc_hwmt' in o])


class StartUpTest(cases.TestCase):
    def test_the_plugin_loads_nothing_but_itself(self) -> None:
        loaded = _loaded_by('import osc_hwmt.plugin')
        self.assertEqual(
            {'osc_hwmt', 'osc_hwmt.plugin'},
            {one for one in loaded if one.startswith('osc_hwmt')},
        )

    def test_the_commands_load_nothing_more_until_one_runs(self) -> None:
        # The newest cliff imports every plugin's command modules at every
        # start of openstack.
        shell = 'import openstackclient.shell'
        commands = (
            'import osc_hwmt.commands.apply, osc_hwmt.commands.export, '
            'osc_hwmt.commands.list, osc_hwmt.commands.verify'
        )
        own = {
            one
            for one in _loaded_by(f'{shell}; {commands}')
            if one.partition('.')[0] == 'osc_hwmt'
        }
        self.assertIn('osc_hwmt.commands.apply', own)
        # The shell itself loads the plugin where the package is installed.
        self.assertEqual(
            {
                'osc_hwmt',
                'osc_hwmt.display',
                'osc_hwmt.exceptions',
                'osc_hwmt.i18n',
            },
            {one for one in own if not one.startswith('osc_hwmt.commands')}
            - {'osc_hwmt.plugin'},
        )
        loaded = _loaded_by(commands, before=shell)
        heavy = {*CLIENTS, 'concurrent', 'yaml'}
        self.assertEqual(
            set(), {one.partition('.')[0] for one in loaded} & heavy
        )

    def test_the_filter_loads_nothing_that_nova_api_may_lack(self) -> None:
        loaded = _loaded_by('import osc_hwmt.gate.nova_filter')
        lacking = {*CLIENTS, 'cliff', 'osc_lib', 'openstackclient'}
        lacking -= {'keystoneauth1', 'requests', 'urllib3'}
        self.assertEqual(
            set(), {one.partition('.')[0] for one in loaded} & lacking
        )
