# SPDX-License-Identifier: Apache-2.0

"""Edits of a manifest's text, one resource at a time.

Each is proved to be all that changed.
"""

from __future__ import annotations

import array
import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from osc_hwmt.exceptions import Error, ManifestError
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.manifest.reading import LIST, Manifest
from osc_hwmt.manifest.resource import read_resource
from osc_hwmt.model.memory import concat
from osc_hwmt.yaml_text.listing import Element, Listing, cut
from osc_hwmt.yaml_text.nodes import (
    MappingNode,
    Node,
    NotYamlError,
    SequenceNode,
    child,
    many_nodes,
    nodes,
    structural_problems,
)
from osc_hwmt.yaml_text.proof import (
    Changes,
    Now,
    is_data,
    same,
    same_beside,
)
from osc_hwmt.yaml_text.splices import (
    InsertionPoint,
    NotEditable,
    Splice,
    apply_splices,
    set_key,
)


class Edit(Protocol):
    """A change of one resource."""

    def splices(self, text: str, resource: Node) -> list[Splice]:
        """Return what changes in the text."""

    def changes(self, resource: Node) -> Changes:
        """Return what is to be different in the nodes afterwards."""


@dataclasses.dataclass(frozen=True)
class Put:
    """Give a key of a resource's section, such as params, a value.

    A section of a section is named with a dot between them.
    """

    section: str
    key: str
    value: Any

    def splices(self, text: str, resource: Node) -> list[Splice]:
        """Return what changes in the text."""
        mapping = child(resource, *self.section.split('.'))
        if not isinstance(mapping, MappingNode):
            raise TypeError('a resource without its sections was accepted')
        return [set_key(text, mapping, self.key, self.value)]

    def changes(self, resource: Node) -> Changes:
        """Return what is to be different in the nodes afterwards."""
        changes: Changes = {self.key: Now(self.value)}
        for name in reversed(self.section.split('.')):
            changes = {name: changes}
        return changes


#: Returns what is to change in an entry's resource.
Editor = Callable[[Entry, Node], Sequence[Edit]]


@dataclasses.dataclass(frozen=True)
class Edited:
    """A manifest's new text, and the entries that it has now.

    ``touched`` are the ids of those whose resource changed.
    """

    text: str
    entries: tuple[Entry, ...]
    touched: frozenset[str]


