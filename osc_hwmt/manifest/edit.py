# SPDX-License-Identifier: Apache-2.0

"""Edits of a manifest's text, each proved to be all that changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from osc_hwmt.exceptions import Error, ManifestError
from osc_hwmt.i18n import _
from osc_hwmt.manifest.change import Disturbed, Edited, Editor
from osc_hwmt.manifest.edit_pieces import edit_in_pieces
from osc_hwmt.manifest.edit_whole import edit_as_a_whole
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.manifest.reading import Manifest
from osc_hwmt.yaml_text.nodes import NotYamlError, many_nodes


@many_nodes()
def edit(
    manifest: Manifest,
    chosen: Callable[[Entry], bool],
    editor: Editor,
    new: Sequence[Mapping[str, Any]] = (),
) -> Edited:
    """Return the manifest with some entries edited, and new resources.

    Raises Error if that can't be done without touching anything else, which
    a form of YAML that nobody uses for manifests could bring about, or if the
    outcome would be invalid: a wanted value lets the volume's own word count.
    What it says of lines is of those where resources begin in the old text.
    """
    whole = manifest.listing.spans is None
    way = edit_as_a_whole if whole else edit_in_pieces
    try:
        return way(manifest, chosen, editor, new)
    except (Disturbed, NotYamlError) as exc:
        raise Error(
            _('%s is written in a way that can not be edited in place')
            % manifest.path
        ) from exc
    except ManifestError as exc:
        raise Error(
            _('%(path)s would be invalid, so nothing was written:\n%(why)s')
            % {
                'path': manifest.path,
                'why': '\n'.join(str(one) for one in exc.problems),
            }
        ) from exc
