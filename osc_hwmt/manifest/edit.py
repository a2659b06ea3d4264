# SPDX-License-Identifier: Apache-2.0

"""Edits of a manifest's text, each proved to be all that changed."""

from __future__ import annotations

import array
import bisect
import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from osc_hwmt.compact import joined
from osc_hwmt.exceptions import Error, ManifestError
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.manifest.reading import LIST, Manifest, parse, resource_problems
from osc_hwmt.manifest.resource import read_entry
from osc_hwmt.yaml_text import parts as yaml_parts
from osc_hwmt.yaml_text.document import (
    MappingNode,
    Node,
    NotYamlError,
    SequenceNode,
    child,
    items,
    many_nodes,
    nodes,
    problem_at,
    structural_problems,
)
from osc_hwmt.yaml_text.edit import (
    Room,
    Splice,
    append_items,
    apply_splices,
    set_key,
)
from osc_hwmt.yaml_text.parts import Element, Listing
from osc_hwmt.yaml_text.proof import Changes, Now, is_data, same


class Edit(Protocol):
    """A change of one resource."""

    def splices(self, text: str, resource: Node) -> list[Splice]:
        """Return what changes in the text."""

    def changes(self, resource: Node) -> Changes:
        """Return what is to be different in the nodes afterwards."""


