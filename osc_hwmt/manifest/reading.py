# SPDX-License-Identifier: Apache-2.0

"""The manifest: os-migrate's YAML, and what it says of hardware.

``params.hw_machine_type`` is what an operator wants at the destination,
``_info.hw_machine_type`` what was found at the source, and likewise for every
other property of a server's hardware.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from osc_hwmt.exceptions import ManifestError, Problem
from osc_hwmt.i18n import _
from osc_hwmt.manifest.check import (
    contradictions,
    repeated,
)
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.manifest.resource import read_resource
from osc_hwmt.yaml_text.listing import Element, Listing, cut, whole
from osc_hwmt.yaml_text.nodes import (
    MappingNode,
    NotYamlError,
    SequenceNode,
    child,
    kind_of,
    many_nodes,
    problem_at,
    structural_problems,
)

#: The key under which os-migrate keeps its resources.
LIST = 'resources'
#: What os-migrate writes into each of its files, and nobody else
#: (os-migrate 0.3.0 to 1.0.5, plugins/module_utils/serial.py).
_BY_OS_MIGRATE = 'os_migrate_version'
#: So many are told at once, so that they take no more memory than a manifest.
MOST_PROBLEMS = 1000


@dataclasses.dataclass(frozen=True)
class Manifest:
    """One manifest file: its text, and its entries in file order.

    ``numbers`` are the entries' places in the list of all resources,
    ``other_resources`` counts those that are no servers and no volumes.
    """

    listing: Listing
    entries: tuple[Entry, ...]
    numbers: tuple[int, ...]
    other_resources: int

    @property
    def path(self) -> str:
        """Return the path, for messages."""
        return self.listing.path

    @property
    def text(self) -> str:
        """Return the text of the whole file."""
        return self.listing.text

    @property
    def by_os_migrate(self) -> bool:
        """Tell whether os-migrate wrote the file, and not export."""
        return child(self.listing.root, _BY_OS_MIGRATE) is not None

    def resource(self, number: int) -> Element:
        """Return the resource of an entry, composed anew."""
        return self.listing[self.numbers[number]]

    def resources(self) -> Iterator[tuple[Entry, Element]]:
        """Yield each entry with its resource, composed anew."""
        for number, entry in enumerate(self.entries):
            yield entry, self.resource(number)


@many_nodes()
def read_manifest(text: str, path: str, *, compared: bool = True) -> Manifest:
    """Return the manifest in a text; ``path`` is for messages.

    Raises ManifestError with every problem of the text at once; without
    ``compared`` two edits of one thing may contradict each other.
    """
    listing = cut(text, path, LIST)
    reading = None if listing is None else _Reading(listing)
    if reading is None or reading.cut_wrongly:
        try:
            listing = whole(text, path, LIST)
        except NotYamlError as exc:
            others = reading.problems if reading else []
            raise ManifestError(sorted({*exc.problems, *others})) from exc
        reading = _Reading(listing)
    known = reading.manifest()
    problems = [*reading.problems, *repeated(known.entries)]
    if compared:
        problems += [
            one.problem(known.resource(one.number))
            for one in contradictions(known.entries)
        ]
    if problems:
        raise ManifestError(sorted(problems))
    return known


class _Reading:
    """A listing read from its first resource to its last."""

    def __init__(self, listing: Listing) -> None:
        self.problems: list[Problem] = []
        self.entries: list[Entry] = []
        self.cut_wrongly = False
        self._listing = listing
        self._numbers: list[int] = []
        root = listing.root
        self.problems += (
            structural_problems(root, listing.path) if root else []
        )
        self.problems += _shape_problems(listing)
        if not self.problems:
            for number in range(len(listing)):
                self._read(number)
                if len(self.problems) > MOST_PROBLEMS:
                    self._stop()
                    break

    def manifest(self) -> Manifest:
        return Manifest(
            self._listing,
            tuple(self.entries),
            tuple(self._numbers),
            len(self._listing) - len(self.entries),
        )

    def _stop(self) -> None:
        """Have enough: a file of another kind could be wrong everywhere."""
        last = self.problems[-1]
        why = _('this is one of more than %d problems; is this a manifest?')
        self.problems.append(
            dataclasses.replace(last, text=why % MOST_PROBLEMS)
        )

    def _read(self, number: int) -> None:
        try:
            element = self._listing[number]
        except NotYamlError:
            self.cut_wrongly = True
            return
        problems = []
        if self._listing.spans:
            problems = structural_problems(
                element.node, element.path, element.line
            )
        read = problems or read_resource(element)
        if isinstance(read, Entry):
            self.entries.append(read)
            self._numbers.append(number)
        elif read:
            self.problems += read


def _shape_problems(listing: Listing) -> Iterator[Problem]:
    root = listing.root
    if not isinstance(root, MappingNode):
        found = kind_of(root) if root else _('an empty file')
        yield Problem(
            listing.path,
            1,
            1,
            _('expected a mapping with the key resources, found %s') % found,
        )
        return
    resources = child(root, LIST)
    if not isinstance(resources, SequenceNode):
        yield problem_at(
            resources or root,
            listing.path,
            _('expected a list under the key resources, found %s')
            % (kind_of(resources) if resources else _('no such key')),
        )


def repeated_across(manifests: Sequence[Manifest]) -> None:
    """Raise ManifestError where two manifests describe the same thing."""
    if len(manifests) > 1:
        every = [entry for one in manifests for entry in one.entries]
        problems = list(repeated(every))
        if problems:
            raise ManifestError(problems)
