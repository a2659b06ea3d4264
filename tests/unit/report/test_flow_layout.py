# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import collections
from collections.abc import Sequence

import hypothesis
from hypothesis import strategies

from osc_hwmt.report.flow import Change, Stop, Way
from osc_hwmt.report.flow_layout import Box, Drawing, draw
from tests.unit.support import cases
from tests.unit.support.fakes import PC, Q35

KEPT, CHANGED, _UNDECIDED, DIFFERS = Change


def _of(value: str | None) -> Stop:
    return Stop(value, True) if value else Stop('not set')


class DrawingTest(cases.TestCase):
    def draw(self, *ways: tuple[str, str, str]) -> Drawing:
        return draw(
            collections.Counter(
                Way(tuple(_of(one) for one in stops), (KEPT, KEPT))
                for stops in ways
            )
        )

    def labels(self, boxes: Sequence[Box]) -> list[str]:
        return [box.stop.label for box in boxes]

    def test_families_stand_together_and_words_at_the_end(self) -> None:
        drawing = self.draw(
            ('q35', PC, PC),
            ('', PC, PC),
            ('pc-i440fx-rhel7.10.0', PC, PC),
            (PC, PC, PC),
        )
        self.assertEqual(
            [PC, 'pc-i440fx-rhel7.10.0', 'q35', 'not set'],
            self.labels(drawing.stages[0]),
        )

    def test_machine_types_without_end_share_a_box(self) -> None:
        ways = [(f'pc-i440fx-{n}.0', PC, PC) for n in range(2, 40)]
        boxes = self.draw(*ways, ways[30]).stages[0]
        self.assertEqual(9, len(boxes))
        self.assertIn(ways[30][0], self.labels(boxes))
        self.assertEqual(
            ('30 others', 30), (boxes[-1].stop.label, boxes[-1].servers)
        )

    def test_what_differs_is_drawn_last(self) -> None:
        drawing = draw(
            {
                Way((_of(PC),) * 3, (KEPT, DIFFERS)): 1,
                Way((_of(Q35), _of(PC), _of(PC)), (CHANGED, KEPT)): 1,
            }
        )
        self.assertEqual(
            [KEPT, KEPT, CHANGED, DIFFERS],
            [band.change for band in drawing.bands],
        )


_STOPS = strategies.sampled_from([PC, Q35, 'pc', 'virt', 'x', ''])
_WAYS = strategies.dictionaries(
    strategies.builds(
        lambda stops, changes: Way(tuple(map(_of, stops)), changes),
        strategies.tuples(_STOPS, _STOPS, _STOPS),
        strategies.tuples(
            strategies.sampled_from(Change), strategies.sampled_from(Change)
        ),
    ),
    strategies.integers(1, 10**6),
    min_size=1,
)


class AnyDrawingTest(cases.TestCase):
    @hypothesis.settings(max_examples=60)
    @hypothesis.given(_WAYS)
    def test_every_server_is_in_every_stage(
        self, ways: dict[Way, int]
    ) -> None:
        drawing = draw(ways)
        total = sum(ways.values())
        for boxes in drawing.stages:
            self.assertEqual(total, sum(box.servers for box in boxes))
        self.assertEqual(
            2 * total, sum(band.servers for band in drawing.bands)
        )

    @hypothesis.settings(max_examples=60)
    @hypothesis.given(_WAYS)
    def test_nothing_overlaps_and_nothing_is_outside(
        self, ways: dict[Way, int]
    ) -> None:
        drawing = draw(ways)
        for boxes in drawing.stages:
            for above, below in zip(boxes, boxes[1:]):
                self.assertLess(above.y + above.height, below.y)
            self.assertLessEqual(
                boxes[-1].y + boxes[-1].height, drawing.height
            )
            self.assertLessEqual(boxes[0].x + boxes[0].width, drawing.width)

    @hypothesis.settings(max_examples=60)
    @hypothesis.given(_WAYS)
    def test_bands_fill_the_side_of_a_box_that_they_meet(
        self, ways: dict[Way, int]
    ) -> None:
        drawing = draw(ways)
        for boxes in drawing.stages[1:]:
            ends = [
                band.end for band in drawing.bands if band.end.x == boxes[0].x
            ]
            for box in boxes:
                here = sorted(
                    (end.y, end.thickness)
                    for end in ends
                    if box.y - 0.01 <= end.y < box.y + box.height - 0.01
                )
                self.assertAlmostEqual(box.y, here[0][0], places=3)
                for (y, thickness), (following, _t) in zip(here, here[1:]):
                    self.assertLessEqual(following, y + thickness + 0.01)
