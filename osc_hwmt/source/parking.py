# SPDX-License-Identifier: Apache-2.0

"""Park what os-migrate's import trips over, in a whole manifest."""

from __future__ import annotations

from osc_hwmt.manifest import volume_metadata
from osc_hwmt.manifest.change import Edited
from osc_hwmt.manifest.edit import edit
from osc_hwmt.manifest.reading import read_manifest


def parked(text: str, path: str) -> Edited:
    """Return a manifest with such metadata parked.

    Raises Error where the text cannot be edited in place.
    """
    return edit(
        read_manifest(text, path),
        lambda entry: bool(entry.trapped_volumes),
        lambda _entry, resource: volume_metadata.trapped(resource),
    )
