# SPDX-License-Identifier: Apache-2.0

"""Ask compute hosts for their machine types, by a server that cannot start.

A server that is forced onto a host and wants a machine type that no QEMU has
fails before anything starts, and its fault lists every machine type of that
host (nova/virt/libvirt/host.py, _check_machine_type; Zed and later). A host
that is not forced gives no such fault, because Nova tries others and tells
of the last attempt only.
"""

from __future__ import annotations

import dataclasses
import datetime
import time
from collections.abc import Collection, Sequence
from typing import Union

from osc_hwmt.cloud.interface import (
    Build,
    Cloud,
    ComputeHost,
    Probing,
    ResourceKind,
)
from osc_hwmt.cloud.mark import Purpose, RunMark
from osc_hwmt.collected.machine_list import refused
from osc_hwmt.compatibility.hosts import Host
from osc_hwmt.display import printable
from osc_hwmt.exceptions import CloudError, Error
from osc_hwmt.i18n import _
from osc_hwmt.local.parallel import in_parallel
from osc_hwmt.probes.cleanup import PAUSE, REMOVAL_LIMIT, Run

#: The newest microversion of Zed, which has the check that tells.
ZED = (2, 93)
#: A machine type that no QEMU has.
NO_MACHINE_TYPE = 'osc-hwmt-probe'
#: One sector: a disk that nothing boots from.
CONTENT = bytes(512)
KINDS = (ResourceKind.SERVER, ResourceKind.IMAGE, ResourceKind.FLAVOR)
#: Seconds that a host may take to refuse, and that clocks may differ.
BUILD_LIMIT = 180.0
_CLOCKS = 600.0
_LONGEST_REASON = 300


@dataclasses.dataclass(frozen=True)
class NotTold:
    """A host that did not report its machine types, and why."""

    host: str
    reason: str


Answer = Union[Host, NotTold]


def choose(
    cloud: Cloud, names: Collection[str]
) -> tuple[list[ComputeHost], list[NotTold]]:
    """Return the hosts to ask, and those that can't be, of all or the named.

    Raises CloudError, and Error where this can't work: not an administrator,
    a release that does not tell, a host that does not exist.
    """
    hosts = _hosts(cloud)
    unknown = sorted(set(names) - {host.name for host in hosts})
    if unknown:
        raise Error(
            _('--host: not a compute host of cloud %(cloud)s: %(names)s')
            % {
                'cloud': cloud.name,
                'names': ', '.join(map(printable, unknown)),
            }
        )
    chosen = [host for host in hosts if not names or host.name in names]
    obstacles = {host.name: _obstacle(host) for host in chosen}
    return (
        [host for host in chosen if not obstacles[host.name]],
        [
            NotTold(name, reason)
            for name, reason in obstacles.items()
            if reason
        ],
    )


def _hosts(cloud: Cloud) -> list[ComputeHost]:
    try:
        newest = cloud.compute.newest_microversion()
        hosts = cloud.probing.hosts()
    except CloudError as exc:
        if exc.code != 403:
            raise
        raise Error(
            _('--probe requires an administrator of the cloud: %s') % exc
        ) from exc
    if newest < ZED:
        raise Error(
            _(
                'cloud %(cloud)s: --probe needs Nova of Zed or later (API '
                '2.93), this one has %(major)d.%(minor)d: its compute hosts '
                'do not report their machine types'
            )
            % {'cloud': cloud.name, 'major': newest[0], 'minor': newest[1]}
        )
    return hosts


def _obstacle(host: ComputeHost) -> str | None:
    """Return why no server can be forced onto a host, None if one can."""
    if not host.up:
        return _('not queried: nova-compute is down')
    if not host.enabled:
        return _('not queried: nova-compute is disabled')
    if host.hypervisor == 'ironic':
        return _('not queried: it serves bare metal')
    if ':' in host.name + host.zone:
        return _('not queried: its name or zone contains a colon')
    return None


def mark(hosts: Sequence[ComputeHost], concurrency: int) -> RunMark:
    """Return the mark of a run that asks these hosts."""
    rounds = -(-len(hosts) // concurrency) + 1
    limit = rounds * (BUILD_LIMIT + REMOVAL_LIMIT) + _CLOCKS
    return RunMark.new(Purpose.PROBE, limit)


def flavor_id(cloud: Cloud, name: str) -> str:
    """Return a flavor's id; raises Error if there is none, and CloudError."""
    found = cloud.probing.flavor_id(name)
    if found is None:
        raise Error(
            _('--flavor: not found on cloud %(cloud)s: %(name)s')
            % {'cloud': cloud.name, 'name': printable(name)}
        )
    return found


def ask(
    cloud: Cloud,
    run: Run,
    hosts: Sequence[ComputeHost],
    flavor: str | None,
    concurrency: int,
) -> list[Answer]:
    """Return what each host answers, in their order.

    Without a flavor's id a private one is made. Everything that is made
    belongs to the run, which has to be entered. Raises CloudError where not
    even the image or the flavor could be made.
    """
    probing = cloud.probing
    if flavor is None:
        flavor = probing.create_flavor(run.mark)
        run.add(ResourceKind.FLAVOR, flavor)
    image = run.add(
        ResourceKind.IMAGE, probing.create_image(run.mark, NO_MACHINE_TYPE)
    )
    probing.fill_image(image.id, CONTENT)
    now = datetime.datetime.now(datetime.timezone.utc)
    origin = _('probe of cloud %(cloud)s, %(time)s UTC') % {
        'cloud': cloud.name,
        'time': f'{now:%Y-%m-%d %H:%M}',
    }

    def answer(host: ComputeHost) -> Answer:
        if run.stop.is_set():
            return NotTold(host.name, _('not queried: interrupted'))
        try:
            server = run.add(
                ResourceKind.SERVER,
                probing.create_server(run.mark, host, str(flavor), image.id),
            )
            try:
                build = _built(probing, server.id, run)
            finally:
                run.remove([server])
        except CloudError as exc:
            return NotTold(host.name, str(exc))
        return answer_of(host, build, origin)

    return in_parallel(answer, hosts, concurrency)


def _built(probing: Probing, server_id: str, run: Run) -> Build | None:
    """Return how a server is once Nova is done with it, or has no time left.

    None means that it is gone.
    """
    limit = time.monotonic() + BUILD_LIMIT
    while True:
        build = probing.build(server_id)
        if build is None or build.status != 'BUILD':
            return build
        if time.monotonic() >= limit or run.stop.wait(PAUSE):
            return build


def answer_of(host: ComputeHost, build: Build | None, origin: str) -> Answer:
    """Return the machine types that a fault lists, or why it lists none."""
    if build is None:
        return NotTold(host.name, _('its server was deleted by someone else'))
    if build.status == 'ACTIVE':
        return NotTold(
            host.name,
            _(
                'its driver (%s) accepted a machine type that no QEMU has, '
                'so it does not check machine types'
            )
            % printable(host.hypervisor or _('unknown')),
        )
    if build.status != 'ERROR':
        return NotTold(
            host.name,
            _('its server was still %s') % printable(build.status),
        )
    machines = refused(build.details) or refused(build.message)
    if not machines:
        return NotTold(
            host.name,
            _('the fault lists no machine types: %s')
            % printable(build.message)[:_LONGEST_REASON],
        )
    return Host(host.name, origin, {None: machines})
