# SPDX-License-Identifier: Apache-2.0

"""YAML as positioned nodes: what stands where, and nothing executed.

Positions are what a message to an operator and an edit in place both need,
so a manifest is never turned into plain dictionaries.
"""

from __future__ import annotations

import contextlib
import gc
import re
from collections.abc import Iterator
from typing import Any

import yaml

from osc_hwmt.display import exact, printable
from osc_hwmt.exceptions import ManifestError, Problem
from osc_hwmt.i18n import _

#: A text is read as one piece up to here: the nodes of it take some fifty
#: times its size. Long lists are read by listing.py, piece by piece.
MAX_CHARACTERS = 32 * 1024 * 1024
MAX_DEPTH = 64
MAX_ANCHORS = 100_000
#: Keys, values and the like in a text that is read as one piece: its nodes
#: take up to 400 bytes each. A longer text is only looked through, which
#: takes a second for a million of them.
MAX_EVENTS = 3_000_000
_MAX_EVENTS_LOOKED_AT = 20_000_000
NULL_TAG = 'tag:yaml.org,2002:null'
BOOLEAN_TAG = 'tag:yaml.org,2002:bool'
INTEGER_TAG = 'tag:yaml.org,2002:int'
TEXT_TAG = 'tag:yaml.org,2002:str'
#: Of an unquoted scalar: what it is only matters for few.
_PLAIN_TAG = '?'
_NULLS = frozenset(('', '~', 'null', 'Null', 'NULL'))

Node = yaml.Node
MappingNode = yaml.MappingNode
SequenceNode = yaml.SequenceNode
ScalarNode = yaml.ScalarNode

#: Far below what exhausts the composer's stack, above what manifests have.
_HARMLESS_NESTING = 5000
#: How libyaml 0.2.6 and later refuse by themselves what nests too deep.
_LIBYAML_TOO_DEEP = 'exceeded maximum nesting depth'
_LONG_INDENTATION = re.compile(r'(?<![ ?-])[ ?-]{2000}')

#: libyaml where PyYAML was built with it: ten times faster.
_PARSER = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
_RESOLVER: Any = yaml.resolver.Resolver()


class _Loader(_PARSER):  # type: ignore[misc,valid-type]
    """Composes nodes and spares what resolving every scalar's tag costs."""

    def resolve(
        self, kind: type[Node], value: Any, implicit: Any
    ) -> str | None:
        if kind is ScalarNode:
            return _PLAIN_TAG if implicit[0] else TEXT_TAG
        return None

    def descend_resolver(self, *_place: Any) -> None: ...

    def ascend_resolver(self) -> None: ...


class NotYamlError(ManifestError):
    """A text is not YAML, or not of the YAML that is taken."""


