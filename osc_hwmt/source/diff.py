# SPDX-License-Identifier: Apache-2.0

"""What an edit would change in a manifest, server by server."""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterator

from osc_hwmt.manifest.reading import LIST
from osc_hwmt.yaml_text.listing import cut
from osc_hwmt.yaml_text.nodes import child, items, nodes, scalar_of


def unified(before: str, after: str, path: str) -> Iterator[str]:
    """Yield the lines of a unified diff of each resource that changes.

    Its server's name stands above it, and lines count from where it begins.
    To compare all lines of a file with all others would not end.
    """
    if before == after:
        return
    old_and_new = itertools.zip_longest(
        _pieces(before, path), _pieces(after, path), fillvalue=''
    )
    for number, (old, new) in enumerate(old_and_new):
        if old != new:
            title = f'{path}: {_name(new, path)}' if number else path
            yield from difflib.unified_diff(
                old.splitlines(), new.splitlines(), title, title, lineterm=''
            )


def _pieces(text: str, path: str) -> list[str]:
    """Return what stands above a manifest's resources, and each of these."""
    listing = cut(text, path, LIST)
    if listing is None or listing.spans is None:
        return [text]
    return [
        text[: listing.bounds[0]],
        *(text[span.start : span.end] for span in listing.spans),
    ]


def _name(piece: str, path: str) -> str:
    (resource,) = items(nodes(piece, path))
    return scalar_of(child(resource, 'params', 'name')) or ''
