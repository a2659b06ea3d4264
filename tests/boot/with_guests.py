# SPDX-License-Identifier: Apache-2.0

"""Run a command with two real clouds that really boot guests.

Usage: python -m tests.boot.with_guests <command> [<argument> ...]

What they need is installed first. Where that is not possible at all, nothing
is run, the reason is printed, and the exit code is prerequisites.SKIPPED.
"""

from __future__ import annotations

import sys

from tests.clouds import prerequisites, state
from tests.clouds.cloud import LIBVIRT
from tests.clouds.narration import Narrator
from tests.functional import with_clouds

#: Not that of the other clouds, which may be up as well.
DIRECTORY = state.default_directory().with_name('.clouds-boot')


def main(command: list[str]) -> int:
    """Return the command's exit code, or that of a failed start."""
    reason = prerequisites.obstacle()
    if reason is not None:
        print(f'no guests can run here: {reason}')
        return prerequisites.SKIPPED
    prerequisites.install(Narrator())
    return with_clouds.run(command, DIRECTORY, '--compute', LIBVIRT)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
