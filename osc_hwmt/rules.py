# SPDX-License-Identifier: Apache-2.0

"""Which hardware can not work, or works differently, at the destination.

Every rule is one function of the hardware that a server is going to have and
of what the destination offers. ``RULES`` lists them all; the documentation's
table is made from it.
"""

from __future__ import annotations

from osc_hwmt.fitness import (
    Concern,
    Hardware,
    Offer,
    Rule,
    Severity,
    Support,
)
from osc_hwmt.i18n import _
from osc_hwmt.machine_type import Family, parse

#: Devices that Nova gives a guest beside its disks and interfaces: balloon,
#: RNG, video and a SCSI or USB controller each take a PCIe port.
_DEVICES_OF_NOVA = 4
#: The RHEL releases on which pc stands for pc-i440fx-rhel7.6.0.
_SAME_PC = (7, 8, 9)
_TRUE = frozenset(('1', 'on', 't', 'true', 'y', 'yes'))


#: How many hosts a message names.
_NAMED = 3


def judge(hardware: Hardware, offer: Offer) -> tuple[Concern, ...]:
    """Return what speaks against the hardware, errors first."""
    concerns = [
        Concern(rule, *said)
        for rule in RULES
        for said in (rule.check(hardware, offer),)
        if said
    ]
    order = list(Severity)
    return tuple(
        sorted(concerns, key=lambda one: order.index(one.rule.severity))
    )


def family(name: str | None) -> Family | None:
    """Return a machine type's family, None where that is not known."""
    known = parse(name).family if name else Family.OTHER
    return None if known is Family.OTHER else known


def _changes_chipset(hardware: Hardware) -> bool:
    """Tell whether it ran on another family than it will."""
    before, after = family(hardware.before), family(hardware.machine_type)
    return None not in (before, after) and before != after


