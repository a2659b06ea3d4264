# SPDX-License-Identifier: Apache-2.0

"""The modules, beside the commands that they run."""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import testtools

from ansible_collections.osc_hwmt.machine_type.plugins.module_utils import (
    command,
)
from osc_hwmt.commands.apply import ApplyMachineType
from osc_hwmt.commands.export import ExportMachineType
from osc_hwmt.commands.rollback import RollBackMachineType
from osc_hwmt.commands.verify import VerifyMachineType
from tests.unit.support.shell import App

_PLUGINS = 'ansible_collections.osc_hwmt.machine_type.plugins'
_COMMANDS = {
    'apply': ApplyMachineType,
    'export': ExportMachineType,
    'rollback': RollBackMachineType,
    'verify': VerifyMachineType,
}
#: Options that a module gives by itself, or that only shape a table.
_NOT_FOR_MODULES = {
    '--auto-approve',
    '--dry-run',
    '--help',
    '--long',
    '--only-problems',
}
#: Approval is a person's, at a terminal.
_OF_PERSONS = {'--plan', '--save-plan'}


def _module(name: str) -> ModuleType:
    return importlib.import_module(f'{_PLUGINS}.modules.{name}')


def _parser(name: str) -> argparse.ArgumentParser:
    return _COMMANDS[name](App(), argparse.Namespace()).get_parser(name)


def _options(name: str) -> dict[str, str]:
    """Return the kind of each of a command's options, by their names."""
    # Python 3.9 calls the group that is not of a formatter by another name.
    (own,) = [
        group
        for group in _parser(name)._action_groups
        if group.title in ('options', 'optional arguments')
    ]
    found = {}
    for action in own._group_actions:
        option = next(
            (one for one in action.option_strings if one.startswith('--')), ''
        )
        if option not in _NOT_FOR_MODULES | _OF_PERSONS:
            found[option[2:].replace('-', '_')] = {
                '_AppendAction': 'list',
                '_StoreTrueAction': 'bool',
            }.get(type(action).__name__, 'value')
    return found


def _kind(spec: dict[str, Any]) -> str:
    return spec['type'] if spec['type'] in ('bool', 'list') else 'value'


class OptionsTest(testtools.TestCase):  # type: ignore[misc]
    """A module has its command's options, by the same names."""

    def test_each_option_of_a_command_is_a_parameter(self) -> None:
        for name in _COMMANDS:
            with self.subTest(name):
                files = 'journals' if name == 'rollback' else 'manifests'
                parameters = {
                    option: _kind(spec)
                    for option, spec in _module(name).SPEC.items()
                    if option not in (*command.SURROUNDINGS, files)
                }
                self.assertEqual(_options(name), parameters)

    def test_each_parameter_is_documented_as_it_is(self) -> None:
        for name in _COMMANDS:
            with self.subTest(name):
                shown = json.loads(
                    subprocess.run(
                        [
                            Path(sys.executable).parent / 'ansible-doc',
                            '--json',
                            f'osc_hwmt.machine_type.{name}',
                        ],
                        capture_output=True,
                        text=True,
                        check=True,
                    ).stdout
                )
                (about,) = shown.values()
                documented = {
                    option: {
                        key: one[key]
                        for key in ('type', 'elements', 'required', 'default')
                        if one.get(key) not in (None, [], '')
                    }
                    for option, one in about['doc']['options'].items()
                }
                self.assertEqual(_module(name).SPEC, documented)

    def test_options_are_spelled_as_the_command_takes_them(self) -> None:
        spec: command.Spec = {
            **command.SURROUNDINGS,
            'manifests': command.FILES,
            'set': {'type': 'list'},
            'pin': {'type': 'bool'},
            'translate': {'type': 'bool'},
            'concurrency': {'type': 'int'},
            'source_release': {'type': 'str'},
        }
        params = {
            'clouds_file': '/etc/clouds.yaml',
            'concurrency': 0,
            'executable': None,
            'manifests': ['a.yml', 'b.yml'],
            'pin': True,
            'set': ['-x=q35', 'erp=null'],
            'source_release': None,
            'translate': False,
        }
        self.assertEqual(
            [
                '--set=-x=q35',
                '--set=erp=null',
                '--pin',
                '--concurrency=0',
                'a.yml',
                'b.yml',
            ],
            list(command.words(spec, params, 'manifests')),
        )
