# SPDX-License-Identifier: Apache-2.0

"""Park what os-migrate's import trips over, in a whole manifest."""

from __future__ import annotations

from osc_hwmt.manifest.edit import Edited, edit
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.manifest.sections import Resource
from osc_hwmt.manifest.volume_metadata import Park, trapped


def parked(text: str, path: str) -> Edited:
    """Return a manifest with such metadata parked.

    Raises Error where the text cannot be edited in place.
    """
    return edit(
        read_manifest(text, path),
        lambda entry: bool(entry.trapped_volumes),
        lambda _entry, node: [
            Park(number) for number in trapped(Resource(node))
        ],
    )
