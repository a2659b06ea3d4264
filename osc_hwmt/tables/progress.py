# SPDX-License-Identifier: Apache-2.0

"""How far a migration is, in lines that fit one screen."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from osc_hwmt.destination import progress
from osc_hwmt.destination.progress import Counts, Standing, State
from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.tables.summary import PROJECTS, more_projects

#: A longer name is cut: the table is to fit 80 columns.
_NAME = 20
_WIDTH = 9


def lines(found: Sequence[Standing]) -> Iterator[str]:
    """Yield a line for each project and wave, where there are several."""
    projects = progress.by_project(found)
    waves = progress.by_wave(found)
    if len(projects) > 1:
        yield _heading(_('Project'))
        yield from itertools.islice(_rows(projects), PROJECTS)
        if len(projects) > PROJECTS:
            yield more_projects(len(projects) - PROJECTS)
    if len(waves) > 1:
        yield _heading(_('Wave'))
        yield from _rows({wave.name: waves[wave] for wave in waves})
    if len(projects) > 1 or len(waves) > 1:
        yield _row(_('All'), progress.in_all(found))


def _heading(kind: str) -> str:
    names = (_('Servers'), *(state.value.capitalize() for state in State))
    return kind.ljust(_NAME) + ''.join(
        name.rjust(_WIDTH + 1) for name in names
    )


def _rows(counted: Mapping[str, Counts]) -> Iterator[str]:
    for name, counts in counted.items():
        yield _row(name, counts)


def _row(name: str, counts: Counts) -> str:
    shown = printable(name) or '-'
    if len(shown) > _NAME:
        shown = f'{shown[: _NAME - 3]}...'
    numbers = (sum(counts.values()), *(counts.get(one, 0) for one in State))
    return shown.ljust(_NAME) + ''.join(
        f'{number or "-":>{_WIDTH + 1}}' for number in numbers
    )
