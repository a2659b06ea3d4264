# SPDX-License-Identifier: Apache-2.0

"""Machine types: what their names say, and which of two is the newer."""

from __future__ import annotations

import dataclasses
import enum
import re

#: Every machine type that QEMU and its distributors ever named is of this
#: form. Nova cuts a property at 255 characters (nova/utils.py).
_NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9._+-]{0,254}')
#: YAML knows null, not None; and QEMU's machine "none" boots nothing.
MEANT_AS_NULL = frozenset(('none', 'null'))


class Family(enum.Enum):
    """Machine types that show a guest the same chipset.

    OTHER has every name that is not known here, and boards that no cloud
    offers: two of those are not known to be alike.
    """

    I440FX = 'i440fx'
    Q35 = 'q35'
    ISAPC = 'isapc'
    MICROVM = 'microvm'
    XENFV = 'xenfv'
    XENPV = 'xenpv'
    VIRT = 'virt'
    S390 = 's390-ccw-virtio'
    PSERIES = 'pseries'
    POWERNV = 'powernv'
    NONE = 'none'
    OTHER = 'other'


class Vendor(enum.Enum):
    """Who named a machine type; CentOS, Rocky and Alma use RHEL's names.

    UNKNOWN is also the vendor of ``pc``, ``q35`` and their like, which every
    vendor's QEMU has and where each means another machine.
    """

    QEMU = 'qemu'
    RHEL = 'rhel'
    UBUNTU = 'ubuntu'
    UNKNOWN = 'unknown'


_FAMILIES = {family: place for place, family in enumerate(Family)}
_VENDORS = {vendor: place for place, vendor in enumerate(Vendor)}
#: Ubuntu's code names since it names machine types, each with its release.
_UBUNTU = {
    name: tuple(map(int, release.split('.')))
    for name, release in (
        entry.split()
        for entry in """
        precise 12.04, trusty 14.04, utopic 14.10, vivid 15.04, wily 15.10,
        xenial 16.04, yakkety 16.10, zesty 17.04, artful 17.10, bionic 18.04,
        cosmic 18.10, disco 19.04, eoan 19.10, focal 20.04, groovy 20.10,
        hirsute 21.04, impish 21.10, jammy 22.04, kinetic 22.10, lunar 23.04,
        mantic 23.10, noble 24.04, oracular 24.10, plucky 25.04,
        questing 25.10, resolute 26.04, stonking 26.10
        """.split(',')
    )
}
_NUMBER = '(?:0|[1-9][0-9]{0,3})'
_VERSIONED = re.compile(
    rf"""
    (?P<family>pc-i440fx|pc-q35|virt|s390-ccw-virtio|pseries|xenfv)
    -
    (?:
        (?P<qemu>{_NUMBER}[.]{_NUMBER}(?:[.]{_NUMBER})?)
        | rhel(?P<rhel>{_NUMBER}[.]{_NUMBER}[.]{_NUMBER})
        | (?P<ubuntu>{'|'.join(_UBUNTU)})
    )
    (?:-(?P<variant>hpb|maxcpus|hpb-maxcpus|sxxm|v[1-9]))?
    """,
    re.VERBOSE | re.ASCII,
)
_FAMILY_OF = {
    'pc-i440fx': Family.I440FX,
    'pc-q35': Family.Q35,
    'virt': Family.VIRT,
    's390-ccw-virtio': Family.S390,
    'pseries': Family.PSERIES,
    'xenfv': Family.XENFV,
}
#: By the group of _VERSIONED that has the release.
_VENDOR_OF = {
    'qemu': Vendor.QEMU,
    'rhel': Vendor.RHEL,
    'ubuntu': Vendor.UBUNTU,
}
_PC = (Family.I440FX, Family.Q35)


@dataclasses.dataclass(frozen=True)
class MachineType:
    """A machine type's name, and what it says.

    ``version`` is that of the QEMU or RHEL which brought it, for Ubuntu the
    release of the code name, such as (24, 4) for noble. It is None for an
    alias and where the name has none. ``variant`` is what a name adds to
    the version, such as ``hpb`` or ``sxxm``. ``is_alias`` tells that the
    name stands for another one, and which depends on the host.
    """

    name: str
    family: Family = Family.OTHER
    vendor: Vendor = Vendor.UNKNOWN
    version: tuple[int, ...] | None = None
    variant: str = ''
    is_alias: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def sort_key(self) -> tuple[int, int, bool, tuple[int, ...], str, str]:
        """A key that puts any names in one order.

        Inside one family and vendor the older comes first and an alias last;
        across families and vendors it says nothing of age.
        """
        return (
            _FAMILIES[self.family],
            _VENDORS[self.vendor],
            self.is_alias,
            self.version or (),
            self.variant,
            self.name,
        )


