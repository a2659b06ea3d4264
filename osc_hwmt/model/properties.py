# SPDX-License-Identifier: Apache-2.0

"""The image properties that make a server's virtual hardware.

Nova reads them from the boot volume's image metadata, or from the image, when
it builds a server. Names and values are those of nova/objects/image_meta.py
and nova/objects/fields.py, master of August 2026, which keeps all that Queens
and later knew.
"""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Mapping
from typing import Union

from osc_hwmt.i18n import _
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.model.machine_type import is_machine_type

#: What oslo.utils' bool_from_string reads, which Nova uses for these.
_BOOLEAN = tuple('true false yes no on off 1 0 t f y n'.split())
_BUSES = tuple('fdc ide sata scsi usb virtio xen lxc uml'.split())
#: Whose values Nova folds to lower case.
ANY_CASE = frozenset(('os_type', 'hw_scsi_model', 'hw_vif_model'))
_NUMBER = re.compile('[0-9]{1,9}')
_ANY = re.compile('.{1,255}')
#: Some words, or a pattern of the whole value.
_Values = Union[tuple[str, ...], re.Pattern[str]]

#: What a guest sees of its machine, with the values that Nova takes. The ones
#: that --hardware exports.
_SEEN_BY_THE_GUEST: Mapping[str, _Values] = {
    'hw_firmware_type': ('uefi', 'bios'),
    'os_secure_boot': ('required', 'disabled', 'optional'),
    'hw_firmware_stateless': _BOOLEAN,
    'os_type': ('linux', 'windows'),
    'hw_disk_bus': _BUSES,
    'hw_cdrom_bus': _BUSES,
    'hw_floppy_bus': _BUSES,
    'hw_scsi_model': tuple(
        'buslogic ibmvscsi lsilogic lsisas1068 lsisas1078 virtio-scsi '
        'vmpvscsi lsilogicsas paravirtual'.split()
    ),
    'hw_vif_model': tuple(
        'virtio ne2k_pci pcnet rtl8139 e1000 e1000e netfront spapr-vlan '
        'lan9118 sriov vmxnet vmxnet3 igb virtuale1000 virtuale1000e '
        'virtualpcnet32 virtualsriovethernetcard virtualvmxnet '
        'virtualvmxnet3'.split()
    ),
    'hw_vif_multiqueue_enabled': _BOOLEAN,
    'hw_video_model': tuple(
        'cirrus qxl vga vmvga xen virtio gop none bochs'.split()
    ),
    'hw_input_bus': ('usb', 'virtio'),
    'hw_pointer_model': ('usbtablet',),
    'hw_usb_model': ('none', 'nec-xhci', 'qemu-xhci'),
    'hw_redirected_usb_ports': _NUMBER,
    'hw_sound_model': tuple(
        'sb16 es1370 pcspk ac97 ich6 ich9 usb virtio'.split()
    ),
    'hw_rng_model': ('virtio',),
    'hw_tpm_model': ('tpm-tis', 'tpm-crb'),
    'hw_tpm_version': ('1.2', '2.0'),
    'hw_watchdog_action': ('none', 'pause', 'poweroff', 'reset', 'disabled'),
    'hw_qemu_guest_agent': _BOOLEAN,
    'hw_viommu_model': ('intel', 'smmuv3', 'virtio', 'auto'),
    'hw_virtio_packed_ring': _BOOLEAN,
    'hw_time_hpet': _BOOLEAN,
    'hw_pmu': _BOOLEAN,
    'hw_cpu_sockets': _NUMBER,
    'hw_cpu_cores': _NUMBER,
    'hw_cpu_threads': _NUMBER,
    'hw_cpu_max_sockets': _NUMBER,
    'hw_cpu_max_cores': _NUMBER,
    'hw_cpu_max_threads': _NUMBER,
}

