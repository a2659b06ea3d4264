# SPDX-License-Identifier: Apache-2.0

"""A file in which an operator says which volume became which."""

from __future__ import annotations

from osc_hwmt.exceptions import ManifestError, Problem
from osc_hwmt.i18n import _
from osc_hwmt.yaml_text.nodes import (
    MappingNode,
    child,
    compose,
    kind_of,
    problem_at,
    scalar_of,
)


def read_volume_map(text: str, path: str) -> dict[str, str]:
    """Return source volume id, server id or name → destination volume id.

    Takes a plain mapping of those, or os-migrate's volume_map, whose members
    have source_id and dest_id. Raises ManifestError with all problems.
    """
    root = compose(text, path)
    mapping = child(root, 'volume_map') or root
    if not isinstance(mapping, MappingNode):
        found = kind_of(mapping) if mapping else _('an empty file')
        raise ManifestError(
            [
                Problem(
                    path,
                    1,
                    1,
                    _(
                        'expected a mapping of source volume or server to '
                        'destination volume, found %s'
                    )
                    % found,
                )
            ]
        )
    problems = []
    pairs = {}
    for key, value in mapping.value:
        source, target = key.value, scalar_of(value)
        if isinstance(value, MappingNode):
            source = scalar_of(child(value, 'source_id'))
            target = scalar_of(child(value, 'dest_id'))
        if source and target:
            pairs[source] = target
        else:
            problems.append(
                problem_at(
                    value,
                    path,
                    _('expected a destination volume ID, found %s')
                    % kind_of(value),
                )
            )
    if problems:
        raise ManifestError(problems)
    return pairs
