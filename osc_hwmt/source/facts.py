# SPDX-License-Identifier: Apache-2.0

"""The hardware that a source server has, and how we know."""

from __future__ import annotations

import dataclasses
import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from osc_hwmt.compatibility.nova_releases import LearnedRelease, presumed
from osc_hwmt.exceptions import UsageError
from osc_hwmt.i18n import _
from osc_hwmt.manifest.entry import Proposal, SourceVolume
from osc_hwmt.model import properties as image_properties
from osc_hwmt.model.boot_volume import BootVolume, Unclear, boot_volume
from osc_hwmt.model.evidence import (
    Conclusion,
    Evidence,
    Guest,
    Observation,
    conclude,
    mean_the_same,
)
from osc_hwmt.model.inventory import (
    MACHINE_TYPE,
    Image,
    Inventory,
    Project,
    Server,
    Volume,
)
from osc_hwmt.model.machine_type import Family
from osc_hwmt.model.memory import empty_mapping, intern_mapping, slotted

#: Where images and volumes carry the guest's architecture, the one that
#: Nova prefers first (nova/objects/image_meta.py, hw_architecture).
ARCHITECTURE_KEYS = ('hw_architecture', 'architecture')


@slotted
@dataclasses.dataclass(frozen=True)
class Fact(Conclusion):
    """What was found out about one source server: first its machine type.

    ``boot_volume`` is None for an image-backed server and where the boot
    volume is unclear. ``properties`` are the other properties that were
    asked for, by key; ``context`` those of ALWAYS_RECORDED that were
    found, asked or not. ``devices`` counts disks and interfaces. ``proposal``
    is what to want instead of the value. Where nothing is recorded,
    ``presumed`` is what it most likely ran, and ``left_to_destination`` tells
    that an operator chose to leave it at that.
    """

    boot_volume: SourceVolume | None = None
    boot_volume_rule: str | None = None
    image: Image | None = None
    architecture: str | None = None
    project: Project | None = None
    properties: Mapping[str, Conclusion] = dataclasses.field(
        default_factory=empty_mapping
    )
    context: Mapping[str, str] = dataclasses.field(
        default_factory=empty_mapping
    )
    vcpus: int | None = None
    devices: int | None = None
    proposal: Proposal | None = None
    presumed: Family | None = None
    left_to_destination: bool = False

    @property
    def wanted(self) -> str | None:
        """Return what a manifest is to want."""
        return self.proposal.machine_type if self.proposal else self.value


@dataclasses.dataclass(frozen=True)
class Defaults:
    """What servers have that nothing else tells about.

    ``by_architecture`` holds for servers that record that architecture,
    ``otherwise`` for all others. ``evidence`` says who says so.
    """

    by_architecture: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )
    otherwise: str | None = None
    evidence: Evidence = Evidence.OPERATOR_DEFAULT

    @classmethod
    def of(cls, said: Iterable[tuple[str | None, str]]) -> Defaults:
        """Return the defaults of (architecture or None, machine type).

        Raises UsageError where one architecture is given two.
        """
        by_architecture: dict[str | None, str] = {}
        for architecture, machine_type in said:
            other = by_architecture.setdefault(architecture, machine_type)
            if other != machine_type:
                raise UsageError(
                    _('--default-machine-type: both %(a)s and %(b)s given')
                    % {'a': other, 'b': machine_type}
                )
        otherwise = by_architecture.pop(None, None)
        return cls(
            {key: value for key, value in by_architecture.items() if key},
            otherwise,
        )

    def get(self, architecture: str | None) -> str | None:
        """Return the machine type for servers of that architecture."""
        return self.by_architecture.get(architecture or '', self.otherwise)


