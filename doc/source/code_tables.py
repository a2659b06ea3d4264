# SPDX-License-Identifier: Apache-2.0

"""Tables made from the package, so that they cannot differ from it.

``rules-table`` has every rule with its source, ``findings-table`` every
other finding with its meaning, ``nova-releases-table`` every release of Nova,
``bounds-table`` what is read of what others send, and ``attacks-table`` what
was tried against that. The last is made from the tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from osc_hwmt.cloud import paging, transport
from osc_hwmt.cloud.retry import READING
from osc_hwmt.collected import texts
from osc_hwmt.compatibility import release_file
from osc_hwmt.compatibility.rules import RULES
from osc_hwmt.destination import plan_file
from osc_hwmt.destination.finding_codes import MEANINGS
from osc_hwmt.journal import reading
from osc_hwmt.local import files
from osc_hwmt.yaml_text import listing
from osc_hwmt.yaml_text import nodes as yaml_nodes
from tests.hostile import attacks

#: What is read, how much of it at most, and why so much.
BOUNDS = (
    (
        'An answer of a cloud',
        f'{transport.ANSWER_BYTES >> 20} MiB, {transport.ANSWER_VALUES:,} '
        'values, never compressed',
        'A page of 1,000 servers takes some 5 MB. A list of 100,000 projects, '
        'which Keystone does not part into pages, takes 35 MB and has '
        '1,200,000 values. An empty list takes 3 bytes there and 64 here.',
    ),
    (
        'The time of an answer',
        f'{transport.PATIENCE} times api_timeout, {READING.attempts} attempts',
        'api_timeout (60 seconds unless clouds.yaml has one) limits the '
        'silence between two packets. An answer that is too long in coming '
        'is not asked for again, one that does not begin is.',
    ),
    (
        'A wait that a cloud asks for',
        f'{READING.obeyed:g} seconds',
        'A Retry-After of more ends the attempts.',
    ),
    (
        'A listing',
        f'{paging.PAGES:,} pages, {paging.LISTING_BYTES >> 20:,} MiB, '
        f'{paging.LISTING_SECONDS / 3600:g} hours',
        '100,000 servers are 100 pages and 300 MB, or 1,000 pages where a '
        'service gives 100 at once.',
    ),
    (
        'Redirects',
        f'{transport.REDIRECTS}, to the server that was asked',
        'Elsewhere they would take the token, or the password, to another '
        'server.',
    ),
    (
        'A manifest',
        f'{files.MAX_BYTES >> 30} GiB, {listing.MAX_ELEMENTS:,} resources of '
        f'{listing.MAX_ELEMENT_CHARACTERS >> 20} Mi characters each, '
        f'{yaml_nodes.MAX_DEPTH} levels',
        'Three times what 100,000 servers take. Nodes of YAML take up to '
        'fifty times its size, so they are made of one resource at a time.',
    ),
    (
        'Any other YAML or JSON',
        f'{yaml_nodes.MAX_CHARACTERS >> 20} Mi characters, '
        f'{yaml_nodes.MAX_EVENTS:,} keys and values, '
        f'{yaml_nodes.MAX_ANCHORS:,} anchors',
        'Rules, volume maps and lists of hosts are far smaller.',
    ),
    (
        'Collected files',
        f'{texts.MAX_TEXT >> 20} MiB each, {texts.MAX_TOTAL >> 20:,} MiB and '
        f'{texts.MAX_FILES:,} files in all, archives {texts.MAX_DEPTH} deep',
        '10,000 domains take 50 MiB. What is unpacked counts, and not what an '
        'archive claims.',
    ),
    (
        'A journal',
        f'{reading.MAX_BYTES >> 20} MiB',
        'Three times what a run for 100,000 servers writes.',
    ),
    (
        'A saved plan',
        f'{plan_file.MAX_BYTES >> 20} MiB',
        'More than 100,000 servers take.',
    ),
)


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


class BoundsTable(Directive):
    """A table with a row for each bound of what is read."""

    def run(self) -> list[nodes.Node]:
        return [
            _table(
                (('What', 20), ('At most', 30), ('Why', 50)),
                (map(nodes.Text, row) for row in BOUNDS),
            )
        ]


class AttacksTable(Directive):
    """A table with a row for each attack of the tests."""

    def run(self) -> list[nodes.Node]:
        return [
            _table(
                (('From', 15), ('Attack', 45), ('Outcome', 40)),
                (
                    map(nodes.Text, (title, one.tried, one.outcome))
                    for title, some in attacks.by_module().items()
                    for one in some
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
    app.add_directive('bounds-table', BoundsTable)
    app.add_directive('attacks-table', AttacksTable)
    return {'parallel_read_safe': True}
