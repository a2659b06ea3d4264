# SPDX-License-Identifier: Apache-2.0

"""Tables made from the package, so that they cannot differ from it.

``rules-table`` has every rule with its source, ``findings-table`` every
other finding with its meaning, ``nova-releases-table`` and
``products-table`` what is known of releases, ``properties-table`` the image
properties, ``hook-settings-table`` and ``gate-settings-table`` all settings,
``exit-codes-table`` the exit codes, and ``words-table`` the words of an
enumeration. ``bounds-table`` is what is read of what others send, and
``attacks-table``, made from the tests, what was tried against that.
"""

from __future__ import annotations

import argparse
import ast
import pathlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import words
import yaml
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from osc_hwmt.cloud import paging, transport
from osc_hwmt.cloud.retry import READING
from osc_hwmt.collected import texts
from osc_hwmt.commands.gate import GateMachineType
from osc_hwmt.compatibility import release_file
from osc_hwmt.compatibility.rules import RULES
from osc_hwmt.destination import plan_file
from osc_hwmt.destination.finding_codes import MEANINGS
from osc_hwmt.gate import nova_filter
from osc_hwmt.journal import reading
from osc_hwmt.local import files
from osc_hwmt.model import properties
from osc_hwmt.source import export, overrides
from osc_hwmt.yaml_text import listing
from osc_hwmt.yaml_text import nodes as yaml_nodes
from tests.hostile import attacks

