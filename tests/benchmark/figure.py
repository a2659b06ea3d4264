# SPDX-License-Identifier: Apache-2.0

"""The benchmark's results as a figure and as tables of the documentation.

Usage: python -m tests.benchmark.figure, to make them anew from results.json.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

WIDTH, BAR, GAP, LEFT, RIGHT = 640, 26, 14, 250, 90
_INK, _OURS, _OTHERS = '#1a1a1a', '#0b6e99', '#9aa5ad'


def write(directory: Path) -> None:
    """Write the figure and the tables beside results.json."""
    results = json.loads((directory / 'results.json').read_text())
    (directory / 'race.svg').write_text(_figure(results['race']))
    for race, name in (('race', ''), ('race_of_processes', '-processes')):
        found = results[race]
        _table(
            directory / f'race{name}.csv',
            (
                *('', 'volumes', 'a second', 'of the ceiling'),
                'times the shell loop',
            ),
            _race_rows(found),
        )
        _table(
            directory / f'connections{name}.csv',
            ('at once', 'bare requests a second', 'apply, volumes a second'),
            _connections_rows(found),
        )
    _table(
        directory / 'sizes.csv',
        (
            *('volumes', 'step', 'pages', 'writes', 'questions'),
            *('seconds', 'own CPU, s', 'memory, MB'),
        ),
        _size_rows(results['sizes']),
    )
    _table(
        directory / 'recorded.csv',
        ('servers', 'step', 'seconds', 'own CPU, s', 'memory, MB'),
        _recorded_rows(results['recorded']),
    )


def _contestants(race: dict[str, Any]) -> list[tuple[str, int, float]]:
    """Return who ran, how many volumes they got, and volumes a second."""
    count = race['volumes']
    best = race['best_connections']
    return [
        (f'bare requests, {best} at once', count, race['ceiling_per_second']),
        ('apply, while it writes', count, race['apply_writing_per_second']),
        ('apply, the whole command', count, race['apply_whole_per_second']),
        ('openstacksdk in a loop', race['sdk_sample'], race['sdk_per_second']),
        (
            'openstack volume set in a loop',
            race['shell_sample'],
            race['shell_per_second'],
        ),
    ]


def _race_rows(race: dict[str, Any]) -> Iterable[Sequence[object]]:
    for name, count, rate in _contestants(race):
        share = rate / race['ceiling_per_second']
        times = rate / race['shell_per_second']
        yield name, count, f'{rate:.2f}', f'{share:.3f}', f'{times:.0f}'


def _connections_rows(race: dict[str, Any]) -> Iterable[Sequence[object]]:
    for one in race['connections']:
        yield (
            one['connections'],
            f'{one["bare_per_second"]:.1f}',
            f'{one["apply_per_second"]:.1f}',
        )


def _size_rows(sizes: Iterable[Any]) -> Iterable[Sequence[object]]:
    for size in sizes:
        for step, found in size['steps'].items():
            yield (
                size['volumes'],
                step,
                found['pages'],
                found['writes'],
                found['questions'],
                *_cost(found['cost']),
            )


def _recorded_rows(recorded: Iterable[Any]) -> Iterable[Sequence[object]]:
    for one in recorded:
        for step, cost in one['steps'].items():
            yield one['servers'], step, *_cost(cost)


def _cost(cost: dict[str, float]) -> tuple[str, str, str]:
    return (
        f'{cost["seconds"]:.1f}',
        f'{cost["cpu"]:.1f}',
        f'{cost["memory"]:.0f}',
    )


def _table(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    with path.open('w', newline='') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(header)
        writer.writerows(rows)


def _figure(race: dict[str, Any]) -> str:
    contestants = _contestants(race)
    most = max(rate for _name, _count, rate in contestants)
    height = len(contestants) * (BAR + GAP) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{height}" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif" font-size="14">',
        '<title>Volumes a second</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for number, (name, _count, rate) in enumerate(contestants):
        top = GAP + number * (BAR + GAP)
        length = max(1, round((WIDTH - LEFT - RIGHT) * rate / most))
        colour = _OURS if name.startswith('apply') else _OTHERS
        middle = top + BAR / 2 + 5
        parts += [
            f'<text x="{LEFT - 10}" y="{middle}" text-anchor="end" '
            f'fill="{_INK}">{escape(name)}</text>',
            f'<rect x="{LEFT}" y="{top}" width="{length}" height="{BAR}" '
            f'fill="{colour}"/>',
            f'<text x="{LEFT + length + 8}" y="{middle}" fill="{_INK}">'
            f'{rate:.1f}/s</text>',
        ]
    return '\n'.join((*parts, '</svg>', ''))


if __name__ == '__main__':
    write(Path('doc/source/benchmark'))
