# SPDX-License-Identifier: Apache-2.0

"""Whether some hardware fits the destination, as records."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable, Mapping

from osc_hwmt.knowledge.abilities import Devices

#: Of devices, where no domain capabilities were collected.
_NOTHING_TOLD = Devices()


class Severity(enum.Enum):
    """How much a concern weighs: an error is refused by apply."""

    ERROR = 'error'
    WARNING = 'warning'
    NOTE = 'note'


class Support(enum.Enum):
    """Whether the destination's hosts can run a machine type."""

    SUPPORTED = 'supported'
    DEPRECATED = 'deprecated'
    UNSUPPORTED = 'unsupported'
    UNKNOWN = 'unknown'


@dataclasses.dataclass(frozen=True)
class Hardware:
    """What a server is going to be, as far as it is known.

    ``machine_type`` is what it will be built with: what is wanted, or with
    ``chosen`` False what the destination takes by itself; None if that is
    not known. ``before`` is what it ran on. ``properties`` are the image
    properties that its volume or image will have, and ``found`` those that
    tell what it had. ``devices`` counts disks and interfaces.
    """

    machine_type: str | None
    chosen: bool = True
    before: str | None = None
    properties: Mapping[str, str] = dataclasses.field(default_factory=dict)
    found: Mapping[str, str] = dataclasses.field(default_factory=dict)
    vcpus: int | None = None
    devices: int | None = None


@dataclasses.dataclass(frozen=True)
class Offer:
    """What the destination's hosts say of one machine type.

    ``lacking`` names hosts that do not have it, ``nearest`` what all of them
    have instead in its family. ``canonical`` is what an alias stands for
    there, ``max_cpus`` the smallest limit and ``devices`` what all can give.
    ``rhel_major`` is 9 on RHEL 9 and its rebuilds, None elsewhere.
    ``known_from`` is empty where nothing at all is known of the destination.
    """

    support: Support
    lacking: tuple[str, ...] = ()
    nearest: str | None = None
    canonical: str | None = None
    max_cpus: int | None = None
    devices: Devices = _NOTHING_TOLD
    rhel_major: int | None = None
    pcie_ports: int | None = None
    known_from: str = ''


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


@dataclasses.dataclass(frozen=True)
class Rule:
    """A rule; ``source`` says where it is written or was measured.

    ``check`` returns the text of what is wrong and its remedy, or None.
    """

    code: str
    severity: Severity
    summary: str
    source: str
    check: Callable[[Hardware, Offer], tuple[str, str] | None]
