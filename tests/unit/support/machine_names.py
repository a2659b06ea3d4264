# SPDX-License-Identifier: Apache-2.0

"""Every versioned machine type that was ever shipped, by family and vendor.

Each list is in the order of age. QEMU's are those of its own history up to
11.1, RHEL's those of qemu-kvm from RHEL 5 on, Ubuntu's those of its patch
define-ubuntu-machine-types from 14.04 to 26.10.
"""

from __future__ import annotations

from osc_hwmt.model.machine_type import Family, Vendor

_QEMU = (
    '2.0 2.1 2.2 2.3 2.4 2.5 2.6 2.7 2.8 2.9 2.10 2.11 2.12 3.0 3.1 4.0 4.1 '
    '4.2 5.0 5.1 5.2 6.0 6.1 6.2 7.0 7.1 7.2 8.0 8.1 8.2 9.0 9.1 9.2 10.0 '
    '10.1 10.2 11.0 11.1'
).split()
_UBUNTU_HPB = (
    'bionic cosmic disco eoan focal groovy hirsute impish jammy kinetic lunar '
    'mantic'
).split()
_UBUNTU_PC = (
    'xenial yakkety zesty artful bionic cosmic disco eoan focal groovy '
    'hirsute impish jammy kinetic lunar mantic noble oracular plucky questing '
    'resolute stonking'
).split()


def _since(first: str) -> list[str]:
    return _QEMU[_QEMU.index(first) :]


def _named(prefix: str, endings: list[str]) -> list[str]:
    return [f'{prefix}-{ending}' for ending in endings]


def _rhel(prefix: str, versions: str) -> list[str]:
    return [f'{prefix}-rhel{version}.0' for version in versions.split()]


def _ubuntu_pc(prefix: str) -> list[str]:
    names = []
    for name in _UBUNTU_PC:
        names.append(f'{prefix}-{name}')
        if name in _UBUNTU_HPB:
            names.append(f'{prefix}-{name}-hpb')
        if name in ('jammy', 'mantic'):
            names.append(f'{prefix}-{name}-hpb-maxcpus')
            names.append(f'{prefix}-{name}-maxcpus')
        if name in ('noble', 'questing'):
            names.append(f'{prefix}-{name}-v2')
    return names


SHIPPED: dict[tuple[Family, Vendor], list[str]] = {
    (Family.I440FX, Vendor.QEMU): [
        *_named('pc', '0.10 0.11 0.12 0.13 0.14 0.15 1.0 1.1 1.2 1.3'.split()),
        *_named('pc-i440fx', ['1.4', '1.5', '1.6', '1.7', *_QEMU]),
    ],
    (Family.I440FX, Vendor.RHEL): [
        *'rhel5.4.0 rhel5.4.4 rhel5.5.0 rhel5.6.0'.split(),
        *(f'rhel6.{minor}.0' for minor in range(7)),
        *_rhel('pc-i440fx', '7.0 7.1 7.2 7.3 7.4 7.5 7.6 10.0'),
    ],
    (Family.I440FX, Vendor.UBUNTU): [
        'pc-1.0-qemu-kvm',
        *_named('pc-i440fx', 'trusty utopic vivid wily'.split()),
        *_ubuntu_pc('pc-i440fx'),
    ],
    (Family.Q35, Vendor.QEMU): _named(
        'pc-q35',
        [
            *'1.4 1.5 1.6 1.7'.split(),
            *_QEMU[: _QEMU.index('4.1')],
            '4.0.1',
            *_since('4.1'),
        ],
    ),
    (Family.Q35, Vendor.RHEL): _rhel(
        'pc-q35',
        '7.0 7.1 7.2 7.3 7.4 7.5 7.6 8.0 8.1 8.2 8.3 8.4 8.5 8.6 '
        '9.0 9.2 9.4 9.6 9.8 10.0 10.2',
    ),
    (Family.Q35, Vendor.UBUNTU): _ubuntu_pc('pc-q35'),
    (Family.VIRT, Vendor.QEMU): _named('virt', _since('2.6')),
    (Family.VIRT, Vendor.RHEL): _rhel(
        'virt',
        '7.3 7.4 7.5 7.6 8.0 8.1 8.2 8.3 8.4 8.5 8.6 '
        '9.0 9.2 9.4 9.6 9.8 10.0 10.2',
    ),
    (Family.S390, Vendor.QEMU): _named('s390-ccw-virtio', _since('2.4')),
    (Family.S390, Vendor.RHEL): _rhel(
        's390-ccw-virtio',
        '7.5 7.6 8.2 8.4 8.5 8.6 9.0 9.2 9.4 9.6 9.8 10.0 10.2',
    ),
    (Family.S390, Vendor.UBUNTU): _named('s390-ccw-virtio', _UBUNTU_PC),
    (Family.PSERIES, Vendor.QEMU): [
        *_named('pseries', _QEMU[1 : _QEMU.index('3.0')]),
        'pseries-2.12-sxxm',
        *_named('pseries', _since('3.0')),
    ],
    (Family.PSERIES, Vendor.RHEL): [
        'pseries-rhel7.2.0',
        *(
            f'pseries-rhel7.{minor}.0{variant}'
            for minor in (3, 4, 5, 6)
            for variant in ('', '-sxxm')
        ),
        *_rhel('pseries', '8.0 8.1 8.2 8.3 8.4 8.5 8.6'),
    ],
    (Family.PSERIES, Vendor.UBUNTU): [
        *_named('pseries', _UBUNTU_PC[:4]),
        'pseries-bionic',
        'pseries-bionic-sxxm',
        *_named('pseries', _UBUNTU_PC[5:]),
    ],
    (Family.XENFV, Vendor.QEMU): ['xenfv-3.1', 'xenfv-4.2'],
    (Family.POWERNV, Vendor.QEMU): [
        f'powernv{version}' for version in (8, 9, 10, 11)
    ],
}

#: Names that follow no version.
LONE = ('isapc', 'microvm', 'none', 'xenpv')
#: Names that mean another machine on another host.
ALIASES = {
    'pc': Family.I440FX,
    'ubuntu': Family.I440FX,
    'pc-1.0-precise': Family.I440FX,
    'q35': Family.Q35,
    'ubuntu-q35': Family.Q35,
    'virt': Family.VIRT,
    's390-ccw': Family.S390,
    's390-ccw-virtio': Family.S390,
    'pseries': Family.PSERIES,
    'powernv': Family.POWERNV,
    'xenfv': Family.XENFV,
}
EVERY = (
    *(name for names in SHIPPED.values() for name in names),
    *LONE,
    *ALIASES,
)
