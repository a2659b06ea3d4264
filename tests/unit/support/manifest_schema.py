# SPDX-License-Identifier: Apache-2.0

"""The JSON Schema of a manifest, made from the properties and evidence.

``python -m tests.unit.support.manifest_schema`` writes the file in the
package.
"""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterable
from typing import Any

import osc_hwmt
from osc_hwmt.manifest.check import FAMILIES
from osc_hwmt.manifest.resource import SERVER_TYPE, VOLUME_TYPE
from osc_hwmt.manifest.sections import LEFT, METADATA, PARKED, PRESUMED
from osc_hwmt.model import properties
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.model.inventory import MACHINE_TYPE

PATH = pathlib.Path(osc_hwmt.__file__).parent / 'data' / 'manifest.schema.json'
_KEYS = (MACHINE_TYPE, *properties.SHIPPED, *properties.BY_NAME_ONLY)
_BOOLEAN: Any = properties.VALUES['hw_pmu']
_NUMBER = properties.VALUES['hw_cpu_cores']
_LEFT_OR_REMOVED = [None, '']
_NUMBERED = properties.NUMBERED.pattern


def text() -> str:
    """Return the schema as it is in the package."""
    return json.dumps(_schema(), indent=2) + '\n'


def _schema() -> dict[str, Any]:
    return {
        '$schema': 'https://json-schema.org/draft/2020-12/schema',
        'title': (
            "Manifest of osc-hwmt, in os-migrate's format of resource files"
        ),
        'description': (
            'Written by export, read by apply and verify. Keys that are not '
            'listed here belong to os-migrate and may have any value.'
        ),
        'type': 'object',
        'required': ['resources'],
        'properties': {
            'resources': {'type': 'array', 'items': _ref('resource')}
        },
        '$defs': {
            'resource': {
                'type': 'object',
                'allOf': [
                    _if_type(SERVER_TYPE, 'server'),
                    _if_type(VOLUME_TYPE, 'volume'),
                ],
            },
            'server': _resource(
                {
                    'type': 'object',
                    'required': ['name'],
                    'allOf': [_ref('wanted')],
                    'properties': {
                        'name': _ref('nonempty'),
                        'volumes': {
                            'items': {
                                'properties': {'params': _ref('volume_params')}
                            }
                        },
                    },
                }
            ),
            'volume': {
                'description': 'A volume that no server has.',
                **_resource(
                    {
                        'type': 'object',
                        'allOf': [_ref('wanted'), _ref('volume_params')],
                    }
                ),
            },
            'volume_params': {
                'properties': {
                    METADATA: _machine_type_in(),
                    PARKED: {
                        'description': f'The former value of {METADATA}, '
                        "parked so that os-migrate's import does not fail.",
                        **_machine_type_in(),
                    },
                },
                'dependentSchemas': {
                    PARKED: {'properties': {METADATA: {'type': 'null'}}}
                },
            },
            'info': {
                'type': 'object',
                'required': ['id'],
                'properties': {
                    'id': _ref('nonempty'),
                    **dict.fromkeys(_KEYS, _ref('found')),
                    MACHINE_TYPE: _ref('found_machine_type'),
                },
                'patternProperties': {f'^{_NUMBERED}$': _ref('found')},
            },
            'found': {
                'description': (
                    'What export found for one property, and the evidence. '
                    'Not to be edited.'
                ),
                'type': ['object', 'null'],
                'required': ['evidence'],
                'properties': {
                    'evidence': {'enum': [one.value for one in Evidence]}
                },
            },
            'found_machine_type': {
                'allOf': [_ref('found')],
                'properties': {
                    PRESUMED: {
                        'description': (
                            'If nothing was found, the family that the '
                            'server most likely ran on.'
                        ),
                        'enum': list(FAMILIES),
                    },
                    LEFT: {
                        'description': 'An operator chose to leave it to the '
                        'destination although nothing was found.',
                        'type': 'boolean',
                    },
                },
            },
            'wanted': {
                'description': 'What is wanted at the destination: a value, '
                "null to leave it to the destination, '' to remove it.",
                'properties': {key: _wanted(key) for key in _KEYS},
                'patternProperties': {
                    f'^{_NUMBERED}$': _ref('text'),
                    _no_such_hardware(): False,
                    f'^({properties.IDENTITY.pattern})$': False,
                },
            },
            'machine_type': _or_left(
                {
                    'type': 'string',
                    'pattern': '^[A-Za-z0-9][A-Za-z0-9._+-]{0,254}$',
                    'not': _in_any_case(('none', 'null')),
                }
            ),
            'nonempty': {
                'type': ['string', 'number', 'boolean'],
                'minLength': 1,
            },
            'boolean': {
                'anyOf': [
                    {'type': ['boolean', 'null']},
                    {'enum': [0, 1, '']},
                    _in_any_case(_BOOLEAN),
                ]
            },
            'number': {
                'anyOf': [
                    {'type': 'null'},
                    {'type': 'integer', 'minimum': 0, 'maximum': 999999999},
                    {'type': 'string', 'pattern': '^([0-9]{1,9})?$'},
                ]
            },
            'text': {
                'anyOf': [
                    {'type': ['boolean', 'null', 'number']},
                    {
                        'type': 'string',
                        'maxLength': 255,
                        'pattern': r'^[^\u0000-\u001f\u007f-\u00a0'
                        r'\u2028\u2029]*$',
                    },
                ]
            },
        },
    }


def _ref(name: str) -> dict[str, Any]:
    return {'$ref': f'#/$defs/{name}'}


def _if_type(type: str, name: str) -> dict[str, Any]:
    found = {'properties': {'type': {'const': type}}, 'required': ['type']}
    return {'if': found, 'then': _ref(name)}


def _resource(params: dict[str, Any]) -> dict[str, Any]:
    return {
        'required': ['params', '_info'],
        'properties': {'params': params, '_info': _ref('info')},
    }


def _machine_type_in() -> dict[str, Any]:
    return {'properties': {MACHINE_TYPE: _ref('machine_type')}}


def _wanted(key: str) -> dict[str, Any]:
    """Return what one property may be."""
    if key == MACHINE_TYPE:
        return _ref('machine_type')
    legal = properties.VALUES[key]
    for values, name in ((_BOOLEAN, 'boolean'), (_NUMBER, 'number')):
        if legal is values:
            return _ref(name)
    if not isinstance(legal, tuple):
        return _ref('text')
    if key in properties.ANY_CASE:
        return _or_left(_in_any_case(legal))
    # YAML takes 1.2 for a number, and the reader for a text.
    numbers = [float(one) for one in legal if one.replace('.', '').isdigit()]
    return {'enum': [*_LEFT_OR_REMOVED, *legal, *numbers]}


def _or_left(schema: dict[str, Any]) -> dict[str, Any]:
    return {'anyOf': [{'enum': _LEFT_OR_REMOVED}, schema]}


def _in_any_case(words: Iterable[str]) -> dict[str, Any]:
    folded = (
        ''.join(
            f'[{one.upper()}{one}]' if one.isalpha() else one for one in word
        )
        for word in words
    )
    return {'type': 'string', 'pattern': f'^({"|".join(folded)})$'}


def _no_such_hardware() -> str:
    prefix = 'hw_'
    numbered = _NUMBERED[len(prefix) :]
    known = '|'.join(
        key[len(prefix) :] for key in _KEYS if key.startswith(prefix)
    )
    return f'^{prefix}(?!{numbered}$)(?!({known})$)'


if __name__ == '__main__':
    PATH.write_text(text(), encoding='utf-8')
