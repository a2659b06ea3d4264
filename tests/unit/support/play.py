# SPDX-License-Identifier: Apache-2.0

"""As much of Ansible's objects as is used of them.

What Ansible itself makes of them is tested in tests/hook.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

from osc_hwmt.hook.os_migrate import Workload
from osc_hwmt.hook.play import Ending, Surroundings

TRANSFER = 'os_migrate.os_migrate.import_workload_transfer_volumes'
PRELIMINARY = 'os_migrate.os_migrate.import_workload_prelim'
WEB = Workload('source-1', 'web', copies_data=True)
NOWHERE = Surroundings(None, None, {})


def ending(
    action: str = TRANSFER,
    workload: Workload | None = WEB,
    host: str = 'migrator',
    **result: Any,
) -> Ending:
    """Return a task's end."""
    return Ending(host, action, workload, result)


def transferred(volume_id: str = 'v') -> dict[str, Any]:
    """Return what the transfer of one bootable volume returns."""
    return {
        'volume_map': {'/dev/vda': {'source_id': 't', 'dest_id': volume_id}},
        'block_device_mapping': [{'boot_index': 0, 'uuid': volume_id}],
    }


class Templates(types.ModuleType):
    """Stands for ansible.template; what begins with "{{" is a template."""

    def __init__(self) -> None:
        super().__init__('ansible.template')
        self.Templar = Templar


class Templar:
    """Knows templates that are one variable's name."""

    def __init__(self, loader: object, variables: Mapping[str, Any]) -> None:
        self._variables = variables

    def template(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith('{{'):
            return self.template(self._variables[value.strip('{ }')])
        return value


def play(**variables: Any) -> Any:
    """Return a play with these variables."""
    manager = types.SimpleNamespace(
        get_vars=lambda play, host, task: variables
    )
    return types.SimpleNamespace(get_variable_manager=lambda: manager)


def result(
    returned: Mapping[str, Any],
    action: str = TRANSFER,
    host: str = 'migrator',
    arguments: Mapping[str, Any] | None = None,
) -> Any:
    """Return a task's result."""
    return types.SimpleNamespace(
        _host=types.SimpleNamespace(name=host),
        _task=types.SimpleNamespace(
            action=action, get_loader=lambda: None, get_name=lambda: 'task'
        ),
        _result=returned,
        _task_fields={'args': arguments},
    )
