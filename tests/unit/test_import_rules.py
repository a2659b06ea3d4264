# SPDX-License-Identifier: Apache-2.0

"""Who may import whom: the layers of the package, read from its source."""

from __future__ import annotations

import ast
import json
import pathlib
import subprocess
import sys
from collections.abc import Iterator

import osc_hwmt
from tests.unit import base

ROOT = pathlib.Path(osc_hwmt.__file__).parent

#: Each layer may import those above it and its own members.
LAYERS = (
    (
        '',
        'compact',
        'display',
        'exceptions',
        'i18n',
    ),
    (
        'fitness',
        'hardware',
        'inventory',
        'knowledge',
        'knowledge.abilities',
        'machine_type',
        'observation',
        'patience',
        'pool',
        'temporary',
        'temporary.run_mark',
    ),
    (
        'boot_volume',
        'capture',
        'capture.capabilities',
        'capture.documents',
        'capture.domain',
        'capture.host_file',
        'capture.host_name',
        'capture.json_values',
        'capture.machine_list',
        'capture.nova_manage',
        'capture.place',
        'capture.recognise',
        'capture.server_rows',
        'capture.table',
        'capture.xml_documents',
        'cloud',
        'cloud.interface',
        'evidence',
        'found',
        'journal',
        'journal.history',
        'journal.lines',
        'judgement',
        'knowledge.computes',
        'knowledge.form',
        'knowledge.listing',
        'knowledge.releases',
        'knowledge.support',
        'manifest',
        'manifest.as_a_whole',
        'manifest.change',
        'manifest.check',
        'manifest.diff',
        'manifest.edit',
        'manifest.effect',
        'manifest.entry',
        'manifest.facts',
        'manifest.in_pieces',
        'manifest.overrides',
        'manifest.parking',
        'manifest.reading',
        'manifest.record',
        'manifest.refresh',
        'manifest.resource',
        'manifest.trap',
        'manifest.update',
        'match',
        'meanings',
        'os_migrate',
        'page',
        'page.answers',
        'page.cells',
        'page.document',
        'page.drawing',
        'page.findings',
        'page.markup',
        'page.picture',
        'page.servers',
        'page.verdict',
        'page.ways',
        'plan',
        'proposal',
        'rollback',
        'rules',
        'rules.chipset_change',
        'rules.combinations',
        'rules.definition',
        'rules.offered',
        'too_late',
        'verify',
        'volume_map',
        'write',
        'yaml_text',
        'yaml_text.document',
        'yaml_text.edit',
        'yaml_text.parts',
        'yaml_text.proof',
        'yaml_text.reader',
    ),
    (
        'apply',
        'assess',
        'attempt',
        'capture.collected',
        'capture.files',
        'collect',
        'columns',
        'export',
        'hook',
        'journal.file',
        'journal.journals',
        'knowledge.file',
        'list_report',
        'page_file',
        'project_lock',
        'replacement',
        'report',
        'rollback_report',
        'temporary.nova_record',
        'temporary.probe',
        'temporary.run',
        'temporary.run_lock',
        'text_file',
        'wait',
        'wait_report',
    ),
    (
        'cloud.block_storage',
        'cloud.compute',
        'cloud.connection',
        'cloud.errors',
        'cloud.identity',
        'cloud.images',
        'cloud.inspecting',
        'cloud.microversions',
        'cloud.paging',
        'cloud.probing',
        'cloud.temporary',
    ),
    (
        'commands',
        'commands.apply',
        'commands.approval',
        'commands.base',
        'commands.export',
        'commands.hook',
        'commands.inputs',
        'commands.inspecting',
        'commands.interruption',
        'commands.known',
        'commands.list',
        'commands.options',
        'commands.probing',
        'commands.progress',
        'commands.rollback',
        'commands.temporary_run',
        'commands.verify',
        'commands.waiting',
        'commands.writing',
    ),
    (
        'ansible',
        'ansible.callback',
        'ansible.callback.osc_hwmt',
        'ansible.follower',
        'ansible.reading',
        'ansible.stopping',
    ),
    ('plugin',),
)
PURE, CLOUD, COMMANDS, ANSIBLE, PLUGIN = 2, 4, 5, 6, 7
LAYER_OF = {
    name: number for number, layer in enumerate(LAYERS) for name in layer
}
#: What code without any effect has no use for.
EFFECTS = frozenset(
    (
        'asyncio',
        'concurrent',
        'http',
        'io',
        'multiprocessing',
        'os',
        'pathlib',
        'requests',
        'shutil',
        'socket',
        'subprocess',
        'sys',
        'tempfile',
        'threading',
        'time',
        'urllib',
    )
)
CLIENTS = frozenset(
    ('cinderclient', 'keystoneauth1', 'openstack', 'requests', 'urllib3')
)


