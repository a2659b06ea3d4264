# SPDX-License-Identifier: Apache-2.0

"""The directive ``rules-table``: every rule of the package, with its source.

It is made from the rules themselves, so that it can't differ from them.
"""

from __future__ import annotations

from collections.abc import Iterable

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from osc_hwmt.compatibility.rules import RULES

_COLUMNS = ('Finding', 'Severity', 'Speaks when', 'Source')


class RulesTable(Directive):
    """A table with a row for each rule."""

    def run(self) -> list[nodes.Node]:
        group = nodes.tgroup(cols=len(_COLUMNS))
        group += [nodes.colspec(colwidth=width) for width in (22, 8, 35, 35)]
        group += nodes.thead('', _row(map(nodes.Text, _COLUMNS)))
        group += nodes.tbody(
            '',
            *(
                _row(
                    (
                        nodes.literal(text=rule.code),
                        nodes.Text(rule.severity.value),
                        nodes.Text(rule.summary),
                        nodes.Text(rule.source),
                    )
                )
                for rule in RULES
            ),
        )
        return [nodes.table('', group)]


def _row(cells: Iterable[nodes.Node]) -> nodes.row:
    return nodes.row(
        '',
        *(nodes.entry('', nodes.paragraph('', '', cell)) for cell in cells),
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive('rules-table', RulesTable)
    return {'parallel_read_safe': True}
