# SPDX-License-Identifier: Apache-2.0

"""A plan that is kept in a file, and a command line that obeys one."""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Iterable, Sequence

from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.destination import plan_file
from osc_hwmt.destination.plan import Step
from osc_hwmt.destination.plan_file import Plan, Planned
from osc_hwmt.display import printable
from osc_hwmt.exceptions import FileError, UsageError
from osc_hwmt.i18n import _
from osc_hwmt.journal import file as journal
from osc_hwmt.journal.format import Input
from osc_hwmt.journal.reading import digest
from osc_hwmt.local import files
from osc_hwmt.manifest.entry import Entry

#: The options that shape a plan, and what they are where they are given.
SHAPING: dict[str, type] = {
    'servers': list,
    'servers_from': str,
    'volume_map': str,
    'destination_hosts': list,
    'destination_release': str,
    'ignore_unsupported': bool,
    'strict': bool,
}


def given_beside(parsed_args: argparse.Namespace) -> list[str]:
    """Return what a command line says that a plan says already."""
    given = ['<manifest>'] if parsed_args.manifests else []
    for name in SHAPING:
        if getattr(parsed_args, name):
            option = 'server' if name == 'servers' else name.replace('_', '-')
            given.append(f'--{option}')
    return given


def check(path: str, parsed_args: argparse.Namespace) -> None:
    """Raise Error where a plan can't be saved, or not carried out later."""
    _file(path).check()
    if '-' in [*parsed_args.manifests, *(parsed_args.destination_hosts or ())]:
        raise UsageError(_('--save-plan: not allowed with - (standard input)'))


def save(
    path: str,
    parsed_args: argparse.Namespace,
    cloud: Cloud,
    manifests: Sequence[Input],
    steps: Iterable[Step],
) -> Input:
    """Put a plan into a file; return its path and digest.

    Raises FileError.
    """
    options = {name: getattr(parsed_args, name) for name in SHAPING}
    text = plan_file.text(
        Plan(
            journal.header('apply', cloud, manifests, options),
            cloud.identity.own_project().name,
            datetime.datetime.now(datetime.timezone.utc),
            tuple(map(Planned.of, steps)),
        )
    )
    _file(path).write([text])
    return digest(path, text)


def _file(path: str) -> files.OwnFile:
    return files.OwnFile(path, plan_file.MARK, _('plan'))


def obey(parsed_args: argparse.Namespace) -> tuple[Plan, Input]:
    """Return the plan of --plan, and take its manifests and options over.

    Raises FileError.
    """
    path = parsed_args.plan
    text = files.read(path, plan_file.MAX_BYTES).text
    plan = plan_file.read(text, path)
    options = plan.header.options
    for name, kind in SHAPING.items():
        value = options.get(name)
        if value is not None and not isinstance(value, kind):
            raise FileError(
                _('%(path)s: options.%(name)s: expected %(kind)s')
                % {'path': path, 'name': name, 'kind': _KINDS[kind]}
            )
        setattr(parsed_args, name, value)
    unknown = [printable(name) for name in options if name not in SHAPING]
    if unknown:
        raise FileError(
            _('%(path)s: options: expected %(expected)s, found %(found)s')
            % {
                'path': path,
                'expected': ', '.join(SHAPING),
                'found': ', '.join(unknown),
            }
        )
    parsed_args.manifests = [one.path for one in plan.header.inputs]
    if not parsed_args.manifests:
        raise FileError(_('%s: manifests: expected one, found none') % path)
    return plan, digest(path, text)


def refuse_other_inputs(
    plan: Plan,
    path: str,
    manifests: Iterable[Input],
    entries: Iterable[Entry],
) -> None:
    """Raise FileError where manifests are no longer those of a plan.

    ``path`` is the plan's.
    """
    approved = {one.path: one.sha256 for one in plan.header.inputs}
    other = [one for one in manifests if approved[one.path] != one.sha256]
    if other:
        raise FileError(
            '\n'.join(
                _(
                    '%(manifest)s: changed since plan %(path)s was made: '
                    'expected sha256 %(expected)s, found %(found)s. Make a '
                    'new plan'
                )
                % {
                    'manifest': printable(one.path),
                    'path': path,
                    'expected': printable(approved[one.path]),
                    'found': one.sha256,
                }
                for one in other
            )
        )
    wanted = {one.server_id for one in entries}
    differing = sorted(wanted ^ {one.server_id for one in plan.steps})
    if differing:
        raise FileError(
            _(
                '%(path)s: steps: expected those of the servers that its '
                'manifests and options select, but they differ for %(id)s'
            )
            % {'path': path, 'id': printable(differing[0])}
        )


_KINDS = {
    list: _('a list of strings'),
    str: _('a string'),
    bool: _('true or false'),
}