def _modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(ROOT.rglob('*.py')):
        parts = path.relative_to(ROOT).with_suffix('').parts
        name = '.'.join(part for part in parts if part != '__init__')
        yield name, ast.parse(path.read_text(encoding='utf-8'))


def _imports(tree: ast.AST) -> Iterator[str]:
    """Yield the full names of everything that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield 'relative'
            for alias in node.names:
                yield f'{node.module}.{alias.name}'


def _own(imported: str) -> str | None:
    """Return which of our modules an import means, None if none of ours."""
    head, _dot, rest = imported.partition('.')
    if head != 'osc_hwmt':
        return None
    while rest and rest not in LAYER_OF:
        rest = rest.rpartition('.')[0]
    return rest


def _foreign(tree: ast.AST) -> set[str]:
    return {name.partition('.')[0] for name in _imports(tree)}


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
        env=base.without_openstack(),
    )
    return set(json.loads(done.stdout))


class LayersTest(base.TestCase):
    def test_every_module_has_its_layer(self) -> None:
        self.assertEqual(
            sorted(LAYER_OF), sorted(name for name, _tree in _modules())
        )

    def test_nobody_imports_from_a_higher_layer(self) -> None:
        for name, tree in _modules():
            for imported in _imports(tree):
                self.assertNotEqual('relative', imported, name)
                own = _own(imported)
                if own is not None:
                    self.assertLessEqual(
                        LAYER_OF[own],
                        LAYER_OF[name],
                        f'{name or "osc_hwmt"} imports {own}',
                    )

    def test_what_is_pure_has_no_effects(self) -> None:
        for name, tree in _modules():
            if LAYER_OF[name] == PURE:
                self.assertEqual(
                    set(), _foreign(tree) & (EFFECTS | CLIENTS), name
                )

    def test_what_is_pure_needs_no_threads(self) -> None:
        for name, tree in _modules():
            if LAYER_OF[name] == PURE:
                self.assertNotIn('pool', map(_own, _imports(tree)), name)

    def test_only_the_cloud_layer_speaks_to_client_libraries(self) -> None:
        for name, tree in _modules():
            if LAYER_OF[name] != CLOUD:
                self.assertEqual(set(), _foreign(tree) & CLIENTS, name)

    def test_only_the_callback_plugin_needs_ansible(self) -> None:
        for name, tree in _modules():
            if LAYER_OF[name] != ANSIBLE:
                self.assertNotIn('ansible', _foreign(tree), name)

    def test_the_cloud_layer_knows_records_and_nothing_of_manifests(
        self,
    ) -> None:
        for name, tree in _modules():
            if LAYER_OF[name] != CLOUD:
                continue
            for own in map(_own, _imports(tree)):
                self.assertTrue(
                    own is None
                    or LAYER_OF[own] < PURE
                    or own.startswith('cloud'),
                    f'{name} imports {own}',
                )

    def test_what_runs_a_plan_knows_a_cloud_by_its_interface(self) -> None:
        for name, tree in _modules():
            if LAYER_OF[name] < CLOUD:
                for own in map(_own, _imports(tree)):
                    self.assertNotEqual(CLOUD, LAYER_OF.get(own or ''), name)

    def test_the_plugin_imports_nothing_of_the_package(self) -> None:
        (tree,) = (tree for name, tree in _modules() if name == 'plugin')
        self.assertNotIn('osc_hwmt', _foreign(tree))


class StartUpTest(base.TestCase):
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
            {'osc_hwmt', 'osc_hwmt.exceptions', 'osc_hwmt.i18n'},
            {one for one in own if not one.startswith('osc_hwmt.commands')}
            - {'osc_hwmt.plugin'},
        )
        loaded = _loaded_by(commands, before=shell)
        heavy = {*CLIENTS, 'concurrent', 'yaml'}
        self.assertEqual(
            set(), {one.partition('.')[0] for one in loaded} & heavy
        )
