# SPDX-License-Identifier: Apache-2.0

"""Which servers of os-migrate's file had a machine type after an export.

os-migrate replaces a server's whole resource when it exports it again, and
with it whatever an operator wanted. It keeps what stands beside its list of
resources (os-migrate 1.0.5, plugins/module_utils/serialization.py and
filesystem.py). So there it is written whom that may have happened to.
"""

from __future__ import annotations

from collections.abc import Sequence

from osc_hwmt.exceptions import Error, ManifestError
from osc_hwmt.i18n import _
from osc_hwmt.manifest.reading import LIST, RECORD
from osc_hwmt.yaml_text import listing as listing_yaml_text
from osc_hwmt.yaml_text.listing import Listing
from osc_hwmt.yaml_text.nodes import MappingNode, child, nodes
from osc_hwmt.yaml_text.proof import Changes, Now, same
from osc_hwmt.yaml_text.splices import apply_splices, set_key, set_last_key


def written(text: str, path: str, ids: Sequence[str]) -> str:
    """Return a manifest's text that tells whose resources have our keys.

    Raises Error if it can't be edited in place.
    """
    listing = listing_yaml_text.cut(text, path, LIST)
    if listing is None:
        listing = listing_yaml_text.whole(text, path, LIST)
    after = _edited(listing, list(ids))
    if after != text and not _is_proved(listing, after, list(ids)):
        raise Error(
            _('%s is written in a way that cannot be edited in place') % path
        )
    return after


def _edited(listing: Listing, ids: list[str]) -> str:
    root = listing.root
    if not isinstance(root, MappingNode) or _says(root, ids):
        return listing.text
    if not listing.spans:
        splice = set_key(listing.text, root, RECORD, ids)
        return apply_splices(listing.text, [splice])
    begin, end = listing.bounds
    head, pieces, tail = (
        listing.text[:begin],
        listing.text[begin:end],
        listing.text[end:],
    )
    record = next(
        (name for name, _value in root.value if name.value == RECORD), None
    )
    # What stands before the list, and behind it, is YAML by itself.
    if record is None:
        pieces = set_last_key(pieces, RECORD, ids)
    elif record.start_mark.index < begin:
        head = _replaced(head, ids, listing.path)
    else:
        tail = _replaced(tail, ids, listing.path)
    return head + pieces + tail


def _replaced(text: str, ids: list[str], path: str) -> str:
    mapping = nodes(text, path)
    if not isinstance(mapping, MappingNode):
        return text
    return apply_splices(text, [set_key(text, mapping, RECORD, ids)])


def _says(root: MappingNode, ids: list[str]) -> bool:
    """Tell whether that is what stands there already."""
    before = child(root, RECORD)
    listed = [one.value for one in before.value] if before else []
    return listed == ids


def _is_proved(listing: Listing, text: str, ids: list[str]) -> bool:
    read = listing_yaml_text.cut if listing.spans else listing_yaml_text.whole
    try:
        after = read(text, listing.path, LIST)
    except ManifestError:
        return False
    if after is None or listing.root is None or after.root is None:
        return False
    change: Changes = {RECORD: Now(ids)}
    return same(listing.root, after.root, change) and (
        listing.spans is None
        or (
            len(listing) == len(after)
            and _pieces(listing)
            in (
                _pieces(after),
                # A last line without an end got one.
                _pieces(after).rstrip('\r\n'),
            )
        )
    )


def _pieces(listing: Listing) -> str:
    """Return the text of the list."""
    begin, end = listing.bounds
    return listing.text[begin:end]