#: What is read, how much of it at most, and why so much.
BOUNDS = (
    (
        'A response from a cloud',
        f'{transport.ANSWER_BYTES >> 20} MiB, {transport.ANSWER_VALUES:,} '
        'values, never compressed',
        'A page of 1,000 servers takes some 5 MB. A list of 100,000 projects, '
        'which Keystone does not split into pages, takes 35 MB and has '
        '1,200,000 values. An empty list takes 3 bytes there and 64 here.',
    ),
    (
        'The time of a response',
        f'{transport.PATIENCE} times api_timeout, {READING.attempts} attempts',
        (
            'api_timeout (60 seconds unless clouds.yaml has one) limits the '
            'silence between two packets. A response that takes too long is '
            'not requested again; one that does not begin is.'
        ),
    ),
    (
        'A wait that a cloud requests',
        f'{READING.obeyed:g} seconds',
        'A longer Retry-After ends the attempts.',
    ),
    (
        'A listing',
        f'{paging.PAGES:,} pages, {paging.LISTING_BYTES >> 20:,} MiB, '
        f'{paging.LISTING_SECONDS / 3600:g} hours',
        '100,000 servers are 100 pages and 300 MB, or 1,000 pages if a '
        'service gives 100 at once.',
    ),
    (
        'Redirects',
        f'{transport.REDIRECTS}, to the same server',
        'A redirect to another server would leak the token or the password.',
    ),
    (
        'A manifest',
        f'{files.MAX_BYTES >> 30} GiB, {listing.MAX_ELEMENTS:,} resources of '
        f'{listing.MAX_ELEMENT_CHARACTERS >> 20} Mi characters each, '
        f'{yaml_nodes.MAX_DEPTH} levels',
        'Three times what 100,000 servers take. YAML in memory takes up to '
        'fifty times the size of its text, so one resource is read at a time.',
    ),
    (
        'Any other YAML or JSON',
        f'{yaml_nodes.MAX_CHARACTERS >> 20} Mi characters, '
        f'{yaml_nodes.MAX_EVENTS:,} keys and values, '
        f'{yaml_nodes.MAX_ANCHORS:,} anchors',
        'Rules, volume maps and lists of hosts are far smaller.',
    ),
    (
        'Regular expressions in --rules',
        f'{overrides._LONGEST:,} characters; for all servers '
        f'{export._SECONDS:g} seconds of CPU time, and one more for each '
        f'{export._FITS_PER_SECOND:,} comparisons',
        'An expression can take forever. The error names the rule and the '
        'server.',
    ),
    (
        'Collected files',
        f'{texts.MAX_TEXT >> 20} MiB each, {texts.MAX_TOTAL >> 20:,} MiB and '
        f'{texts.MAX_FILES:,} files in all, archives {texts.MAX_DEPTH} deep',
        '10,000 domains take 50 MiB. What is unpacked counts, not what an '
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
        'More than 100,000 servers need.',
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


class ProductsTable(SphinxDirective):
    """A table with a row for each release of an OpenStack product."""

    def run(self) -> list[nodes.Node]:
        return [
            _table(
                (
                    ('Release', 14),
                    ('Nova', 10),
                    ('Hosts', 16),
                    ('Default', 16),
                    ('Records', 8),
                    ('Known from', 36),
                ),
                (
                    (
                        _inline(self, f'``{one.name}``'),
                        nodes.Text(one.nova),
                        nodes.Text(', '.join(one.hosts)),
                        _inline(self, _default(one.default_machine_types)),
                        nodes.Text(_YES_NO[one.records_machine_type]),
                        nodes.Text(f'{one.status.value}: {one.source}'),
                    )
                    for one in release_file.load().products.values()
                ),
            )
        ]


_YES_NO = {True: 'yes', False: 'no', None: '-'}


def _default(types: Mapping[str, str]) -> str:
    """Return what x86_64 gets, and what others get if that is said."""
    return ', '.join(
        f'``{one}``'
        if architecture == 'x86_64'
        else f'{architecture} ``{one}``'
        for architecture, one in types.items()
    )


class PropertiesTable(SphinxDirective):
    """A table of image properties: ``hardware``, or those ``by-name``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        names: Iterable[str] = {
            'hardware': properties.SHIPPED,
            'by-name': properties.BY_NAME_ONLY,
        }[self.arguments[0]]
        return [
            _table(
                (('Property', 35), ('Values', 65)),
                (
                    (
                        nodes.literal(text=name),
                        _inline(self, _values(properties.VALUES[name])),
                    )
                    for name in names
                ),
            )
        ]


def _values(legal: tuple[str, ...] | re.Pattern[str]) -> str:
    """Return in words what a property may be."""
    if isinstance(legal, tuple):
        if 'true' in legal:
            return 'true or false'
        return ', '.join(f'``{one}``' for one in legal)
    return 'any text' if legal.fullmatch('text') else 'a whole number'


class WordsTable(SphinxDirective):
    """A table of the words of an enumeration, with a title for them."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        name, title, means = self.arguments[0].split(', ')
        known, meanings = words.TABLES[name]
        if known != meanings.keys():
            odd = ', '.join(str(one) for one in known ^ meanings.keys())
            raise self.error(f'{name}: these differ from the package: {odd}')
        return [
            _table(
                ((title, 30), (means, 70)),
                (
                    (
                        nodes.literal(text=one.value),
                        _inline(self, text),
                    )
                    for one, text in meanings.items()
                ),
            )
        ]


class ExitCodesTable(SphinxDirective):
    """A table of the exit codes."""

    def run(self) -> list[nodes.Node]:
        return [
            _table(
                (('Code', 10), ('Means', 90)),
                (
                    (nodes.Text(str(int(code))), _inline(self, text))
                    for code, text in sorted(words.EXIT_CODES.items())
                ),
            )
        ]


_CALLBACK = (
    'ansible_collections/osc_hwmt/machine_type/plugins/callback/hook.py'
)


class HookSettingsTable(SphinxDirective):
    """A table of the hook's settings, from what ansible-doc prints."""

    def run(self) -> list[nodes.Node]:
        return [
            _table(
                (('Setting', 40), ('Default', 10), ('Meaning', 50)),
                (
                    (
                        _inline(self, _names(one)),
                        _inline(self, _literal(one.get('default'))),
                        _inline(self, _sentences(one['description'])),
                    )
                    for one in _documentation()['options'].values()
                ),
            )
        ]


def _documentation() -> Any:
    """Return the callback's documentation, without importing Ansible."""
    root = pathlib.Path(__file__).resolve().parents[2]
    tree = ast.parse((root / _CALLBACK).read_text(encoding='utf-8'))
    (text,) = (
        ast.literal_eval(one.value)
        for one in tree.body
        if isinstance(one, ast.Assign)
        and isinstance(one.targets[0], ast.Name)
        and one.targets[0].id == 'DOCUMENTATION'
    )
    return yaml.safe_load(text)


def _names(option: Mapping[str, Any]) -> str:
    """Return a setting's name in ansible.cfg and in the environment."""
    return ', '.join(
        f'``{one}``'
        for one in (option['ini'][0]['key'], option['env'][0]['name'])
    )


def _sentences(description: str | list[str]) -> str:
    """Return a description of Ansible's as reStructuredText."""
    text = ' '.join(
        [description] if isinstance(description, str) else description
    )
    return re.sub(r'C\(([^)]*)\)', r'``\1``', text)


def _literal(value: object) -> str:
    return '' if value is None else f'``{value}``'


#: Settings of the filter that are no options of the gateway.
_FILTER_ONLY = {
    'manifest': 'paths of manifests, separated by spaces',
    'manifest_text': 'the servers, as ``gate filter`` prints them',
}
#: Options of every command, which are no settings of the gate.
_GENERAL = ('help', 'manifests', 'destination_cloud')


class GateSettingsTable(SphinxDirective):
    """A table of the gateway's options and the filter's settings."""

    def run(self) -> list[nodes.Node]:
        return [
            _table(
                (
                    ('Gateway', 25),
                    ('Filter', 20),
                    ('Default', 12),
                    ('Meaning', 43),
                ),
                (
                    [_inline(self, text) for text in row]
                    for row in _gate_settings()
                ),
            )
        ]


def _gate_settings() -> Iterator[tuple[str, str, str, str]]:
    left = set(nova_filter._SETTINGS)
    for action in _gate_options():
        filtered = action.dest in left
        left.discard(action.dest)
        default = '' if not action.default else action.default
        if isinstance(default, tuple):
            default = ':'.join(str(one) for one in default)
        if isinstance(default, float):
            default = f'{default:g}'
        yield (
            f'``{action.option_strings[-1]}``',
            f'``{action.dest}``' if filtered else '',
            _literal(default or None),
            _DEFAULT.sub('', action.help or '').replace('--', '\\--'),
        )
    if left != _FILTER_ONLY.keys():
        raise ValueError(f'settings of the filter: {left}')
    for name, meaning in _FILTER_ONLY.items():
        yield '', f'``{name}``', '', meaning


def _gate_options() -> list[argparse.Action]:
    """Return the gateway's own options, without those of the output."""
    parser = GateMachineType(None, None).get_parser('gate')
    (group,) = (one for one in parser._action_groups if one.title in _OPTIONS)
    return [
        one
        for one in group._group_actions
        if one.option_strings and one.dest not in _GENERAL
    ]


#: What a column of its own says.
_DEFAULT = re.compile(r' \(default: [^)]*\)')
#: What argparse calls them, before and since Python 3.10.
_OPTIONS = ('options', 'optional arguments')


def _inline(directive: SphinxDirective, text: str) -> nodes.Node:
    """Return a text whose inline markup is read."""
    found, messages = directive.parse_inline(text)
    return nodes.inline('', '', *found, *messages)


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
    app.add_directive('exit-codes-table', ExitCodesTable)
    app.add_directive('gate-settings-table', GateSettingsTable)
    app.add_directive('hook-settings-table', HookSettingsTable)
    app.add_directive('products-table', ProductsTable)
    app.add_directive('properties-table', PropertiesTable)
    app.add_directive('rules-table', RulesTable)
    app.add_directive('words-table', WordsTable)
    app.add_directive('findings-table', FindingsTable)
    app.add_directive('nova-releases-table', NovaReleasesTable)
    app.add_directive('bounds-table', BoundsTable)
    app.add_directive('attacks-table', AttacksTable)
    return {'parallel_read_safe': True}
