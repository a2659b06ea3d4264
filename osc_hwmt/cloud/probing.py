# SPDX-License-Identifier: Apache-2.0

"""Nova and Glance, as far as a probe of compute hosts needs them."""

from __future__ import annotations

import dataclasses
from typing import Any

from keystoneauth1 import adapter

from osc_hwmt.cloud import answers
from osc_hwmt.cloud.answers import identifier
from osc_hwmt.cloud.errors import Caller
from osc_hwmt.cloud.ids import segment
from osc_hwmt.cloud.interface import Build, ComputeHost
from osc_hwmt.cloud.mark import RunMark
from osc_hwmt.exceptions import CloudError

#: 2.37 creates servers without a network, 2.55 describes flavors, and from
#: 2.69 services of a cell that is down are listed. 2.88 would ask every
#: compute host for its uptime.
MICROVERSION = '2.69'


class NovaProbing:
    """interface.Probing over HTTP; the protocol describes the methods."""

    def __init__(
        self, compute: adapter.Adapter, image: adapter.Adapter, caller: Caller
    ) -> None:
        self._compute = compute
        self._image = image
        self._caller = caller

    def hosts(self) -> list[ComputeHost]:
        hosts = self._caller.retrying(
            'list compute services',
            lambda: [
                ComputeHost(
                    name=answers.text(row, 'host'),
                    zone=answers.text_if_any(row, 'zone') or '',
                    up=row.get('state') == 'up',
                    enabled=row.get('status') == 'enabled',
                    hypervisor=None,
                )
                for row in self._get('/os-services?binary=nova-compute')[
                    'services'
                ]
            ],
        )
        hypervisors = dict(
            self._caller.listed(
                'list hypervisors',
                self._get,
                '/os-hypervisors/detail',
                {},
                lambda rows: [
                    (
                        answers.text(row['service'], 'host'),
                        answers.text(row, 'hypervisor_type'),
                    )
                    for row in rows
                ],
            )
        )
        return sorted(
            (
                dataclasses.replace(
                    host, hypervisor=hypervisors.get(host.name)
                )
                for host in hosts
            ),
            key=lambda host: host.name,
        )

    def flavor_id(self, name_or_id: str) -> str | None:
        found = self._caller.listed(
            'list flavors',
            self._get,
            '/flavors',
            {'is_public': 'none'},
            lambda rows: [
                answers.text(row, 'id')
                for row in rows
                if name_or_id in (row['id'], row['name'])
            ],
        )
        return found[0] if found else None

    def create_flavor(self, mark: RunMark) -> str:
        body = {
            'flavor': {
                'name': mark.name,
                'description': mark.name,
                'vcpus': 1,
                'ram': 64,
                'disk': 0,
                'os-flavor-access:is_public': False,
            }
        }
        return self._caller.creating(
            'create a flavor',
            lambda: identifier(self._post('/flavors', body)['flavor']),
        )

    def create_image(self, mark: RunMark, machine_type: str) -> str:
        body = {
            'name': mark.name,
            'disk_format': 'raw',
            'container_format': 'bare',
            'visibility': 'private',
            'hw_machine_type': machine_type,
            **mark.properties,
        }
        return self._caller.creating(
            'create an image',
            lambda: identifier(self._image.post('/images', json=body).json()),
        )

    def fill_image(self, image_id: str, content: bytes) -> None:
        self._caller.creating(
            f'upload image {image_id}',
            lambda: self._image.put(
                f'/images/{segment(image_id)}/file',
                data=content,
                headers={'Content-Type': 'application/octet-stream'},
            ),
        )

    def create_server(
        self, mark: RunMark, host: ComputeHost, flavor_id: str, image_id: str
    ) -> str:
        body = {
            'server': {
                'name': mark.name,
                'metadata': mark.properties,
                'availability_zone': f'{host.zone}:{host.name}',
                'flavorRef': flavor_id,
                'imageRef': image_id,
                'networks': 'none',
            }
        }
        return self._caller.creating(
            'create a server',
            lambda: identifier(self._post('/servers', body)['server']),
        )

    def build(self, server_id: str) -> Build | None:
        try:
            return self._caller.retrying(
                f'read server {server_id}',
                lambda: _build(
                    self._get(f'/servers/{segment(server_id)}')['server']
                ),
            )
        except CloudError as exc:
            if exc.code == 404:
                return None
            raise

    def _get(self, path: str) -> Any:
        return self._compute.get(path, microversion=MICROVERSION).json()

    def _post(self, path: str, body: Any) -> Any:
        return self._compute.post(
            path, json=body, microversion=MICROVERSION
        ).json()


def _build(row: dict[str, Any]) -> Build:
    fault = row.get('fault') or {}
    return Build(
        answers.text(row, 'status'),
        answers.text_if_any(fault, 'message') or '',
        answers.text_if_any(fault, 'details') or '',
    )
