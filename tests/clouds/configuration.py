# SPDX-License-Identifier: Apache-2.0

"""The configuration files of a cloud's services."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.clouds import hypervisor
from tests.clouds.cloud import (
    CINDER,
    GLANCE,
    HOST,
    KEYSTONE,
    LIBVIRT,
    LOOPBACK,
    NOVA,
    REGION,
    Cloud,
)

PLACEMENT = 'placement'
# Callers of this message driver have to be in one process.
IN_MEMORY = 'fake://'
Options = Mapping[str, object]
Sections = Mapping[str, Options]

_NO_NOTIFICATIONS = {'driver': 'noop'}
# These two cross gunicorn's threads.
_THREADED = (KEYSTONE, PLACEMENT)


def write(cloud: Cloud) -> None:
    """Write all files of a cloud, and make the directories they name."""
    for directory in _directories(cloud):
        directory.mkdir(parents=True, exist_ok=True)
    files = {
        KEYSTONE: _keystone(cloud),
        PLACEMENT: _placement(cloud),
        GLANCE: _glance(cloud),
        CINDER: _cinder(cloud),
        NOVA: _merged(_nova(cloud), _compute(cloud)),
    }
    for name, sections in files.items():
        (cloud.etc / f'{name}.conf').write_text(_rendered(sections))
    if cloud.compute == LIBVIRT:
        hypervisor.write(cloud)


def database_url(cloud: Cloud, name: str) -> str:
    """Return a database's URL as SQLAlchemy wants it."""
    options = '?check_same_thread=false' if name in _THREADED else ''
    return f'sqlite:///{cloud.database(name)}{options}'


def _directories(cloud: Cloud) -> list[Path]:
    return [
        cloud.etc,
        cloud.databases,
        cloud.keys,
        cloud.nova_state,
        cloud.log(NOVA).parent,
        _images(cloud) / 'staging',
        _cinder_state(cloud),
        _locks(cloud),
    ]


def _images(cloud: Cloud) -> Path:
    return cloud.directory / 'images'


def _cinder_state(cloud: Cloud) -> Path:
    return cloud.directory / 'cinder'


def _locks(cloud: Cloud) -> Path:
    return cloud.directory / 'locks'


def _rendered(sections: Sections) -> str:
    """Return the text of an oslo.config file."""
    lines = []
    for section, options in sections.items():
        lines.append(f'[{section}]')
        lines += [f'{name} = {value}' for name, value in options.items()]
        lines.append('')
    return '\n'.join(lines)


def _packaged(cloud: Cloud, path: str) -> Path:
    """Return a configuration file that a service's package brought."""
    return cloud.environment.directory / 'etc' / path


def _log(cloud: Cloud, program: str) -> Options:
    """Return where a service logs: to what takes its program's output.

    Without this it would log to standard error, in colours.
    """
    return {'log_file': cloud.log(program)}


def _process(cloud: Cloud, program: str) -> Options:
    """Return the options of a program that is a process of its own."""
    return {
        **_log(cloud, program),
        # Waiting longer for open requests is of no use in a test.
        'graceful_shutdown_timeout': 5,
    }


def _database(cloud: Cloud, name: str) -> Options:
    return {
        'connection': database_url(cloud, name),
        'sqlite_synchronous': False,
    }


def _credentials(cloud: Cloud) -> Options:
    """Return how one service authenticates with another."""
    return {
        'auth_type': 'password',
        'auth_url': cloud.identity_url,
        'username': 'admin',
        'password': cloud.password,
        'project_name': 'admin',
        'user_domain_id': 'default',
        'project_domain_id': 'default',
        'region_name': REGION,
    }


def _token_validation(cloud: Cloud) -> Options:
    return {
        **_credentials(cloud),
        'www_authenticate_uri': cloud.identity_url,
        'token_cache_time': 600,
        # The service user is admin, and older releases lack the role.
        'service_token_roles': 'service,admin',
        'service_token_roles_required': True,
    }


def _keystone(cloud: Cloud) -> Sections:
    return {
        'DEFAULT': _log(cloud, KEYSTONE),
        'database': _database(cloud, KEYSTONE),
        'token': {'provider': 'fernet'},
        'fernet_tokens': {'key_repository': cloud.keys / 'fernet'},
        'fernet_receipts': {'key_repository': cloud.keys / 'fernet'},
        'credential': {'key_repository': cloud.keys / 'credential'},
        # Without it Keystone needs a second to validate a token. Memory is
        # enough because Keystone is a single process.
        'cache': {'enabled': True, 'backend': 'dogpile.cache.memory'},
        # The default number of rounds makes authentication slow on purpose.
        'identity': {'password_hash_rounds': 4},
        'oslo_messaging_notifications': _NO_NOTIFICATIONS,
    }


def _placement(cloud: Cloud) -> Sections:
    return {
        'DEFAULT': _log(cloud, KEYSTONE),
        'api': {'auth_strategy': 'keystone'},
        'placement_database': _database(cloud, PLACEMENT),
        'keystone_authtoken': _token_validation(cloud),
    }


