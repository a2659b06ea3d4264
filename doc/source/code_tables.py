# SPDX-License-Identifier: Apache-2.0

"""Tables made from the package, so that they cannot differ from it.

``rules-table`` has every rule with its source, ``findings-table`` every
other finding with its meaning, ``nova-releases-table`` every release of Nova.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from osc_hwmt.compatibility import release_file
from osc_hwmt.compatibility.rules import RULES
from osc_hwmt.destination.finding_codes import MEANINGS


class RulesTable(Directive):
    """A table with a row for each rule."""

    def run(self) -> list[nodes.Node]:
        return [
            _table(
                (
                    ('Finding', 22),
                    ('Severity', 8),
                    ('When', 35),
                    ('Source', 35),
                ),
                (
                    (
                        nodes.literal(text=rule.code),
                        nodes.Text(rule.severity.value),
                        nodes.Text(rule.summary),
                        nodes.Text(rule.source),
                    )
                    for rule in RULES
                ),
            )
        ]


class FindingsTable(Directive):
    """A table with a row for each finding that no rule makes."""

    def run(self) -> list[nodes.Node]:
        of_rules = {rule.code for rule in RULES}
        return [
            _table(
                (('Finding', 25), ('Means', 75)),
                (
                    (nodes.literal(text=code), nodes.Text(meaning))
                    for code, meaning in MEANINGS.items()
                    if code not in of_rules
                ),
            )
        ]


class NovaReleasesTable(Directive):
    """A table with a row for each release of Nova."""

    def run(self) -> list[nodes.Node]:
        return [
            _table(
                (
                    ('Nova', 12),
                    ('Newest microversion', 16),
                    ('Records machine types', 16),
                    ('Source', 56),
                ),
                (
                    (
                        nodes.Text(one.name),
                        nodes.Text('{}.{}'.format(*one.newest_microversion)),
                        nodes.Text(
                            'yes' if one.records_machine_type else 'no'
                        ),
                        nodes.Text(one.source),
                    )
                    for one in release_file.load().nova
                ),
            )
        ]


def _table(
    columns: Sequence[tuple[str, int]], rows: Iterable[Iterable[nodes.Node]]
) -> nodes.table:
    """Return a table of columns, each with its title and its width."""
    group = nodes.tgroup(cols=len(columns))
    group += [nodes.colspec(colwidth=width) for _title, width in columns]
    group += nodes.thead('', _row(nodes.Text(title) for title, _ in columns))
    group += nodes.tbody('', *map(_row, rows))
    return nodes.table('', group)


def _row(cells: Iterable[nodes.Node]) -> nodes.row:
    return nodes.row(
        '',
        *(nodes.entry('', nodes.paragraph('', '', cell)) for cell in cells),
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    app.add_directive('rules-table', RulesTable)
    app.add_directive('findings-table', FindingsTable)
    app.add_directive('nova-releases-table', NovaReleasesTable)
    return {'parallel_read_safe': True}
