# SPDX-License-Identifier: Apache-2.0

"""Which microversions a service offers."""

from __future__ import annotations

from keystoneauth1 import adapter


def newest(client: adapter.Adapter) -> tuple[int, int]:
    """Return the newest microversion that is offered, (0, 0) without any."""
    endpoint = client.get_endpoint_data()
    version = endpoint.max_microversion if endpoint else None
    return (int(version[0]), int(version[1])) if version else (0, 0)
