# SPDX-License-Identifier: Apache-2.0

"""YAML nodes read as what they should be, with every problem kept."""

from __future__ import annotations

from collections.abc import Iterable

from osc_hwmt.display import printable
from osc_hwmt.exceptions import Problem
from osc_hwmt.i18n import _
from osc_hwmt.yaml_text.nodes import (
    MappingNode,
    Node,
    SequenceNode,
    kind_of,
    problem_at,
    scalar_of,
)


class Reader:
    """Reads the nodes of one file.

    What is absent (None) is no problem. What is wrong is in
    ``problems``, and read as if it were empty.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def complain(self, node: Node, text: str) -> None:
        """Keep a problem of a node."""
        self.problems.append(problem_at(node, self.path, text))

    def expected(self, node: Node, what: str) -> None:
        """Keep that a node is something else than was expected."""
        self.complain(
            node,
            _('expected %(what)s, found %(found)s')
            % {'what': what, 'found': kind_of(node)},
        )

    def mapping(self, node: Node | None) -> dict[str, Node]:
        """Return a mapping's members."""
        if node is None:
            return {}
        if not isinstance(node, MappingNode):
            self.expected(node, _('a mapping'))
            return {}
        return {key.value: value for key, value in node.value}

    def members(
        self,
        node: Node | None,
        known: Iterable[str],
        required: Iterable[str] = (),
    ) -> dict[str, Node]:
        """Return a mapping's members, of which some are known or required."""
        found = self.mapping(node)
        if not isinstance(node, MappingNode):
            return found
        for key, _value in node.value:
            if key.value not in known:
                self.complain(
                    key,
                    _('unknown key %(key)s; known keys: %(known)s')
                    % {
                        'key': printable(key.value),
                        'known': ', '.join(known),
                    },
                )
        missing = [key for key in required if key not in found]
        if missing:
            self.complain(node, _('missing keys: %s') % ', '.join(missing))
        return found

    def elements(self, node: Node | None) -> list[Node]:
        """Return the elements of a list."""
        if node is None:
            return []
        if not isinstance(node, SequenceNode):
            self.expected(node, _('a list'))
            return []
        return list(node.value)

    def text(self, node: Node | None) -> str:
        """Return a text that says something, printable and in one line."""
        if node is None:
            return ''
        found = ' '.join((scalar_of(node) or '').split())
        if not found:
            self.expected(node, _('a string'))
        return printable(found)
