# SPDX-License-Identifier: Apache-2.0

"""What the hosts of the destination offer."""

from __future__ import annotations

from osc_hwmt.compatibility.hosts import Offer, Support
from osc_hwmt.compatibility.rules.definition import (
    Hardware,
    Said,
    Severity,
    rule,
)
from osc_hwmt.i18n import _
from osc_hwmt.model.machine_type import Family, parse_machine_type

#: How many hosts a message names.
_NAMED = 3


@rule(
    'unsupported-machine-type',
    Severity.ERROR,
    'a host of the destination does not support the machine type',
    source='nova@2023.1:nova/virt/libvirt/host.py:1218-1235; measured: '
    'the server ends in ERROR',
)
def unsupported(hardware: Hardware, offer: Offer) -> Said:
    if offer.support is not Support.UNSUPPORTED:
        return None
    text = _('%(machine)s is not supported by %(hosts)s') % {
        'machine': hardware.machine_type,
        'hosts': _hosts(offer.lacking),
    }
    if offer.nearest is None:
        return text, _(
            'no machine type of its family is supported by all hosts: list '
            'shows which ones are supported'
        )
    return text, _(
        'set %(nearest)s, the nearest of its family, or let export '
        '--translate write it'
    ) % {'nearest': offer.nearest}


@rule(
    'device-not-offered',
    Severity.ERROR,
    'virsh domcapabilities of a host does not list the bus or the model',
    source='libvirt, domain capabilities: enums bus and modelType',
)
def device_not_offered(hardware: Hardware, offer: Offer) -> Said:
    """Compare with what a host's libvirt says that the type can be given."""
    offers = {
        'hw_disk_bus': offer.devices.disk_buses,
        'hw_cdrom_bus': offer.devices.disk_buses,
        'hw_video_model': offer.devices.video_models,
    }
    lacking = [
        f'{key}={value}'
        for key, offered in offers.items()
        for value in (hardware.properties.get(key),)
        if value and offered is not None and value not in offered
    ]
    if not lacking:
        return None
    return (
        _('%(machine)s does not support %(what)s there')
        % {'machine': hardware.machine_type, 'what': ', '.join(lacking)},
        _('set one that virsh domcapabilities lists for it'),
    )


@rule(
    'too-many-vcpus',
    Severity.ERROR,
    'more vCPUs than the machine type supports',
    source='measured: libvirt 9.0 "Maximum CPUs greater than specified '
    'machine type limit"',
)
def too_many_vcpus(hardware: Hardware, offer: Offer) -> Said:
    if None in (hardware.vcpus, offer.max_cpus):
        return None
    if (hardware.vcpus or 0) <= (offer.max_cpus or 0):
        return None
    return (
        _('%(vcpus)d vCPUs, but %(machine)s supports at most %(max)d')
        % {
            'vcpus': hardware.vcpus,
            'machine': hardware.machine_type,
            'max': offer.max_cpus,
        },
        _('set a q35 machine type, or use a smaller flavor'),
    )


@rule(
    'deprecated-machine-type',
    Severity.WARNING,
    'a host reports the machine type as deprecated',
    source='virsh capabilities; RHEL 9: i440fx is deprecated, not removed',
)
def deprecated(hardware: Hardware, offer: Offer) -> Said:
    if offer.support is not Support.DEPRECATED:
        return None
    return (
        _('%s is deprecated there: it works, but will be removed')
        % hardware.machine_type,
        _('plan the change to a newer machine type after the migration'),
    )


@rule(
    'floating-machine-type',
    Severity.WARNING,
    'an alias whose meaning depends on the release of the host',
    source='libvirt expands it on each host; pc is the same on RHEL 7.6 to 9',
)
def floating(hardware: Hardware, offer: Offer) -> Said:
    if not hardware.machine_type or not hardware.chosen:
        return None
    if not parse_machine_type(hardware.machine_type).is_alias:
        return None
    is_pc = hardware.family is Family.I440FX
    if is_pc and offer.rhel_major in (7, 8, 9):
        return None
    now = offer.canonical or _('unknown')
    return (
        _(
            'the meaning of %(alias)s depends on the host (now: '
            '%(canonical)s) and may change at the next cold start'
        )
        % {'alias': hardware.machine_type, 'canonical': now},
        _('export --pin writes the versioned name'),
    )


@rule(
    'support-unknown',
    Severity.NOTE,
    'what is known about the destination does not cover the machine type',
    source='the knowledge itself',
)
def support_unknown(hardware: Hardware, offer: Offer) -> Said:
    if (
        offer.support is not Support.UNKNOWN
        or not offer.known_from
        or hardware.machine_type is None
    ):
        return None
    return (
        _('unknown whether %(machine)s is supported: not covered by %(from)s')
        % {'machine': hardware.machine_type, 'from': offer.known_from},
        _(
            'collect the machine types of the compute hosts '
            '(--destination-hosts)'
        ),
    )


def _hosts(names: tuple[str, ...]) -> str:
    named, more = ', '.join(names[:_NAMED]), len(names) - _NAMED
    if more <= 0:
        return named
    return _('%(named)s and %(n)d more hosts') % {'named': named, 'n': more}
