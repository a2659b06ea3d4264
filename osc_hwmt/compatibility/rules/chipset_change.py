# SPDX-License-Identifier: Apache-2.0

"""What a change from one chipset to another means."""

from __future__ import annotations

from osc_hwmt.compatibility.hosts import Offer
from osc_hwmt.compatibility.rules.definition import (
    Hardware,
    Said,
    Severity,
    rule,
)
from osc_hwmt.i18n import _
from osc_hwmt.model.machine_type import Family

#: Devices that Nova gives a guest beside its disks and interfaces: balloon,
#: RNG, video and a SCSI or USB controller each take a PCIe port.
_DEVICES_OF_NOVA = 4


@rule(
    'chipset-changes-by-default',
    Severity.WARNING,
    'null leaves the server to a default of another family than it ran on',
    source='nova-operator@b3775364:templates/nova/nova.conf:234-236',
)
def changed_by_default(hardware: Hardware, offer: Offer) -> Said:
    # Of a server that only presumably ran on it, being undecided is told.
    if (
        hardware.chosen
        or not hardware.before
        or not _changes_chipset(hardware)
    ):
        return None
    return (
        _("it ran on %(before)s, but the destination's default is %(after)s")
        % {'before': hardware.before, 'after': hardware.machine_type},
        _('set params.hw_machine_type to %s to keep what it had')
        % hardware.before,
    )


@rule(
    'chipset-change-windows',
    Severity.WARNING,
    'the family changes, and the guest is Windows or unknown',
    source='manual of virt-v2v, output to OpenStack; RHEL 8 '
    'considerations: changing existing guests from PC to Q35 is '
    'not recommended',
)
def windows(hardware: Hardware, offer: Offer) -> Said:
    if not _changes_chipset(hardware) or _os_type(hardware) == 'linux':
        return None
    return (
        _(
            'changing from %(before)s to %(after)s: Windows may fail to boot '
            '(0x7B) and ask to be activated again'
        )
        % {'before': hardware.before_text, 'after': hardware.machine_type},
        _('keep %s unless the guest was prepared for the change')
        % hardware.kept,
    )


@rule(
    'chipset-change-nic-names',
    Severity.WARNING,
    'the family changes, and the guest is Linux or unknown',
    source='dracut commit 5a04bd2d',
)
def nic_names(hardware: Hardware, offer: Offer) -> Said:
    if not _changes_chipset(hardware) or _os_type(hardware) == 'windows':
        return None
    return (
        _(
            'changing from %(before)s to %(after)s renames network '
            'interfaces (ens3 becomes enp1s0)'
        )
        % {'before': hardware.before_text, 'after': hardware.machine_type},
        _(
            'make ifcfg and netplan files match by MAC address first, or '
            'keep %s'
        )
        % hardware.kept,
    )


@rule(
    'pcie-ports',
    Severity.WARNING,
    'a change to q35 with nearly as many devices as PCIe ports',
    source='nova@2023.1:nova/conf/libvirt.py:793-811',
)
def pcie_ports(hardware: Hardware, offer: Offer) -> Said:
    if not _changes_chipset(hardware) or hardware.family is not Family.Q35:
        return None
    if hardware.devices is None or offer.pcie_ports is None:
        return None
    needed = hardware.devices + _DEVICES_OF_NOVA
    # 0 lets libvirt decide: what is there at the start, and one or two more.
    if offer.pcie_ports and needed < offer.pcie_ports:
        return None
    if not offer.pcie_ports and hardware.devices <= _DEVICES_OF_NOVA:
        return None
    return (
        _(
            'about %(needed)d devices for %(ports)d PCIe ports: on q35 each '
            'takes one, and hot-plugging fails once none is left'
        )
        % {'needed': needed, 'ports': offer.pcie_ports},
        _('raise [libvirt]num_pcie_ports on the compute hosts (at most 28)'),
    )


def _changes_chipset(hardware: Hardware) -> bool:
    """Tell whether it ran on another family than it will."""
    before, after = hardware.family_before, hardware.family
    return None not in (before, after) and before != after


def _os_type(hardware: Hardware) -> str | None:
    either = {**hardware.found, **hardware.properties}
    return either.get('os_type', '').lower() or None
