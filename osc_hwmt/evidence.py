# SPDX-License-Identifier: Apache-2.0

"""The machine type that a source server has, and how we know."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

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
from osc_hwmt.machine_type import is_machine_type
from osc_hwmt.observation import Evidence, Observation

#: Where images and volumes carry the guest's architecture, the one that
#: Nova prefers first (nova/objects/image_meta.py, hw_architecture).
ARCHITECTURE_KEYS = ('hw_architecture', 'architecture')


@dataclasses.dataclass(frozen=True)
class Fact:
    """What was found out about one source server.

    ``value`` is None when nothing sets a machine type, or, with ``unknown``
    saying why, when that could not be read. ``boot_volume`` is None for an
    image-backed server and where the boot volume is unclear.
    """

    value: str | None
    evidence: Evidence
    contradicted_by: tuple[Observation, ...] = ()
    unknown: str | None = None
    boot_volume: Volume | None = None
    boot_volume_rule: str | None = None
    image: Image | None = None
    architecture: str | None = None
    project: Project | None = None


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


def establish(server: Server, source: Inventory, defaults: Defaults) -> Fact:
    """Return what is known of a server's machine type.

    A default is used only where everything stronger was read and said
    nothing: what could not be read may be something else.
    """
    observed = _plausible(
        _observe_image(server.image_id, server.image_properties, source.images)
        if server.image_id
        else _observe_boot_volume(server, source.volumes)
    )
    fact = dataclasses.replace(
        observed, project=source.projects.get(server.project_id)
    )
    if fact.value is not None or fact.unknown:
        return fact
    default = defaults.get(fact.architecture)
    if default is None:
        return fact
    return dataclasses.replace(
        fact, value=default, evidence=Evidence.OPERATOR_DEFAULT
    )


def conclude(observations: Sequence[Observation]) -> Fact:
    """Return the strongest word, with those that contradict it beside it."""
    order = list(Evidence)
    spoken = sorted(
        (seen for seen in observations if seen.value),
        key=lambda seen: order.index(seen.evidence),
    )
    if not spoken:
        return Fact(None, Evidence.NONE)
    strongest = spoken[0]
    return Fact(
        strongest.value,
        strongest.evidence,
        tuple(seen for seen in spoken if seen.value != strongest.value),
    )


def _observe_boot_volume(
    server: Server, volumes: Mapping[str, Volume]
) -> Fact:
    found = boot_volume(server, volumes)
    if not isinstance(found, BootVolume):
        ids = ', '.join(volume.id for volume in found.candidates)
        reason = (
            _('which volume boots is unclear: %s') % ids
            if ids
            else _('no volume of this server can be seen')
        )
        return Fact(None, Evidence.NONE, unknown=reason)
    volume = found.volume
    if volume.image_metadata is None:
        fact = Fact(
            None,
            Evidence.NONE,
            unknown=_('not allowed to see the image metadata of volume %s')
            % volume.id,
        )
    else:
        fact = conclude(
            [
                Observation(
                    Evidence.VOLUME_IMAGE_METADATA,
                    volume.image_metadata.get(MACHINE_TYPE),
                )
            ]
        )
    return dataclasses.replace(
        fact,
        boot_volume=volume,
        boot_volume_rule=found.rule.value,
        architecture=_architecture(volume.image_metadata or {}),
    )


def _observe_image(
    image_id: str,
    recorded: Mapping[str, str] | None,
    images: Mapping[str, Image],
) -> Fact:
    image = images.get(image_id)
    recorded = recorded or {}
    properties = image.properties if image else {}
    fact = conclude(
        [
            Observation(Evidence.NOVA_RECORD, recorded.get(MACHINE_TYPE)),
            Observation(Evidence.IMAGE_PROPERTY, properties.get(MACHINE_TYPE)),
        ]
    )
    if image is None and fact.value is None:
        return Fact(
            None,
            Evidence.NONE,
            unknown=_('image %s is gone or hidden') % image_id,
        )
    return dataclasses.replace(
        fact,
        image=image,
        architecture=_architecture({**properties, **recorded}),
    )


def _plausible(fact: Fact) -> Fact:
    """Return the fact, unknown where what was found is no machine type.

    Cinder and Glance take any text, so one may hold ``x86_64=q35``, which is
    the form of nova.conf.
    """
    if fact.value is None or is_machine_type(fact.value):
        return fact
    return dataclasses.replace(
        fact,
        value=None,
        evidence=Evidence.NONE,
        unknown=_('%(evidence)s says %(value)r, which is no machine type')
        % {'evidence': fact.evidence.value, 'value': fact.value},
    )


def _architecture(properties: Mapping[str, str]) -> str | None:
    for key in ARCHITECTURE_KEYS:
        if properties.get(key):
            return properties[key]
    return None
