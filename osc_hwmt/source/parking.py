# SPDX-License-Identifier: Apache-2.0

"""Park what os-migrate's import trips over, in a whole manifest."""

from __future__ import annotations

import enum

from osc_hwmt.manifest import volume_metadata
from osc_hwmt.manifest.change import Edited
from osc_hwmt.manifest.edit import edit
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.yaml_text.nodes import Node


class Parking(enum.Enum):
    """What becomes of such metadata."""

    LEAVE = 'leave'
    PARK = 'park'
    PUT_BACK = 'put back'


def carried_out(requested: Parking, text: str, path: str) -> Edited:
    """Return a manifest with such metadata parked or put back.

    Putting back undoes parking to the byte. Raises Error where the text can
    not be edited in place.
    """

    def chosen(entry: Entry) -> bool:
        if requested is Parking.PUT_BACK:
            return entry.has_parked
        return requested is Parking.PARK and bool(entry.trapped_volumes)

    def moves(_entry: Entry, resource: Node) -> list[volume_metadata.Move]:
        if requested is Parking.PUT_BACK:
            return volume_metadata.parked(resource)
        return volume_metadata.trapped(resource)

    return edit(read_manifest(text, path), chosen, moves)
