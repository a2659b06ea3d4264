# SPDX-License-Identifier: Apache-2.0

"""What export does to a manifest: refresh the facts, keep the edits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from osc_hwmt.display import printable
from osc_hwmt.exceptions import ManifestError, Problem
from osc_hwmt.i18n import _
from osc_hwmt.manifest.check import contradictions
from osc_hwmt.manifest.edit import edit
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.manifest.reading import Manifest, read_manifest
from osc_hwmt.source.effect import Line, line_of
from osc_hwmt.source.facts import ServerFacts
from osc_hwmt.source.refresh import refresh
from osc_hwmt.source.resource import resource
from osc_hwmt.source.selection import ONLY_MACHINE_TYPE, RequestedProperties

_HEADER = """\
# Machine types of servers that move to another cloud.
#
# params.hw_machine_type        what the destination should use. Edit me: null
#                               leaves it to the destination, '' removes it
# _info.hw_machine_type         what was found at the source, and the evidence.
#                               Written by export, not to be edited
# hw_..., os_type, os_secure... the same for other hardware, if requested
# _migration_params.boot_volume the destination's boot volume, if name and size
#                               do not identify it
"""


@dataclasses.dataclass(frozen=True)
class Update:
    """A manifest's new text, and what became of each server.

    ``not_looked_at`` counts the entries that got no line.
    """

    text: str
    lines: tuple[Line, ...]
    not_looked_at: int


def create(
    found: Mapping[str, ServerFacts],
    path: str,
    requested: RequestedProperties = ONLY_MACHINE_TYPE,
) -> Update:
    """Return a new standalone manifest with those servers, by their ids."""
    empty = read_manifest(_HEADER + 'resources: []\n', path)
    return update(empty, found, extend=True, requested=requested)


def update(
    manifest: Manifest,
    found: Mapping[str, ServerFacts],
    *,
    extend: bool,
    requested: RequestedProperties = ONLY_MACHINE_TYPE,
    looked_at: Callable[[Entry], bool] = lambda _entry: True,
) -> Update:
    """Return the manifest with refreshed facts and every edit kept.

    ``found`` goes by the id of a server or a volume. With ``extend``,
    servers that the manifest lacks are added at its end. Entries that were
    not ``looked_at`` stay as they are and get no line. Raises Error if the
    text can't be edited in place without touching anything else, which a form
    of YAML that nobody uses for manifests could bring about, and
    ManifestError if the new facts or wanted values contradict an edit.
    """
    known = {entry.server_id: entry for entry in manifest.entries}
    new = _Resources(
        [
            id
            for id, one in found.items()
            if extend and one.origin and id not in known
        ],
        found,
        requested,
    )
    after = edit(
        manifest,
        lambda entry: entry.server_id in found,
        lambda entry, node: refresh(
            entry, node, found[entry.server_id], requested
        ),
        new,
    )
    _refuse_contradictions(manifest, after.entries)
    lines = tuple(
        line_of(
            entry,
            known.get(entry.server_id),
            found.get(entry.server_id),
            entry.server_id in after.touched,
        )
        for entry in after.entries
        if entry.server_id in found or looked_at(entry)
    )
    return Update(after.text, lines, len(after.entries) - len(lines))


class _Resources(Sequence[Mapping[str, Any]]):
    """The resources of new servers, made when they are looked at.

    One takes five times the memory of its text.
    """

    def __init__(
        self,
        ids: Sequence[str],
        found: Mapping[str, ServerFacts],
        requested: RequestedProperties,
    ) -> None:
        self._ids = ids
        self._found = found
        self._requested = requested

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, number: Any) -> Any:
        found = self._found[self._ids[number]]
        return found.origin and resource(found.origin, found, self._requested)


def _refuse_contradictions(
    manifest: Manifest, entries: Sequence[Entry]
) -> None:
    """Raise ManifestError where an edit of a volume says something else.

    The lines are those of the file as it is.
    """
    problems = []
    for one in contradictions(entries):
        entry = manifest.entries[one.number]
        recorded = one.entry.recorded
        found = recorded.of(one.key) if recorded else None
        problems.append(
            Problem(
                entry.path,
                one.line_there(manifest.resource(one.number)),
                1,
                _(
                    '%(server)s: volume_image_metadata of its boot volume '
                    'has %(key)s %(there)s, but the volume itself has '
                    '%(found)s, and %(here)s is wanted; expected one of the '
                    'last two here'
                )
                % {
                    'server': printable(entry.name),
                    'key': one.key,
                    'there': printable(one.there.spelled),
                    'found': printable(
                        (found and found.on_volume) or _('nothing')
                    ),
                    'here': printable(one.here.spelled),
                },
            )
        )
    if problems:
        raise ManifestError(problems)
