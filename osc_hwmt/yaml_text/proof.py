# SPDX-License-Identifier: Apache-2.0

"""Is an edited text what it was before, but for what was to change?"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Union

from osc_hwmt.yaml_text.nodes import (
    BOOLEAN_TAG,
    INTEGER_TAG,
    TEXT_TAG,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    is_null,
    tag_of,
)


@dataclasses.dataclass(frozen=True)
class Now:
    """A key has this value now: plain data."""

    data: Any


@dataclasses.dataclass(frozen=True)
class Moved:
    """A key has now what stood elsewhere before."""

    node: Node


#: What was to change below a node, by key or by number in a list.
Changes = Mapping[Union[str, int], Any]
_NOTHING: Changes = {}


def same(before: Node, after: Node, changes: Changes = _NOTHING) -> bool:
    """Tell whether two nodes are alike but for the changes, which are there.

    So are their order, tags and styles.
    """
    if type(before) is not type(after) or before.tag != after.tag:
        return False
    if isinstance(before, ScalarNode) and isinstance(after, ScalarNode):
        return before.value == after.value and before.style == after.style
    if not _is_same_style(before, after):
        return False
    if isinstance(before, MappingNode):
        return _same_members(before.value, after.value, changes)
    return len(before.value) == len(after.value) and all(
        same(old, new, changes.get(number, _NOTHING))
        for number, (old, new) in enumerate(zip(before.value, after.value))
    )


def _is_same_style(before: Node, after: Node) -> bool:
    return (
        isinstance(before, (MappingNode, SequenceNode))
        and isinstance(after, (MappingNode, SequenceNode))
        and before.flow_style == after.flow_style
    )


_Members = list[tuple[ScalarNode, Node]]


def _same_members(old: _Members, new: _Members, changes: Changes) -> bool:
    if changes:
        if not all(isinstance(name, ScalarNode) for name, _value in new):
            return False
        ends = {
            key: change
            for key, change in changes.items()
            if isinstance(change, (Now, Moved))
        }
        values = {name.value: value for name, value in new}
        if len(values) != len(new):
            return False
        if not all(
            key in values and _is_done(values[key], change)
            for key, change in ends.items()
        ):
            return False
        old = [pair for pair in old if pair[0].value not in ends]
        new = [pair for pair in new if pair[0].value not in ends]
    if len(old) != len(new):
        return False
    for (name, value), (new_name, new_value) in zip(old, new):
        if not same(name, new_name) or not same(
            value, new_value, changes.get(name.value, _NOTHING)
        ):
            return False
    return True


def _is_done(value: Node, change: Now | Moved) -> bool:
    if isinstance(change, Moved):
        return same(change.node, value)
    return is_data(value, change.data)


def same_beside(before: Node | None, after: Node | None, key: str) -> bool:
    """Tell whether two mappings are the same but for what a key has."""
    old, new = (
        [pair for pair in root.value if pair[0].value != key]
        for root in (before, after)
        if isinstance(root, MappingNode)
    )
    return len(old) == len(new) and all(
        same(old_part, new_part)
        for old_pair, new_pair in zip(old, new)
        for old_part, new_part in zip(old_pair, new_pair)
    )


def is_data(node: Node, data: Any) -> bool:
    """Tell whether a node is what YAML 1.1 reads as this plain data."""
    if isinstance(data, dict):
        return (
            isinstance(node, MappingNode)
            and len(node.value) == len(data)
            and all(
                isinstance(key, ScalarNode)
                and key.value in data
                and is_data(value, data[key.value])
                for key, value in node.value
            )
        )
    if isinstance(data, list):
        return (
            isinstance(node, SequenceNode)
            and len(node.value) == len(data)
            and all(map(is_data, node.value, data))
        )
    return isinstance(node, ScalarNode) and _is_scalar(node, data)


def _is_scalar(node: ScalarNode, data: Any) -> bool:
    if data is None:
        return is_null(node)
    if isinstance(data, bool):
        return tag_of(node) == BOOLEAN_TAG and node.value == str(data).lower()
    if isinstance(data, int):
        return tag_of(node) == INTEGER_TAG and node.value == str(data)
    return tag_of(node) == TEXT_TAG and node.value == data
