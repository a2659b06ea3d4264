# SPDX-License-Identifier: Apache-2.0

"""The part of list that asks the destination's compute hosts."""

from __future__ import annotations

import argparse
import logging

from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.cloud.mark import RunMark
from osc_hwmt.collected import host_file
from osc_hwmt.commands import temporary_run
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.compatibility.hosts import Host
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.local import files
from osc_hwmt.probes import probe
from osc_hwmt.tables.summary import ExitCode

LOG = logging.getLogger(__name__)


def probed(
    command: MachineTypeLister, parsed_args: argparse.Namespace
) -> list[Host]:
    """Return what the compute hosts told, and save it where that is wanted.

    Hosts that told nothing are warned of, and the exit code says so. Raises
    Error and CloudError.
    """
    before = (
        files.read_if_there(parsed_args.save) if parsed_args.save else None
    )
    cloud = command.cloud(
        parsed_args.destination_cloud,
        '--destination-cloud',
        parsed_args.concurrency,
    )
    choice = probe.choose(cloud, parsed_args.hosts or ())
    answers: list[probe.Answer] = [*choice.not_looked_at]
    if choice.hosts:
        answers += _asked(command, parsed_args, cloud, choice)
    hosts = [one for one in answers if isinstance(one, Host)]
    for one in answers:
        if isinstance(one, probe.NotTold):
            command.exit_code = ExitCode.FAILED
            LOG.warning(
                _('host %(host)s did not tell its machine types: %(why)s'),
                {'host': printable(one.host), 'why': one.reason},
            )
    if before and hosts:
        files.write(before, host_file.dump(hosts))
        command.tell(_('Machine types: %s'), before.path)
    return hosts


def _asked(
    command: MachineTypeLister,
    parsed_args: argparse.Namespace,
    cloud: Cloud,
    choice: probe.Choice,
) -> list[probe.Answer]:
    flavor = (
        probe.flavor_id(cloud, parsed_args.flavor)
        if parsed_args.flavor
        else None
    )
    mark = probe.mark(choice.hosts, parsed_args.concurrency)
    question = _(
        'Create and delete these on cloud %(cloud)s, to ask %(n)d host(s)?'
    )
    return temporary_run.carry_out(
        command,
        parsed_args,
        cloud,
        mark,
        probe.KINDS,
        _intent(cloud, mark, choice, parsed_args.flavor),
        question % {'cloud': cloud.name, 'n': len(choice.hosts)},
        lambda run: probe.ask(
            cloud, run, choice.hosts, flavor, parsed_args.concurrency
        ),
    )


def _intent(
    cloud: Cloud, mark: RunMark, choice: probe.Choice, flavor: str | None
) -> list[str]:
    """Return what is going to be created, and what that does."""
    project = cloud.identity.own_project()
    lines = [
        _('In project %(project)s of cloud %(cloud)s, all called %(name)s:')
        % {
            'project': printable(project.name or project.id),
            'cloud': cloud.name,
            'name': mark.name,
        },
        _('  image: private, %(n)d bytes, hw_machine_type=%(machine_type)s')
        % {'n': len(probe.CONTENT), 'machine_type': probe.NO_MACHINE_TYPE},
    ]
    if flavor is None:
        lines.append(_('  flavor: private, 1 vCPU, 64 MB of memory, no disk'))
    lines.append(
        _('  server: one on each of %s')
        % ', '.join(
            printable(f'{host.name} ({host.zone})') for host in choice.hosts
        )
    )
    lines.append(
        _(
            'No server starts. Nova counts a failed build for each host, '
            'which its scheduler avoids until a build succeeds there'
        )
    )
    return lines
