# SPDX-License-Identifier: Apache-2.0

"""YAML as positioned nodes: what stands where, and nothing executed.

Positions are what a message to an operator and an edit in place both need,
so a manifest is never turned into plain dictionaries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from osc_hwmt.display import printable
from osc_hwmt.exceptions import ManifestError, Problem
from osc_hwmt.i18n import _

MAX_CHARACTERS = 200 * 1024 * 1024
MAX_DEPTH = 64
NULL_TAG = 'tag:yaml.org,2002:null'
BOOLEAN_TAG = 'tag:yaml.org,2002:bool'
INTEGER_TAG = 'tag:yaml.org,2002:int'

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
_LOADER = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)


def compose(text: str, path: str) -> Node | None:
    """Return the root node of a YAML text, None for an empty one.

    Raises ManifestError, with every place, for a text that is no YAML, has
    more than one document, repeats a key, or is nested deeper than
    MAX_DEPTH.
    """
    if len(text) > MAX_CHARACTERS:
        raise ManifestError(
            [
                Problem(
                    path,
                    1,
                    1,
                    _('expected at most %(limit)d characters, found %(n)d')
                    % {'limit': MAX_CHARACTERS, 'n': len(text)},
                )
            ]
        )
    loader = _LOADER(text)
    try:
        if _looks_dangerous(text):
            _check_events(text, path)
        root: Node | None = loader.get_single_node()
    except yaml.MarkedYAMLError as exc:
        raise ManifestError([_malformed(path, exc)]) from exc
    except yaml.YAMLError as exc:
        raise ManifestError([_unreadable(text, path, exc)]) from exc
    finally:
        loader.dispose()
    if root is not None:
        problems = list(_structural_problems(root, path))
        if problems:
            raise ManifestError(sorted(problems))
    return root


def problem_at(place: Any, path: str, text: str) -> Problem:
    """Return a problem placed where a YAML node or event begins."""
    mark = place.start_mark
    return Problem(path, mark.line + 1, mark.column + 1, text)


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
    return node is None or node.tag == NULL_TAG


def scalar_of(node: Node | None) -> str | None:
    """Return a scalar as it is written, None for null and for no scalar."""
    if isinstance(node, ScalarNode) and not is_null(node):
        return str(node.value)
    return None


def is_true(node: Node | None) -> bool:
    """Tell whether the node is a YAML true."""
    return (
        isinstance(node, ScalarNode)
        and node.tag == BOOLEAN_TAG
        and node.value.lower() in ('true', 'yes', 'on')
    )


def integer_of(node: Node | None) -> int | None:
    """Return a decimal integer, None for anything else."""
    if isinstance(node, ScalarNode) and node.tag == INTEGER_TAG:
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
    return repr(printable(str(node.value)))


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
        or _LONG_INDENTATION.search(text) is not None
    )


def _check_events(text: str, path: str) -> None:
    """Raise ManifestError at the first alias and at too deep nesting.

    Aliases are refused altogether: followed, they could grow without bound;
    edited, they would change in two places.
    """
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            name = printable(str(event.anchor))
            raise ManifestError(
                [problem_at(event, path, _('expected no alias (*%s)') % name)]
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise ManifestError([_too_deep(event, path)])


def _too_deep(place: Any, path: str) -> Problem:
    return problem_at(place, path, _depth_allowed())


def _depth_allowed() -> str:
    return _('expected at most %d levels of nesting') % MAX_DEPTH


def _structural_problems(root: Node, path: str) -> Iterator[Problem]:
    """Yield repeated keys, keys that are no text, and too deep nesting."""
    pending = [(root, 1)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            yield _too_deep(node, path)
            continue
        pending.extend(
            (element, depth + 1)
            for element in _elements(node)
            if not isinstance(element, ScalarNode)
        )
        if isinstance(node, MappingNode):
            yield from _key_problems(node, path)


def _elements(node: Node) -> Iterator[Node]:
    if isinstance(node, SequenceNode):
        yield from node.value
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield key
            yield value


def _key_problems(mapping: MappingNode, path: str) -> Iterator[Problem]:
    first_of: dict[str, Node] = {}
    for key, _value in mapping.value:
        if not isinstance(key, ScalarNode):
            yield problem_at(key, path, _('expected a text as the key'))
            continue
        first = first_of.setdefault(key.value, key)
        if first is not key:
            yield problem_at(
                key,
                path,
                _('the key %(key)s stands on line %(line)d already')
                % {
                    'key': printable(key.value),
                    'line': first.start_mark.line + 1,
                },
            )


def _malformed(path: str, exc: yaml.MarkedYAMLError) -> Problem:
    """Return the place where the text stops being YAML."""
    mark = exc.problem_mark or exc.context_mark
    why = str(exc.problem or exc.context)
    return Problem(
        path,
        mark.line + 1 if mark else 1,
        mark.column + 1 if mark else 1,
        _depth_allowed()
        if why.startswith(_LIBYAML_TOO_DEEP)
        else _('not valid YAML: %s') % printable(why),
    )


def _unreadable(text: str, path: str, exc: yaml.YAMLError) -> Problem:
    """Return the place of a character that YAML does not allow."""
    if not isinstance(exc, yaml.reader.ReaderError):
        return Problem(
            path, 1, 1, _('not valid YAML: %s') % printable(str(exc))
        )
    # libyaml counts bytes.
    before = text.encode()[: exc.position].decode(errors='ignore')
    return Problem(
        path,
        before.count('\n') + 1,
        len(before) - before.rfind('\n'),
        _('not valid YAML: %s') % printable(str(exc.reason)),
    )
