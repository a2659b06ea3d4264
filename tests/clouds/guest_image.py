# SPDX-License-Identifier: Apache-2.0

"""The disk of a small guest that tells on its console what it runs on.

It is made of Debian's kernel and busybox, and boots through the BIOS.  That
takes neither root nor a mount.
"""

from __future__ import annotations

import gzip
import os
import shlex
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.clouds import cache
from tests.clouds.errors import CloudError
from tests.clouds.narration import Narrator

SOURCES = Path(__file__).parent / 'guest'
BUSYBOX = Path('/bin/busybox')
BOOT_CODE = Path('/usr/lib/syslinux/mbr/mbr.bin')
# The package that depends on the kernel of the day.
KERNEL_PACKAGE = 'linux-image-cloud-amd64'
MODULES = (
    'virtio_ring',
    'virtio',
    'virtio_pci_modern_dev',
    'virtio_pci_legacy_dev',
    'virtio_pci',
    'virtio_blk',
    'button',
    'evdev',
)
SIZE = 24 << 20
SECTOR = 512
# Before the partition are the boot sector and the sector in which the guest
# counts how often it was booted.
PARTITION = 1 << 20
ACTIVE, FAT16 = 0x80, 0x0E
TABLE, SIGNATURE = 446, b'\x55\xaa'


def build(narrator: Narrator) -> Path:
    """Return the raw image; it is made unless the cache has it.

    :raises CloudError: when a tool is missing or fails.
    """
    directory = cache.directory() / 'guest'
    directory.mkdir(exist_ok=True)

    def tell() -> None:
        narrator.say('another run makes the guest image; waiting for it')

    with cache.locked(directory / 'lock', tell):
        kernel = _kernel_package(directory)
        image = directory / f'guest-{_key(kernel)}.raw'
        if not image.exists():
            with (
                narrator.step(f'made {image} with {kernel.name}'),
                tempfile.TemporaryDirectory(dir=directory) as work,
            ):
                _make(kernel, Path(work)).rename(image)
        return image


def _key(kernel: Path) -> str:
    """Return a digest of everything that is in an image."""
    parts = [kernel, BUSYBOX, BOOT_CODE, Path(__file__)]
    parts += sorted(SOURCES.iterdir())
    try:
        return cache.key(*(path.read_bytes() for path in parts))
    except FileNotFoundError as error:
        raise CloudError(f'{error.filename} is missing.') from error


def _kernel_package(directory: Path) -> Path:
    """Return Debian's package of the kernel; download it if need be."""
    kept = sorted(directory.glob('linux-image-*.deb'))
    if not kept:
        depends = _run(['apt-cache', 'depends', KERNEL_PACKAGE])
        name = depends.split('Depends: ')[1].split()[0]
        # As another user apt could not write into our directory.
        unconfined = ['-o', 'APT::Sandbox::User=root']
        _run(['apt-get', *unconfined, 'download', name], directory)
        kept = sorted(directory.glob('linux-image-*.deb'))
    return kept[-1]


def _make(kernel: Path, work: Path) -> Path:
    """Return a new image, made in a directory of its own."""
    tree = work / 'kernel'
    _run(['dpkg-deb', '--extract', str(kernel), str(tree)])
    initrd = work / 'initrd.gz'
    initrd.write_bytes(gzip.compress(_initrd(tree, work / 'initrd'), mtime=0))
    (linux,) = tree.glob('boot/vmlinuz-*')
    image = work / 'image'
    _write_partition_table(image)
    sectors = (SIZE - PARTITION) // SECTOR
    _run(
        [
            *('mkfs.fat', '-F', '16', '-s', '4', '-i', '68776d74'),
            *('--offset', str(PARTITION // SECTOR)),
            *(str(image), str(sectors * SECTOR // 1024)),
        ]
    )
    for source, name in (
        (linux, 'vmlinuz'),
        (initrd, 'initrd.gz'),
        (SOURCES / 'syslinux.cfg', 'syslinux.cfg'),
    ):
        place = f'{image}@@{PARTITION}'
        _run(['mcopy', '-i', place, str(source), f'::{name}'])
    _run(['syslinux', '--install', '-t', str(PARTITION), str(image)])
    return image


def _write_partition_table(image: Path) -> None:
    """Write boot code and a table with one active partition."""
    unused_geometry = bytes(3)
    entry = struct.pack(
        '<B3sB3sII',
        ACTIVE,
        unused_geometry,
        FAT16,
        unused_geometry,
        PARTITION // SECTOR,
        (SIZE - PARTITION) // SECTOR,
    )
    code = BOOT_CODE.read_bytes()[:TABLE].ljust(TABLE, b'\0')
    rest = bytes(SECTOR - TABLE - len(entry) - len(SIGNATURE))
    image.write_bytes(code + entry + rest + SIGNATURE)
    os.truncate(image, SIZE)


def _initrd(kernel: Path, tree: Path) -> bytes:
    """Return the archive that the kernel unpacks and starts from."""
    for name in ('bin', 'lib', 'proc', 'sys', 'dev'):
        (tree / name).mkdir(parents=True)
    shutil.copy2(BUSYBOX, tree / 'bin' / 'busybox')
    shutil.copy(SOURCES / 'init', tree / 'init')
    (tree / 'init').chmod(0o755)
    for name in MODULES:
        (module,) = kernel.glob(f'lib/modules/**/{name}.ko')
        shutil.copy(module, tree / 'lib')
    names = [str(path.relative_to(tree)) for path in sorted(tree.rglob('*'))]
    return subprocess.run(
        [BUSYBOX, 'cpio', '-o', '-H', 'newc'],
        cwd=tree,
        input='\n'.join(names).encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    ).stdout


def _run(command: Sequence[str], directory: Path | None = None) -> str:
    """Return what a command prints.

    :raises CloudError: when it is missing or fails.
    """
    try:
        return subprocess.run(
            command,
            cwd=directory,
            # Where mkfs.fat is, and not in everybody's PATH.
            env={**os.environ, 'PATH': f'{os.environ["PATH"]}:/usr/sbin'},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except FileNotFoundError as error:
        raise CloudError(f'{command[0]} is missing.') from error
    except subprocess.CalledProcessError as error:
        raise CloudError(
            f'"{shlex.join(command)}" failed: {error.stderr.strip()}'
        ) from error