@contextlib.contextmanager
def many_nodes() -> Iterator[None]:
    """Pause Python's search for cycles while many nodes come and go.

    They have none, and so are freed without it; but it would walk over them
    again and again, which takes longer than all the reading.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def compose(text: str, path: str) -> Node | None:
    """Return the root node of a YAML text, None for an empty one.

    Raises ManifestError, with every place, for a text that is no YAML, has
    more than one document, repeats a key, has an alias, or is nested deeper
    than MAX_DEPTH.
    """
    root = nodes(text, path)
    problems = structural_problems(root, path) if root else []
    if problems:
        raise ManifestError(problems)
    return root


def nodes(text: str, path: str, line: int = 0) -> Node | None:
    """Return the root node of a text that begins below so many lines.

    It may repeat keys. Raises NotYamlError.
    """
    if len(text) > MAX_CHARACTERS:
        raise NotYamlError(
            [
                Problem(
                    path,
                    line + 1,
                    1,
                    _('expected at most %(limit)d characters, found %(n)d')
                    % {'limit': MAX_CHARACTERS, 'n': len(text)},
                )
            ]
        )
    with _refused_in_words(text, path, line):
        if _looks_dangerous(text):
            _check_events(text, path, line)
        loader = _Loader(text)
        try:
            root: Node | None = loader.get_single_node()
        finally:
            loader.dispose()
    return root


@contextlib.contextmanager
def _refused_in_words(text: str, path: str, line: int) -> Iterator[None]:
    """Raise NotYamlError for what PyYAML raises."""
    try:
        yield
    except yaml.MarkedYAMLError as exc:
        raise NotYamlError([_malformed(path, exc, line)]) from exc
    except yaml.YAMLError as exc:
        raise NotYamlError([_unreadable(text, path, exc, line)]) from exc


def structural_problems(root: Node, path: str, line: int = 0) -> list[Problem]:
    """Return repeated keys, keys that are no text, and too deep nesting."""
    return sorted(
        problem_at(place, path, why, line)
        for place, why in _structural_problems(root, line)
    )


def problem_at(place: Any, path: str, text: str, line: int = 0) -> Problem:
    """Return a problem placed where a YAML node or event begins."""
    mark = place.start_mark
    return Problem(path, line + mark.line + 1, mark.column + 1, text)


def child(node: Node | None, *keys: str) -> Node | None:
    """Return the value below a path of mapping keys, None if absent."""
    for key in keys:
        if not isinstance(node, MappingNode):
            return None
        node = next(
            (value for name, value in node.value if name.value == key), None
        )
    return node


def items(node: Node | None) -> list[Node]:
    """Return the elements of a sequence; none for anything else."""
    return list(node.value) if isinstance(node, SequenceNode) else []


def is_null(node: Node | None) -> bool:
    """Tell whether the node is absent or a YAML null."""
    return (
        node is None
        or node.tag == NULL_TAG
        or (node.tag == _PLAIN_TAG and node.value in _NULLS)
    )


def scalar_of(node: Node | None) -> str | None:
    """Return a scalar as it is written, None for null and for no scalar."""
    if isinstance(node, ScalarNode) and not is_null(node):
        return str(node.value)
    return None


def tag_of(node: Node) -> str:
    """Return what YAML 1.1 takes a scalar for, such as BOOLEAN_TAG.

    Its ``tag`` does not tell that, unless it is quoted or has one written.
    """
    if node.tag == _PLAIN_TAG:
        return str(_RESOLVER.resolve(ScalarNode, node.value, (True, False)))
    return str(node.tag)


def is_true(node: Node | None) -> bool:
    """Tell whether the node is a YAML true."""
    return (
        isinstance(node, ScalarNode)
        and is_boolean(node)
        and node.value.lower() in ('true', 'yes', 'on')
    )


def is_boolean(node: Node | None) -> bool:
    """Tell whether the node is a YAML true or false."""
    return isinstance(node, ScalarNode) and tag_of(node) == BOOLEAN_TAG


def integer_of(node: Node | None) -> int | None:
    """Return a decimal integer, None for anything else."""
    if isinstance(node, ScalarNode) and tag_of(node) == INTEGER_TAG:
        try:
            return int(node.value)
        except ValueError:
            return None
    return None


def data_of(node: Node) -> Any:
    """Return mappings, lists and scalars (text or None) below a node."""
    if isinstance(node, MappingNode):
        return {key.value: data_of(value) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [data_of(element) for element in node.value]
    return None if is_null(node) else node.value


def kind_of(node: Node) -> str:
    """Return in an operator's words what a node is, for messages."""
    if isinstance(node, MappingNode):
        return _('a mapping')
    if isinstance(node, SequenceNode):
        return _('a list')
    if is_null(node):
        return _('nothing (null)')
    return repr(printable(exact(str(node.value))))


def _looks_dangerous(text: str) -> bool:
    """Tell whether a text could have aliases or nest without end.

    The composer follows both: the one could make it walk for ever, the other
    exhausts its stack. It errs towards yes, which costs one more pass.
    """
    openings = text.count('[') + text.count('{')
    closed_at_once = text.count('[]') + text.count('{}')
    return (
        ('&' in text and '*' in text)
        or openings - closed_at_once > _HARMLESS_NESTING
        or (
            len(text) > _HARMLESS_NESTING
            and _LONG_INDENTATION.search(text) is not None
        )
    )


def check(text: str, path: str) -> None:
    """Raise NotYamlError at the first place that nodes() would refuse.

    It holds no more than one event at a time, so a text of any size may be
    given.
    """
    most = MAX_EVENTS
    if len(text) > MAX_CHARACTERS:
        most = _MAX_EVENTS_LOOKED_AT
    with _refused_in_words(text, path, 0):
        _check_events(text, path, 0, most)


