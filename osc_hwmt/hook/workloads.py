# SPDX-License-Identifier: Apache-2.0

"""Apply, inside an import: one workload at a time, before its server is built.

What is known there, and nowhere else, is which volume a server will boot
from. The plan, the write and the journal are those of apply.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable

from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.compatibility import concerns
from osc_hwmt.compatibility.computes import NOTHING_KNOWN, Computes
from osc_hwmt.destination import apply, plan, planner, refusals, undecided
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error, FileError
from osc_hwmt.hook.os_migrate import Workload
from osc_hwmt.i18n import _
from osc_hwmt.journal import file as journal
from osc_hwmt.journal.history import HOOK, History
from osc_hwmt.local import files
from osc_hwmt.manifest import reading
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.tables import apply as table


class Hook:
    """Applies one manifest to one destination cloud, workload by workload.

    The cloud is opened when it is first needed, and so is the journal, which
    gets all writes of the import. ``say`` tells the operator of what takes
    its time, and of servers that are undecided, which ``strict`` refuses.
    Raises Error for whatever keeps a workload
    from getting what the manifest wants and is no result of its own.
    """

    def __init__(
        self,
        manifest_path: str,
        journal_directory: str | None,
        open_cloud: Callable[[], Cloud],
        computes: Computes = NOTHING_KNOWN,
        ignore_unsupported: bool = False,
        say: Callable[[str], None] = lambda line: None,
        strict: bool = False,
    ) -> None:
        self._manifest = _LatestManifest(manifest_path)
        self._journal_directory = journal_directory
        self._open_cloud = open_cloud
        self._computes = computes
        self._ignore_unsupported = ignore_unsupported
        self._say = say
        self._strict = strict
        self._cloud: Cloud | None = None
        self._journal: journal.Journal | None = None
        self._at_the_end = contextlib.ExitStack()
        #: By volume, the entry that it was written for.
        self._owners: dict[str, Entry] = {}
        self.results: list[apply.Result] = []

    @property
    def journal_path(self) -> str | None:
        """The journal, None while nothing was written."""
        return self._journal.path if self._journal else None

    def announced(self, workload: Workload) -> None:
        """Return if the workload can be given what is wanted later.

        That is asked before its data are copied, which may take hours.
        """
        entry = self._manifest.entry(workload)
        if entry.is_undecided:
            self._tell_undecided(entry)
        step = plan.without_volume(entry)
        if isinstance(step, refusals.Refused):
            raise Error(f'{step.reason}; {step.remedy}')
        for concern in concerns.concerns(entry, {}, self._computes):
            if concern.is_error and not self._ignore_unsupported:
                raise Error(f'{concern.text}; {concern.remedy}')
        if step is None:
            self._destination()
            _refuse_closed(os.path.dirname(self._journal_name()) or '.')

    def _tell_undecided(self, entry: Entry) -> None:
        """Say what becomes of an undecided server; raises Error if strict."""
        steps = planner.add_concerns([plan.Undecided(entry)], self._computes)
        if self._strict:
            steps = undecided.refuse(steps)
        for step in steps:
            if isinstance(step, refusals.Refused):
                raise Error(f'{step.reason}; {step.remedy}')
            self._say(table.line(apply.Result(step)))

    def transferred(
        self, workload: Workload, volume_id: str | None
    ) -> apply.Result:
        """Set what the manifest wants on the workload's boot volume.

        ``volume_id`` None means that its server boots from an image.
        """
        return self._apply(self._manifest.entry(workload), volume_id)

    def placed(self, workload: Workload) -> apply.Result:
        """Do the same for a workload whose volume the manifest names."""
        entry = self._manifest.entry(workload)
        return self._apply(entry, entry.destination_volume_id)

    def volume_transferred(
        self, source_id: str, volume_id: str
    ) -> apply.Result | None:
        """Do the same for a volume that no server has.

        None means that the manifest wants nothing of it.
        """
        for entry in self._manifest.latest().entries:
            if entry.detached and entry.server_id == source_id:
                return (
                    None if entry.leaves_all else self._apply(entry, volume_id)
                )
        return None

    def close(self) -> None:
        """Close the journal."""
        self._at_the_end.close()

    def _apply(self, entry: Entry, volume_id: str | None) -> apply.Result:
        step = plan.without_volume(entry) or planner.transferred(
            self._destination(), entry, volume_id, self._computes, self._past
        )
        if self._strict:
            (step,) = undecided.refuse([step])
        if not self._ignore_unsupported:
            (step,) = plan.refuse_unfit([step])
        if isinstance(step, plan.Set):
            result = self._write(step)
        else:
            result = apply.Result(step)
        self.results.append(result)
        return result

    def _write(self, step: plan.Set) -> apply.Result:
        write = step.write
        owner = self._owners.get(write.volume_id)
        if owner and owner.server_id != step.entry.server_id:
            raise Error(
                _('volume %(id)s is that of server %(name)s already')
                % {'id': write.volume_id, 'name': printable(owner.name)}
            )
        if owner:
            # A journal has one write to each volume.
            self.close()
            self._journal = None
        self._owners[write.volume_id] = step.entry
        run = apply.carry_out(
            [write],
            self._destination(),
            self._opened_journal(),
            concurrency=1,
            waiting=lambda: self._say(
                _('another run is writing to this project; waiting for it')
            ),
        )
        if run.stopped:
            raise run.stopped
        (result,) = apply.results([step], run.written)
        return result

    def _past(self) -> History:
        return journal.history([self._manifest.path])

    def _destination(self) -> Cloud:
        if self._cloud is None:
            self._cloud = self._open_cloud()
        return self._cloud

    def _opened_journal(self) -> journal.Journal:
        if self._journal is None:
            known = self._manifest.latest()
            header = journal.header(
                HOOK,
                self._destination(),
                [journal.digest(known.path, known.text)],
                {'ignore_unsupported': self._ignore_unsupported},
            )
            self._journal = self._at_the_end.enter_context(
                journal.Journal(
                    journal.path_beside(self._journal_name()), header
                )
            )
        return self._journal

    def _journal_name(self) -> str:
        """Return what the journal's path begins with."""
        if self._journal_directory is None:
            return self._manifest.path
        name = os.path.basename(self._manifest.path)
        return os.path.join(self._journal_directory, name)


