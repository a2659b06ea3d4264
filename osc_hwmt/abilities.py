# SPDX-License-Identifier: Apache-2.0

"""Which machine types some hosts can run."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True)
class Machine:
    """A machine type that a host offers.

    ``canonical`` is the name that an alias stands for there, None where the
    name is no alias. ``deprecated`` and ``max_cpus`` are None where that was
    not told: QEMU before 4.1 and libvirt before 6.10 do not tell.
    """

    name: str
    canonical: str | None = None
    deprecated: bool | None = None
    max_cpus: int | None = None


@dataclasses.dataclass(frozen=True)
class Host:
    """One compute host, or all hosts of one release.

    ``machines`` goes by architecture, then by machine type. The architecture
    is None where it was not told. ``origin`` says where this is known from,
    for messages.
    """

    name: str
    origin: str
    machines: Mapping[str | None, Mapping[str, Machine]]
