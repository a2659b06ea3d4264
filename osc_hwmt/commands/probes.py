# SPDX-License-Identifier: Apache-2.0

"""What --probe and --inspect add to a command: questions by temporary things.

Both functions return what was learned and an exit code, which is FAILED
where anyone told nothing or anything temporary stays in the cloud.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

from osc_hwmt.cloud.interface import (
    Cloud,
    ComputeHost,
    ResourceKind,
    TemporaryResource,
)
from osc_hwmt.cloud.mark import RunMark
from osc_hwmt.collected import host_file
from osc_hwmt.commands import approval, signals
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.compatibility.hosts import Host
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.local import files
from osc_hwmt.model.evidence import Guest
from osc_hwmt.model.inventory import Server, Volume
from osc_hwmt.pasted import Command, Given
from osc_hwmt.probes import cleanup, inspect, probe
from osc_hwmt.probes.cleanup import NotRemoved
from osc_hwmt.tables.summary import ExitCode

LOG = logging.getLogger(__name__)

#: Servers inspected at once: each costs the storage some snapshots.
INSPECTED_AT_ONCE = 4

_Result = TypeVar('_Result')


def probe_hosts(
    command: MachineTypeLister, parsed_args: argparse.Namespace
) -> tuple[list[Host], ExitCode]:
    """Return what the compute hosts told, once a human approved.

    It is also saved where --save says so. Raises Error and CloudError.
    """
    saved = (
        files.OwnFile(
            parsed_args.save, host_file.MARK, _('list of machine types')
        )
        if parsed_args.save
        else None
    )
    if saved:
        saved.check()
    cloud = command.cloud(
        parsed_args.destination_cloud,
        '--destination-cloud',
        parsed_args.concurrency,
    )
    chosen, not_told = probe.choose(cloud, parsed_args.hosts or ())
    answers: list[probe.Answer] = [*not_told]
    code = ExitCode.WELL
    if chosen:
        found, code = _probe(command, parsed_args, cloud, chosen)
        answers += found
    hosts = [one for one in answers if isinstance(one, Host)]
    for one in answers:
        if isinstance(one, probe.NotTold):
            code = ExitCode.FAILED
            LOG.warning(
                _('host %(host)s did not report its machine types: %(why)s'),
                {'host': printable(one.host), 'why': one.reason},
            )
    if saved and hosts:
        saved.write([host_file.dump(hosts)])
        command.tell(_('Machine types: %s'), saved.path)
    return hosts, code


def inspect_servers(
    command: MachineTypeLister,
    parsed_args: argparse.Namespace,
    cloud: Cloud,
    servers: Sequence[Server],
    volumes: Mapping[str, Volume],
) -> tuple[list[Guest], ExitCode]:
    """Return what Nova recorded of these servers, once a human approved.

    ``volumes`` goes by id and has those of the servers. Raises Error and
    CloudError.
    """
    targets, not_inspected = inspect.choose(servers, volumes)
    answers: list[inspect.Answer] = [*not_inspected]
    code = ExitCode.WELL
    if targets:
        inspect.require_records(cloud)
        found, code = _inspect(command, parsed_args, cloud, targets)
        answers += found
    for one in answers:
        if isinstance(one, inspect.NotInspected):
            code = ExitCode.FAILED
            LOG.warning(
                _('server %(name)s (%(id)s) was not inspected: %(why)s'),
                {
                    'name': printable(one.server.name),
                    'id': one.server.id,
                    'why': printable(one.reason),
                },
            )
    return [one for one in answers if isinstance(one, Guest)], code


def _probe(
    command: MachineTypeLister,
    parsed_args: argparse.Namespace,
    cloud: Cloud,
    hosts: Sequence[ComputeHost],
) -> tuple[list[probe.Answer], ExitCode]:
    flavor = (
        probe.flavor_id(cloud, parsed_args.flavor)
        if parsed_args.flavor
        else None
    )
    mark = probe.mark(hosts, parsed_args.concurrency)
    intent = [
        _heading(cloud, mark.name),
        _('  image: private, %(n)d bytes, hw_machine_type=%(machine_type)s')
        % {'n': len(probe.CONTENT), 'machine_type': probe.NO_MACHINE_TYPE},
        _('  server: one on each of %s')
        % ', '.join(printable(f'{host.name} ({host.zone})') for host in hosts),
        _(
            'No server starts. Nova counts a failed build for each host, and '
            'its scheduler avoids the host until a build succeeds there'
        ),
    ]
    if flavor is None:
        intent.insert(
            2, _('  flavor: private, 1 vCPU, 64 MB of memory, no disk')
        )
    question = _(
        'Create and delete these on cloud %(cloud)s, to query %(n)d host(s)?'
    )
    return carry_out(
        command,
        parsed_args,
        cloud,
        mark,
        probe.KINDS,
        intent,
        question % {'cloud': cloud.name, 'n': len(hosts)},
        lambda run: probe.ask(
            cloud, run, hosts, flavor, parsed_args.concurrency
        ),
    )


def _inspect(
    command: MachineTypeLister,
    parsed_args: argparse.Namespace,
    cloud: Cloud,
    targets: Sequence[inspect.Target],
) -> tuple[list[inspect.Answer], ExitCode]:
    at_once = min(INSPECTED_AT_ONCE, parsed_args.concurrency)
    mark = inspect.mark(targets, at_once)
    most = sorted((target.gigabytes for target in targets), reverse=True)
    intent = [
        _heading(cloud, f'{mark.name}...'),
        _('  image: %d, without data') % len(targets),
        _('  volume snapshot: %d, one of each volume of these servers')
        % sum(len(target.volumes) for target in targets),
        _(
            'Each is deleted as soon as it has been read. At most %(n)d '
            'server(s) at a time, with snapshots of at most %(gigabytes)d GiB'
        )
        % {'n': at_once, 'gigabytes': sum(most[:at_once])},
        _(
            'The file systems of a running server with '
            'hw_qemu_guest_agent=yes on its volume are frozen for a moment'
        ),
    ]
    return carry_out(
        command,
        parsed_args,
        cloud,
        mark,
        inspect.KINDS,
        intent,
        _('Inspect %(n)d server(s) on cloud %(cloud)s?')
        % {'n': len(targets), 'cloud': cloud.name},
        lambda run: inspect.inspect(cloud, run, targets, at_once),
    )


def _heading(cloud: Cloud, names: str) -> str:
    project = cloud.identity.own_project()
    return _(
        'In project %(project)s of cloud %(cloud)s, all named %(names)s:'
    ) % {
        'project': printable(project.name or project.id),
        'cloud': cloud.name,
        'names': names,
    }


def carry_out(
    command: MachineTypeLister,
    parsed_args: argparse.Namespace,
    cloud: Cloud,
    mark: RunMark,
    kinds: Collection[ResourceKind],
    intent: Sequence[str],
    question: str,
    work: Callable[[cleanup.Run], _Result],
) -> tuple[_Result, ExitCode]:
    """Return the result of some work with temporary things, and a code.

    ``intent`` says in printable lines what will be made; a human is asked
    first. What earlier runs have left is removed before. Raises Error and
    CloudError, and KeyboardInterrupt after the removal of what was made.
    """
    concurrency = parsed_args.concurrency
    leftovers = cleanup.leftovers(cloud, mark.purpose, kinds)
    for name in sorted({one.mark.name for one in leftovers.doubtful}):
        command.tell_now(
            _('Not removed, because their run may still be active: %s'), name
        )
    for one in leftovers.namesakes:
        command.tell_now(
            _(
                'Not removed, because only its name suggests that an earlier '
                'run created it: %(name)s. If one did: %(remedy)s'
            ),
            {'name': printable(one.name), 'remedy': _deletion(one)},
        )
    lines = [*intent]
    if leftovers.dead:
        lines.append(_('Left behind by an earlier run, to be removed first:'))
    lines += (
        f'  {one.kind.value} {one.id}  {printable(one.name)}'
        for one in leftovers.dead
    )
    if parsed_args.auto_approve:
        command.tell_now('%s', '\n'.join(lines))
    else:
        approval.ask_to_make(lines, question, command.screen)
    left = cleanup.remove_leftovers(cloud, leftovers.dead, concurrency)
    if leftovers.dead:
        command.tell_now(
            _('Removed leftovers of earlier runs: %d'),
            len(leftovers.dead) - len(left),
        )
    run = cleanup.Run(cloud, mark, kinds, concurrency)
    with signals.postponed(run):
        try:
            with run:
                result = work(run)
        finally:
            _report_left([*left, *run.left], run.unchecked)
    failed = left or run.left or run.unchecked
    return result, ExitCode.FAILED if failed else ExitCode.WELL


def _deletion(resource: TemporaryResource) -> Command:
    """Return the command that deletes a resource."""
    return Command(
        *('openstack', *resource.kind.value.split()),
        *('delete', Given(resource.id)),
    )


def _report_left(left: Sequence[NotRemoved], unchecked: str | None) -> None:
    for one in left:
        LOG.error(
            _('not removed: %(name)s: %(why)s. %(remedy)s'),
            {
                'name': printable(one.resource.name),
                'why': one.reason,
                'remedy': _deletion(one.resource),
            },
        )
    if unchecked:
        LOG.error(
            _('cannot tell whether anything is left behind: %s'), unchecked
        )
