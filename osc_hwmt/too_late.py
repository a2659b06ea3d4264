# SPDX-License-Identifier: Apache-2.0

"""What to do about a server that was built with other hardware."""

from __future__ import annotations

from osc_hwmt.i18n import _


def remedy(server_id: str, volume_id: str) -> str:
    """Return how a server gets what its boot volume says now.

    os-migrate attaches the boot volume with delete_on_termination (os-migrate
    1.0.5), so that has to be switched off before the server is deleted.
    """
    return _(
        'it keeps the machine type it has until it is created again from this '
        'volume: openstack server volume update --preserve-on-termination '
        '%(server)s %(volume)s (or the disk is deleted with it), openstack '
        'server delete %(server)s, then create it anew'
    ) % {'server': server_id, 'volume': volume_id}
