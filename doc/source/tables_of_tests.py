# SPDX-License-Identifier: Apache-2.0

"""Tables made from the tests, and from what they run with.

``policy-table`` has the policy rules of a service, ``tested-table`` the runs
of tox that were recorded, ``releases-table`` what the test clouds are made
of, and ``libraries-table`` the sets of libraries.
"""

from __future__ import annotations

from code_tables import _table
from docutils import nodes
from docutils.parsers.rst import Directive
from sphinx.application import Sphinx

from tests import tested
from tests.clouds.releases import RELEASES, Release
from tests.policy_rights import RIGHTS, SERVICES, Right

#: Which environments run with which libraries, and which of these matter.
CONSTRAINTS = {
    'rhoso18.txt': "RHOSO 18's own (OpenStack 2023.1, RHEL 9)",
    'os-migrate.txt': 'those that os-migrate 1.0.5 pins',
}
CLIENTS = (
    'python-openstackclient',
    'openstacksdk',
    'keystoneauth1',
    'python-cinderclient',
    'PyYAML',
)
STANDS_FOR = {
    'train': 'RHOSP 16.2',
    '2023.1': 'RHOSO 18',
    '2026.1': 'what comes after it',
}
SERVICES_OF_CLOUDS = ('nova', 'cinder', 'keystone', 'glance')


class PolicyTable(Directive):
    """A table with a row for each policy rule of a service."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        (service,) = self.arguments
        if service not in SERVICES:
            raise self.error(f'{service} is none of {", ".join(SERVICES)}')
        return [
            _table(
                (
                    ('Rule', 34),
                    ('Role', 8),
                    ('Needed for', 28),
                    ('Without it', 30),
                ),
                (
                    (
                        _rule(right),
                        nodes.Text(right.role),
                        nodes.Text(right.needed),
                        nodes.Text(right.without),
                    )
                    for right in RIGHTS
                    if right.service == service
                ),
            )
        ]


def _rule(right: Right) -> nodes.Node:
    """Return the rule's name, its former one, and the request."""
    found = nodes.inline('', '', nodes.literal(text=right.rule))
    if right.before:
        found += nodes.Text(f'; before: {right.before}')
    if right.request:
        found += nodes.Text(f' ({right.request})')
    return found


class TestedTable(Directive):
    """A table with a row for each run that was recorded."""

    def run(self) -> list[nodes.Node]:
        described = tested.descriptions()
        return [
            _table(
                (
                    ('Environment', 16),
                    ('What', 32),
                    ('With', 32),
                    ('Tests', 8),
                    ('Day', 12),
                ),
                (
                    (
                        nodes.literal(text=one.environment),
                        nodes.Text(described[one.environment]),
                        nodes.Text(_versions(one)),
                        nodes.Text(str(one.passed)),
                        nodes.Text(str(one.day)),
                    )
                    for one in tested.recorded()
                ),
            )
        ]


def _versions(run: tested.Run) -> str:
    return ', '.join(
        f'{name} {version}'
        for name, version in {'Python': run.python, **run.versions}.items()
    )


class ReleasesTable(Directive):
    """A table with a row for each release that a test cloud can be."""

    def run(self) -> list[nodes.Node]:
        return [
            _table(
                (('Release', 10), ('Services', 50), ('Stands for', 40)),
                (
                    (
                        nodes.Text(name),
                        nodes.Text(', '.join(_services(release))),
                        nodes.Text(STANDS_FOR[name]),
                    )
                    for name, release in RELEASES.items()
                ),
            )
        ]


def _services(release: Release) -> list[str]:
    pinned = tested.pinned(release.pins[0].path)
    return [f'{name} {pinned[name]}' for name in SERVICES_OF_CLOUDS]


class LibrariesTable(Directive):
    """A table with a row for each set of libraries."""

    def run(self) -> list[nodes.Node]:
        return [
            _table(
                (('Constraints', 25), ('What', 35), ('Of them', 40)),
                (
                    (
                        nodes.literal(text=f'constraints/{name}'),
                        nodes.Text(what),
                        nodes.Text(', '.join(_clients(name))),
                    )
                    for name, what in CONSTRAINTS.items()
                ),
            )
        ]


def _clients(name: str) -> list[str]:
    pinned = tested.pinned(tested.ROOT / 'constraints' / name)
    return [f'{one} {pinned[one]}' for one in CLIENTS if one in pinned]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    app.add_directive('libraries-table', LibrariesTable)
    app.add_directive('policy-table', PolicyTable)
    app.add_directive('releases-table', ReleasesTable)
    app.add_directive('tested-table', TestedTable)
    return {'parallel_read_safe': True}
