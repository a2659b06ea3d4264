# SPDX-License-Identifier: Apache-2.0

"""Nova: which servers there are and what they are made of."""

from __future__ import annotations

import datetime
from typing import Any

from keystoneauth1 import adapter, discover

from osc_hwmt.cloud import errors
from osc_hwmt.cloud.interface import Scope, Servers
from osc_hwmt.cloud.paging import pages
from osc_hwmt.inventory import Server

#: The newest that is offered is used. 2.3 shows the root device (to
#: administrators), and which volumes go with a server; 2.47 the vCPUs of its
#: flavor. From 2.69 a server in a cell that is down is listed with little
#: more than its id, where before it was silently left out. 2.98 shows what
#: Nova recorded of a server's image
#: (nova/api/openstack/rest_api_version_history.rst).
MICROVERSIONS = ('2.98', '2.69', '2.47', '2.3')


class NovaCompute:
    """The compute service of one cloud."""

    def __init__(self, client: adapter.Adapter, cloud: str) -> None:
        self._client = client
        self._cloud = cloud

    def servers(self, scope: Scope) -> Servers:
        """Return the servers, in pages; raises CloudError."""
        query: dict[str, str] = {}
        if scope.all_projects or scope.project_id:
            query['all_tenants'] = '1'
        if scope.project_id:
            query['project_id'] = scope.project_id
        with errors.translated(self._cloud, 'list servers'):
            version = self._microversion()
            rows = [
                row
                for page in pages(
                    lambda path: self._client.get(
                        path, microversion=version
                    ).json(),
                    '/servers/detail',
                    'servers',
                    query,
                )
                for row in page
            ]
            return Servers(
                tuple(_server(row) for row in rows if 'name' in row),
                tuple(row['id'] for row in rows if 'name' not in row),
            )

    def _microversion(self) -> str:
        endpoint = self._client.get_endpoint_data()
        newest = endpoint.max_microversion if endpoint else None
        for version in MICROVERSIONS[:-1]:
            if newest and newest >= discover.normalize_version_number(version):
                return version
        return MICROVERSIONS[-1]


def _server(row: dict[str, Any]) -> Server:
    attached = row.get('os-extended-volumes:volumes_attached') or ()
    # The image of a volume-backed server is '' and not a mapping.
    image = row['image'] or {}
    return Server(
        id=row['id'],
        name=row['name'],
        project_id=row['tenant_id'],
        status=row['status'],
        image_id=image.get('id'),
        volume_ids=tuple(volume['id'] for volume in attached),
        root_device=row.get('OS-EXT-SRV-ATTR:root_device_name'),
        image_properties=image.get('properties'),
        created=_time(row.get('created')),
        deleted_with=tuple(
            volume['id']
            for volume in attached
            if volume.get('delete_on_termination')
        ),
        vcpus=(row.get('flavor') or {}).get('vcpus'),
        devices=len(attached) + bool(image) + len(_interfaces(row)),
    )


def _interfaces(row: dict[str, Any]) -> set[str]:
    """Return the hardware addresses of a server; each may have several IPs."""
    return {
        address.get('OS-EXT-IPS-MAC:mac_addr', '')
        for addresses in (row.get('addresses') or {}).values()
        for address in addresses
    }


def _time(text: str | None) -> datetime.datetime | None:
    # Python's own parser knows the Z from 3.11 on only.
    return (
        datetime.datetime.fromisoformat(text.replace('Z', '+00:00'))
        if text
        else None
    )
