# SPDX-License-Identifier: Apache-2.0

"""What an operator wants of many servers at once.

On the command line that is a pattern and a machine type; in a file it is
rules, whose servers are named as in os-migrate's filters: by their exact name,
or by a regular expression that is searched for in it (os-migrate 1.0.5,
plugins/filter/stringfilter.py).
"""

from __future__ import annotations

import dataclasses
import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Union

from osc_hwmt.display import few, printable, shortened
from osc_hwmt.exceptions import Error, ManifestError, Problem, UsageError
from osc_hwmt.i18n import _
from osc_hwmt.model import properties
from osc_hwmt.model.inventory import MACHINE_TYPE, Project
from osc_hwmt.model.memory import intern_mapping
from osc_hwmt.yaml_text.nodes import (
    MappingNode,
    Node,
    compose,
    is_null,
    scalar_of,
)
from osc_hwmt.yaml_text.reader import Reader

#: Of a regular expression, in characters.
_LONGEST = 1000
#: An exact name or id, or what is searched for in a name.
Pattern = Union[str, re.Pattern[str]]


@dataclasses.dataclass(frozen=True)
class Override:
    """Wishes for the servers that any of the patterns and the project fit.

    No ``patterns`` is every server, no ``project`` every project, by name or
    id. A wanted None leaves the property to the destination, '' removes it.
    ``origin`` is for messages.
    """

    origin: str
    wanted: Mapping[str, str | None]
    patterns: tuple[Pattern, ...] = ()
    project: str | None = None
    project_domain: str | None = None

    def fits(self, name: str, id: str, project: Project | None) -> bool:
        """Tell whether a server is meant."""
        return self._fits_project(project) and (
            not self.patterns
            or any(
                pattern in (name, id)
                if isinstance(pattern, str)
                else self._search(pattern, name)
                for pattern in self.patterns
            )
        )

    def _search(self, pattern: re.Pattern[str], name: str) -> bool:
        try:
            return pattern.search(name) is not None
        except TimeoutError as exc:
            raise Error(
                _(
                    '%(origin)s: the regular expression %(pattern)s takes '
                    'too long on server %(name)s. Use fewer * and +, and do '
                    'not nest them'
                )
                % {
                    'origin': printable(self.origin),
                    'pattern': printable(shortened(pattern.pattern, 100)),
                    'name': printable(name),
                }
            ) from exc

    def _fits_project(self, project: Project | None) -> bool:
        if self.project is None:
            return True
        return project is not None and (
            self.project == project.id
            or (
                self.project == project.name
                and self.project_domain in (None, project.domain_name)
            )
        )


def wanted(
    overrides: Iterable[Override], name: str, id: str, project: Project | None
) -> Mapping[str, str | None]:
    """Return what all overrides together want of one server.

    A later one wins over an earlier one, property by property.
    """
    return intern_mapping(
        {
            key: value
            for override in overrides
            if override.fits(name, id, project)
            for key, value in override.wanted.items()
        }
    )


def refuse_idle(
    overrides: Sequence[Override],
    servers: Iterable[tuple[str, str, Project | None]],
) -> None:
    """Raise Error with every override that fits no server at all."""
    idle = list(overrides)
    for server in servers:
        if not idle:
            return
        idle = [one for one in idle if not one.fits(*server)]
    if idle:
        raise Error(
            _('no server matches: %s')
            % ', '.join(
                printable(shortened(origin, 300))
                for origin in few([one.origin for one in idle])
            )
        )


def of_option(text: str) -> Override:
    """Return what <server-pattern>=<machine-type> wants.

    The pattern is a name or id, and may have the wildcards of a shell. The
    type may be null, or nothing. Raises UsageError.
    """
    pattern, sign, value = text.rpartition('=')
    wanted = None if value == 'null' else value
    expected = wanted and properties.expected(MACHINE_TYPE, wanted)
    if not sign or not pattern or expected:
        raise UsageError(
            _('--set: expected <server-pattern>=<machine-type>, found %r')
            % text
        )
    wild = set(pattern) & set('*?[')
    return Override(
        f'--set {text}',
        {MACHINE_TYPE: wanted},
        (re.compile(rf'\A{fnmatch.translate(pattern)}') if wild else pattern,),
    )


def read_rules(text: str, path: str) -> tuple[Override, ...]:
    """Return the rules of a file; raises ManifestError with all problems."""
    root = compose(text, path)
    if root is None:
        raise ManifestError(
            [
                Problem(
                    path,
                    1,
                    1,
                    _('expected a mapping with the key rules, found nothing'),
                )
            ]
        )
    reader = Reader(path)
    members = reader.members(root, ('rules',), ('rules',))
    overrides = [
        _override(reader, node)
        for node in reader.elements(members.get('rules'))
    ]
    if reader.problems:
        raise ManifestError(sorted(reader.problems))
    return tuple(overrides)


def _override(reader: Reader, node: Node) -> Override:
    known = ('servers', 'project', 'project_domain', 'set')
    members = reader.members(node, known, ('set',))
    if 'project_domain' in members and 'project' not in members:
        reader.complain(node, _('project_domain: only allowed with project'))
    return Override(
        f'{reader.path}:{node.start_mark.line + 1}',
        dict(_wanted(reader, members.get('set'))),
        tuple(
            pattern
            for one in reader.elements(members.get('servers'))
            for pattern in _patterns(reader, one)
        ),
        reader.text(members.get('project')) or None,
        reader.text(members.get('project_domain')) or None,
    )


def _patterns(reader: Reader, node: Node) -> Iterable[Pattern]:
    if not isinstance(node, MappingNode):
        name = scalar_of(node)
        if name:
            yield name
        else:
            reader.expected(node, _('a server name, or regex: ...'))
        return
    members = reader.members(node, ('regex',), ('regex',))
    pattern = scalar_of(members.get('regex'))
    if 'regex' in members and not pattern:
        reader.expected(members['regex'], _('a regular expression'))
    if pattern:
        try:
            if len(pattern) > _LONGEST:
                raise ValueError(
                    _('expected at most %d characters') % _LONGEST
                )
            yield re.compile(pattern)
        except (re.error, OverflowError, RecursionError, ValueError) as exc:
            reader.complain(
                members['regex'],
                _('%(pattern)s is not a valid regular expression: %(why)s')
                % {
                    'pattern': printable(shortened(pattern, 100)),
                    'why': exc,
                },
            )


def _wanted(
    reader: Reader, node: Node | None
) -> Iterable[tuple[str, str | None]]:
    for key, value in reader.mapping(node).items():
        refusal = properties.refusal(key)
        if refusal:
            reader.complain(value, f'{printable(key)}: {refusal}')
            continue
        written = scalar_of(value)
        expected = written and properties.expected(key, written)
        if expected or (written is None and not is_null(value)):
            reader.expected(
                value, f'{key}: {expected or properties.expected(key, chr(0))}'
            )
        yield key, written