def _refuse_closed(directory: str) -> None:
    """Raise FileError where no file can be created in a directory."""
    problem = None
    if not os.path.isdir(directory):
        problem = os.strerror(errno.ENOENT)
    elif not os.access(directory, os.W_OK | os.X_OK):
        problem = os.strerror(errno.EACCES)
    if problem:
        raise FileError(
            _('journal in %(path)s: cannot be created: %(why)s')
            % {'path': directory, 'why': problem}
        )


class _LatestManifest:
    """A manifest that is read again when it has changed, and only then."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._seen: tuple[int, ...] | None = None
        self._known: reading.Manifest | None = None

    def latest(self) -> reading.Manifest:
        """Return the manifest as it is now; raises FileError."""
        now = self._stamp()
        if self._known is None or now != self._seen:
            text = files.read(self.path).text
            self._known = reading.read_manifest(text, self.path)
            self._seen = now
        return self._known

    def entry(self, workload: Workload) -> Entry:
        """Return the workload's entry; raises Error if there is not one."""
        found = [
            entry
            for entry in self.latest().entries
            if workload.server_id == entry.server_id
            or (workload.server_id is None and workload.name == entry.name)
        ]
        if len(found) == 1:
            return found[0]
        raise Error(
            _('%(path)s: %(n)d entries are of server %(name)s (%(id)s)')
            % {
                'path': self.path,
                'n': len(found),
                'name': printable(workload.name),
                'id': printable(workload.server_id or '-'),
            }
        )

    def _stamp(self) -> tuple[int, ...]:
        try:
            found = os.stat(self.path)
        except OSError as exc:
            raise FileError(
                _('%(path)s: cannot be read: %(why)s')
                % {'path': self.path, 'why': exc.strerror}
            ) from exc
        return found.st_ino, found.st_size, found.st_mtime_ns
