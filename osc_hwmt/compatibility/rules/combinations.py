# SPDX-License-Identifier: Apache-2.0

"""Hardware that does not go together, or not there."""

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

_TRUE = frozenset(('1', 'on', 't', 'true', 'y', 'yes'))


@rule(
    'firmware-lost',
    Severity.ERROR,
    'the guest uses UEFI, but hw_firmware_type would not say so',
    source='os-migrate pull request 797; nova boots SeaBIOS without the '
    'property',
)
def firmware_lost(hardware: Hardware, offer: Offer) -> Said:
    if hardware.found.get('hw_firmware_type') != 'uefi':
        return None
    if hardware.properties.get('hw_firmware_type') == 'uefi':
        return None
    return (
        _('it was installed with UEFI and would boot with BIOS'),
        _('set params.hw_firmware_type: uefi, or use export --hardware'),
    )


@rule(
    'ide-on-q35',
    Severity.ERROR,
    'hw_disk_bus or hw_cdrom_bus is ide on q35',
    source='measured: libvirt 9.0 "IDE controllers are unsupported for '
    'this QEMU binary or machine type"; nova does not check',
)
def ide_on_q35(hardware: Hardware, offer: Offer) -> Said:
    if hardware.family is not Family.Q35:
        return None
    on_ide = [
        key
        for key in ('hw_disk_bus', 'hw_cdrom_bus')
        if hardware.properties.get(key) == 'ide'
    ]
    if not on_ide:
        return None
    return (
        _('%(keys)s is ide, but q35 has no IDE controller')
        % {'keys': ', '.join(on_ide)},
        _(
            'keep i440fx, or set %s to another bus (sata) if the guest has '
            'its driver'
        )
        % ', '.join(f'params.{key}' for key in on_ide),
    )


@rule(
    'secure-boot-needs-q35-and-uefi',
    Severity.ERROR,
    'os_secure_boot=required without q35 or without UEFI',
    source='nova@2023.1:nova/virt/libvirt/driver.py:6530-6551',
)
def secure_boot(hardware: Hardware, offer: Offer) -> Said:
    if hardware.properties.get('os_secure_boot') != 'required':
        return None
    if hardware.family is None:
        return None
    lacking = []
    if hardware.family not in (Family.Q35, Family.VIRT):
        lacking.append(_('machine type q35'))
    if hardware.properties.get('hw_firmware_type') != 'uefi':
        lacking.append('hw_firmware_type=uefi')
    if not lacking:
        return None
    return (
        _('os_secure_boot=required needs %s') % _(' and ').join(lacking),
        _('set what it needs, or params.os_secure_boot: optional'),
    )


@rule(
    'uefi-on-i440fx',
    Severity.ERROR,
    'UEFI on i440fx on RHEL, which has firmware for q35 only',
    source='Red Hat Bugzilla 1308678 comment 10',
)
def uefi_on_i440fx(hardware: Hardware, offer: Offer) -> Said:
    if (
        hardware.family is not Family.I440FX
        or hardware.properties.get('hw_firmware_type') != 'uefi'
        or not offer.rhel_major
    ):
        return None
    return (
        _(
            'hw_firmware_type=uefi with i440fx: RHEL has no UEFI firmware '
            'for i440fx'
        ),
        _('set a q35 machine type'),
    )


@rule(
    'viommu-needs-q35',
    Severity.ERROR,
    'hw_viommu_model on i440fx',
    source='nova@2023.1:nova/virt/libvirt/driver.py:7452-7501',
)
def viommu(hardware: Hardware, offer: Offer) -> Said:
    model = hardware.properties.get('hw_viommu_model')
    if not model or hardware.family is not Family.I440FX:
        return None
    return (
        _('hw_viommu_model=%s needs machine type q35') % model,
        _("set a q35 machine type, or params.hw_viommu_model: ''"),
    )


@rule(
    'sev-needs-q35',
    Severity.ERROR,
    'hw_mem_encryption on a machine type other than q35',
    source='nova@2023.1:nova/virt/hardware.py:1253-1286',
)
def sev(hardware: Hardware, offer: Offer) -> Said:
    encrypted = hardware.properties.get('hw_mem_encryption', '').lower()
    if encrypted not in _TRUE or hardware.family in (
        None,
        Family.Q35,
    ):
        return None
    return (
        _('hw_mem_encryption (AMD SEV) needs machine type q35'),
        _("set a q35 machine type, or params.hw_mem_encryption: ''"),
    )


@rule(
    'cirrus-on-rhel-9',
    Severity.WARNING,
    'hw_video_model=cirrus on RHEL 9 and later',
    source='RHEL 9 considerations say unsupported; hosts of 9.2 still '
    'offer it',
)
def cirrus(hardware: Hardware, offer: Offer) -> Said:
    if hardware.properties.get('hw_video_model') != 'cirrus':
        return None
    if (offer.rhel_major or 0) < 9 or offer.devices.video_models:
        return None
    return (
        _('hw_video_model=cirrus is not supported on RHEL %d')
        % (offer.rhel_major or 0),
        _('set params.hw_video_model: vga'),
    )


@rule(
    'floppy-on-q35',
    Severity.WARNING,
    'hw_floppy_bus on q35',
    source='RHEL restricts floppies to old machine types; upstream QEMU '
    'does not',
)
def floppy(hardware: Hardware, offer: Offer) -> Said:
    bus = hardware.properties.get('hw_floppy_bus')
    if not bus or hardware.family is not Family.Q35:
        return None
    return (
        _(
            'hw_floppy_bus=%s: RHEL supports floppies only on old i440fx '
            'machine types'
        )
        % bus,
        _("set params.hw_floppy_bus: ''"),
    )