def is_machine_type(text: str) -> bool:
    """Tell whether a text can be a machine type that a guest boots on."""
    return bool(_NAME.fullmatch(text)) and text.lower() not in MEANT_AS_NULL


def parse_machine_type(name: str) -> MachineType:
    """Return what a name says; str() of it is the name again.

    A name that is not known, whatever text it is, is of the family OTHER.
    """
    return _FIXED.get(name) or _versioned(name) or MachineType(name)


def alias_of(family: Family) -> str:
    """Return the name that QEMU's every build has for a family."""
    return 'pc' if family is Family.I440FX else family.value


def same_family(one: str, other: str) -> bool:
    """Tell whether two names are known to be of one family."""
    family = parse_machine_type(one).family
    return one == other or (
        family is not Family.OTHER
        and family is parse_machine_type(other).family
    )


def _versioned(name: str) -> MachineType | None:
    match = _VERSIONED.fullmatch(name)
    if match is None:
        return None
    family = _FAMILY_OF[match['family']]
    vendor, release = next(
        (vendor, match[group])
        for group, vendor in _VENDOR_OF.items()
        if match[group]
    )
    variant = match['variant'] or ''
    if not _has_variant(family, vendor, variant):
        return None
    version = _UBUNTU.get(release) or _numbers(release)
    return MachineType(name, family, vendor, version, variant)


def _has_variant(family: Family, vendor: Vendor, variant: str) -> bool:
    if variant == 'sxxm':
        return family is Family.PSERIES
    if variant.startswith('v'):
        return vendor is Vendor.UBUNTU
    return not variant or (vendor is Vendor.UBUNTU and family in _PC)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split('.'))


def _fixed() -> dict[str, MachineType]:
    """Return the names that follow no rule, and those of closed series."""
    known = [
        MachineType(name, family, is_alias=True)
        for name, family in (
            ('pc', Family.I440FX),
            ('q35', Family.Q35),
            ('virt', Family.VIRT),
            ('s390-ccw', Family.S390),
            ('s390-ccw-virtio', Family.S390),
            ('pseries', Family.PSERIES),
            ('powernv', Family.POWERNV),
            ('xenfv', Family.XENFV),
        )
    ]
    known += [
        MachineType('ubuntu', Family.I440FX, Vendor.UBUNTU, is_alias=True),
        MachineType('ubuntu-q35', Family.Q35, Vendor.UBUNTU, is_alias=True),
    ]
    known += [
        MachineType(family.value, family, Vendor.QEMU)
        for family in (
            Family.ISAPC,
            Family.MICROVM,
            Family.XENPV,
            Family.NONE,
        )
    ]
    known += [
        MachineType(f'pc-{text}', Family.I440FX, Vendor.QEMU, _numbers(text))
        for text in '0.10 0.11 0.12 0.13 0.14 0.15 1.0 1.1 1.2 1.3'.split()
    ]
    known += [
        MachineType(f'rhel{text}', Family.I440FX, Vendor.RHEL, _numbers(text))
        for text in (
            '5.4.0 5.4.4 5.5.0 5.6.0 6.0.0 6.1.0 6.2.0 6.3.0 6.4.0 6.5.0 6.6.0'
        ).split()
    ]
    # Ubuntu 14.04 takes in guests of 12.04's own qemu-kvm.
    known += [
        MachineType(
            f'pc-1.0-{variant}',
            Family.I440FX,
            Vendor.UBUNTU,
            (1, 0),
            variant,
            is_alias,
        )
        for variant, is_alias in (('qemu-kvm', False), ('precise', True))
    ]
    known += [
        MachineType(f'powernv{number}', Family.POWERNV, Vendor.QEMU, (number,))
        for number in (8, 9, 10, 11)
    ]
    return {one.name: one for one in known}


_FIXED = _fixed()
