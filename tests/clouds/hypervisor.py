# SPDX-License-Identifier: Apache-2.0

"""What a cloud's own libvirtd finds and what Nova is told about it.

It is Debian's libvirtd with Debian's QEMU, in namespaces of its own, where
the paths built into it lead to the cloud's directory.  So several can run,
also beside the machine's own, and none leaves anything behind.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.clouds import state
from tests.clouds.cloud import LIBVIRT_PLACES, Cloud
from tests.clouds.errors import CloudError

#: The longest path of a socket in Linux.
SOCKET_LIMIT = 107
#: Nova's default machine type and number of PCIe ports: what RHOSP 16 sets,
#: by the name that Debian's QEMU has for it, and what RHOSO 18 sets.
HARDWARE = {state.SOURCE: ('pc', 16), state.DESTINATION: ('q35', 24)}
#: Seconds that a guest has for switching itself off.
SWITCH_OFF = 20
# libvirtd does not start without them, and its package makes none.
_USERS = 'libvirt-qemu:x:64055:64055::/:/usr/sbin/nologin\n'
_GROUPS = 'kvm:x:64053:\nlibvirt:x:64054:\nlibvirt-qemu:x:64055:\n'
# All is done as the one user who runs the cloud, and without what needs
# systemd or another daemon.
_QEMU = """\
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = [ ]
namespaces = [ ]
stdio_handler = "file"
"""
_LIBVIRTD = """\
auth_unix_rw = "none"
auth_unix_ro = "none"
unix_sock_dir = "{directory}"
"""


def write(cloud: Cloud) -> None:
    """Write what the daemon reads, and make what it writes to.

    :raises CloudError: when the state directory's path is too long.
    """
    # Nova looks how much room it has before it makes it.
    _instances(cloud).mkdir(parents=True, exist_ok=True)
    configure(cloud.libvirt)


def configure(directory: Path) -> None:
    """Make what a daemon finds that runs alone in a directory.

    :raises CloudError: when the directory's path is too long.
    """
    # The longest name that it gives to a socket.
    socket = directory / 'libvirt-admin-sock'
    if len(str(socket)) > SOCKET_LIMIT:
        raise CloudError(
            f'{socket} is longer than the {SOCKET_LIMIT} characters a socket '
            f'may have. Choose another --state.'
        )
    for place in LIBVIRT_PLACES:
        kept = directory / place[1:]
        if Path(place).is_dir():
            kept.mkdir(parents=True, exist_ok=True)
        else:
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(place, kept)
    etc = directory / 'etc'
    _append(etc / 'passwd', _USERS)
    _append(etc / 'group', _GROUPS)
    (etc / 'libvirt' / 'qemu.conf').write_text(_QEMU)
    (etc / 'libvirt' / 'libvirtd.conf').write_text(
        _LIBVIRTD.format(directory=directory)
    )


def _instances(cloud: Cloud) -> Path:
    return cloud.nova_state / 'instances'


def _append(path: Path, lines: str) -> None:
    """Add users or groups that are not there yet."""
    names = {line.partition(':')[0] for line in path.read_text().splitlines()}
    with path.open('a') as opened:
        for line in lines.splitlines(keepends=True):
            if line.partition(':')[0] not in names:
                opened.write(line)


def nova_sections(cloud: Cloud) -> Mapping[str, Mapping[str, object]]:
    """Return the options with which Nova runs its guests on the daemon."""
    helper = [
        *cloud.environment.program('privsep-helper'),
        '--config-file',
        str(cloud.etc / 'nova.conf'),
    ]
    machine_type, pcie_ports = HARDWARE[cloud.name]
    privileged = {'helper_command': ' '.join(helper)}
    return {
        'DEFAULT': {
            'compute_driver': 'libvirt.LibvirtDriver',
            'instances_path': _instances(cloud),
            'shutdown_timeout': SWITCH_OFF,
            'reserved_host_memory_mb': 0,
            # The guests end with the daemon; Nova starts them again.
            'resume_guests_state_on_host_boot': True,
            # There is no other host.
            'allow_resize_to_same_host': True,
        },
        'libvirt': {
            # Not KVM: that a machine has /dev/kvm does not mean it works.
            'virt_type': 'qemu',
            'cpu_mode': 'none',
            'connection_uri': cloud.libvirt_uri,
            'hw_machine_type': f'x86_64={machine_type}',
            'num_pcie_ports': pcie_ports,
            'wait_soft_reboot_seconds': SWITCH_OFF,
        },
        'vnc': {'enabled': False},
        'nova_sys_admin': privileged,
        'privsep_osbrick': privileged,
    }
