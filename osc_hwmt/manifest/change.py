# SPDX-License-Identifier: Apache-2.0

"""A change of one resource of a manifest: its text, and what it means."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from osc_hwmt.manifest.entry import Entry
from osc_hwmt.yaml_text.listing import Element
from osc_hwmt.yaml_text.nodes import MappingNode, Node, child
from osc_hwmt.yaml_text.proof import Changes, Now
from osc_hwmt.yaml_text.splices import Splice, set_key


class Edit(Protocol):
    """A change of one resource."""

    def splices(self, text: str, resource: Node) -> list[Splice]:
        """Return what changes in the text."""

    def changes(self, resource: Node) -> Changes:
        """Return what is to be different in the nodes afterwards."""


@dataclasses.dataclass(frozen=True)
class Put:
    """Give a key of a resource's section, such as params, a value."""

    section: str
    key: str
    value: Any

    def splices(self, text: str, resource: Node) -> list[Splice]:
        """Return what changes in the text."""
        mapping = child(resource, self.section)
        if not isinstance(mapping, MappingNode):
            raise TypeError('a resource without its sections was accepted')
        return [set_key(text, mapping, self.key, self.value)]

    def changes(self, resource: Node) -> Changes:
        """Return what is to be different in the nodes afterwards."""
        return {self.section: {self.key: Now(self.value)}}


#: Returns what is to change in an entry's resource.
Editor = Callable[[Entry, Node], Sequence[Edit]]


@dataclasses.dataclass(frozen=True)
class Edited:
    """A manifest's new text, and the entries that it has now.

    ``touched`` are the ids of those whose resource changed.
    """

    text: str
    entries: tuple[Entry, ...]
    touched: frozenset[str]


def spliced(element: Element, edits: Iterable[Edit]) -> list[Splice]:
    """Return what edits change in an element's text."""
    return [
        splice
        for edit in edits
        for splice in edit.splices(element.text, element.node)
    ]


def changed(element: Element, edits: Iterable[Edit]) -> Changes:
    """Return what is to be different in an element's nodes after edits."""
    changes: dict[str | int, Any] = {}
    for edit in edits:
        _add(changes, edit.changes(element.node))
    return changes


def _add(changes: dict[str | int, Any], more: Changes) -> None:
    for key, change in more.items():
        if isinstance(change, Mapping):
            _add(changes.setdefault(key, {}), change)
        else:
            changes[key] = change