def establish(
    server: Server,
    source: Inventory,
    defaults: Sequence[Defaults] = (),
    keys: Iterable[str] = (),
    guests: Sequence[Guest] = (),
    release: LearnedRelease | None = None,
) -> Fact:
    """Return what is known of a server's machine type and of other keys.

    ``guests`` is what was collected about this server, ``release`` what is
    known of the source's Nova. The first of the
    defaults that says anything is used, and only where everything stronger
    was read and said nothing: what could not be read may be something else.
    """
    seen = _look(server, source, guests)
    architecture = _architecture(seen.words)
    machine_type = _concluded(MACHINE_TYPE, seen)
    if machine_type.value is None and not machine_type.unknown:
        machine_type = _default(defaults, architecture) or machine_type
    return _fact(
        machine_type,
        boot_volume=seen.boot_volume and _as_recorded(seen.boot_volume),
        boot_volume_rule=seen.boot_volume_rule,
        image=seen.image,
        architecture=architecture,
        project=source.projects.get(server.project_id),
        properties=intern_mapping(
            {key: _concluded(key, seen) for key in keys}
        ),
        context=intern_mapping(
            {
                key: value
                for key in image_properties.ALWAYS_RECORDED
                for value in (_concluded(key, seen).value,)
                if value
            }
        ),
        vcpus=_told(guest.vcpus for guest in guests) or server.vcpus,
        devices=_told(map(_devices, guests)) or server.devices,
        presumed=None
        if machine_type.value or machine_type.unknown
        else presumed(release, architecture),
    )


def establish_volume(
    volume: Volume, source: Inventory, keys: Iterable[str] = ()
) -> Fact:
    """Return what a volume says that no server has, of keys as well."""
    seen = _on_volume(volume)
    return _fact(
        _concluded(MACHINE_TYPE, seen),
        architecture=_architecture(seen.words),
        project=source.projects.get(
            volume.project_id or source.own_project.id
        ),
        properties=intern_mapping(
            {key: _concluded(key, seen) for key in keys}
        ),
    )


def _as_recorded(volume: Volume) -> SourceVolume:
    """Return what is kept of a boot volume."""
    return SourceVolume(volume.id, volume.name, volume.size, volume.bootable)


def _fact(machine_type: Conclusion, **more: Any) -> Fact:
    """Return a fact, of which the machine type is known already."""
    return Fact(
        machine_type.value,
        machine_type.evidence,
        machine_type.contradicted_by,
        machine_type.confirmed_by,
        machine_type.unknown,
        **more,
    )


@dataclasses.dataclass(frozen=True)
class _Seen:
    """What a server boots from, and what tells of its properties.

    ``words`` has what each source says. ``unknown`` tells why one could not
    be read that may say more.
    """

    words: Sequence[tuple[Evidence, Mapping[str, str]]]
    unknown: str | None = None
    boot_volume: Volume | None = None
    boot_volume_rule: str | None = None
    image: Image | None = None


def _look(server: Server, source: Inventory, guests: Sequence[Guest]) -> _Seen:
    seen = (
        _look_at_image(server.image_id, server.image_properties, source.images)
        if server.image_id
        else _look_at_boot_volume(server, source.volumes, guests)
    )
    collected = [(guest.evidence, _properties(guest)) for guest in guests]
    return dataclasses.replace(seen, words=(*collected, *seen.words))


def _properties(guest: Guest) -> dict[str, str]:
    properties = dict(guest.properties)
    if guest.machine_type:
        properties[MACHINE_TYPE] = guest.machine_type
    if guest.architecture:
        properties[ARCHITECTURE_KEYS[0]] = guest.architecture
    return properties


def _look_at_boot_volume(
    server: Server, volumes: Mapping[str, Volume], guests: Sequence[Guest]
) -> _Seen:
    found = _boot_volume_of(server, volumes, guests)
    if isinstance(found, Unclear):
        ids = ', '.join(volume.id for volume in found.candidates)
        reason = (
            _('its boot volume is unclear: %s') % ids
            if ids
            else _('none of its volumes is visible')
        )
        return _Seen((), reason)
    volume, rule = found
    return dataclasses.replace(
        _on_volume(volume), boot_volume=volume, boot_volume_rule=rule
    )