#: What says where a guest runs, or hangs together with the flavor or the
#: compute host: only exported where an operator names it.
BY_NAME_ONLY: Mapping[str, _Values] = {
    'hw_architecture': _ANY,
    'hw_auto_disk_config': _ANY,
    'hw_boot_menu': _BOOLEAN,
    'hw_cpu_policy': ('dedicated', 'shared', 'mixed'),
    'hw_cpu_realtime_mask': _ANY,
    'hw_cpu_thread_policy': ('prefer', 'isolate', 'require'),
    'hw_device_id': _NUMBER,
    'hw_disk_type': _ANY,
    'hw_emulation_architecture': _ANY,
    'hw_ephemeral_encryption': _BOOLEAN,
    'hw_ephemeral_encryption_format': ('plain', 'luks', 'luksv2'),
    'hw_ipxe_boot': _BOOLEAN,
    'hw_locked_memory': _BOOLEAN,
    'hw_maxphysaddr_bits': _NUMBER,
    'hw_maxphysaddr_mode': ('passthrough', 'emulate'),
    'hw_mem_encryption': _BOOLEAN,
    'hw_mem_encryption_model': ('amd-sev', 'amd-sev-es', 'amd-sev-snp'),
    'hw_mem_page_size': _ANY,
    'hw_numa_nodes': _NUMBER,
    'hw_pci_numa_affinity_policy': _ANY,
    'hw_rescue_bus': _BUSES,
    'hw_rescue_device': ('cdrom', 'disk', 'floppy', 'fs', 'lun'),
    'hw_serial_port_count': _NUMBER,
    'hw_video_ram': _NUMBER,
    'hw_vm_mode': _ANY,
    'os_distro': _ANY,
}
NUMBERED = re.compile(r'hw_numa_(cpus|mem)\.(0|[1-9][0-9]{0,2})')

#: The properties of a server's hardware that --hardware asks for.
SHIPPED = tuple(_SEEN_BY_THE_GUEST)
#: The legal values of each property but the machine type.
VALUES = {**_SEEN_BY_THE_GUEST, **BY_NAME_ONLY}
_NAMES = (MACHINE_TYPE, *VALUES)

#: What an export keeps beside every machine type: without its firmware a guest
#: does not start, and what a change of chipset means depends on its system.
ALWAYS_RECORDED = ('hw_firmware_type', 'os_type')

#: What says which image a volume was made from, who owned it, or how it was
#: stored. Copied, it makes Nova, Glance or Cinder refuse the volume later
#: (nova/block_device.py, cinder/volume/flows/manager/create_volume.py).
IDENTITY = re.compile(
    'checksum|size|virtual_size|disk_format|container_format|min_disk|min_ram'
    '|image_id|image_name|image_location|base_image_ref|instance_uuid'
    '|hw_ephemeral_encryption_secret_uuid'
    '|(img_signature|signature_|cinder_|owner_|os_hash_|os_glance_).*'
)


@functools.lru_cache(maxsize=1024)
def is_property(key: str) -> bool:
    """Tell whether a key names virtual hardware, the machine type included."""
    return (
        key == MACHINE_TYPE
        or key in VALUES
        or NUMBERED.fullmatch(key) is not None
    )


def is_identity(key: str) -> bool:
    """Tell whether a key is of an image's identity, and so never written."""
    return IDENTITY.fullmatch(key) is not None


# A manifest has the same few keys in every server.
@functools.lru_cache(maxsize=1024)
def nearest(key: str) -> str | None:
    """Return the property that a key which is none may be meant for."""
    found = difflib.get_close_matches(key, _NAMES, n=1, cutoff=0.8)
    return found[0] if found else None


def refusal(key: str) -> str | None:
    """Return why a property can't be asked for, None if it can."""
    if is_property(key):
        return None
    if is_identity(key):
        return _('identifies an image or a cloud, so it is never copied')
    meant = nearest(key)
    if meant:
        return (
            _('not a hardware property that Nova knows: did you mean %s')
            % meant
        )
    return _('not a hardware property that Nova knows')


def expected(key: str, value: str) -> str | None:
    """Return what a property's value had to be instead, None if it may be."""
    if key == MACHINE_TYPE:
        if is_machine_type(value):
            return None
        return _('a machine type such as pc-i440fx-rhel7.6.0')
    legal = VALUES.get(key, _ANY)
    if isinstance(legal, tuple):
        folded = key in ANY_CASE or legal is _BOOLEAN
        if (value.lower() if folded else value) in legal:
            return None
        if legal is _BOOLEAN:
            return _('true or false')
        return _('one of %s') % ', '.join(sorted(legal))
    if legal.fullmatch(value) and value.isprintable():
        return None
    if legal is _NUMBER:
        return _('a whole number')
    return _('1 to 255 printable characters')
