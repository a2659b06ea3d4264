# SPDX-License-Identifier: Apache-2.0

"""What clouds that really boot guests need of the machine."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

from tests.clouds.cloud import LIBVIRT_PLACES
from tests.clouds.errors import CloudError
from tests.clouds.narration import Narrator

PACKAGES = (
    'busybox-static',
    'dosfstools',
    'libvirt-clients',
    'libvirt-daemon',
    'libvirt-daemon-driver-qemu',
    'libvirt-dev',
    'mtools',
    'ovmf',
    'pkg-config',
    'qemu-system-x86',
    'qemu-utils',
    'syslinux',
    'syslinux-common',
)
#: What a suite ends with that this machine cannot run; toxfile.py.
SKIPPED = 77
#: Seconds to wait for another run of apt.
APT_PATIENCE = 600


def obstacle() -> str | None:
    """Return why this machine cannot have them at all; None if it can."""
    if platform.machine() != 'x86_64':
        return f'the guests are for x86_64, and this is {platform.machine()}'
    if os.geteuid() != 0:
        return 'libvirtd and QEMU have to be started by root'
    if shutil.which('apt-get') is None:
        return "there is no apt-get to install Debian's QEMU with"
    return None


def require() -> None:
    """Return when everything is there.

    :raises CloudError: when something is missing; it says what to do.
    """
    reason = obstacle()
    if reason is not None:
        raise CloudError(f'No guests can run here: {reason}.')
    missing = [*_missing_packages(), *_missing_directories()]
    if missing:
        raise CloudError(
            f'This machine lacks {", ".join(missing)}. First run: '
            f'python -m tests.clouds prepare'
        )


def install(narrator: Narrator) -> None:
    """Install what is missing.

    :raises CloudError: when that is not possible.
    """
    reason = obstacle()
    if reason is not None:
        raise CloudError(f'No guests can run here: {reason}.')
    packages = _missing_packages()
    if packages:
        with narrator.step(f'installed {" ".join(packages)}'):
            _apt_get('update')
            _apt_get('install', '--yes', '--no-install-recommends', *packages)
    for directory in _missing_directories():
        Path(directory).mkdir(parents=True)
        narrator.say(f'made {directory}, empty')


def _missing_packages() -> list[str]:
    answer = subprocess.run(
        [
            *('dpkg-query', '--show'),
            *('--showformat', '${Package} ${db:Status-Status}\n'),
            *PACKAGES,
        ],
        capture_output=True,
        text=True,
        # It ends with 1 when it knows nothing of one of them.
        check=False,
    )
    lines = answer.stdout.splitlines()
    return [name for name in PACKAGES if f'{name} installed' not in lines]


def _missing_directories() -> list[str]:
    """Return where something has to be, for the cloud's to be shown there.

    Some packagings leave it to libvirtd to make these.
    """
    return [place for place in LIBVIRT_PLACES if not Path(place).exists()]


def _apt_get(*words: str) -> None:
    command = ['apt-get', '-o', f'DPkg::Lock::Timeout={APT_PATIENCE}', *words]
    finished = subprocess.run(
        command,
        env={**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        raise CloudError(
            f'"apt-get {words[0]}" has failed: '
            f'{finished.stderr.strip() or finished.stdout.strip()}'
        )
