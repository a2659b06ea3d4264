# SPDX-License-Identifier: Apache-2.0

"""uv, which installs packages as pip does, and several times as fast.

tox reads this file before it has installed anything, so it imports nothing
but Python's own modules.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

#: Where tox has found it, for what tox starts; empty where pip is to be used.
VARIABLE = 'OSC_HWMT_UV'
#: What pip may have been told, and uv would not know.
_OF_PIP = {'cert', 'index-url', 'no-index', 'proxy'}


def program() -> str | None:
    """Return its path, None where it is not there or pip is to be used."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return named or None
    beside = Path(sys.executable).with_name('uv')
    found = str(beside) if beside.exists() else shutil.which('uv')
    if found is None or _pip_is_told_where_from():
        return None
    return found


def _pip_is_told_where_from() -> bool:
    told = subprocess.run(
        [sys.executable, '-m', 'pip', 'config', 'list'],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    settings = {
        line.partition('=')[0].rpartition('.')[2] for line in told.splitlines()
    }
    if 'SSL_CERT_FILE' in os.environ:
        settings.discard('cert')
    return not settings.isdisjoint(_OF_PIP)
