# SPDX-License-Identifier: Apache-2.0

"""Edits of a manifest that has to be read in one go, such as flow style."""

from __future__ import annotations

import bisect
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from osc_hwmt.exceptions import ManifestError
from osc_hwmt.manifest.change import (
    Disturbed,
    Edited,
    Editor,
    changed,
    spliced,
)
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.manifest.reading import LIST, Manifest, read_manifest
from osc_hwmt.yaml_text import listing as listing_yaml_text
from osc_hwmt.yaml_text.listing import Listing
from osc_hwmt.yaml_text.nodes import (
    MappingNode,
    NotYamlError,
    child,
    items,
    nodes,
    structural_problems,
)
from osc_hwmt.yaml_text.proof import Changes, is_data, same, same_beside
from osc_hwmt.yaml_text.splices import Splice, append_items, apply_splices


def edit_as_a_whole(
    manifest: Manifest,
    chosen: Callable[[Entry], bool],
    editor: Editor,
    new: Sequence[Mapping[str, Any]],
) -> Edited:
    """Return the manifest edited: read again, and all of it compared.

    Raises Disturbed, NotYamlError, and ManifestError with the places of the
    text as it was.
    """
    before = manifest.listing
    text, changes, touched = _spliced(manifest, chosen, editor, new)
    # Those of new servers alone would take fifty times the text.
    if changes and not _is_sound(text, manifest.path):
        raise Disturbed
    try:
        after = read_manifest(text, manifest.path, compared=False)
    except NotYamlError:
        raise
    except ManifestError as exc:
        raise _said_as_it_is(exc, text, manifest) from exc
    if not same_beside(before.root, after.listing.root, LIST) or not all(
        same(old.node, now.node, changes.get(number, {}))
        for number, (old, now) in enumerate(zip(before, after.listing))
    ):
        raise Disturbed
    if not _are_added(after.listing, len(before), new):
        raise Disturbed
    return Edited(text, after.entries, touched)


def _said_as_it_is(
    error: ManifestError, text: str, manifest: Manifest
) -> ManifestError:
    """Return what is wrong with a new text, said of the old one's resources.

    They are as many, and new ones behind them.
    """
    now = listing_yaml_text.whole(text, manifest.path, LIST)
    before, after = (
        [
            (node.start_mark.line + 1, node.start_mark.column + 1)
            for node in items(child(listing.root, LIST))
        ]
        for listing in (manifest.listing, now)
    )
    problems = []
    for one in error.problems:
        number = bisect.bisect(after, (one.line, one.column)) - 1
        line, column = (before or [(1, 1)])[min(number, len(before) - 1)]
        problems.append(dataclasses.replace(one, line=line, column=column))
    return ManifestError(problems)


def _is_sound(text: str, path: str) -> bool:
    """Tell whether an edited text repeats no key."""
    root = nodes(text, path)
    return root is not None and not structural_problems(root, path)


def _spliced(
    manifest: Manifest,
    chosen: Callable[[Entry], bool],
    editor: Editor,
    new: Sequence[Mapping[str, Any]],
) -> tuple[str, dict[int, Changes], frozenset[str]]:
    """Return the text, what it changes by resource, and whom it touches."""
    splices: list[Splice] = []
    changes: dict[int, Changes] = {}
    touched = set()
    for number, (entry, element) in zip(
        manifest.numbers, manifest.resources()
    ):
        edits = editor(entry, element.node) if chosen(entry) else ()
        if edits:
            splices += spliced(element, edits)
            changes[number] = changed(element, edits)
            touched.add(entry.server_id)
    text, root = manifest.text, manifest.listing.root
    if new and isinstance(root, MappingNode):
        # At the end of the list: what is edited stays where it is.
        text = append_items(text, root, LIST, new)
    if splices:
        text = apply_splices(text, splices)
    return text, changes, frozenset(touched)


def _are_added(
    after: Listing, known: int, new: Sequence[Mapping[str, Any]]
) -> bool:
    """Tell whether new resources, and no others, follow those known before."""
    return len(after) == known + len(new) and all(
        is_data(after[number].node, resource)
        for number, resource in enumerate(new, known)
    )
