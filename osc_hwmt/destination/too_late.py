# SPDX-License-Identifier: Apache-2.0

"""What to do about a server that was built with other hardware."""

from __future__ import annotations

import shlex

from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry, Intent
from osc_hwmt.model.inventory import MACHINE_TYPE, Server

#: nova-manage where RHOSO has it, in the pod that always reaches all of
#: Nova's databases (nova-operator, internal/nova/conductor/deployment.go).
NOVA_MANAGE = 'oc -n openstack rsh nova-cell0-conductor-0 nova-manage'


def remedy(entry: Entry, server: Server, volume_id: str) -> str:
    """Return how a server gets what the manifest wants, in either way."""
    anew = _(
        'server %(server)s was built before, and keeps what it was built with '
        'until it is created again from volume %(volume)s: %(commands)s, then '
        'create it anew with openstack server create --volume %(volume)s'
    ) % {
        'server': server.id,
        'volume': volume_id,
        'commands': ' && '.join(_deletion(server, volume_id)),
    }
    recorded = _record(entry, server)
    if not recorded:
        return anew
    return _(
        "%(anew)s; or, with access to Nova's databases: openstack server "
        'stop %(server)s; once it is SHUTOFF: %(commands)s && openstack '
        'server start %(server)s'
    ) % {
        'anew': anew,
        'server': server.id,
        'commands': ' && '.join(recorded),
    }


def preservation(server: Server, volume_id: str) -> str | None:
    """Return the command that keeps a disk from going with its server.

    None where it stays anyway. os-migrate attaches boot volumes so that they
    go (os-migrate 1.0.5, import_workload_transfer_volumes).
    """
    if volume_id not in server.deleted_with:
        return None
    return (
        'openstack --os-compute-api-version 2.85 server volume update '
        f'--preserve-on-termination {server.id} {volume_id}'
    )


def _deletion(server: Server, volume_id: str) -> list[str]:
    keep = preservation(server, volume_id)
    delete = f'openstack server delete --wait {server.id}'
    return [keep, delete] if keep else [delete]


def _record(entry: Entry, server: Server) -> list[str]:
    """Return the commands that change what Nova recorded of a server.

    They cannot take anything away from it.
    """
    values = {
        key: shlex.quote(wanted.value)
        for key, wanted in entry.wanted_properties.items()
        if wanted.intent is Intent.SET and wanted.value
    }
    machine_type = values.pop(MACHINE_TYPE, None)
    commands = []
    if machine_type:
        commands.append(
            f'{NOVA_MANAGE} libvirt update_machine_type {server.id} '
            f'{machine_type} --force'
        )
    if values:
        given = ' '.join(
            f'--property {key}={value}' for key, value in values.items()
        )
        commands.append(
            f'{NOVA_MANAGE} image_property set {server.id} {given}'
        )
    return commands
