# SPDX-License-Identifier: Apache-2.0

"""The hardware that a source server has, and how we know."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from osc_hwmt import hardware
from osc_hwmt.boot_volume import BootVolume, boot_volume
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _
from osc_hwmt.inventory import (
    MACHINE_TYPE,
    Image,
    Inventory,
    Project,
    Server,
    Volume,
)
from osc_hwmt.observation import Evidence, Observation

#: Where images and volumes carry the guest's architecture, the one that
#: Nova prefers first (nova/objects/image_meta.py, hw_architecture).
ARCHITECTURE_KEYS = ('hw_architecture', 'architecture')


@dataclasses.dataclass(frozen=True)
class Conclusion:
    """What all sources together say of one property of a server.

    ``value`` is None when nothing sets it, or, with ``unknown`` saying why,
    when that could not be read.
    """

    value: str | None
    evidence: Evidence
    contradicted_by: tuple[Observation, ...] = ()
    unknown: str | None = None


@dataclasses.dataclass(frozen=True)
class Fact(Conclusion):
    """What was found out about one source server: first its machine type.

    ``boot_volume`` is None for an image-backed server and where the boot
    volume is unclear. ``properties`` are the other properties that were
    asked for, by key.
    """

    boot_volume: Volume | None = None
    boot_volume_rule: str | None = None
    image: Image | None = None
    architecture: str | None = None
    project: Project | None = None
    properties: Mapping[str, Conclusion] = dataclasses.field(
        default_factory=dict
    )


@dataclasses.dataclass(frozen=True)
class Defaults:
    """What an operator says of servers that nothing else tells about.

    ``by_architecture`` holds for servers that record that architecture,
    ``otherwise`` for all others.
    """

    by_architecture: Mapping[str, str] = dataclasses.field(
        default_factory=dict
    )
    otherwise: str | None = None

    @classmethod
    def of(cls, said: Iterable[tuple[str | None, str]]) -> Defaults:
        """Return the defaults of (architecture or None, machine type).

        Raises Error where one architecture is given two.
        """
        by_architecture: dict[str | None, str] = {}
        for architecture, machine_type in said:
            other = by_architecture.setdefault(architecture, machine_type)
            if other != machine_type:
                raise Error(
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
    defaults: Defaults,
    keys: Iterable[str] = (),
) -> Fact:
    """Return what is known of a server's machine type and of other keys.

    A default is used only where everything stronger was read and said
    nothing: what could not be read may be something else.
    """
    seen = _look(server, source)
    machine_type = _concluded(MACHINE_TYPE, seen)
    architecture = _architecture(seen.sources)
    default = defaults.get(architecture)
    if machine_type.value is None and not machine_type.unknown and default:
        machine_type = Conclusion(default, Evidence.OPERATOR_DEFAULT)
    return Fact(
        **vars(machine_type),
        boot_volume=seen.boot_volume,
        boot_volume_rule=seen.boot_volume_rule,
        image=seen.image,
        architecture=architecture,
        project=source.projects.get(server.project_id),
        properties={key: _concluded(key, seen) for key in keys},
    )


def conclude(observations: Sequence[Observation]) -> Conclusion:
    """Return the strongest word, with those that contradict it beside it."""
    order = list(Evidence)
    spoken = sorted(
        (seen for seen in observations if seen.value),
        key=lambda seen: order.index(seen.evidence),
    )
    if not spoken:
        return Conclusion(None, Evidence.NONE)
    strongest = spoken[0]
    return Conclusion(
        strongest.value,
        strongest.evidence,
        tuple(seen for seen in spoken if seen.value != strongest.value),
    )


@dataclasses.dataclass(frozen=True)
class _Seen:
    """What a server boots from, and what tells of its properties.

    ``sources`` has what each of them says. ``unknown`` tells why one could
    not be read that may say more.
    """

    sources: Mapping[Evidence, Mapping[str, str]]
    unknown: str | None = None
    boot_volume: Volume | None = None
    boot_volume_rule: str | None = None
    image: Image | None = None


def _look(server: Server, source: Inventory) -> _Seen:
    if server.image_id:
        return _look_at_image(
            server.image_id, server.image_properties, source.images
        )
    return _look_at_boot_volume(server, source.volumes)


def _look_at_boot_volume(
    server: Server, volumes: Mapping[str, Volume]
) -> _Seen:
    found = boot_volume(server, volumes)
    if not isinstance(found, BootVolume):
        ids = ', '.join(volume.id for volume in found.candidates)
        reason = (
            _('which volume boots is unclear: %s') % ids
            if ids
            else _('no volume of this server can be seen')
        )
        return _Seen({}, reason)
    volume = found.volume
    hidden = volume.image_metadata is None
    return _Seen(
        {Evidence.VOLUME_IMAGE_METADATA: volume.image_metadata or {}},
        _('not allowed to see the image metadata of volume %s') % volume.id
        if hidden
        else None,
        boot_volume=volume,
        boot_volume_rule=found.rule.value,
    )


def _look_at_image(
    image_id: str,
    recorded: Mapping[str, str] | None,
    images: Mapping[str, Image],
) -> _Seen:
    image = images.get(image_id)
    return _Seen(
        {
            Evidence.NOVA_RECORD: recorded or {},
            Evidence.IMAGE_PROPERTY: image.properties if image else {},
        },
        None if image else _('image %s is gone or hidden') % image_id,
        image=image,
    )


def _concluded(key: str, seen: _Seen) -> Conclusion:
    found = conclude(
        [
            Observation(evidence, properties.get(key))
            for evidence, properties in seen.sources.items()
        ]
    )
    if found.value is None:
        return dataclasses.replace(found, unknown=seen.unknown)
    return _plausible(key, found)


def _plausible(key: str, found: Conclusion) -> Conclusion:
    """Return the conclusion, unknown where the value can not be one.

    Cinder and Glance take any text, so one may hold ``x86_64=q35``, which is
    the form of nova.conf.
    """
    expected = hardware.expected(key, found.value or '')
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


def _architecture(
    sources: Mapping[Evidence, Mapping[str, str]],
) -> str | None:
    order = list(Evidence)
    for key in ARCHITECTURE_KEYS:
        for evidence in sorted(sources, key=order.index):
            if sources[evidence].get(key):
                return sources[evidence][key]
    return None