@many_nodes()
def edit(
    manifest: Manifest,
    chosen: Callable[[Entry], bool],
    editor: Editor,
    new: Sequence[Mapping[str, Any]] = (),
) -> Edited:
    """Return the manifest with some entries edited, and new resources.

    Raises Error if that cannot be done without touching anything else, as in
    flow style, or if the outcome would be invalid: a wanted value lets the
    volume's own word count. What it says of lines is of those where resources
    begin in the old text.
    """
    try:
        return _edited(manifest, chosen, editor, new)
    except (NotEditable, NotYamlError) as exc:
        raise Error(
            _('%s is written in a way that cannot be edited in place')
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


def _edited(
    manifest: Manifest,
    chosen: Callable[[Entry], bool],
    editor: Editor,
    new: Sequence[Mapping[str, Any]],
) -> Edited:
    """Return the manifest edited: each resource by itself, and proved so.

    The new text, when it is cut, gives the pieces that were proved. So what
    holds for each of them holds for the whole.
    """
    listing = manifest.listing
    entries, touched = [], set()
    edited: dict[int, str] = {}
    for entry, number in zip(manifest.entries, manifest.numbers):
        if chosen(entry):
            element = listing[number]
            edits = editor(entry, element.node)
            if edits:
                with _said_of(entry.line):
                    edited[number], entry = _edited_resource(element, edits)
                touched.add(entry.server_id)
        entries.append(entry)
    if not touched and not new:
        return Edited(listing.text, tuple(entries), frozenset())
    if listing.spans is None:
        raise NotEditable
    growing = _Growing(listing, edited, new)
    text = concat(growing.pieces())
    if not growing.is_cut_in(text):
        raise NotEditable
    return Edited(text, (*entries, *growing.added), frozenset(touched))


@contextlib.contextmanager
def _said_of(line: int) -> Iterator[None]:
    """Say what would be wrong of a line of the file as it is."""
    try:
        yield
    except NotYamlError:
        raise
    except ManifestError as exc:
        raise ManifestError(
            [
                dataclasses.replace(one, line=line, column=1)
                for one in exc.problems
            ]
        ) from exc


class _Growing:
    """The pieces of a list, and new ones, on their way into one text.

    What follows the content of the last piece, blank lines and comments,
    then follows the new ones. These are proved here; ``added`` has their
    entries.
    """

    def __init__(
        self,
        listing: Listing,
        edited: Mapping[int, str],
        new: Sequence[Mapping[str, Any]],
    ) -> None:
        self.added: list[Entry] = []
        self._listing = listing
        self._edited = edited
        self._new = new
        self._starts = array.array('Q')
        self._position = self._line = 0

    def pieces(self) -> Iterator[str]:
        """Yield all pieces of the text; each new one is made in its turn.

        Raises NotYamlError and ManifestError.
        """
        for piece in self._pieces():
            self._position += len(piece)
            self._line += piece.count('\n')
            yield piece

    def _pieces(self) -> Iterator[str]:
        text, (begin, end) = self._listing.text, self._listing.bounds
        last = len(self._listing) - 1
        yield text[:begin]
        for number in range(last):
            yield self._placed(self._piece(number))
        room, behind = InsertionPoint.at(text, begin), ''
        if last >= 0:
            piece = self._piece(last)
            room = InsertionPoint.below(
                piece, _list(nodes(piece, self._listing.path))
            )
            yield self._placed(piece[: room.position])
            behind = piece[room.position :]
        for resource in self._new:
            yield room.newline
            piece = room.item(resource)
            entry = _alone(
                piece,
                self._listing.path,
                self._line,
                functools.partial(is_data, data=resource),
            )
            self.added.append(entry)
            yield self._placed(piece)
        yield behind
        yield text[end:]

    def _piece(self, number: int) -> str:
        return self._edited.get(number) or self._listing.piece(number)

    def _placed(self, piece: str) -> str:
        self._starts.append(self._position)
        return piece

    def is_cut_in(self, text: str) -> bool:
        """Tell whether a text, when it is cut, gives these pieces.

        What follows the last of the old ones, and of the new, has become
        another.
        """
        before, path = self._listing, self._listing.path
        after = cut(text, path, LIST)
        if (
            after is None
            or after.spans is None
            or after.spans.starts != self._starts
            or not same_beside(before.root, after.root, LIST)
        ):
            return False
        last = len(before) - 1
        return (
            last < 0
            or same(
                _list(nodes(self._piece(last), path)).value[0],
                after[last].node,
            )
        ) and (
            not self._new or is_data(after[len(after) - 1].node, self._new[-1])
        )


def _edited_resource(
    element: Element, edits: Sequence[Edit]
) -> tuple[str, Entry]:
    """Return an element's new text, and the entry that it has now."""
    changes: dict[str | int, Any] = {}
    for edit in edits:
        _add(changes, edit.changes(element.node))
    text = apply_splices(
        element.text,
        [
            splice
            for edit in edits
            for splice in edit.splices(element.text, element.node)
        ],
    )
    return text, _alone(
        text,
        element.path,
        element.line,
        lambda node: same(element.node, node, changes),
    )


def _add(changes: dict[str | int, Any], more: Changes) -> None:
    for key, change in more.items():
        if isinstance(change, Mapping):
            _add(changes.setdefault(key, {}), change)
        else:
            changes[key] = change


def _alone(
    text: str, path: str, line: int, is_right: Callable[[Node], bool]
) -> Entry:
    """Return the entry of a new piece of the list.

    Raises NotEditable and ManifestError.
    """
    (node,) = _list(nodes(text, path, line)).value
    if structural_problems(node, path) or not is_right(node):
        raise NotEditable
    read = read_resource(Element(node, text, path, line))
    if read is None:
        raise NotEditable
    if not isinstance(read, Entry):
        raise ManifestError(read)
    return read


def _list(node: Node | None) -> SequenceNode:
    """Return the list that a piece is, with one element."""
    if not isinstance(node, SequenceNode) or len(node.value) != 1:
        raise NotEditable
    return node
