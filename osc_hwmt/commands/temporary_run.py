# SPDX-License-Identifier: Apache-2.0

"""A run with temporary resources: asked for, and cleaned up after."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from osc_hwmt.cloud.interface import Cloud, ResourceKind, TemporaryResource
from osc_hwmt.cloud.mark import RunMark
from osc_hwmt.commands import approval, signals
from osc_hwmt.commands.base import MachineTypeLister
from osc_hwmt.i18n import _
from osc_hwmt.probes import cleanup as temporary
from osc_hwmt.probes.cleanup import NotRemoved
from osc_hwmt.tables.summary import ExitCode

LOG = logging.getLogger(__name__)

_Result = TypeVar('_Result')


def carry_out(
    command: MachineTypeLister,
    parsed_args: argparse.Namespace,
    cloud: Cloud,
    mark: RunMark,
    kinds: Collection[ResourceKind],
    intent: Sequence[str],
    question: str,
    work: Callable[[temporary.Run], _Result],
) -> _Result:
    """Return the result of some work, once a human approved of it.

    ``intent`` says in printable lines what will be made. What earlier runs
    have left is removed first. Raises Error and CloudError, and
    KeyboardInterrupt after the removal of what was made.
    """
    concurrency = parsed_args.concurrency
    found = temporary.leftovers(cloud, mark.purpose, kinds)
    for name in sorted({thing.mark.name for thing in found.doubtful}):
        command.tell(
            _('Left alone, of a run that may still be at work: %s'), name
        )
    lines = [*intent, *_removals(found.dead)]
    if parsed_args.auto_approve:
        command.tell('%s', '\n'.join(lines))
    else:
        approval.ask_to_make(lines, question, command.app.stderr)
    left = temporary.remove_leftovers(cloud, found.dead, concurrency)
    if found.dead:
        command.tell(
            _('Removed of what earlier runs left: %d'),
            len(found.dead) - len(left),
        )
    run = temporary.Run(cloud, mark, kinds, concurrency)
    with signals.postponed(run):
        try:
            with run:
                return work(run)
        finally:
            _tell(command, [*left, *run.left], run.unchecked)


def _removals(things: Sequence[TemporaryResource]) -> Iterable[str]:
    if things:
        yield _('Left by an earlier run, and removed first:')
    for thing in things:
        yield f'  {thing.kind.value} {thing.id}  {thing.name}'


def _tell(
    command: MachineTypeLister,
    left: Sequence[NotRemoved],
    unchecked: str | None,
) -> None:
    for one in left:
        LOG.error(
            _('not removed: %(name)s: %(why)s. %(remedy)s'),
            {
                'name': one.resource.name,
                'why': one.reason,
                'remedy': f'openstack {one.resource.kind.value} delete '
                f'{one.resource.id}',
            },
        )
    if unchecked:
        LOG.error(_('whether anything is left is not known: %s'), unchecked)
    if left or unchecked:
        command.exit_code = ExitCode.FAILED