def _check_events(
    text: str, path: str, line: int, most: int = _MAX_EVENTS_LOOKED_AT
) -> None:
    """Raise NotYamlError at the first alias, and what else is refused.

    That is too much of anything, and an anchor that stands twice, as PyYAML
    has it. Aliases are refused altogether: followed, they could grow without
    bound; edited, they would change in two places.
    """
    depth = 0
    line_of: dict[str, int] = {}
    for number, event in enumerate(yaml.parse(text, Loader=_Loader)):
        why = None
        anchor = getattr(event, 'anchor', None)
        if number > most or len(line_of) > MAX_ANCHORS:
            why = _(
                'expected at most %(most)d keys and values, and %(anchors)d '
                'anchors'
            ) % {'most': most, 'anchors': MAX_ANCHORS}
        elif isinstance(event, yaml.AliasEvent):
            why = _('aliases (*%s) are not allowed') % printable(str(anchor))
        elif anchor in line_of:
            why = _('duplicate anchor &%(name)s, first used on line %(n)d') % {
                'name': printable(anchor),
                'n': line_of[anchor],
            }
        elif anchor:
            line_of[anchor] = problem_at(event, path, '', line).line
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            why = why or _depth_allowed()
        if why:
            raise NotYamlError([problem_at(event, path, why, line)])


def _depth_allowed() -> str:
    return _('expected at most %d levels of nesting') % MAX_DEPTH


def _structural_problems(root: Node, line: int) -> Iterator[tuple[Node, str]]:
    """Yield repeated keys, keys that are no text, and too deep nesting."""
    level = [root]
    depth = 1
    while level:
        if depth > MAX_DEPTH:
            yield level[0], _depth_allowed()
            return
        below: list[Node] = []
        for node in level:
            if type(node) is MappingNode:
                if _has_odd_keys(node):
                    yield from _key_problems(node, line)
                below += [
                    value
                    for _key, value in node.value
                    if type(value) is not ScalarNode
                ]
            elif type(node) is SequenceNode:
                below += [
                    element
                    for element in node.value
                    if type(element) is not ScalarNode
                ]
        level = below
        depth += 1


def _has_odd_keys(mapping: MappingNode) -> bool:
    try:
        names = {key.value for key, _value in mapping.value}
    except TypeError:  # a collection's value is a list
        return True
    return len(names) != len(mapping.value)


def _key_problems(
    mapping: MappingNode, line: int
) -> Iterator[tuple[Node, str]]:
    first_of: dict[str, Node] = {}
    for key, _value in mapping.value:
        if not isinstance(key, ScalarNode):
            yield key, _('expected a string as the key')
            continue
        first = first_of.setdefault(key.value, key)
        if first is not key:
            yield (
                key,
                _('duplicate key %(key)s, first used on line %(line)d')
                % {
                    'key': printable(key.value),
                    'line': line + first.start_mark.line + 1,
                },
            )


def _malformed(path: str, exc: yaml.MarkedYAMLError, line: int) -> Problem:
    """Return the place where the text stops being YAML."""
    mark = exc.problem_mark or exc.context_mark
    why = str(exc.problem or exc.context)
    return Problem(
        path,
        line + (mark.line + 1 if mark else 1),
        mark.column + 1 if mark else 1,
        _depth_allowed()
        if why.startswith(_LIBYAML_TOO_DEEP)
        else _('not valid YAML: %s') % printable(why),
    )


def _unreadable(
    text: str, path: str, exc: yaml.YAMLError, line: int
) -> Problem:
    """Return the place of a character that YAML does not allow."""
    if not isinstance(exc, yaml.reader.ReaderError):
        return Problem(
            path, line + 1, 1, _('not valid YAML: %s') % printable(str(exc))
        )
    # libyaml counts bytes.
    before = text.encode()[: exc.position].decode(errors='ignore')
    return Problem(
        path,
        line + before.count('\n') + 1,
        len(before) - before.rfind('\n'),
        _('not valid YAML: %s') % printable(str(exc.reason)),
    )
