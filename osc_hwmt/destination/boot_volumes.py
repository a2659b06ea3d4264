# SPDX-License-Identifier: Apache-2.0

"""Apply, one boot volume at a time, where something else says which it is.

An import and a request to Nova say it, right before the server is built.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.compatibility.computes import NOTHING_KNOWN, Computes
from osc_hwmt.destination import plan, planner, undecided
from osc_hwmt.destination.apply import Result, carry_out, results
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error, FileError
from osc_hwmt.i18n import _
from osc_hwmt.journal.file import Journal
from osc_hwmt.journal.history import History
from osc_hwmt.local.locks import Turns
from osc_hwmt.manifest.entry import Entry

_TURNS = Turns()


class BootVolumes:
    """Gives boot volumes of one project what their entries want.

    ``open_journal`` is called when something is written, and again after one
    that broke. ``past`` is what earlier ones say. ``strict`` refuses
    undecided servers. ``new`` tells that what is attached to a volume is not
    the server that is meant. ``turns`` is how runs take turns at a project.
    Several threads may use it.
    """

    def __init__(
        self,
        open_journal: Callable[[Cloud], Journal],
        computes: Computes = NOTHING_KNOWN,
        past: Callable[[], History] = History,
        *,
        strict: bool = False,
        ignore_unsupported: bool = False,
        new: bool = False,
        turns: Turns = _TURNS,
    ) -> None:
        self._open_journal = open_journal
        self._computes = computes
        self._past = past
        self._strict = strict
        self._ignore_unsupported = ignore_unsupported
        self._new = new
        self._turns = turns
        self._journal: Journal | None = None
        #: The paths of the journals so far.
        self.journals: list[str] = []
        self._at_the_end = contextlib.ExitStack()
        #: By volume, the entry that it was written for.
        self._owners: dict[str, Entry] = {}
        self._writing = threading.Lock()

    def apply(
        self,
        entry: Entry,
        volume_id: str | None,
        cloud: Callable[[], Cloud],
        *,
        write: bool = True,
    ) -> Result:
        """Set what an entry wants on the volume that it will boot from.

        ``volume_id`` None means that its server boots from an image. The
        cloud is opened only if it is needed. Without ``write`` it is only
        planned. Raises Error for whatever is no result of its own.
        """
        step = plan.without_volume(entry) or planner.transferred(
            cloud(),
            entry,
            volume_id,
            self._computes,
            self._past,
            new=self._new,
        )
        if self._strict:
            (step,) = undecided.refuse([step])
        if not self._ignore_unsupported:
            (step,) = plan.refuse_unfit([step])
        if write and isinstance(step, plan.Set):
            with self._writing:
                return self._write(step, cloud())
        return Result(step)

    def close(self) -> None:
        """Close the journal."""
        self._at_the_end.close()
        self._journal = None

    def _write(self, step: plan.Set, cloud: Cloud) -> Result:
        write = step.write
        owner = self._owners.get(write.volume_id)
        if owner and owner.server_id != step.entry.server_id:
            raise Error(
                _('volume %(id)s already belongs to server %(name)s')
                % {'id': write.volume_id, 'name': printable(owner.name)}
            )
        self._owners[write.volume_id] = step.entry
        run = carry_out(
            [write],
            cloud,
            self._opened_journal(cloud),
            concurrency=1,
            turns=self._turns,
        )
        if run.stopped:
            if isinstance(run.stopped, FileError):
                # Of a full disk, on which there may be room again.
                self.close()
            raise run.stopped
        (result,) = results([step], run.written)
        return result

    def _opened_journal(self, cloud: Cloud) -> Journal:
        if self._journal is None:
            self._journal = self._at_the_end.enter_context(
                self._open_journal(cloud)
            )
            self.journals.append(self._journal.path)
        return self._journal
