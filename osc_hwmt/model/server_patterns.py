# SPDX-License-Identifier: Apache-2.0

"""Which servers an operator means: a wave of a migration, or all of them."""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
import re
from collections.abc import Iterable

from osc_hwmt.display import few, printable, shortened
from osc_hwmt.exceptions import Error, ManifestError, Problem
from osc_hwmt.i18n import _

_WILDCARDS = frozenset('*?[')


@dataclasses.dataclass(frozen=True)
class Pattern:
    """A name, which may have the wildcards of a shell, or an id.

    ``origin`` is for messages: an option, or a file and a line.
    """

    text: str
    origin: str = '--server'

    def __str__(self) -> str:
        return f'{self.text} ({self.origin})'


@dataclasses.dataclass(frozen=True)
class ServerPatterns:
    """Patterns, any of which may fit a server; without any, all servers."""

    patterns: tuple[Pattern, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.patterns)

    def fit(self, name: str, id: str) -> bool:
        """Tell whether a server is meant."""
        if not self.patterns or not self._texts.isdisjoint((name, id)):
            return True
        return self._wild is not None and self._wild.match(name) is not None

    def refuse_idle(
        self, servers: Iterable[tuple[str, str]], where: str
    ) -> None:
        """Raise Error with every pattern that fits no (name, id) of these.

        ``where`` says what has those servers, such as "in the manifest".
        """
        names: set[str] = set()
        ids: set[str] = set()
        for name, id in servers if self.patterns else ():
            names.add(name)
            ids.add(id)
        idle = [
            one
            for one in self.patterns
            if one.text not in names
            and one.text not in ids
            and not (
                _has_wildcards(one.text)
                and any(map(_regex([one.text]).match, names))
            )
        ]
        if idle:
            raise Error(
                _('no server %(where)s matches: %(patterns)s')
                % {
                    'where': where,
                    'patterns': ', '.join(
                        printable(shortened(one, 300)) for one in few(idle)
                    ),
                }
            )

    @functools.cached_property
    def _texts(self) -> frozenset[str]:
        return frozenset(one.text for one in self.patterns)

    @functools.cached_property
    def _wild(self) -> re.Pattern[str] | None:
        wild = list(filter(_has_wildcards, self._texts))
        return _regex(wild) if wild else None


#: Where nobody asked for some.
EVERY_SERVER = ServerPatterns()


def read_patterns(text: str, path: str) -> tuple[Pattern, ...]:
    """Return the patterns of a file, one a line.

    Blank lines and those that begin with # are left out. Raises
    ManifestError with all problems: none at all would mean every server.
    """
    found = []
    problems = []
    for number, line in enumerate(text.splitlines(), 1):
        pattern = line.strip()
        if not pattern or pattern.startswith('#'):
            continue
        if not pattern.isprintable():
            why = _('expected a name or ID of a server, found %s')
            problems.append(
                Problem(path, number, 1, why % printable(repr(pattern)))
            )
        found.append(Pattern(pattern, f'{path}:{number}'))
    if not found:
        why = _('expected names or IDs of servers, found none')
        problems.append(Problem(path, 1, 1, why))
    if problems:
        raise ManifestError(problems)
    return tuple(found)


def _has_wildcards(text: str) -> bool:
    return not _WILDCARDS.isdisjoint(text)


def _regex(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile('|'.join(map(fnmatch.translate, patterns)))
