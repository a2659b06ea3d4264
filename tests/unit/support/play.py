# SPDX-License-Identifier: Apache-2.0

"""As much of Ansible's objects as is used of them.

What Ansible itself makes of them is tested in tests/hook.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any
from unittest import mock

import testtools

from osc_hwmt.hook.os_migrate import Workload
from osc_hwmt.hook.play import Ending, Surroundings

TRANSFER = 'os_migrate.os_migrate.import_workload_transfer_volumes'
PRELIMINARY = 'os_migrate.os_migrate.import_workload_prelim'
CREATE = 'os_migrate.os_migrate.import_workload_create_instance'
CLEAN_UP = 'os_migrate.os_migrate.import_workload_dst_failure_cleanup'
EXPORT_DETACHED = 'os_migrate.os_migrate.import_volumes_export'
CLEAN_UP_DETACHED = 'os_migrate.os_migrate.import_volumes_src_cleanup'
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


class TemplateError(Exception):
    """A template has a variable that is not set."""


class Templar:
    """Knows templates that are one variable's name."""

    def __init__(self, loader: object, variables: Mapping[str, Any]) -> None:
        self._variables = variables

    def template(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith('{{'):
            name = value.strip('{ }')
            if name not in self._variables:
                raise TemplateError(name)
            return self.template(self._variables[name])
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


def start(
    action: str, data: object = None, host: str = 'migrator'
) -> tuple[Any, Any]:
    """Return a host and the task that starts there."""
    task = types.SimpleNamespace(
        action=action,
        args={'data': data},
        get_loader=lambda: None,
        when=['prelim.changed'],
    )
    return types.SimpleNamespace(name=host), task


def pretend_ansible(case: testtools.TestCase) -> None:
    """Let a test import as much of Ansible as is used, until it ends."""
    template = Templates()
    errors = mock.Mock(AnsibleError=TemplateError)
    unsafe = types.ModuleType('ansible.utils.unsafe_proxy')
    unsafe.wrap_var = lambda text: f'not a template: {text}'  # type: ignore[attr-defined]
    loaded = {
        'ansible': mock.Mock(template=template, errors=errors),
        'ansible.errors': errors,
        'ansible.template': template,
        'ansible.utils': types.ModuleType('ansible.utils'),
        'ansible.utils.unsafe_proxy': unsafe,
    }
    patch = mock.patch.dict('sys.modules', loaded)
    patch.start()
    case.addCleanup(patch.stop)