@dataclasses.dataclass(frozen=True)
class Put:
    """Give a key of a resource's section, such as params, a value."""

    section: str
    key: str
    value: Any

    def splices(self, text: str, resource: Node) -> list[Splice]:
        """Return what changes in the text."""
        mapping = child(resource, self.section)
        if not isinstance(mapping, MappingNode):
            raise TypeError('a resource without its sections was accepted')
        return [set_key(text, mapping, self.key, self.value)]

    def changes(self, resource: Node) -> Changes:
        """Return what is to be different in the nodes afterwards."""
        return {self.section: {self.key: Now(self.value)}}


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

    Raises Error if that can't be done without touching anything else, which
    a form of YAML that nobody uses for manifests could bring about, or if the
    outcome would be invalid: a wish lets the volume's own word count, too.
    The lines that are said then are those where the resources begin now.
    """
    whole = manifest.listing.spans is None
    way = _as_a_whole if whole else _in_pieces
    try:
        return way(manifest, chosen, editor, new)
    except (_Disturbed, NotYamlError) as exc:
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


class _Disturbed(Exception):
    """An edit changed more than it should."""


def _in_pieces(
    manifest: Manifest,
    chosen: Callable[[Entry], bool],
    editor: Editor,
    new: Sequence[Mapping[str, Any]],
) -> Edited:
    """Edit each resource by itself, and prove it by itself.

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
                    element = _edited_alone(element, edits, manifest.path)
                edited[number] = element.text
                entry = read_entry(element, manifest.path)
                touched.add(entry.server_id)
        entries.append(entry)
    if not touched and not new:
        return Edited(listing.text, tuple(entries), frozenset())
    growing = _Growing(listing, edited, new)
    text = joined(growing.pieces())
    if not growing.is_cut_in(text):
        raise _Disturbed
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
        room, behind = Room.at(text, begin), ''
        if last >= 0:
            piece = self._piece(last)
            room = Room.below(piece, _list(nodes(piece, self._listing.path)))
            yield self._placed(piece[: room.position])
            behind = piece[room.position :]
        for resource in self._new:
            yield room.newline
            yield self._placed(self._proved(resource, room.item(resource)))
        yield behind
        yield text[end:]

    def _piece(self, number: int) -> str:
        return self._edited.get(number) or self._listing.piece(number)

    def _placed(self, piece: str) -> str:
        self._starts.append(self._position)
        return piece

    def _proved(self, resource: Mapping[str, Any], text: str) -> str:
        element = _alone(
            text,
            self._listing.path,
            self._line,
            lambda node: is_data(node, resource),
        )
        self.added.append(read_entry(element, self._listing.path))
        return text

    def is_cut_in(self, text: str) -> bool:
        """Tell whether a text, when it is cut, gives these pieces.

        What follows the last of the old ones, and of the new, has become
        another.
        """
        before, path = self._listing, self._listing.path
        after = yaml_parts.cut(text, path, LIST)
        if (
            after is None
            or after.spans is None
            or after.spans.starts != self._starts
            or not _root_is_same(before.root, after.root)
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


def _edited_alone(
    element: Element, edits: Sequence[Edit], path: str
) -> Element:
    changes = _changes(element, edits)
    return _alone(
        apply_splices(element.text, _splices(element, edits)),
        path,
        element.line,
        lambda node: same(element.node, node, changes),
    )


def _alone(
    text: str, path: str, line: int, is_right: Callable[[Node], bool]
) -> Element:
    """Return a new piece of the list; raises _Disturbed and ManifestError."""
    (node,) = _list(nodes(text, path, line)).value
    if structural_problems(node, path) or not is_right(node):
        raise _Disturbed
    problems = [
        problem_at(place, path, why, line)
        for place, why in resource_problems(node)
    ]
    if problems:
        raise ManifestError(problems)
    return Element(node, text, line)


def _list(node: Node | None) -> SequenceNode:
    """Return the list that a piece is, with one element."""
    if not isinstance(node, SequenceNode) or len(node.value) != 1:
        raise _Disturbed
    return node


def _as_a_whole(
    manifest: Manifest,
    chosen: Callable[[Entry], bool],
    editor: Editor,
    new: Sequence[Mapping[str, Any]],
) -> Edited:
    """Edit the text, read it again, and compare all of it."""
    before = manifest.listing
    text, changes, touched = _spliced(manifest, chosen, editor, new)
    # Those of new servers alone would take fifty times the text.
    if changes and not _is_sound(text, manifest.path):
        raise _Disturbed
    try:
        after = parse(text, manifest.path, compared=False)
    except NotYamlError:
        raise
    except ManifestError as exc:
        raise _said_as_it_is(exc, text, manifest) from exc
    if not _root_is_same(before.root, after.listing.root) or not all(
        same(old.node, now.node, changes.get(number, {}))
        for number, (old, now) in enumerate(zip(before, after.listing))
    ):
        raise _Disturbed
    for _element in _added(after.listing, len(before), new):
        pass
    return Edited(text, after.entries, touched)


def _said_as_it_is(
    error: ManifestError, text: str, manifest: Manifest
) -> ManifestError:
    """Return what is wrong with a new text, said of the old one's resources.

    They are as many, and new ones behind them.
    """
    now = yaml_parts.whole(text, manifest.path, LIST)
    before, after = (
        [
            (node.start_mark.line + 1, node.start_mark.column + 1)
            for node in items(child(listing.root, LIST))
        ]
        for listing in (manifest.listing, now)
    )
    problems = []
    for one in error.problems:
        number = bisect.bisect(after, (one.line, one.column)) - 1
        line, column = (before or [(1, 1)])[min(number, len(before) - 1)]
        problems.append(dataclasses.replace(one, line=line, column=column))
    return ManifestError(problems)


def _is_sound(text: str, path: str) -> bool:
    """Tell whether an edited text repeats no key."""
    root = nodes(text, path)
    return root is not None and not structural_problems(root, path)


def _spliced(
    manifest: Manifest,
    chosen: Callable[[Entry], bool],
    editor: Editor,
    new: Sequence[Mapping[str, Any]],
) -> tuple[str, dict[int, Changes], frozenset[str]]:
    """Return the text, what it changes by resource, and whom it touches."""
    splices: list[Splice] = []
    changes: dict[int, Changes] = {}
    touched = set()
    for number, (entry, element) in zip(
        manifest.numbers, manifest.resources()
    ):
        edits = editor(entry, element.node) if chosen(entry) else ()
        if edits:
            splices += _splices(element, edits)
            changes[number] = _changes(element, edits)
            touched.add(entry.server_id)
    text, root = manifest.text, manifest.listing.root
    if new and isinstance(root, MappingNode):
        # At the end of the list: what is edited stays where it is.
        text = append_items(text, root, LIST, new)
    if splices:
        text = apply_splices(text, splices)
    return text, changes, frozenset(touched)


def _root_is_same(before: Node | None, after: Node | None) -> bool:
    """Tell whether all is the same beside the list."""
    old, new = (
        [pair for pair in root.value if pair[0].value != LIST]
        for root in (before, after)
        if isinstance(root, MappingNode)
    )
    return len(old) == len(new) and all(
        same(old_part, new_part)
        for old_pair, new_pair in zip(old, new)
        for old_part, new_part in zip(old_pair, new_pair)
    )


def _added(
    after: Listing, known: int, new: Sequence[Mapping[str, Any]]
) -> Iterator[Element]:
    """Yield the new resources behind those known before, proved."""
    if len(after) != known + len(new):
        raise _Disturbed
    for number, resource in enumerate(new, known):
        element = after[number]
        if not is_data(element.node, resource):
            raise _Disturbed
        yield element


def _splices(element: Element, edits: Iterable[Edit]) -> list[Splice]:
    return [
        splice
        for edit in edits
        for splice in edit.splices(element.text, element.node)
    ]


def _changes(element: Element, edits: Iterable[Edit]) -> Changes:
    changes: dict[str | int, Any] = {}
    for edit in edits:
        _add(changes, edit.changes(element.node))
    return changes


def _add(changes: dict[str | int, Any], more: Changes) -> None:
    for key, change in more.items():
        if isinstance(change, Mapping):
            _add(changes.setdefault(key, {}), change)
        else:
            changes[key] = change
