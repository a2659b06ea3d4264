# SPDX-License-Identifier: Apache-2.0

"""The section that draws the machine types on their way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from osc_hwmt.i18n import _
from osc_hwmt.report import sections
from osc_hwmt.report.flow import Change, Way, ways
from osc_hwmt.report.flow_layout import Band, Box, Drawing, draw
from osc_hwmt.report.markup import Markup, Templates, joined
from osc_hwmt.report.verdict import Verdict

_STAGES = (
    _('Found at the source'),
    _('Wanted'),
    _("On the destination's volume"),
    _('On its server'),
)
_CHANGES = {
    Change.KEPT: _('nothing'),
    Change.CHANGED: _('changed as wanted'),
    Change.UNDECIDED: _('undecided'),
    Change.DIFFERS: _('differs'),
}
#: Room above the boxes, for the names of the stages, and between the lines.
_HEAD, _LINE, _MARGIN = 26.0, 17.0, 12.0
#: How many letters fit into a box, and how many ways the table has.
_LETTERS, _WAYS = 25, 100


def drawn(parts: Templates, verdicts: Sequence[Verdict]) -> Markup:
    """Return the drawing and its numbers, nothing if there is no server."""
    if not verdicts:
        return Markup()
    counted = ways(verdicts)
    drawing = draw(counted)
    return parts['drawing'].fill(
        width=f'{drawing.width + 1:g}',
        height=_number(drawing.height + _HEAD + 1),
        stages=joined(_stages(parts, drawing), '\n'),
        headers=joined(
            parts['header'].fill(name=name)
            for name, _boxes in zip(_STAGES, drawing.stages)
        ),
        bands=joined((_band(parts, band) for band in drawing.bands), '\n'),
        boxes=joined(
            (_box(parts, box) for boxes in drawing.stages for box in boxes),
            '\n',
        ),
        ways=joined(_rows(parts, counted), '\n'),
    )


def _stages(parts: Templates, drawing: Drawing) -> Iterator[Markup]:
    for name, boxes in zip(_STAGES, drawing.stages):
        yield parts['stage'].fill(x=_number(boxes[0].x), y='12', name=name)


def _band(parts: Templates, band: Band) -> Markup:
    """Return the band as two curves, which leave and arrive level."""
    begin, end = band.begin, band.end
    middle = _number((begin.x + end.x) / 2)
    (left, right) = (_number(begin.x), _number(end.x))
    upper = [_number(_HEAD + one.y) for one in (begin, end)]
    lower = [_number(_HEAD + one.y + one.thickness) for one in (begin, end)]
    path = (
        f'M{left} {upper[0]}'
        f'C{middle} {upper[0]} {middle} {upper[1]} {right} {upper[1]}'
        f'V{lower[1]}'
        f'C{middle} {lower[1]} {middle} {lower[0]} {left} {lower[0]}Z'
    )
    return parts['band'].fill(
        change=band.change.value,
        path=path,
        title=sections.servers_text(band.servers),
    )


def _box(parts: Templates, box: Box) -> Markup:
    label = box.stop.label
    y = _HEAD + box.y
    middle = y + box.height / 2
    return parts['box'].fill(
        full=f'{box.stop.text}: {sections.servers_text(box.servers)}',
        x=_number(box.x + 0.5),
        y=_number(y),
        width=_number(box.width),
        height=_number(box.height),
        kind='value' if box.stop.is_value else 'word',
        text_x=_number(box.x + _MARGIN),
        label=label if len(label) <= _LETTERS else f'{label[:_LETTERS]}…',
        label_y=_number(middle - 2),
        family=box.stop.family,
        family_x=_number(box.x + box.width - _MARGIN),
        count=sections.servers_text(box.servers),
        count_y=_number(middle - 2 + _LINE),
    )


def _rows(parts: Templates, counted: Mapping[Way, int]) -> Iterator[Markup]:
    most = sorted(counted, key=lambda way: -counted[way])
    for way in most[:_WAYS]:
        worst = max(way.changes, key=list(Change).index)
        yield parts['way'].fill(
            stops=joined(
                parts['cell'].fill(value=sections.machine_type(parts, stop))
                for stop in way.stops
            ),
            servers=f'{counted[way]:,}',
            change=_CHANGES[worst],
        )
    rest = sum(counted[way] for way in most[_WAYS:])
    if rest:
        yield parts['other-ways'].fill(
            columns=len(most[0].stops), servers=f'{rest:,}'
        )


def _number(length: float) -> str:
    return f'{length:.1f}'
