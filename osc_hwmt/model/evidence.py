# SPDX-License-Identifier: Apache-2.0

"""What one source says of a server's machine type."""

from __future__ import annotations

import dataclasses
import enum
import operator
from collections.abc import Callable, Iterable, Mapping

from osc_hwmt.i18n import _
from osc_hwmt.model.machine_type import parse_machine_type, same_family
from osc_hwmt.model.memory import slotted


class Evidence(enum.Enum):
    """Where a machine type is known from; the strongest comes first."""

    LIBVIRT_DOMAIN = 'libvirt-domain'
    NOVA_RECORD = 'nova-record'
    VOLUME_IMAGE_METADATA = 'volume-image-metadata'
    IMAGE_PROPERTY = 'image-property'
    RELEASE_DEFAULT = 'release-default'
    OPERATOR_DEFAULT = 'operator-default'
    NONE = 'none'


@dataclasses.dataclass(frozen=True)
class Observation:
    """One source's word on a machine type; ``value`` None means unset."""

    evidence: Evidence
    value: str | None


@dataclasses.dataclass(frozen=True)
class Guest:
    """One server, as its compute's libvirt or Nova's database shows it.

    ``machine_type`` None means that nothing is recorded there.
    ``properties`` are the image properties, such as ``hw_disk_bus``, that
    would give a server the same hardware; ``hw_machine_type`` is not among
    them. ``origin`` is the file, and the place in it, for messages. The
    counts are None where they were not told.
    """

    server_id: str
    evidence: Evidence
    machine_type: str | None
    origin: str
    architecture: str | None = None
    properties: Mapping[str, str] = dataclasses.field(default_factory=dict)
    boot_volume_id: str | None = None
    host: str | None = None
    vcpus: int | None = None
    disks: int | None = None
    interfaces: int | None = None


@slotted
@dataclasses.dataclass(frozen=True)
class Conclusion:
    """What all sources together say of one property of a server.

    ``value`` is None when nothing sets it, or, with ``unknown`` saying why,
    when that could not be read. ``confirmed_by`` has weaker words that agree
    with it, such as an alias of it.
    """

    value: str | None
    evidence: Evidence
    contradicted_by: tuple[Observation, ...] = ()
    confirmed_by: tuple[Observation, ...] = ()
    unknown: str | None = None

    @property
    def wanted(self) -> str | None:
        """Return what a manifest is to want."""
        return self.value


def conclude(
    observations: Iterable[Observation],
    agree: Callable[[str, str], bool] = operator.eq,
) -> Conclusion:
    """Return the strongest word, with those that contradict it beside it.

    What agrees with the strongest contradicts nothing. Where two words of
    the same strength do not agree, the value is unknown.
    """
    order = list(Evidence)
    spoken = sorted(
        {seen for seen in observations if seen.value},
        key=lambda seen: (order.index(seen.evidence), seen.value),
    )
    if not spoken:
        return Conclusion(None, Evidence.NONE)
    strongest = spoken[0]
    agreeing: list[Observation] = []
    others: list[Observation] = []
    for one in spoken[1:]:
        same = agree(strongest.value or '', one.value or '')
        (agreeing if same else others).append(one)
    equals = [one for one in others if one.evidence is strongest.evidence]
    if equals:
        values = [str(one.value) for one in (strongest, *equals)]
        return Conclusion(
            None,
            Evidence.NONE,
            unknown=_('%(evidence)s says both %(values)s')
            % {
                'evidence': strongest.evidence.value,
                'values': _(' and ').join(values),
            },
        )
    return Conclusion(
        strongest.value, strongest.evidence, tuple(others), tuple(agreeing)
    )


def mean_the_same(one: str, other: str) -> bool:
    """Tell whether machine types are equal, or one is an alias of its family.

    Libvirt shows what Nova's alias stood for.
    """
    if one == other:
        return True
    aliases = (
        parse_machine_type(one).is_alias,
        parse_machine_type(other).is_alias,
    )
    return same_family(one, other) and aliases[0] != aliases[1]
