# SPDX-License-Identifier: Apache-2.0

"""How a rule is written down."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping
from typing import Optional

from osc_hwmt.compatibility.hosts import Offer
from osc_hwmt.i18n import _
from osc_hwmt.model.machine_type import Family, alias_of, parse_machine_type

#: What a rule says against some hardware, and the remedy; or nothing.
Said = Optional[tuple[str, str]]


class Severity(enum.Enum):
    """How much a concern weighs: an error is refused by apply."""

    ERROR = 'error'
    WARNING = 'warning'
    NOTE = 'note'


@dataclasses.dataclass(frozen=True)
class Hardware:
    """What a server is going to be, as far as it is known.

    ``machine_type`` is what it will be built with: what is wanted, or with
    ``chosen`` False what the destination takes by itself; None if that is
    not known. ``before`` is what it ran on, and where that is not known
    ``presumed`` what it most likely did. ``properties`` are the image
    properties that its volume or image will have, and ``found`` those that
    tell what it had. ``devices`` counts disks and interfaces. ``gigabytes``
    is the size of the volume that it boots from, in GiB, and
    ``gigabytes_before`` that of the source's.
    """

    machine_type: str | None
    chosen: bool = True
    before: str | None = None
    presumed: Family | None = None
    properties: Mapping[str, str] = dataclasses.field(default_factory=dict)
    found: Mapping[str, str] = dataclasses.field(default_factory=dict)
    vcpus: int | None = None
    devices: int | None = None
    gigabytes: int | None = None
    gigabytes_before: int | None = None

    @property
    def family(self) -> Family | None:
        """The family of what it will be built with, None if not known."""
        return family(self.machine_type)

    @property
    def family_before(self) -> Family | None:
        """The family of what it ran on, or presumably did."""
        return family(self.before) if self.before else self.presumed

    @property
    def before_text(self) -> str:
        """What it ran on, in words."""
        if self.before is None and self.presumed:
            return _('%s (presumably)') % self.presumed.value
        return str(self.before)

    @property
    def kept(self) -> str:
        """The machine type that keeps the chipset which it ran on."""
        if self.before is None and self.presumed:
            return alias_of(self.presumed)
        return str(self.before)


@dataclasses.dataclass(frozen=True)
class Rule:
    """A rule; ``source`` says where it is written or was measured.

    ``check`` returns the text of what is wrong and its remedy, or None.
    """

    code: str
    severity: Severity
    summary: str
    source: str
    check: Callable[[Hardware, Offer], Said]


@dataclasses.dataclass(frozen=True)
class Concern:
    """A rule that speaks against some hardware, and what to do about it."""

    rule: Rule
    text: str
    remedy: str

    @property
    def is_error(self) -> bool:
        """Tell whether apply refuses the server for it."""
        return self.rule.severity is Severity.ERROR


def rule(
    code: str, severity: Severity, summary: str, *, source: str
) -> Callable[[Callable[[Hardware, Offer], Said]], Rule]:
    """Return what makes a rule of the function that checks it."""
    return lambda check: Rule(code, severity, summary, source, check)


def family(name: str | None) -> Family | None:
    """Return a machine type's family, None where that is not known."""
    known = parse_machine_type(name).family if name else Family.OTHER
    return None if known is Family.OTHER else known
