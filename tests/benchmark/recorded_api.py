# SPDX-License-Identifier: Apache-2.0

"""Two clouds of any size: real answers of Train, once recorded, many times.

The source has servers that boot from volumes with a machine type, the
destination blank volumes of the same names, as os-migrate makes them. This
is for the cost of reading and planning alone: nothing can be written.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

PAGE = 1000
SOURCE, DESTINATION = 'src', 'dst'
_PROJECTS = {
    SOURCE: '71779173d8e74978bff0aad34014ca21',
    DESTINATION: 'f9cddf4cf15e4d728a51fc2399f302a0',
}
_USER = '822c8befc0a34525ad2177c1c6878c8a'
_NOT_FOUND = 'Glance metadata for volume/snapshot {volume_id} cannot be found.'


def _id(kind: str, number: int) -> str:
    """Return the id of a thing; its number can be read from it."""
    digits = {'server': 'a', 'volume': 'b', 'copy': 'c'}[kind]
    return f'{number:08x}-0000-4000-8000-{digits * 12}'


def _number(thing_id: str) -> int:
    return int(thing_id[:8], 16)


def _server(number: int) -> dict[str, Any]:
    return {
        'id': _id('server', number),
        'name': f'vm-{number:06}',
        'status': 'ACTIVE',
        'tenant_id': _PROJECTS[SOURCE],
        'user_id': _USER,
        'metadata': {},
        'hostId': 'cbb23f2be198c0daa489f60a1d15703f45bf1011eea5fd2525d6941d',
        'image': '',
        'flavor': {
            'vcpus': 1,
            'ram': 64,
            'disk': 1,
            'ephemeral': 0,
            'swap': 0,
            'original_name': 'm1.small',
            'extra_specs': {},
        },
        'created': '2026-11-24T14:30:49Z',
        'updated': '2026-11-24T14:30:55Z',
        'addresses': {},
        'accessIPv4': '',
        'accessIPv6': '',
        'links': [],
        'OS-DCF:diskConfig': 'MANUAL',
        'progress': 0,
        'OS-EXT-AZ:availability_zone': 'nova',
        'config_drive': '',
        'key_name': None,
        'OS-SRV-USG:launched_at': '2026-11-24T14:30:55.042948',
        'OS-SRV-USG:terminated_at': None,
        'OS-EXT-STS:task_state': None,
        'OS-EXT-STS:vm_state': 'active',
        'OS-EXT-STS:power_state': 1,
        'os-extended-volumes:volumes_attached': [
            {'id': _id('volume', number), 'delete_on_termination': False}
        ],
        'locked': False,
        'description': None,
        'tags': [],
        'trusted_image_certificates': None,
    }


def _volume(cloud: str, number: int) -> dict[str, Any]:
    at_source = cloud == SOURCE
    volume_id = _id('volume' if at_source else 'copy', number)
    row: dict[str, Any] = {
        'id': volume_id,
        'status': 'in-use' if at_source else 'available',
        'size': 1,
        'availability_zone': 'nova',
        'created_at': '2026-11-24T14:30:44.919439',
        'updated_at': '2026-11-24T14:30:53.510515',
        'attachments': [],
        'name': f'vm-{number:06}-boot',
        'description': None,
        'volume_type': '__DEFAULT__',
        'snapshot_id': None,
        'source_volid': None,
        'metadata': {},
        'links': [],
        'user_id': _USER,
        'bootable': 'true',
        'encrypted': False,
        'replication_status': None,
        'consistencygroup_id': None,
        'multiattach': False,
        'os-vol-tenant-attr:tenant_id': _PROJECTS[cloud],
    }
    if at_source:
        row['attachments'] = [
            {
                'id': volume_id,
                'attachment_id': _id('server', number)[::-1],
                'volume_id': volume_id,
                'server_id': _id('server', number),
                'host_name': 'fakehost',
                'device': '/dev/vda',
                'attached_at': '2026-11-24T14:30:53.135051',
            }
        ]
        row['volume_image_metadata'] = {
            'hw_machine_type': 'pc-i440fx-rhel7.6.0',
            'os_type': 'windows',
        }
    return row


@contextlib.contextmanager
def serving(count: int, kind: type[Handler] | None = None) -> Iterator[Path]:
    """Serve both clouds, give the clouds.yaml that reaches them.

    ``kind`` is a handler that does something otherwise.
    """
    handler = type('Handler', (kind or Handler,), {'count': count})
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), handler) as server:
        server.daemon_threads = True
        url = f'http://127.0.0.1:{server.server_address[1]}'
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with tempfile.TemporaryDirectory() as directory:
            configuration = Path(directory) / 'clouds.yaml'
            configuration.write_text(_configuration(url))
            try:
                yield configuration
            finally:
                server.shutdown()


def _configuration(url: str) -> str:
    clouds = {
        cloud: {
            'auth': {
                'auth_url': f'{url}/{cloud}/identity/v3',
                'username': 'admin',
                'password': 'recorded',
                'project_name': 'admin',
                'user_domain_name': 'Default',
                'project_domain_name': 'Default',
            },
            'region_name': 'RegionOne',
        }
        for cloud in _PROJECTS
    }
    return str(yaml.safe_dump({'clouds': clouds}))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    count: int
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer with a page or with a version."""
        cloud, path, query = self.asked()
        if path == '/identity/v3':
            self.send(200, {'version': self._version('v3.13', '/identity/v3')})
        elif path == '/compute/v2.1':
            version = self._version('v2.1', '/compute/v2.1')
            version.update(version='2.79', min_version='2.1')
            self.send(200, {'version': version})
        elif path.endswith('/servers/detail'):
            count = self.count if cloud == SOURCE else 0
            self._page('servers', count, query, _server)
        elif path.endswith('/volumes/detail'):
            self._page(
                'volumes',
                self.count,
                query,
                lambda number: _volume(cloud, number),
            )
        else:
            self.refuse(404, f'no such thing as {path}')

    def do_POST(self) -> None:
        """Give a token, or say that a volume has no image metadata."""
        cloud, path, _query = self.asked()
        body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        if path == '/identity/v3/auth/tokens':
            self.send(
                201,
                {'token': self._token(cloud)},
                {'X-Subject-Token': 'recorded'},
            )
        elif 'os-show_image_metadata' in body:
            volume_id = path.split('/')[-2]
            self.refuse(404, _NOT_FOUND.format(volume_id=volume_id))
        else:
            self.refuse(403, 'nothing can be written here')

    def asked(self) -> tuple[str, str, dict[str, str]]:
        """Return the cloud, the path in it and the query of the request."""
        parts = urlsplit(self.path)
        cloud, _slash, path = parts.path[1:].partition('/')
        query = {key: some[0] for key, some in parse_qs(parts.query).items()}
        return cloud, f'/{path}'.rstrip('/'), query

    def url(self, path: str) -> str:
        """Return the address of a path in the cloud that was asked."""
        cloud = self.path[1:].partition('/')[0]
        return f'http://{self.headers["Host"]}/{cloud}{path}'

    def _version(self, version: str, path: str) -> dict[str, Any]:
        return {
            'id': version,
            'status': 'CURRENT',
            'links': [{'rel': 'self', 'href': self.url(f'{path}/')}],
        }

    def _token(self, cloud: str) -> dict[str, Any]:
        domain = {'id': 'default', 'name': 'Default'}
        services = {
            'identity': '/identity/v3',
            'compute': '/compute/v2.1',
            'volumev3': f'/volume/v3/{_PROJECTS[cloud]}',
        }
        return {
            'methods': ['password'],
            'user': {'domain': domain, 'id': _USER, 'name': 'admin'},
            'audit_ids': ['recorded'],
            'expires_at': '2099-01-01T00:00:00.000000Z',
            'issued_at': '2026-11-24T14:30:21.000000Z',
            'project': {
                'domain': domain,
                'id': _PROJECTS[cloud],
                'name': 'admin',
            },
            'is_domain': False,
            'roles': [{'id': 'admin', 'name': 'admin'}],
            'catalog': [
                {
                    'type': kind,
                    'name': kind,
                    'id': kind,
                    'endpoints': [
                        {
                            'interface': 'public',
                            'region': 'RegionOne',
                            'region_id': 'RegionOne',
                            'id': kind,
                            'url': self.url(path),
                        }
                    ],
                }
                for kind, path in services.items()
            ],
        }

    def _page(
        self, key: str, count: int, query: dict[str, str], row: Any
    ) -> None:
        first = _number(query['marker']) + 1 if 'marker' in query else 0
        end = min(first + PAGE, count)
        body: dict[str, Any] = {key: [row(one) for one in range(first, end)]}
        if end - first == PAGE:
            body[f'{key}_links'] = [{'rel': 'next', 'href': 'unused'}]
        self.send(200, body)

    def refuse(self, status: int, message: str) -> None:
        """Answer with an error of Nova's form."""
        self.send(status, {'fault': {'code': status, 'message': message}})

    def send(
        self, status: int, body: Any, headers: dict[str, str] | None = None
    ) -> None:
        """Answer with JSON."""
        content = json.dumps(body).encode()
        self.send_response_only(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        self.wfile.write(content)