def _glance(cloud: Cloud) -> Sections:
    images = _images(cloud)
    return {
        'DEFAULT': {
            **_process(cloud, GLANCE),
            'bind_host': LOOPBACK,
            'bind_port': cloud.ports[GLANCE],
            'workers': 0,
            'enabled_import_methods': '[glance-direct]',
            'node_staging_uri': f'file://{images}/staging',
        },
        'database': _database(cloud, GLANCE),
        'glance_store': {
            'stores': 'file',
            'default_store': 'file',
            'filesystem_store_datadir': images,
        },
        'paste_deploy': {
            'flavor': 'keystone',
            'config_file': _packaged(cloud, 'glance/glance-api-paste.ini'),
        },
        # Later releases have the rules in code; without the file, Train
        # knows none but "administrators may".
        'oslo_policy': {'policy_file': _packaged(cloud, 'glance/policy.json')},
        'oslo_concurrency': {'lock_path': _locks(cloud)},
        'oslo_messaging_notifications': _NO_NOTIFICATIONS,
        'keystone_authtoken': _token_validation(cloud),
    }


def _cinder(cloud: Cloud) -> Sections:
    state = _cinder_state(cloud)
    backend = 'sparse'
    return {
        'DEFAULT': {
            **_process(cloud, CINDER),
            'host': HOST,
            'my_ip': LOOPBACK,
            'osapi_volume_listen': LOOPBACK,
            'osapi_volume_listen_port': cloud.ports[CINDER],
            'osapi_volume_workers': 1,
            'api_paste_config': _packaged(cloud, 'cinder/api-paste.ini'),
            'resource_query_filters_file': _packaged(
                cloud, 'cinder/resource_filters.json'
            ),
            'state_path': state,
            'transport_url': IN_MEMORY,
            'enabled_backends': backend,
            'default_volume_type': '__DEFAULT__',
            'glance_api_servers': cloud.url(GLANCE),
            'auth_strategy': 'keystone',
            # A service counts as up only when it has reported.
            'report_interval': 2,
            'periodic_interval': 10,
            'periodic_fuzzy_delay': 1,
            'osapi_max_limit': 1000,
            'quota_volumes': -1,
            'quota_gigabytes': -1,
            'quota_snapshots': -1,
        },
        backend: {
            'volume_driver': 'sparse_volumes.SparseFileDriver',
            'volume_backend_name': backend,
            'sparse_volumes_directory': cloud.directory / 'volumes',
        },
        'database': _database(cloud, CINDER),
        'coordination': {'backend_url': f'file://{state}'},
        'oslo_concurrency': {'lock_path': _locks(cloud)},
        'oslo_messaging_notifications': _NO_NOTIFICATIONS,
        'nova': _credentials(cloud),
        'keystone_authtoken': _token_validation(cloud),
    }


def _nova(cloud: Cloud) -> Sections:
    credentials = _credentials(cloud)
    return {
        'DEFAULT': {
            **_process(cloud, NOVA),
            'host': HOST,
            'my_ip': LOOPBACK,
            'osapi_compute_listen': LOOPBACK,
            'osapi_compute_listen_port': cloud.ports[NOVA],
            'osapi_compute_workers': 1,
            'enabled_apis': 'osapi_compute',
            'state_path': cloud.nova_state,
            'transport_url': IN_MEMORY,
            # A starved machine misses heartbeats.
            'service_down_time': 600,
            'periodic_fuzzy_delay': 1,
        },
        'api': {'auth_strategy': 'keystone'},
        'wsgi': {'api_paste_config': _packaged(cloud, 'nova/api-paste.ini')},
        'api_database': _database(cloud, 'nova_api'),
        'database': _database(cloud, 'nova_cell1'),
        'conductor': {'workers': 1},
        'scheduler': {'workers': 1, 'discover_hosts_in_cells_interval': 2},
        'filter_scheduler': {'track_instance_changes': False},
        'quota': {'instances': -1, 'cores': -1, 'ram': -1},
        'glance': {'api_servers': cloud.url(GLANCE)},
        'cinder': {**credentials, 'catalog_info': 'volumev3::publicURL'},
        'placement': {**credentials, 'valid_interfaces': 'public'},
        'neutron': {**credentials, 'valid_interfaces': 'public'},
        # Without it Cinder refuses to let Nova detach a volume.
        'service_user': {**credentials, 'send_service_user_token': True},
        'oslo_concurrency': {'lock_path': _locks(cloud)},
        'oslo_messaging_notifications': _NO_NOTIFICATIONS,
        'keystone_authtoken': _token_validation(cloud),
    }


def _compute(cloud: Cloud) -> Sections:
    """Return the options that decide what Nova runs its servers on."""
    if cloud.compute == LIBVIRT:
        return hypervisor.nova_sections(cloud)
    return {
        'DEFAULT': {
            'compute_driver': cloud.environment.release.virt_driver,
            # The driver forgets its servers at a restart; that must not
            # change what Nova thinks of them.
            'sync_power_state_interval': -1,
            # It has no files and no networks either. For every server that
            # was ever deleted Nova would look for such again and again.
            'instance_delete_interval': -1,
            'heal_instance_info_cache_interval': -1,
        }
    }


def _merged(one: Sections, other: Sections) -> Sections:
    return {
        name: {**one.get(name, {}), **other.get(name, {})}
        for name in {**one, **other}
    }
