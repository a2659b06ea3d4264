# SPDX-License-Identifier: Apache-2.0

"""Where journals are: beside the manifests, and in a directory of their own.

A container's file system goes with it. A directory on a volume that stays
keeps the journals of all runs, and the locks by which they take turns.
"""

from __future__ import annotations

import dataclasses
import datetime
import glob
import logging
import os
import re
import secrets
from collections.abc import Iterable

from osc_hwmt.display import printable
from osc_hwmt.i18n import _
from osc_hwmt.local import private

LOG = logging.getLogger(__name__)

#: How much of a name a journal's own has.
_LENGTH = 40


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a run's journal goes, and those of earlier runs are.

    ``directory`` is that of --journal-directory, None where none was given.
    """

    directory: str | None = None

    def check(self) -> None:
        """Return if the directory can be trusted; raises FileError.

        That there is none yet is told: the name may be mistyped.
        """
        if self.directory is None:
            return
        if not os.path.lexists(self.directory):
            LOG.warning(
                _(
                    'journal directory %s: does not exist yet, so nothing is '
                    'known about earlier runs'
                ),
                printable(self.directory),
            )
            return
        with private.opened(os.path.realpath(self.directory)):
            pass

    def make(self) -> None:
        """Create the directory where there is none; raises FileError.

        To be called when a run begins: where the directory goes meanwhile,
        its volume went, and a new one would go with the container.
        """
        if self.directory is not None:
            path = os.path.realpath(self.directory)
            with private.opened(path, make=True):
                pass

    def new(self, command: str, cloud: str, beside: str) -> str:
        """Return the path of a new journal; raises FileError.

        ``beside`` is the file of which it is. In a directory, which has to
        be there, the name begins with the time, and says the command, the
        cloud and the manifest: nothing in it is a cloud's.
        """
        now = datetime.datetime.now(datetime.timezone.utc)
        time = f'{now:%Y%m%dT%H%M%S%fZ}'
        if self.directory is None:
            return f'{beside}.{time}.journal'
        with private.opened(os.path.realpath(self.directory)):
            pass
        directory, name = os.path.split(os.path.abspath(beside))
        # What a rollback undoes may be many journals.
        of = (
            ()
            if name.endswith('.journal')
            else (os.path.basename(directory), name)
        )
        words = [
            time,
            command,
            *map(_word, (cloud, *of)),
            # Two controllers may begin in the same microsecond.
            secrets.token_hex(4),
        ]
        return os.path.join(
            self.directory, '.'.join(filter(None, words)) + '.journal'
        )

    def journals(self, manifests: Iterable[str]) -> list[str]:
        """Return the journals beside some manifests and in the directory."""
        patterns = [f'{glob.escape(one)}.*.journal' for one in manifests]
        if self.directory is not None:
            patterns.append(
                os.path.join(glob.escape(self.directory), '*.journal')
            )
        return [path for one in patterns for path in sorted(glob.glob(one))]


def _word(text: str) -> str:
    """Return what of a text a file's name may have."""
    return re.sub('[^A-Za-z0-9_-]+', '-', text)[:_LENGTH].strip('-')
