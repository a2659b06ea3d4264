# SPDX-License-Identifier: Apache-2.0

"""Nova: which servers there are and what they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keystoneauth1 import adapter

from osc_hwmt.cloud import answers
from osc_hwmt.cloud.answers import identifier
from osc_hwmt.cloud.errors import Caller
from osc_hwmt.cloud.ids import segment
from osc_hwmt.cloud.interface import Scope, Servers
from osc_hwmt.exceptions import CloudError
from osc_hwmt.model.inventory import Server
from osc_hwmt.model.memory import intern_value

#: The newest that is offered is used. 2.3 shows the root device (to
#: administrators), and which volumes go with a server; 2.47 the vCPUs of its
#: flavor. From 2.69 a server in a cell that is down is listed with little
#: more than its id, where before it was silently left out. 2.98 shows what
#: Nova recorded of a server's image
#: (nova/api/openstack/rest_api_version_history.rst).
MICROVERSIONS = ((2, 98), (2, 69), (2, 47), (2, 3))


class NovaCompute:
    """interface.Compute over HTTP; the protocol describes the methods."""

    def __init__(self, client: adapter.Adapter, caller: Caller) -> None:
        self._client = client
        self._caller = caller

    def servers(self, scope: Scope) -> Servers:
        what = 'list servers'
        newest = self._caller.retrying(what, self._newest)
        usable = [one for one in MICROVERSIONS if one <= newest]
        major, minor = usable[0] if usable else MICROVERSIONS[-1]
        found = self._caller.listed(
            what,
            lambda path: self._client.get(
                path, microversion=f'{major}.{minor}'
            ).json(),
            '/servers/detail',
            scope.query,
            lambda rows: [
                _server(row) if _is_readable(row) else identifier(row)
                for row in rows
            ],
            is_marker=_is_readable,
        )
        return Servers(
            tuple(one for one in found if isinstance(one, Server)),
            tuple(one for one in found if isinstance(one, str)),
        )

    def newest_microversion(self) -> tuple[int, int]:
        return self._caller.retrying('ask Nova for its version', self._newest)

    def server_name(self, server_id: str) -> str | None:
        """Return a server's name, None if this user may see none."""
        path = f'/servers/{segment(server_id)}'
        try:
            return self._caller.retrying(
                f'read server {server_id}',
                lambda: str(self._client.get(path).json()['server']['name']),
            )
        except CloudError as exc:
            if exc.code == 404:
                return None
            raise

    def _newest(self) -> tuple[int, int]:
        endpoint = self._client.get_endpoint_data()
        version = endpoint.max_microversion if endpoint else None
        return (int(version[0]), int(version[1])) if version else (0, 0)


def _is_readable(row: Mapping[str, Any]) -> bool:
    """Tell whether a row is more than what a cell that is down leaves.

    Nova puts those in front of each page that has room for them, and does
    not go on from one (nova/compute/api.py, get_all).
    """
    return 'name' in row


def _server(row: dict[str, Any]) -> Server:
    attached = answers.rows(row, 'os-extended-volumes:volumes_attached')
    # The image of a volume-backed server is '' and not a mapping.
    image = row['image'] or {}
    flavor = row.get('flavor') or {}
    return Server(
        id=intern_value(identifier(row)),
        name=intern_value(answers.text(row, 'name')),
        project_id=intern_value(identifier(row, 'tenant_id')),
        status=intern_value(answers.text(row, 'status')),
        image_id=identifier(image) if image else None,
        volume_ids=tuple(
            intern_value(identifier(volume)) for volume in attached
        ),
        root_device=answers.text_if_any(
            row, 'OS-EXT-SRV-ATTR:root_device_name'
        ),
        image_properties=answers.texts(image, 'properties'),
        created=answers.time(row, 'created'),
        deleted_with=tuple(
            intern_value(volume['id'])
            for volume in attached
            if volume.get('delete_on_termination')
        ),
        vcpus=answers.number(flavor, 'vcpus') if 'vcpus' in flavor else None,
        devices=len(attached) + bool(image) + len(_interfaces(row)),
    )


def _interfaces(row: dict[str, Any]) -> set[str]:
    """Return the hardware addresses of a server; each may have several IPs."""
    networks = row.get('addresses') or {}
    return {
        answers.text_if_any(address, 'OS-EXT-IPS-MAC:mac_addr') or ''
        for network in networks
        for address in answers.rows(networks, network)
    }
