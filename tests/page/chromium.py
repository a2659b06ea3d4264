# SPDX-License-Identifier: Apache-2.0

"""A real browser for the page: Debian's Chromium, without a screen.

``python -m tests.page.chromium`` installs it where that is possible, and
says so where it is not, with the exit code SKIPPED.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from playwright import sync_api

from tests.clouds.prerequisites import SKIPPED

_PACKAGE = 'chromium'
#: Seconds to wait for another run of apt.
_APT_PATIENCE = 600
#: Nothing of its own on the network, and no sandbox, which root cannot have.
_ARGUMENTS = (
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-gpu',
    '--disable-quic',
    '--disable-sync',
    '--no-first-run',
    '--no-sandbox',
)


def path() -> str | None:
    """Return the program, None if it is not installed."""
    return shutil.which('chromium') or shutil.which('google-chrome')


def install() -> str | None:
    """Install it if it is not there; return why that can't be, else None."""
    if path():
        return None
    if os.geteuid() != 0 or shutil.which('apt-get') is None:
        return (
            f'there is no Chromium; as root on Debian, apt-get install '
            f'{_PACKAGE} brings it'
        )
    for words in (('update',), ('install', '--yes', _PACKAGE)):
        done = subprocess.run(
            [
                *('apt-get', '-o', f'DPkg::Lock::Timeout={_APT_PATIENCE}'),
                *words,
            ],
            env={**os.environ, 'DEBIAN_FRONTEND': 'noninteractive'},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = done.stderr.strip() or done.stdout.strip()
            return f'apt-get {words[0]} of {_PACKAGE} has failed: {said}'
    return None


@contextlib.contextmanager
def browser() -> Iterator[sync_api.Browser]:
    """Yield a running browser with a new profile, and end it."""
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=path(), args=_ARGUMENTS
        )
        try:
            yield found
        finally:
            found.close()


if __name__ == '__main__':
    reason = install()
    print(reason or path())
    sys.exit(SKIPPED if reason else 0)
