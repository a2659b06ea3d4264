# SPDX-License-Identifier: Apache-2.0

"""Command lines that an operator pastes into a shell.

Nothing else makes them. What a cloud, a file or a command line named goes
into one as Given, and a shell takes it for that one word.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from osc_hwmt.display import printable
from osc_hwmt.i18n import _


class Given(str):
    """A word of which the text was not written here."""

    __slots__ = ()


class Command:
    """A command line of some words.

    Where one of those that were given would be an option, or a terminal could
    not show it, the command is only told of: it would not do what it shows.
    """

    def __init__(self, *words: str) -> None:
        self.words = words

    @property
    def is_safe(self) -> bool:
        """Tell whether it may be pasted."""
        return all(
            word == printable(word)
            and not (isinstance(word, Given) and word[:1] == '-' != word)
            for word in self.words
        )

    @property
    def quoted(self) -> list[str]:
        """The words as a shell reads them, of a safe command."""
        return [shlex.quote(word) for word in self.words]

    def __str__(self) -> str:
        if self.is_safe:
            return ' '.join(self.quoted)
        told = printable(' '.join(self.words))
        return _('(unsafe to paste because of a name in it: %s)') % (
            shlex.quote(told)
        )


def options(name: str, values: Iterable[str]) -> list[str]:
    """Return the words of an option that is given once for each value."""
    return [word for value in values for word in (name, Given(value))]


def after_each_other(commands: Iterable[Command]) -> str:
    """Return commands of which each is run only if the one before was well."""
    return ' && '.join(map(str, commands))