def _unsupported(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    if offer.support is not Support.UNSUPPORTED:
        return None
    text = _('%(machine)s is not offered by %(hosts)s') % {
        'machine': hardware.machine_type,
        'hosts': _hosts(offer.lacking),
    }
    if offer.nearest is None:
        return text, _(
            'no machine type of its family is offered by all hosts: list '
            'shows what is'
        )
    return text, _(
        'write %(nearest)s, the nearest of its family, or let export '
        '--translate write it'
    ) % {'nearest': offer.nearest}


def _hosts(names: tuple[str, ...]) -> str:
    more = len(names) - _NAMED
    named = ', '.join(names[:_NAMED])
    return (
        _('%(named)s and %(n)d more hosts')
        % {
            'named': named,
            'n': more,
        }
        if more > 0
        else named
    )


def _not_given(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    """Compare with what a host's libvirt says that the type can be given."""
    told = {
        'hw_disk_bus': offer.devices.disk_buses,
        'hw_cdrom_bus': offer.devices.disk_buses,
        'hw_video_model': offer.devices.video_models,
    }
    lacking = [
        f'{key}={value}'
        for key, offered in told.items()
        for value in (hardware.properties.get(key),)
        if value and offered is not None and value not in offered
    ]
    if not lacking:
        return None
    return (
        _('%(machine)s can not be given %(what)s there')
        % {'machine': hardware.machine_type, 'what': ', '.join(lacking)},
        _('write what virsh domcapabilities lists for it'),
    )


def _support_unknown(
    hardware: Hardware, offer: Offer
) -> tuple[str, str] | None:
    if (
        offer.support is not Support.UNKNOWN
        or not offer.known_from
        or hardware.machine_type is None
    ):
        return None
    return (
        _('nothing tells whether %(machine)s can run: %(from)s')
        % {'machine': hardware.machine_type, 'from': offer.known_from},
        _('collect the machine types of the computes: --machine-types'),
    )


def _deprecated(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    if offer.support is not Support.DEPRECATED:
        return None
    return (
        _('%s is deprecated there: it runs, and will be removed')
        % hardware.machine_type,
        _('plan the change to a newer machine type after the migration'),
    )


def _floating(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    if not hardware.machine_type or not hardware.chosen:
        return None
    if not parse(hardware.machine_type).is_alias:
        return None
    if family(hardware.machine_type) is Family.I440FX and offer.rhel_major in (
        7,
        8,
        9,
    ):
        return None
    now = offer.canonical or _('not known')
    return (
        _(
            '%(alias)s is what each host takes it for (now: %(canonical)s) '
            'and may change with the next cold start'
        )
        % {'alias': hardware.machine_type, 'canonical': now},
        _('export --pin writes the versioned name'),
    )


def _ide(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    if family(hardware.machine_type) is not Family.Q35:
        return None
    on_ide = [
        key
        for key in ('hw_disk_bus', 'hw_cdrom_bus')
        if hardware.properties.get(key) == 'ide'
    ]
    if not on_ide:
        return None
    return (
        _('%(keys)s says ide, and q35 has no IDE controller')
        % {'keys': ', '.join(on_ide)},
        _(
            'keep i440fx, or write another bus (sata) into %s if the guest '
            'has its driver'
        )
        % ', '.join(f'params.{key}' for key in on_ide),
    )


def _secure_boot(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    if hardware.properties.get('os_secure_boot') != 'required':
        return None
    if family(hardware.machine_type) is None:
        return None
    lacking = []
    if family(hardware.machine_type) not in (Family.Q35, Family.VIRT):
        lacking.append(_('machine type q35'))
    if hardware.properties.get('hw_firmware_type') != 'uefi':
        lacking.append('hw_firmware_type=uefi')
    if not lacking:
        return None
    return (
        _('os_secure_boot=required needs %s') % _(' and ').join(lacking),
        _('write what it needs, or params.os_secure_boot: optional'),
    )


def _uefi_on_i440fx(
    hardware: Hardware, offer: Offer
) -> tuple[str, str] | None:
    if (
        family(hardware.machine_type) is not Family.I440FX
        or hardware.properties.get('hw_firmware_type') != 'uefi'
        or not offer.rhel_major
    ):
        return None
    return (
        _('hw_firmware_type=uefi with i440fx: RHEL has no such firmware'),
        _('write a q35 machine type'),
    )


def _firmware_lost(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    if hardware.found.get('hw_firmware_type') != 'uefi':
        return None
    if hardware.properties.get('hw_firmware_type') == 'uefi':
        return None
    return (
        _('it was installed with UEFI and would start with a BIOS'),
        _('write params.hw_firmware_type: uefi, or export --hardware'),
    )


def _viommu(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    model = hardware.properties.get('hw_viommu_model')
    if not model or family(hardware.machine_type) is not Family.I440FX:
        return None
    return (
        _('hw_viommu_model=%s needs machine type q35') % model,
        _("write a q35 machine type, or params.hw_viommu_model: ''"),
    )


def _sev(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    encrypted = hardware.properties.get('hw_mem_encryption', '').lower()
    if encrypted not in _TRUE or family(hardware.machine_type) in (
        None,
        Family.Q35,
    ):
        return None
    return (
        _('hw_mem_encryption (AMD SEV) needs machine type q35'),
        _("write a q35 machine type, or params.hw_mem_encryption: ''"),
    )


def _cirrus(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    if hardware.properties.get('hw_video_model') != 'cirrus':
        return None
    if (offer.rhel_major or 0) < 9 or offer.devices.video_models:
        return None
    return (
        _('hw_video_model=cirrus is not supported on RHEL %d')
        % (offer.rhel_major or 0),
        _('write params.hw_video_model: vga'),
    )


def _floppy(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    bus = hardware.properties.get('hw_floppy_bus')
    if not bus or family(hardware.machine_type) is not Family.Q35:
        return None
    return (
        _('hw_floppy_bus=%s: RHEL has floppies on old i440fx types only')
        % bus,
        _("write params.hw_floppy_bus: ''"),
    )


def _pcie_ports(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    if (
        not _changes_chipset(hardware)
        or family(hardware.machine_type) is not Family.Q35
    ):
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
            'takes one, and hot-plugging ends with them'
        )
        % {'needed': needed, 'ports': offer.pcie_ports},
        _('raise [libvirt]num_pcie_ports of the computes (28 at most)'),
    )


def _vcpus(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    if None in (hardware.vcpus, offer.max_cpus):
        return None
    if (hardware.vcpus or 0) <= (offer.max_cpus or 0):
        return None
    return (
        _('%(vcpus)d vCPUs, and %(machine)s has %(max)d at most')
        % {
            'vcpus': hardware.vcpus,
            'machine': hardware.machine_type,
            'max': offer.max_cpus,
        },
        _('write a q35 machine type, or take a smaller flavor'),
    )


def _by_default(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    if hardware.chosen or not _changes_chipset(hardware):
        return None
    return (
        _('it ran on %(before)s, and the default there is %(after)s')
        % {'before': hardware.before, 'after': hardware.machine_type},
        _('write %s into params.hw_machine_type to keep what it had')
        % hardware.before,
    )


def _windows(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    if not _changes_chipset(hardware) or _os_type(hardware) == 'linux':
        return None
    return (
        _(
            'a change from %(before)s to %(after)s: Windows may stop at '
            'start (0x7B) and ask to be activated again'
        )
        % {'before': hardware.before, 'after': hardware.machine_type},
        _('keep %s unless the guest was made ready for it') % hardware.before,
    )


def _nic_names(hardware: Hardware, offer: Offer) -> tuple[str, str] | None:
    if not _changes_chipset(hardware) or _os_type(hardware) == 'windows':
        return None
    return (
        _(
            'a change from %(before)s to %(after)s renames network '
            'interfaces (ens3 becomes enp1s0)'
        )
        % {'before': hardware.before, 'after': hardware.machine_type},
        _(
            'have ifcfg and netplan files match by MAC address first, or '
            'keep %s'
        )
        % hardware.before,
    )


def _os_type(hardware: Hardware) -> str | None:
    either = {**hardware.found, **hardware.properties}
    return either.get('os_type', '').lower() or None


RULES = (
    Rule(
        'unsupported-machine-type',
        Severity.ERROR,
        'a host of the destination does not offer the machine type',
        'nova@2023.1:nova/virt/libvirt/host.py:1218-1235; measured: the '
        'server ends in ERROR',
        _unsupported,
    ),
    Rule(
        'firmware-lost',
        Severity.ERROR,
        'the guest has UEFI and hw_firmware_type is not going to say so',
        'os-migrate pull request 797; nova boots SeaBIOS without the property',
        _firmware_lost,
    ),
    Rule(
        'ide-on-q35',
        Severity.ERROR,
        'hw_disk_bus or hw_cdrom_bus is ide on q35',
        'measured: libvirt 9.0 "IDE controllers are unsupported for this '
        'QEMU binary or machine type"; nova does not check',
        _ide,
    ),
    Rule(
        'device-not-offered',
        Severity.ERROR,
        'virsh domcapabilities of a host does not list the bus or the model',
        'libvirt, domain capabilities: enums bus and modelType',
        _not_given,
    ),
    Rule(
        'secure-boot-needs-q35-and-uefi',
        Severity.ERROR,
        'os_secure_boot=required without q35 or without UEFI',
        'nova@2023.1:nova/virt/libvirt/driver.py:6530-6551',
        _secure_boot,
    ),
    Rule(
        'uefi-on-i440fx',
        Severity.ERROR,
        'UEFI on i440fx on RHEL, which has firmware for q35 only',
        'Red Hat Bugzilla 1308678 comment 10',
        _uefi_on_i440fx,
    ),
    Rule(
        'viommu-needs-q35',
        Severity.ERROR,
        'hw_viommu_model on i440fx',
        'nova@2023.1:nova/virt/libvirt/driver.py:7452-7501',
        _viommu,
    ),
    Rule(
        'sev-needs-q35',
        Severity.ERROR,
        'hw_mem_encryption on another machine type than q35',
        'nova@2023.1:nova/virt/hardware.py:1253-1286',
        _sev,
    ),
    Rule(
        'too-many-vcpus',
        Severity.ERROR,
        'more vCPUs than the machine type has',
        'measured: libvirt 9.0 "Maximum CPUs greater than specified machine '
        'type limit"',
        _vcpus,
    ),
    Rule(
        'deprecated-machine-type',
        Severity.WARNING,
        'a host says that the machine type is deprecated',
        'virsh capabilities; RHEL 9: i440fx is deprecated, not removed',
        _deprecated,
    ),
    Rule(
        'floating-machine-type',
        Severity.WARNING,
        'an alias whose meaning follows the release of the host',
        'libvirt expands it on each host; pc is the same on RHEL 7.6 to 9',
        _floating,
    ),
    Rule(
        'chipset-changes-by-default',
        Severity.WARNING,
        'null leaves it to a default of another family than it ran on',
        'nova-operator@b3775364:templates/nova/nova.conf:234-236',
        _by_default,
    ),
    Rule(
        'chipset-change-windows',
        Severity.WARNING,
        'another family, and the guest is Windows or not told',
        'manual of virt-v2v, output to OpenStack; RHEL 8 considerations: '
        'changing existing guests from PC to Q35 is not recommended',
        _windows,
    ),
    Rule(
        'chipset-change-nic-names',
        Severity.WARNING,
        'another family, and the guest is Linux or not told',
        'dracut commit 5a04bd2d',
        _nic_names,
    ),
    Rule(
        'pcie-ports',
        Severity.WARNING,
        'a change to q35 with nearly as many devices as PCIe ports',
        'nova@2023.1:nova/conf/libvirt.py:793-811',
        _pcie_ports,
    ),
    Rule(
        'cirrus-on-rhel-9',
        Severity.WARNING,
        'hw_video_model=cirrus on RHEL 9 and later',
        'RHEL 9 considerations say unsupported; hosts of 9.2 still offer it',
        _cirrus,
    ),
    Rule(
        'floppy-on-q35',
        Severity.WARNING,
        'hw_floppy_bus on q35',
        'RHEL restricts floppies to old machine types; upstream QEMU does not',
        _floppy,
    ),
    Rule(
        'support-unknown',
        Severity.NOTE,
        'what is known of the destination says nothing of the machine type',
        'the knowledge itself',
        _support_unknown,
    ),
)
