# SPDX-License-Identifier: Apache-2.0

"""What libvirt says of a host: capabilities, and domain capabilities."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from osc_hwmt.collected.place import Place, count, with_known_deprecation
from osc_hwmt.compatibility.hosts import Devices, Host, Machine
from osc_hwmt.exceptions import Error
from osc_hwmt.i18n import _
from osc_hwmt.model.machine_type import is_machine_type


def capabilities(root: Element, place: Place) -> Host:
    """Return the host of a ``virsh capabilities`` document.

    Raises Error where it has no machine type, as where QEMU is not installed.
    """
    machines: dict[str | None, dict[str, Machine]] = {}
    for arch in root.iterfind('guest/arch'):
        # Old libvirt repeats them below the virtualization types.
        for machine in with_known_deprecation(
            map(_machine, arch.iter('machine'))
        ):
            if is_machine_type(machine.name):
                known = machines.setdefault(arch.get('name'), {})
                known.setdefault(machine.name, machine)
    if not machines:
        raise Error(_('these capabilities list no machine types'))
    return Host(place.host_name, str(place), machines)


def domain_capabilities(root: Element, place: Place) -> Host:
    """Return what a ``virsh domcapabilities`` document tells of a host.

    That is one machine type. Raises Error where there is none.
    """
    machine_type = (root.findtext('machine') or '').strip()
    if not is_machine_type(machine_type):
        raise Error(
            _('expected a machine type in these domain capabilities, found %r')
            % machine_type
        )
    vcpu = root.find('vcpu')
    machine = Machine(
        machine_type,
        max_cpus=None if vcpu is None else count(vcpu.get('max')),
        devices=Devices(
            disk_buses=_values(root, 'devices/disk', 'bus'),
            video_models=_values(root, 'devices/video', 'modelType'),
        ),
    )
    architecture = root.findtext('arch')
    return Host(
        place.host_name,
        str(place),
        {architecture: {machine_type: machine}},
        frozenset([architecture]),
    )


def _machine(element: Element) -> Machine:
    return Machine(
        (element.text or '').strip(),
        canonical=element.get('canonical'),
        deprecated=element.get('deprecated') == 'yes',
        max_cpus=count(element.get('maxCpus')),
    )


def _values(
    root: Element, path: str, enumeration: str
) -> frozenset[str] | None:
    """Return what an enumeration offers, None where it is not told."""
    parent = root.find(path)
    if parent is None:
        return None
    if parent.get('supported') == 'no':
        return frozenset()
    found = parent.find(f"enum[@name='{enumeration}']")
    if found is None:
        return None
    return frozenset(value.text or '' for value in found.iterfind('value'))
