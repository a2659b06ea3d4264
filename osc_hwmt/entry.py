# SPDX-License-Identifier: Apache-2.0

"""One server of a manifest: what was found, and what is wanted."""

from __future__ import annotations

import dataclasses
import enum

from osc_hwmt.observation import Evidence


class Intent(enum.Enum):
    """What is wanted of a server's machine type at the destination."""

    SET = 'set'
    REMOVE = 'remove'
    LEAVE = 'leave'
    #: The manifest does not say: os-migrate's export drops our keys.
    MISSING = 'missing'


@dataclasses.dataclass(frozen=True)
class Wanted:
    """An intent, with the machine type where it is to be set."""

    intent: Intent
    value: str | None = None

    @classmethod
    def of(cls, value: str | None) -> Wanted:
        """Return what a value in a manifest means: null leaves, '' removes."""
        if value is None:
            return cls(Intent.LEAVE)
        return cls(Intent.SET, value) if value else cls(Intent.REMOVE)


@dataclasses.dataclass(frozen=True)
class SourceVolume:
    """A source volume as a manifest describes it; ``size`` is in GiB."""

    id: str
    name: str
    size: int | None
    bootable: bool = False
    machine_type: str | None = None
    line: int = 0


@dataclasses.dataclass(frozen=True)
class Recorded:
    """What an earlier export found.

    ``value`` None means nothing, or, with ``unknown``, that it could not be
    read; then export wrote no wish either.
    """

    value: str | None
    unknown: bool
    evidence: Evidence
    #: The boot volume's own word, None where it has none or was not read.
    on_volume: str | None
    boot_volume: SourceVolume | None
    project_name: str | None
    project_domain_name: str | None


@dataclasses.dataclass(frozen=True)
class Entry:
    """One server of a manifest.

    ``line`` is where its resource begins, ``wanted_line`` where its machine
    type stands or should stand. ``destination_volume_id`` is what
    an operator wrote into ``_migration_params.boot_volume.uuid``.
    ``copies_image`` tells that os-migrate copies the boot disk of an
    image-backed server to a volume.
    """

    path: str
    line: int
    wanted_line: int
    server_id: str
    name: str
    project_id: str | None
    wanted: Wanted
    recorded: Recorded | None
    boot_volume: SourceVolume | None
    image_name: str | None
    copies_image: bool
    destination_volume_id: str | None
    destination_volume_name: str | None

    @property
    def image_backed(self) -> bool:
        """Tell whether the server boots from an image, not from a volume."""
        return self.image_name is not None
