# SPDX-License-Identifier: Apache-2.0

"""libvirtd that neither sees nor touches what the machine has of libvirt.

Usage: libvirtd_alone.py <directory> <place> [<place> ...]

It runs in mount and process namespaces of its own, where /run is empty and
each place, a path of the machine, shows what ``<directory>/<place>`` has.
When this program ends, however it ends, the kernel ends all that is in
there: the daemon, and the guests, which have detached themselves from it.
"""

import ctypes
import os
import signal
import sys

LIBVIRTD = '/usr/sbin/libvirtd'
LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, CLONE_NEWPID = 0x20000, 0x20000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
PR_SET_PDEATHSIG = 1


def main(directory, *places):
    """Return libvirtd's exit status."""
    require_success(LIBC.unshare(CLONE_NEWNS | CLONE_NEWPID))
    first = os.fork()
    if first:
        return os.waitpid(first, 0)[1] >> 8
    require_success(LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
    arrange(directory, places)
    daemon = os.fork()
    if not daemon:
        os.execv(LIBVIRTD, [LIBVIRTD])  # noqa: S606 no shell is wanted
    return await_end(daemon)


def arrange(directory, places):
    """Give these namespaces the view of the file system they are for."""
    mount('none', '/', None, MS_REC | MS_PRIVATE)
    mount('proc', '/proc', 'proc', 0)
    # What libvirtd writes there of guests that run is wrong at its next
    # start: it would take other processes for them.
    mount('tmpfs', '/run', 'tmpfs', 0)
    for place in places:
        mount(directory + place, place, None, MS_BIND)


def mount(source, target, kind, flags):
    """Mount as mount(2) does."""
    require_success(
        LIBC.mount(
            os.fsencode(source),
            os.fsencode(target),
            None if kind is None else os.fsencode(kind),
            flags,
            None,
        )
    )


def require_success(result):
    """Raise the error that libc has left, if the result is one."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def await_end(daemon):
    """Return the daemon's exit status; until then bury what has ended."""
    while True:
        pid, status = os.wait()
        if pid == daemon:
            return status >> 8


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
