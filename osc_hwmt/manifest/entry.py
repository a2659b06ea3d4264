# SPDX-License-Identifier: Apache-2.0

"""One server of a manifest: what was found, and what is wanted."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping

from osc_hwmt.model.evidence import Evidence
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.model.machine_type import Family
from osc_hwmt.model.memory import empty_mapping, slotted


class Intent(enum.Enum):
    """What is wanted of a property of a server at the destination."""

    SET = 'set'
    REMOVE = 'remove'
    LEAVE = 'leave'
    #: The manifest does not say: os-migrate's export drops our keys.
    MISSING = 'missing'


@slotted
@dataclasses.dataclass(frozen=True)
class Wanted:
    """An intent, with the value where one is to be set."""

    intent: Intent
    value: str | None = None

    @classmethod
    def of(cls, value: str | None) -> Wanted:
        """Return what a value in a manifest means: null leaves, '' removes."""
        if value is None:
            return cls(Intent.LEAVE)
        if not value:
            return cls(Intent.REMOVE)
        return cls(Intent.SET, value)

    @property
    def written(self) -> str | None:
        """Return the value as it stands in the manifest, None for null."""
        return '' if self.intent is Intent.REMOVE else self.value

    @property
    def spelled(self) -> str:
        """Return the value as a message about the manifest spells it."""
        if self.intent is Intent.SET:
            return str(self.value)
        return "''" if self.intent is Intent.REMOVE else 'null'


@slotted
@dataclasses.dataclass(frozen=True)
class SourceVolume:
    """A source volume as a manifest describes it; ``size`` is in GiB.

    ``said`` is what its image metadata says in the manifest, by key.
    """

    id: str
    name: str
    size: int | None
    bootable: bool = False
    said: Mapping[str, Wanted] = dataclasses.field(
        default_factory=empty_mapping
    )


@slotted
@dataclasses.dataclass(frozen=True)
class RecordedProperty:
    """What an earlier export found of one property.

    ``value`` None means nothing, or, with ``unknown`` saying why, that it
    could not be read; then export wrote no wanted value either. ``on_volume``
    is the boot volume's own word, None where it has none or was not read.
    """

    value: str | None
    unknown: str | None
    evidence: Evidence
    on_volume: str | None

    @property
    def wanted(self) -> str | None:
        """Return what that export wanted."""
        return self.value


@slotted
@dataclasses.dataclass(frozen=True)
class Recorded(RecordedProperty):
    """What an earlier export found: the machine type, and all beside it.

    ``properties`` are the other properties by key. ``context`` are the few
    that are kept whether they were asked for or not. ``proposal`` is what
    export wanted instead of ``value``, None where it did not.
    ``devices`` counts disks and interfaces. ``presumed`` is what the server
    most likely ran where nothing tells. ``left_to_destination`` tells that an
    operator chose its null although nothing was found.
    """

    project_name: str | None
    project_domain_name: str | None
    properties: Mapping[str, RecordedProperty] = dataclasses.field(
        default_factory=empty_mapping
    )
    context: Mapping[str, str] = dataclasses.field(
        default_factory=empty_mapping
    )
    proposal: Proposal | None = None
    architecture: str | None = None
    vcpus: int | None = None
    devices: int | None = None
    presumed: Family | None = None
    left_to_destination: bool = False

    @property
    def wanted(self) -> str | None:
        """Return what that export wanted."""
        return self.proposal.machine_type if self.proposal else self.value

    @property
    def hardware(self) -> Mapping[str, str]:
        """Return what was found beside the machine type, by property."""
        found = {key: one.value for key, one in self.properties.items()}
        return {
            **self.context,
            **{key: value for key, value in found.items() if value},
        }

    def of(self, key: str) -> RecordedProperty | None:
        """Return what was found of a property, None if it was not asked."""
        return self if key == MACHINE_TYPE else self.properties.get(key)


@slotted
@dataclasses.dataclass(frozen=True)
class Entry:
    """One server of a manifest, or one volume that no server has.

    ``line`` is where its resource begins. ``wanted_properties`` have no more
    than the manifest says. ``destination_volume_id`` is what an
    operator wrote into ``_migration_params.boot_volume.uuid``.
    ``copies_image`` tells that os-migrate copies the boot disk of an
    image-backed server to a volume. ``detached`` tells that it is a volume:
    then ``server_id`` and ``name`` are the volume's, and so is
    ``boot_volume``, because a server may boot from it one day.
    ``trapped_volumes`` are the ids of those whose image metadata makes
    os-migrate's import fail.
    """

    path: str
    line: int
    server_id: str
    name: str
    project_id: str | None
    wanted_properties: Mapping[str, Wanted]
    recorded: Recorded | None
    boot_volume: SourceVolume | None
    image_name: str | None
    copies_image: bool
    destination_volume_id: str | None
    destination_volume_name: str | None
    detached: bool = False
    trapped_volumes: tuple[str, ...] = ()

    @property
    def project(self) -> str:
        """Return the name of its project, else its id, else nothing."""
        name = self.recorded.project_name if self.recorded else None
        return name or self.project_id or ''

    @property
    def wanted(self) -> Wanted:
        """Return what is wanted of the machine type."""
        return self.wanted_properties.get(MACHINE_TYPE, Wanted(Intent.MISSING))

    @property
    def lacks_machine_type(self) -> bool:
        """Tell whether its machine type has to be said, and is not.

        Most volumes that no server has are no boot volumes, and so nothing
        has to be said of one whose metadata has no machine type.
        """
        said = self.boot_volume.said if self.boot_volume else ()
        return self.wanted.intent is Intent.MISSING and (
            not self.detached or MACHINE_TYPE in said
        )

    @property
    def leaves_all(self) -> bool:
        """Tell whether all of its hardware is left to the destination."""
        return not self.lacks_machine_type and all(
            wanted.intent is Intent.LEAVE
            for wanted in self.wanted_properties.values()
        )

    @property
    def is_undecided(self) -> bool:
        """Tell whether nobody knows its machine type, and nobody chose.

        Its null is then what export wrote because it found nothing. A null
        beside a machine type that was found, beside one that could not be
        read, or without any facts was written by somebody.
        """
        recorded = self.recorded
        return (
            not self.detached
            and self.wanted.intent is Intent.LEAVE
            and recorded is not None
            and recorded.value is None
            and not recorded.unknown
            and not recorded.left_to_destination
        )

    @property
    def other_hardware(self) -> frozenset[str]:
        """Return the properties it has a word on beside the machine type."""
        recorded = self.recorded.properties if self.recorded else ()
        return frozenset((*self.wanted_properties, *recorded)) - {MACHINE_TYPE}

    @property
    def image_backed(self) -> bool:
        """Tell whether the server boots from an image, not from a volume."""
        return self.image_name is not None


class Kind(enum.Enum):
    """Why it is another one, by the key under which a manifest records it."""

    TRANSLATED = 'translated_to'
    PINNED = 'pinned_to'


@dataclasses.dataclass(frozen=True)
class Proposal:
    """What export wants instead of what it found."""

    kind: Kind
    machine_type: str
