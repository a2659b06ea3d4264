# SPDX-License-Identifier: Apache-2.0

"""The question before anything is written."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.commands.screen import Screen
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _

#: How many writes the question lists.
_SHOWN = 20


def ask_to_write(
    writes: Sequence[str], volumes: str, cloud: Cloud, screen: Screen
) -> None:
    """Return if a human approves of the writes; raises Error otherwise.

    Each is one printable line, and ``volumes`` is how many there are of.
    """
    _ask(
        _few(writes, _('and %d more, all shown by --dry-run')),
        _('Write to %(volumes)s in %(cloud)s?')
        % {'volumes': volumes, 'cloud': address(cloud)},
        screen,
        _('nothing was written'),
        _('Use --dry-run to see the plan, or --auto-approve to write'),
    )


def ask_to_wait(wanted: Sequence[str], cloud: Cloud, screen: Screen) -> None:
    """Return if a human approves of writing to volumes that may yet come.

    Each is one printable line. Raises Error otherwise.
    """
    _ask(
        _few(wanted, _('and %d more')),
        _(
            'Write to the volumes of %(n)d server(s) as they appear in '
            '%(cloud)s?'
        )
        % {'n': len(wanted), 'cloud': address(cloud)},
        screen,
        _('nothing was written'),
        _('Use --auto-approve to write without being asked'),
    )


def address(cloud: Cloud) -> str:
    """Return which cloud it is, and as what one is logged in."""
    project = cloud.identity.own_project()
    where = [
        cloud.auth_url,
        cloud.region_name and _('region %s') % cloud.region_name,
        _('project %s') % (project.name or project.id),
    ]
    return printable(
        _('cloud %(name)s (%(where)s)')
        % {'name': cloud.name, 'where': ', '.join(filter(None, where))}
    )


def ask_to_make(lines: Sequence[str], question: str, screen: Screen) -> None:
    """Return if a human approves of making some things for a moment.

    The printable lines say which. Raises Error otherwise.
    """
    _ask(
        lines,
        question,
        screen,
        _('nothing was created'),
        _('Use --auto-approve to continue without being asked'),
    )


def _few(lines: Sequence[str], rest: str) -> Iterable[str]:
    """Yield as many lines as a question has room for, then how many more."""
    for line in lines[:_SHOWN]:
        yield f'  {line}'
    if len(lines) > _SHOWN:
        yield f'  {rest % (len(lines) - _SHOWN)}'


def _ask(
    lines: Iterable[str],
    question: str,
    screen: Screen,
    nothing: str,
    otherwise: str,
) -> None:
    if not sys.stdin.isatty():
        raise Error(
            _('%(nothing)s: no terminal to ask on. %(otherwise)s')
            % {'nothing': nothing, 'otherwise': otherwise}
        )
    screen.writelines(f'{line}\n' for line in lines)
    screen.write(f'{question} [y/N] ')
    screen.flush()
    if sys.stdin.readline().strip().lower() not in ('y', 'yes'):
        raise Error(_('%s: not approved') % nothing)
