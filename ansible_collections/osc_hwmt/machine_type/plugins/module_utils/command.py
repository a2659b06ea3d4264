# SPDX-License-Identifier: Apache-2.0

"""The commands of openstack migrate machine-type, run by a module.

A parameter has the name of the command's option, with underscores.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

Spec = dict[str, dict[str, Any]]
Row = dict[str, Any]

#: What says how a command is run, and is no option of it.
SURROUNDINGS: Spec = {
    'clouds_file': {'type': 'path'},
    'executable': {'type': 'path'},
}
CONCURRENCY: Spec = {'concurrency': {'type': 'int'}}
SERVERS: Spec = {
    'server': {'type': 'list', 'elements': 'str'},
    'servers_from': {'type': 'path'},
}
DESTINATION: Spec = {'destination_cloud': {'type': 'str', 'default': 'dst'}}
ABILITIES: Spec = {
    'destination_hosts': {'type': 'list', 'elements': 'path'},
    'destination_release': {'type': 'str'},
}
JOURNALS: Spec = {
    'journal_directory': {'type': 'path'},
    'note': {'type': 'str'},
}
FILES: dict[str, Any] = {'type': 'list', 'elements': 'path', 'required': True}
#: What apply and verify know of manifests.
MANIFESTS: Spec = {
    'manifests': FILES,
    'only_imported': {'type': 'bool', 'default': False},
    'strict': {'type': 'bool', 'default': False},
    'volume_map': {'type': 'path'},
}


def words(spec: Spec, params: Mapping[str, Any], files: str) -> Iterator[str]:
    """Yield a command's options, then its ``files``."""
    for name in spec:
        value = params[name]
        if name in SURROUNDINGS or name == files:
            continue
        option = '--' + name.replace('_', '-')
        if value is True:
            yield option
        elif isinstance(value, list):
            yield from (f'{option}={one}' for one in value)
        elif value is not None and value is not False:
            yield f'{option}={value}'
    yield from params[files]


def run(
    module: Any, action: str, spec: Spec, files: str, *more: str
) -> tuple[int, list[Row], str]:
    """Return a command's exit code, its rows and what it said.

    ``more`` are further options. The module fails where there are no rows.
    """
    params = module.params
    environment = (
        {'OS_CLIENT_CONFIG_FILE': params['clouds_file']}
        if params['clouds_file']
        else {}
    )
    code, out, err = module.run_command(
        [
            _executable(module),
            *('migrate', 'machine-type', action, '-f', 'json', '--long'),
            *more,
            *words(spec, params, files),
        ],
        environ_update=environment,
    )
    try:
        rows = json.loads(out)
    except ValueError:
        module.fail_json(msg=(err or out).strip(), rc=code)
    return code, [_named(row) for row in rows], err.strip()


def end(module: Any, code: int, message: str, **result: Any) -> None:
    """End the module, failed unless the exit code is 0."""
    leave = module.fail_json if code else module.exit_json
    leave(msg=message, rc=code, **result)


def written(
    rows: list[Row], results: frozenset[str], before: str
) -> dict[str, Any]:
    """Return what Ansible says of the volumes that were written to.

    ``results`` are the words for them, ``before`` the field that has what a
    volume had.
    """
    changes = [row for row in rows if row['result'] in results]
    return {
        'changed': bool(changes),
        'diff': [
            {
                'before_header': _header(row),
                'after_header': _header(row),
                'before': _text(row[before]),
                'after': _text(row['wanted']),
            }
            for row in changes
        ],
    }


def _executable(module: Any) -> str:
    """Return openstack: the one that was named, else that of this Python."""
    if module.params['executable']:
        return str(module.params['executable'])
    beside = os.path.join(os.path.dirname(sys.executable), 'openstack')
    if os.access(beside, os.X_OK):
        return beside
    return str(module.get_bin_path('openstack', required=True))


def _named(row: Row) -> Row:
    return {key.lower().replace(' ', '_'): row[key] for key in row}


def _header(row: Row) -> str:
    return f'{row["server"]}, volume {row["volume_id"]}'


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ''.join(
            f'{key}: {"-" if value[key] is None else value[key]}\n'
            for key in sorted(value)
        )
    return f'{"-" if value is None else value}\n'
