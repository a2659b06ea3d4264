# SPDX-License-Identifier: Apache-2.0

"""What libvirt would say of a server, where a fake hypervisor runs it."""

from __future__ import annotations

from pathlib import Path

_REAL = (
    Path(__file__).parents[1]
    / 'unit/data/collected/nova-27-domain-nothing-on-volume.xml'
)
_SERVER_ID, _MACHINE_TYPE = (
    '874da27e-3de5-4b80-8053-cbb860c5db80',
    'pc-q35-7.2',
)


def dumped(server_id: str, machine_type: str) -> str:
    """Return a real dump of a domain, made one of this server."""
    text = _REAL.read_text().replace(_SERVER_ID, server_id)
    return text.replace(_MACHINE_TYPE, machine_type)
