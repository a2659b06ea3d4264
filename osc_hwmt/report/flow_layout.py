# SPDX-License-Identifier: Apache-2.0

"""Ways as a drawing: where each of its shapes is, whatever draws them.

It is boxes, one for each machine type of a stage, and bands between them
that are as thick as servers go there. All lengths are of the drawing's own
unit.
"""

from __future__ import annotations

import collections
import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

from osc_hwmt.i18n import _
from osc_hwmt.model.machine_type import parse_machine_type
from osc_hwmt.report.flow import Change, Stop, Way

#: A box, and what is free between two, below each other and side by side.
_BOX_WIDTH, _BELOW, _BESIDE = 216.0, 10.0, 130.0
#: The height of a box is that of its words, and its share of the other.
_BOX_HEIGHT, _ALL_SERVERS_HEIGHT = 40.0, 180.0
_THINNEST = 1.5
#: How many machine types a stage names; the others share one box.
_NAMED = 8
#: What a band connects, and how.
_Link = tuple[tuple[Stop, Stop], Change]


@dataclasses.dataclass(frozen=True)
class Box:
    """A stop as it is drawn; ``x`` and ``y`` are its upper left corner."""

    stop: Stop
    servers: int
    x: float
    y: float
    height: float
    width: float = _BOX_WIDTH


@dataclasses.dataclass(frozen=True)
class End:
    """Where a band meets a box, from ``y`` downwards."""

    x: float
    y: float
    thickness: float


@dataclasses.dataclass(frozen=True)
class Band:
    """Servers on their way from one box to another."""

    change: Change
    servers: int
    begin: End
    end: End


@dataclasses.dataclass(frozen=True)
class Drawing:
    """Boxes stage by stage, and bands, those to be seen best at the end."""

    width: float
    height: float
    stages: tuple[tuple[Box, ...], ...]
    bands: tuple[Band, ...]


def draw(ways: Mapping[Way, int]) -> Drawing:
    """Return the drawing of at least one way."""
    ways = _summed_up(ways)
    stages = tuple(
        _boxes(number, counted)
        for number, counted in enumerate(_counted(ways))
    )
    bands = sorted(
        (
            band
            for number, (before, after) in enumerate(zip(stages, stages[1:]))
            for band in _bands(ways, number, before, after)
        ),
        key=lambda band: list(Change).index(band.change),
    )
    width = stages[-1][0].x + _BOX_WIDTH
    height = max(box.y + box.height for boxes in stages for box in boxes)
    return Drawing(width, height, stages, tuple(bands))


def _counted(ways: Mapping[Way, int]) -> list[collections.Counter[Stop]]:
    """Return, stage by stage, how many servers each stop has."""
    stages = len(next(iter(ways)).stops)
    counted: list[collections.Counter[Stop]] = [
        collections.Counter() for _stage in range(stages)
    ]
    for way, servers in ways.items():
        for counter, stop in zip(counted, way.stops):
            counter[stop] += servers
    return counted


def _summed_up(ways: Mapping[Way, int]) -> Mapping[Way, int]:
    """Return the ways with the rarest machine types of a stage as one."""
    shorter = []
    for counter in _counted(ways):
        types = [stop for stop, _n in counter.most_common() if stop.is_value]
        rare = types[_NAMED:] if len(types) > _NAMED + 1 else []
        others = Stop(_('%d others') % len(rare))
        shorter.append(dict.fromkeys(rare, others))
    summed: collections.Counter[Way] = collections.Counter()
    for way, servers in ways.items():
        stops = tuple(
            names.get(stop, stop) for names, stop in zip(shorter, way.stops)
        )
        summed[Way(stops, way.changes)] += servers
    return summed


def _boxes(number: int, counted: Mapping[Stop, int]) -> tuple[Box, ...]:
    total = sum(counted.values())
    x = number * (_BOX_WIDTH + _BESIDE)
    y = 0.0
    boxes = []
    for stop in sorted(counted, key=_order):
        servers = counted[stop]
        height = _BOX_HEIGHT + _ALL_SERVERS_HEIGHT * servers / total
        boxes.append(Box(stop, servers, x, y, height))
        y += height + _BELOW
    return tuple(boxes)


def _order(stop: Stop) -> tuple[object, ...]:
    """Return a key that has families together, and words last."""
    return not stop.is_value, parse_machine_type(stop.label).sort_key


def _bands(
    ways: Mapping[Way, int],
    number: int,
    before: Sequence[Box],
    after: Sequence[Box],
) -> Iterator[Band]:
    """Yield the bands that leave a stage."""
    links: collections.Counter[_Link] = collections.Counter()
    for way, servers in ways.items():
        source, target = way.stops[number : number + 2]
        links[(source, target), way.changes[number]] += servers
    begins = _ends(links, before, 0)
    ends = _ends(links, after, 1)
    for link, servers in links.items():
        yield Band(link[1], servers, begins[link], ends[link])


def _ends(
    links: Mapping[_Link, int], boxes: Iterable[Box], side: int
) -> dict[_Link, End]:
    """Return where each link meets the boxes of its one or other side.

    At a box they come in the order of what they lead to, so they don't
    cross there.
    """
    by_stop = {box.stop: box for box in boxes}
    free = {box.stop: box.y for box in boxes}
    ends = {}
    for link in sorted(
        links, key=lambda link: (_order(link[0][1 - side]), link[1].value)
    ):
        box = by_stop[link[0][side]]
        thickness = box.height * links[link] / box.servers
        x = box.x if side else box.x + _BOX_WIDTH
        ends[link] = End(x, free[box.stop], max(thickness, _THINNEST))
        free[box.stop] += thickness
    return ends
