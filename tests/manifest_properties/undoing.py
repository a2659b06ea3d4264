# SPDX-License-Identifier: Apache-2.0

"""Take what was edited out of a manifest again, to see that nothing else was.

This knows YAML from PyYAML alone, and of the editor only what it may do: give
our keys values, add resources, and park volume metadata.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import yaml

METADATA = 'volume_image_metadata'
PARKED = 'volume_image_metadata_parked'
_OURS = re.compile(r'(hw|os)_[a-z0-9_.]+')
_Place = tuple[Any, ...]


@dataclasses.dataclass(frozen=True, order=True)
class _Cut:
    """Characters of the edited text, and what stood there before."""

    start: int
    end: int
    before: str = ''


def undone(before: str, after: str) -> str:
    """Return the edited text without the edits.

    Raises ValueError where something changed that is not ours.
    """
    old, new = (yaml.compose(text, _Loader) for text in (before, after))
    text, position = '', 0
    for cut in sorted(_Undoing(before, after).cuts(old, new, ())):
        text += after[position : cut.start] + cut.before
        position = cut.end
    return text + after[position:]


class _Loader(getattr(yaml, 'CSafeLoader', yaml.SafeLoader)):  # type: ignore[misc]
    """Composes nodes as fast as it can."""


class _Undoing:
    def __init__(self, before: str, after: str) -> None:
        self._before = before
        self._after = after

    def cuts(
        self, old: yaml.Node | None, new: Any, place: _Place
    ) -> Iterator[_Cut]:
        """Yield what has to be taken out below a node."""
        if isinstance(old, yaml.MappingNode):
            yield from self._in_mapping(old, new, place)
        elif isinstance(old, yaml.SequenceNode):
            listed = zip(old.value, new.value)
            for number, (one, other) in enumerate(listed):
                yield from self.cuts(one, other, (*place, number))
            if len(new.value) > len(old.value):
                yield self._added(old, new, place)

    def _in_mapping(
        self, old: yaml.MappingNode, new: yaml.Node, place: _Place
    ) -> Iterator[_Cut]:
        was = {name.value: (name, value) for name, value in old.value}
        now = {name.value: (name, value) for name, value in new.value}
        for key, (name, value) in now.items():
            if key == PARKED and key not in was:
                null, _null = now[METADATA]
                yield _Cut(null.start_mark.index, name.start_mark.index)
                yield from self._suffix(name)
                yield from self.cuts(was[METADATA][1], value, (*place, key))
            elif key not in was:
                yield self._new_key(place, name, value)
            elif _is_ours(place, key):
                yield from self._old_key(was[key], (name, value))
            elif not (key == METADATA and PARKED in now and PARKED not in was):
                yield from self.cuts(was[key][1], value, (*place, key))
        if not was.keys() <= now.keys():
            raise ValueError(f'keys were lost at {place}')

    def _new_key(
        self, place: _Place, name: yaml.Node, value: yaml.Node
    ) -> _Cut:
        """Return the cut of a key with all that was written for it."""
        if not _is_ours(place, name.value):
            raise ValueError(f'{name.value} is not ours at {place}')
        start, end = name.start_mark.index, _end(self._after, value)
        gap = 2 if self._after.startswith('\r\n', end) else 1
        return _Cut(start, end + gap + name.start_mark.column)

    def _old_key(self, old: Any, new: Any) -> Iterator[_Cut]:
        """Yield the cut that gives a key its old value."""
        start, end = new[0].end_mark.index, _end(self._after, new[1])
        before = self._before[
            old[0].end_mark.index : _end(self._before, old[1])
        ]
        if self._after[start:end] != before:
            yield _Cut(start, end, before)

    def _suffix(self, name: yaml.ScalarNode) -> Iterator[_Cut]:
        end = name.end_mark.index - (name.style in ('"', "'"))
        yield _Cut(end - len(PARKED) + len(METADATA), end)

    def _added(self, old: yaml.SequenceNode, new: Any, place: _Place) -> _Cut:
        """Return the cut of new resources at the end of the list."""
        if place != ('resources',):
            raise ValueError(f'{place} got longer')
        end = _end(self._after, new.value[-1])
        # The line of the last old one may end in a comment, or in a carriage
        # return that is not ours.
        first = new.value[len(old.value)].start_mark.index
        newline = '\r\n' if '\r\n' in self._after[first:end] else '\n'
        return _Cut(self._after.rindex(newline, 0, first), end)


def _is_ours(place: _Place, key: str) -> bool:
    """Tell whether a key at a place is one that the editor may write."""
    at = (*place, key)
    return (
        len(at) == 4
        and at[0] == 'resources'
        and at[2] in ('params', '_info')
        and _OURS.fullmatch(key) is not None
    )


def _end(text: str, node: yaml.Node) -> int:
    """Return where the last character of a node's content ends."""
    while isinstance(node, (yaml.MappingNode, yaml.SequenceNode)):
        if node.flow_style or not node.value:
            break
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    end = int(node.end_mark.index)
    if getattr(node, 'style', None) in ('|', '>'):
        end = len(text[:end].rstrip('\r\n'))
    return end
