# SPDX-License-Identifier: Apache-2.0

"""What --inspect adds to a command."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Mapping, Sequence

from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.cloud.mark import RunMark
from osc_hwmt.commands import temporary_run
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.model.evidence import Guest
from osc_hwmt.model.inventory import Server, Volume
from osc_hwmt.probes import inspect
from osc_hwmt.probes.inspect import NotInspected, Target
from osc_hwmt.tables.summary import ExitCode

LOG = logging.getLogger(__name__)

#: Servers inspected at once: each costs the storage some snapshots.
AT_ONCE = 4


def inspected(
    command: MachineTypeLister,
    parsed_args: argparse.Namespace,
    cloud: Cloud,
    servers: Sequence[Server],
    volumes: Mapping[str, Volume],
) -> list[Guest]:
    """Return what Nova recorded of these servers, once a human approved.

    ``volumes`` goes by id and has those of the servers. Servers of which
    nothing was learned are warned of, and the exit code says so. Raises Error
    and CloudError.
    """
    choice = inspect.choose(servers, volumes)
    answers: list[inspect.Answer] = [*choice.not_looked_at]
    if choice.targets:
        inspect.require_records(cloud)
        answers += _asked(command, parsed_args, cloud, choice.targets)
    for one in answers:
        if isinstance(one, NotInspected):
            command.exit_code = ExitCode.FAILED
            LOG.warning(
                _('server %(name)s (%(id)s) was not inspected: %(why)s'),
                {
                    'name': printable(one.server.name),
                    'id': one.server.id,
                    'why': printable(one.reason),
                },
            )
    return [one for one in answers if isinstance(one, Guest)]


def _asked(
    command: MachineTypeLister,
    parsed_args: argparse.Namespace,
    cloud: Cloud,
    targets: Sequence[Target],
) -> list[inspect.Answer]:
    at_once = min(AT_ONCE, parsed_args.concurrency)
    mark = inspect.mark(targets, at_once)
    return temporary_run.carry_out(
        command,
        parsed_args,
        cloud,
        mark,
        inspect.KINDS,
        _intent(cloud, mark, targets, at_once),
        _('Inspect %(n)d server(s) of cloud %(cloud)s so?')
        % {'n': len(targets), 'cloud': cloud.name},
        lambda run: inspect.inspect(cloud, run, targets, at_once),
    )


def _intent(
    cloud: Cloud, mark: RunMark, targets: Sequence[Target], at_once: int
) -> list[str]:
    """Return what is going to be created, and what that does."""
    project = cloud.identity.own_project()
    most = sorted((target.gigabytes for target in targets), reverse=True)
    return [
        _('In project %(project)s of cloud %(cloud)s, all called %(name)s...:')
        % {
            'project': printable(project.name or project.id),
            'cloud': cloud.name,
            'name': mark.name,
        },
        _('  image: %d, without data') % len(targets),
        _('  volume snapshot: %d, of all volumes of these servers')
        % sum(len(target.volumes) for target in targets),
        _(
            'Each is deleted as soon as it was read. Servers at once: at most '
            '%(n)d, with snapshots of at most %(gigabytes)d GiB'
        )
        % {'n': at_once, 'gigabytes': sum(most[:at_once])},
        _(
            'A running server with hw_qemu_guest_agent=yes on its volume has '
            'its file systems frozen for that moment'
        ),
    ]
