# SPDX-License-Identifier: Apache-2.0

"""A manifest as a setting of nova-api's api-paste.ini.

RHOSO lets nobody mount a file into nova-api, but gives it that one. The lines
of a setting lose their indentation there, and a percent sign is doubled, so
it is JSON, which is YAML to whoever reads it: one server a line, and of it
what the gate needs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from osc_hwmt.manifest.entry import Entry, Recorded
from osc_hwmt.manifest.reading import LIST
from osc_hwmt.manifest.resource import SERVER_TYPE
from osc_hwmt.manifest.sections import LEFT, PRESUMED
from osc_hwmt.model.inventory import MACHINE_TYPE

NAME = 'machine_type_gate'
#: The same for nova-api whether or not the package is registered in it.
FACTORY = 'osc_hwmt.gate.nova_filter:filter_factory'


def section(entries: Iterable[Entry]) -> str:
    """Return the filter's section, with the servers of some entries in it."""
    lines = [_encoded(_resource(one)) for one in entries if not one.detached]
    return '\n'.join(
        (
            f'[filter:{NAME}]',
            f'paste.filter_factory = {FACTORY}',
            'mode = enforce',
            f'manifest_text = {{"{LIST}": [',
            *(f'  {one},' for one in lines[:-1]),
            *(f'  {one}' for one in lines[-1:]),
            '  ]}',
            '',
        )
    )


def _resource(entry: Entry) -> dict[str, Any]:
    wanted = {key: one.written for key, one in entry.wanted_properties.items()}
    info: dict[str, Any] = {'id': entry.server_id}
    if entry.project_id:
        info['project_id'] = entry.project_id
    if entry.recorded:
        info[MACHINE_TYPE] = _facts(entry.recorded)
    resource = {
        'type': SERVER_TYPE,
        'params': {'name': entry.name, **wanted},
        '_info': info,
    }
    if entry.destination_volume_id:
        boot_volume = {'uuid': entry.destination_volume_id}
        resource['_migration_params'] = {'boot_volume': boot_volume}
    return resource


def _facts(recorded: Recorded) -> dict[str, Any]:
    """Return what tells the project, and whether it is undecided."""
    facts = {
        'value': recorded.value,
        'evidence': recorded.evidence.value,
        'unknown': recorded.unknown,
        'project_name': recorded.project_name,
        'project_domain_name': recorded.project_domain_name,
        'architecture': recorded.architecture,
        PRESUMED: recorded.presumed and recorded.presumed.value,
        LEFT: recorded.left_to_destination or None,
        **recorded.context,
    }
    kept = {key: value for key, value in facts.items() if value is not None}
    return {'value': None, **kept}


def _encoded(resource: dict[str, Any]) -> str:
    """Return a line of ASCII, as YAML reads it and configparser keeps it."""
    text = json.dumps(resource, ensure_ascii=False, separators=(', ', ': '))
    return ''.join(map(_escaped, text))


def _escaped(char: str) -> str:
    if char == '%':
        return '%%'
    if ' ' <= char <= '~':
        return char
    # JSON would have two of these beyond U+FFFF, which YAML has not.
    return f'\\u{ord(char):04x}' if char <= '\uffff' else f'\\U{ord(char):08x}'
