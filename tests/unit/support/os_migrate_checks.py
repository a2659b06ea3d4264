# SPDX-License-Identifier: Apache-2.0

"""What os-migrate looks at before it imports a file, in our own words.

Its role validate_data_dir reads every file named *.yml of the data directory,
and stops where one has another version than its own, or at what
plugins/module_utils/validation.py complains of: a resource without a type, of
a type that it does not know, without a key that its version writes, without a
name, or with the name of another of its type. Read in versions 0.3.0 to 1.0.5.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

_SERVER = 'openstack.compute.Server'
_VOLUME = 'openstack.network.ServerVolume'
_KINDS = frozenset(
    (
        *(f'openstack.compute.{kind}' for kind in ('Flavor', 'Keypair')),
        *('openstack.image.Image', 'openstack.identity.Project'),
        *('openstack.subnet.Subnet', 'openstack.user.User', _SERVER, _VOLUME),
        *(
            f'openstack.network.{kind}'
            for kind in (
                'Network',
                'Router',
                'RouterInterface',
                'SecurityGroup',
                'SecurityGroupRule',
                'ServerFloatingIP',
                'ServerPort',
            )
        ),
    )
)


@dataclasses.dataclass(frozen=True)
class Needed:
    """The keys that a version wants in params and in _migration_params."""

    params: frozenset[str]
    migration: frozenset[str] = frozenset()


def _keys(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SINCE_0_6 = _keys(
    'availability_zone config_drive description disk_config key_name metadata '
    'name user_data scheduler_hints tags ports flavor_ref image_ref '
    'security_group_refs'
)
_VOLUME_KEYS = _keys('availability_zone name description volume_type')
_COPY = _keys('boot_disk_copy floating_ip_mode')
_NO_COPY = _COPY | _keys(
    'boot_volume_params port_creation_mode data_copy boot_volume '
    'additional_volumes'
)
_SINCE_0_11 = _SINCE_0_6 | _keys('floating_ips volumes')
_IMAGE = _keys('volume_image_metadata')
_NBDKIT = _keys('use_nbdkit_direct nbdkit_socket_uri nbdkit_export_name')

#: Per version what it needs of a server and of a volume.
NEEDED: Mapping[str, Mapping[str, Needed]] = {
    # Until 0.8 nothing but names that stand twice was looked at.
    '0.3.0': {},
    '0.9.0': {_SERVER: Needed(_SINCE_0_6 | _keys('floating_ips'), _COPY)},
    '0.17.0': {
        _SERVER: Needed(_SINCE_0_11, _NO_COPY),
        _VOLUME: Needed(_VOLUME_KEYS),
    },
    '1.0.2': {
        _SERVER: Needed(_SINCE_0_11, _NO_COPY),
        _VOLUME: Needed(_VOLUME_KEYS | _IMAGE),
    },
    # With what followed it in its repository until July 2026.
    '1.0.5': {
        _SERVER: Needed(_SINCE_0_11, _NO_COPY | _NBDKIT),
        _VOLUME: Needed(_VOLUME_KEYS | _IMAGE),
    },
}


def complaints(texts: Iterable[str], version: str) -> list[str]:
    """Return what that version would stop an import for."""
    found: list[str] = []
    resources: list[Any] = []
    for text in texts:
        content = yaml.safe_load(text)
        if content is None:
            found.append('an empty file')
        elif content.get('os_migrate_version') != version:
            found.append('a file of another version')
        else:
            resources += content['resources']
    names = collections.Counter(
        (one.get('type'), one.get('params', {}).get('name'))
        for one in resources
    )
    found += [
        f'{kind} {name} stands {times} times'
        for (kind, name), times in names.items()
        if kind and name and times > 1
    ]
    if NEEDED[version]:
        for one in resources:
            found += _of_resource(one, NEEDED[version])
    return found


def _of_resource(
    resource: Mapping[str, Any], needed: Mapping[str, Needed]
) -> list[str]:
    kind = resource.get('type')
    if kind not in _KINDS:
        return [f'the type {kind} is not known']
    params = resource.get('params', {})
    migration = resource.get('_migration_params', {})
    keys = needed.get(str(kind), Needed(frozenset()))
    found = [f'no params.{key}' for key in sorted(keys.params - set(params))]
    found += [
        f'no _migration_params.{key}'
        for key in sorted(keys.migration - set(migration))
    ]
    if 'id' not in resource.get('_info', {}):
        found.append('no _info.id')
    if 'name' in params and not params['name']:
        found.append('params.name is empty')
    return found