def _on_volume(volume: Volume) -> _Seen:
    hidden = volume.image_metadata is None
    return _Seen(
        ((Evidence.VOLUME_IMAGE_METADATA, volume.image_metadata or {}),),
        _('not allowed to see the image metadata of volume %s') % volume.id
        if hidden
        else None,
    )


def _boot_volume_of(
    server: Server, volumes: Mapping[str, Volume], guests: Sequence[Guest]
) -> tuple[Volume, str] | Unclear:
    """Return the boot volume, and the rule or the evidence that tells so.

    Guests know it where the APIs do not tell.
    """
    found = boot_volume(server, volumes)
    if isinstance(found, BootVolume):
        return found.volume, found.rule.value
    known = volumes.keys() & server.volume_ids
    told = {
        str(guest.boot_volume_id): guest.evidence.value
        for guest in guests
        if guest.boot_volume_id in known
    }
    if len(told) != 1:
        return found
    ((volume_id, evidence),) = told.items()
    return volumes[volume_id], evidence


def _look_at_image(
    image_id: str,
    recorded: Mapping[str, str] | None,
    images: Mapping[str, Image],
) -> _Seen:
    image = images.get(image_id)
    return _Seen(
        (
            (Evidence.NOVA_RECORD, recorded or {}),
            (Evidence.IMAGE_PROPERTY, image.properties if image else {}),
        ),
        None
        if image
        else _('image %s was deleted or is not visible') % image_id,
        image=image,
    )


def _concluded(key: str, seen: _Seen) -> Conclusion:
    found = conclude(
        (
            Observation(evidence, word.get(key))
            for evidence, word in seen.words
        ),
        mean_the_same if key == MACHINE_TYPE else operator.eq,
    )
    if found.value is None:
        return dataclasses.replace(
            found, unknown=found.unknown or seen.unknown
        )
    return _plausible(key, found)


def _plausible(key: str, found: Conclusion) -> Conclusion:
    """Return the conclusion, unknown where the value cannot be one.

    Cinder and Glance take any text, so one may hold ``x86_64=q35``, which is
    the form of nova.conf.
    """
    expected = image_properties.expected(key, found.value or '')
    if not expected:
        return found
    return Conclusion(
        None,
        Evidence.NONE,
        unknown=_('%(evidence)s says %(value)r; expected %(expected)s')
        % {
            'evidence': found.evidence.value,
            'value': found.value,
            'expected': expected,
        },
    )


def _default(
    defaults: Sequence[Defaults], architecture: str | None
) -> Conclusion | None:
    for one in defaults:
        value = one.get(architecture)
        if value:
            return Conclusion(value, one.evidence)
    return None


def _architecture(
    words: Sequence[tuple[Evidence, Mapping[str, str]]],
) -> str | None:
    order = list(Evidence)
    strongest_first = sorted(words, key=lambda word: order.index(word[0]))
    for key in ARCHITECTURE_KEYS:
        for _evidence, word in strongest_first:
            if word.get(key):
                return word[key]
    return None


def _devices(guest: Guest) -> int | None:
    if guest.disks is None or guest.interfaces is None:
        return None
    return guest.disks + guest.interfaces


def _told(counts: Iterable[int | None]) -> int | None:
    """Return the largest count, None where none was told."""
    return max((one for one in counts if one is not None), default=None)


@slotted
@dataclasses.dataclass(frozen=True)
class ExportedServer:
    """As much of a source server as a manifest says beside its hardware."""

    id: str
    name: str
    project_id: str
    image_id: str | None

    @classmethod
    def of(cls, server: Server) -> ExportedServer:
        """Return what a manifest says of a server."""
        return cls(server.id, server.name, server.project_id, server.image_id)


@slotted
@dataclasses.dataclass(frozen=True)
class ServerFacts:
    """A source server and what is known of its hardware.

    ``origin`` is None for a volume that no server has. ``wanted`` is what
    an operator wants with this export, whatever was found or edited before.
    """

    origin: ExportedServer | None
    fact: Fact
    wanted: Mapping[str, str | None] = dataclasses.field(
        default_factory=empty_mapping
    )
