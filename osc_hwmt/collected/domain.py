# SPDX-License-Identifier: Apache-2.0

"""A libvirt domain, as the server that it is and the hardware it has.

Nova's instance id is the domain's uuid, and the machine type is canonical
there, whatever alias Nova was given. A Cinder volume's id is the serial of
its disk (nova/virt/libvirt/volume/volume.py, Queens to 2023.1).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from osc_hwmt.collected.place import Place, count
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _
from osc_hwmt.model import properties
from osc_hwmt.model.evidence import Evidence, Guest
from osc_hwmt.model.machine_type import is_machine_type

_X86 = ('x86_64', 'i686')
_DISKS = ('disk', 'lun')
#: Properties that an attribute of an element says. Libvirt itself gives q35
#: another watchdog (itco), of which Nova knows nothing.
_ATTRIBUTES = (
    ('hw_cdrom_bus', "devices/disk[@device='cdrom']/target", 'bus'),
    ('hw_floppy_bus', "devices/disk[@device='floppy']/target", 'bus'),
    ('hw_scsi_model', "devices/controller[@type='scsi']", 'model'),
    ('hw_video_model', 'devices/video/model', 'type'),
    ('hw_tpm_model', 'devices/tpm', 'model'),
    ('hw_tpm_version', 'devices/tpm/backend', 'version'),
    ('hw_watchdog_action', "devices/watchdog[@model='i6300esb']", 'action'),
    ('hw_viommu_model', 'devices/iommu', 'model'),
)
#: Properties that are true where there is an element.
_PRESENT = (
    (
        'hw_qemu_guest_agent',
        "devices/channel/target[@name='org.qemu.guest_agent.0']",
    ),
    ('hw_time_hpet', "clock/timer[@name='hpet'][@present='yes']"),
)
_NAME = re.compile(r'<(?:nova:)?name>\s*([^<]{1,255}?)\s*</')
_UUID = re.compile(r'<uuid>\s*([0-9A-Fa-f-]{36})')


def guest(domain: Element, place: Place) -> Guest:
    """Return the server of a domain element.

    Raises Error where it lacks its id or its machine type.
    """
    server_id = _server_id(domain)
    kind = domain.find('os/type')
    machine = '' if kind is None else kind.get('machine', '')
    if not is_machine_type(machine):
        raise Error(
            _('server %(id)s: expected a machine type in os/type, found %(x)r')
            % {'id': server_id, 'x': machine}
        )
    architecture = None if kind is None else kind.get('arch')
    disks = [
        disk
        for disk in domain.iterfind('devices/disk')
        if disk.get('device', 'disk') in _DISKS
    ]
    boot_disk = _boot_disk(disks)
    return Guest(
        server_id,
        Evidence.LIBVIRT_DOMAIN,
        machine,
        str(place),
        architecture=architecture,
        properties={
            key: value
            for key, value in _properties(domain, boot_disk, architecture)
            if value is not None and properties.expected(key, value) is None
        },
        boot_volume_id=_volume_id(boot_disk),
        host=place.host,
        vcpus=count(domain.findtext('vcpu')),
        disks=len(disks),
        interfaces=len(domain.findall('devices/interface')),
    )


def label(text: str) -> str:
    """Return what a domain is called, as far as its damaged text tells."""
    server_id = _UUID.search(text)
    names = list(dict.fromkeys(_NAME.findall(text)))
    known = [*names, *([server_id[1]] if server_id else [])]
    return ', '.join(known) or _('of unknown name')


def _server_id(domain: Element) -> str:
    written = (domain.findtext('uuid') or '').strip()
    try:
        return str(uuid.UUID(written))
    except ValueError:
        raise Error(
            _('domain %(name)s: expected a UUID, found %(x)r')
            % {'name': domain.findtext('name') or '?', 'x': written}
        ) from None


def _boot_disk(disks: list[Element]) -> Element | None:
    """Return the disk that the guest boots from.

    That is the first in boot order; without one it is the first that libvirt
    lists (measured on libvirt 9.0).
    """

    def order(disk: Element) -> int:
        boot = disk.find('boot')
        number = count(boot.get('order')) if boot is not None else None
        return len(disks) + 1 if number is None else number

    return min(disks, key=order, default=None)


def _volume_id(disk: Element | None) -> str | None:
    serial = disk.findtext('serial') if disk is not None else None
    try:
        return str(uuid.UUID(serial)) if serial else None
    except ValueError:
        return None


def _properties(
    domain: Element, boot_disk: Element | None, architecture: str | None
) -> Iterator[tuple[str, str | None]]:
    """Yield what would make Nova 2023.1 give a server this hardware.

    Where it is written: nova/virt/libvirt/driver.py, _get_guest_config() and
    what it calls, blockinfo.py for the buses, vif.py for interfaces, and
    config.py for how each becomes XML.
    """
    yield from _firmware(domain, architecture)
    if boot_disk is not None:
        yield 'hw_disk_bus', _attribute(boot_disk, 'target', 'bus')
    for key, path, name in _ATTRIBUTES:
        yield key, _attribute(domain, path, name)
    yield from _interfaces(domain)
    yield from _input(domain, architecture)
    yield from _windows(domain)
    yield from _topology(domain)
    for key, path in _PRESENT:
        yield key, None if domain.find(path) is None else 'true'


def _firmware(
    domain: Element, architecture: str | None
) -> Iterator[tuple[str, str | None]]:
    """Yield the firmware: without a loader x86 guests have a BIOS."""
    system = domain.find('os')
    if system is None:
        return
    loader = system.find('loader')
    if system.get('firmware') == 'efi' or (
        loader is not None and loader.get('type') == 'pflash'
    ):
        yield 'hw_firmware_type', 'uefi'
    elif architecture in _X86:
        yield 'hw_firmware_type', 'bios'
    if loader is not None:
        if loader.get('secure') == 'yes':
            yield 'os_secure_boot', 'required'
        if loader.get('stateless') == 'yes':
            yield 'hw_firmware_stateless', 'true'


def _interfaces(domain: Element) -> Iterator[tuple[str, str | None]]:
    """Yield the model that all interfaces have, which Nova gives to all."""
    models = {
        model.get('type')
        for model in domain.iterfind('devices/interface/model')
    }
    if len(models) == 1:
        yield 'hw_vif_model', models.pop()
    queues = [
        count(driver.get('queues')) or 1
        for driver in domain.iterfind('devices/interface/driver')
    ]
    if max(queues, default=1) > 1:
        yield 'hw_vif_multiqueue_enabled', 'true'


def _input(
    domain: Element, architecture: str | None
) -> Iterator[tuple[str, str | None]]:
    """Yield the input devices.

    hw_input_bus makes a tablet and a keyboard on a bus, hw_pointer_model only
    the tablet, on USB (_guest_add_pointer_device, _guest_add_keyboard_device).
    An x86 guest's other keyboard is PS/2; others have one on USB anyway.
    """
    tablet = _attribute(domain, "devices/input[@type='tablet']", 'bus')
    keyboard = next(
        (
            one.get('bus')
            for one in domain.iterfind("devices/input[@type='keyboard']")
            if one.get('bus') == tablet
        ),
        None,
    )
    if tablet == 'virtio' or (keyboard == 'usb' and architecture in _X86):
        yield 'hw_input_bus', tablet
    elif tablet == 'usb':
        yield 'hw_pointer_model', 'usbtablet'


def _windows(domain: Element) -> Iterator[tuple[str, str | None]]:
    """Yield the system of a guest that was made to be Windows.

    Nova gives nothing else a clock of local time (_set_clock).
    """
    clock = domain.find('clock')
    if clock is not None and 'localtime' in (
        clock.get('offset'),
        clock.get('basis'),
    ):
        yield 'os_type', 'windows'


def _topology(domain: Element) -> Iterator[tuple[str, str | None]]:
    """Yield how vCPUs are spread, where they are not a socket each."""
    topology = domain.find('cpu/topology')
    if topology is None or {
        topology.get('cores', '1'),
        topology.get('threads', '1'),
    } == {'1'}:
        return
    for part in ('sockets', 'cores', 'threads'):
        yield f'hw_cpu_{part}', topology.get(part)


def _attribute(element: Element, path: str, name: str) -> str | None:
    found = element.find(path)
    return None if found is None else found.get(name)
