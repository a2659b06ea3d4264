# SPDX-License-Identifier: Apache-2.0

"""What can go wrong, as values that carry what a reader needs to know."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from osc_hwmt.display import few, shortened
from osc_hwmt.i18n import _

#: Of what is said of one problem, in characters.
LONGEST = 500


class Error(Exception):
    """Anything that this package says to an operator in plain words."""


class UsageError(Error):
    """Options that do not go together, or a value that one does not take."""


class CloudError(Error):
    """A cloud did not do what it was asked.

    ``code`` is the HTTP status, or None when no answer came at all.
    ``transient`` tells that the same request may well succeed later, and
    ``retry_after`` in how many seconds, where the service said so.
    """

    def __init__(
        self,
        message: str,
        code: int | None = None,
        request_id: str | None = None,
        *,
        transient: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.request_id = request_id
        self.transient = transient
        self.retry_after = retry_after

    def __str__(self) -> str:
        details = []
        if self.code is not None:
            details.append(f'HTTP {self.code}')
        if self.request_id:
            details.append(self.request_id)
        text = super().__str__()
        return f'{text} ({", ".join(details)})' if details else text


class ConfigurationError(Error):
    """clouds.yaml or the environment does not describe a cloud."""


@dataclasses.dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in a file; ``line`` and ``column`` count from 1."""

    path: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        text = shortened(self.text, LONGEST)
        return f'{self.path}:{self.line}:{self.column}: {text}'


class FileError(Error):
    """A file that an operator named can't be read, written or understood."""


class ManifestError(FileError):
    """A file is invalid; ``problems`` has every reason, in file order.

    The message has the first of them.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            _('Invalid input, nothing was done:\n%s')
            % '\n'.join(few(self.problems))
        )
