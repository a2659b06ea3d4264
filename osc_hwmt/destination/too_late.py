# SPDX-License-Identifier: Apache-2.0

"""What to do about a server that was built with other hardware."""

from __future__ import annotations

from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry, Intent
from osc_hwmt.model.inventory import MACHINE_TYPE, Server
from osc_hwmt.pasted import Command, Given, after_each_other, options

#: nova-manage where RHOSO has it, in the pod that always reaches all of
#: Nova's databases (nova-operator, internal/nova/conductor/deployment.go).
NOVA_MANAGE = (
    *('oc', '-n', 'openstack', 'rsh', 'nova-cell0-conductor-0'),
    'nova-manage',
)


def remedy(entry: Entry, server: Server, volume_id: str) -> str:
    """Return how a server gets what the manifest wants, in either way."""
    recreation = _(
        'server %(server)s was built before its volume was right, and keeps '
        'what it was built with until it is created again from volume '
        '%(volume)s: %(commands)s, then create it again with %(creation)s'
    ) % {
        'server': server.id,
        'volume': volume_id,
        'commands': after_each_other(_deletion(server, volume_id)),
        'creation': Command(
            *('openstack', 'server', 'create', '--volume'), Given(volume_id)
        ),
    }
    recorded = _record(entry, server)
    if not recorded:
        return recreation
    return _(
        "%(recreation)s; or, with access to Nova's databases: %(stop)s; once "
        'it is SHUTOFF: %(commands)s'
    ) % {
        'recreation': recreation,
        'stop': Command('openstack', 'server', 'stop', Given(server.id)),
        'commands': after_each_other(
            [
                *recorded,
                Command('openstack', 'server', 'start', Given(server.id)),
            ]
        ),
    }


def preservation(server: Server, volume_id: str) -> Command | None:
    """Return the command that keeps a disk from going with its server.

    None where it stays anyway. os-migrate attaches boot volumes so that they
    go (os-migrate 1.0.5, import_workload_transfer_volumes).
    """
    if volume_id not in server.deleted_with:
        return None
    return Command(
        *('openstack', '--os-compute-api-version', '2.85'),
        *('server', 'volume', 'update', '--preserve-on-termination'),
        *map(Given, (server.id, volume_id)),
    )


def _deletion(server: Server, volume_id: str) -> list[Command]:
    keep = preservation(server, volume_id)
    delete = Command(
        *('openstack', 'server', 'delete', '--wait'), Given(server.id)
    )
    return [keep, delete] if keep else [delete]


def _record(entry: Entry, server: Server) -> list[Command]:
    """Return the commands that change what Nova recorded of a server.

    They cannot take anything away from it.
    """
    values = {
        key: wanted.value
        for key, wanted in entry.wanted_properties.items()
        if wanted.intent is Intent.SET and wanted.value
    }
    machine_type = values.pop(MACHINE_TYPE, None)
    commands = []
    if machine_type:
        commands.append(
            Command(
                *(*NOVA_MANAGE, 'libvirt', 'update_machine_type'),
                *map(Given, (server.id, machine_type)),
                '--force',
            )
        )
    if values:
        commands.append(
            Command(
                *(*NOVA_MANAGE, 'image_property', 'set', Given(server.id)),
                *options(
                    '--property',
                    (f'{key}={value}' for key, value in values.items()),
                ),
            )
        )
    return commands
