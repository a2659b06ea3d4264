# SPDX-License-Identifier: Apache-2.0

"""Apply, inside an import: one workload at a time, before its server is built.

What is known there, and nowhere else, is which volume a server will boot
from. The plan, the write and the journal are those of apply.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping

from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.compatibility import concerns
from osc_hwmt.compatibility.computes import NOTHING_KNOWN, Computes
from osc_hwmt.destination import apply, plan, planner, refusals, undecided
from osc_hwmt.destination.boot_volumes import BootVolumes
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error, FileError
from osc_hwmt.hook.manifest import Manifest, missing
from osc_hwmt.hook.os_migrate import Workload
from osc_hwmt.i18n import _
from osc_hwmt.journal import file as journal
from osc_hwmt.journal import reading
from osc_hwmt.journal.history import HOOK, History
from osc_hwmt.journal.place import Place
from osc_hwmt.local.locks import Turns
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.tables import apply as table


class Hook:
    """Applies one manifest to one destination cloud, workload by workload.

    The cloud is opened when it is first needed, and so is the journal, which
    gets all writes of the import. ``say`` tells the operator of what takes
    its time, and of servers that are undecided, which ``strict`` refuses.
    ``note`` is the operator's, for the journal.
    Raises Error for whatever keeps a workload from getting what the manifest
    wants and is no result of its own.
    """

    def __init__(
        self,
        manifest_path: str,
        place: Place,
        open_cloud: Callable[[], Cloud],
        computes: Computes = NOTHING_KNOWN,
        ignore_unsupported: bool = False,
        say: Callable[[str], None] = lambda line: None,
        strict: bool = False,
        note: str | None = None,
    ) -> None:
        self._manifest = Manifest(manifest_path)
        self._place = place
        self._open_cloud = open_cloud
        self._computes = computes
        self._ignore_unsupported = ignore_unsupported
        self._say = say
        self._strict = strict
        self._note = note
        self._cloud: Cloud | None = None
        self._boot_volumes = BootVolumes(
            self._new_journal,
            computes,
            self._past,
            strict=strict,
            ignore_unsupported=ignore_unsupported,
            turns=Turns(place.directory, say),
        )

    @property
    def path(self) -> str:
        """The manifest."""
        return self._manifest.path

    @property
    def journals(self) -> list[str]:
        """Those of this import; a second write to a volume begins another."""
        return self._boot_volumes.journals

    def refuse_missing(self) -> None:
        """Raise FileError where there is no manifest."""
        self._manifest.refuse_missing()

    def announced(self, workload: Workload) -> None:
        """Return if the workload can be given what is wanted later.

        That is asked before its data are copied, which may take hours.
        Whether Cinder lets this user write image metadata is not known then:
        it looks for the volume first (cinder, api/contrib/
        volume_image_metadata.py, Train to 2023.1).
        """
        entry = self._manifest.entry(workload)
        if entry.is_undecided:
            self._tell_undecided(entry)
        self._foresee(
            entry,
            workload.copies_data,
            entry.image_backed
            and not entry.copies_image
            and workload.placed is None,
        )

    def volumes_announced(self, volumes: Mapping[str, bool]) -> None:
        """Return if volumes that no server has can be given it later.

        ``volumes`` tells by source id which can be booted from: those have
        to be in the manifest. All that is wrong is in one Error.
        """
        entries = self._detached()
        wrong = []
        for source_id, bootable in volumes.items():
            entry = entries.get(source_id)
            try:
                if entry:
                    self._foresee(entry)
                elif bootable:
                    raise missing(self._manifest.path, 0, '-', source_id)
            except Error as exc:
                wrong.append(f'{source_id}: {exc}')
        if wrong:
            raise Error('; '.join(dict.fromkeys(wrong)))

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
        entry = self._manifest.entry(workload)
        if volume_id is None and entry.copies_image and workload.copies_data:
            raise Error(
                _(
                    'os-migrate names no boot volume for it, although '
                    'boot_disk_copy is true'
                )
            )
        return self._boot_volumes.apply(entry, volume_id, self._destination)

    def wants_of(self, source_id: str) -> bool:
        """Tell whether anything is wanted of a volume that no server has."""
        entry = self._detached().get(source_id)
        return entry is not None and not entry.leaves_all

    def transferred_to(self, source_id: str, volume_id: str) -> apply.Result:
        """Do the same for a volume that no server has."""
        return self._boot_volumes.apply(
            self._detached()[source_id], volume_id, self._destination
        )

    def close(self) -> None:
        """Close the journal."""
        self._boot_volumes.close()

    def _foresee(
        self, entry: Entry, copies_data: bool = True, on_image: bool = False
    ) -> None:
        """Raise Error for what would keep an entry from being applied.

        ``on_image`` tells that the destination's image is what counts.
        """
        step: plan.Step | None = plan.without_volume(entry)
        if step is None:
            cloud = self._destination()
            if copies_data:
                _refuse_source(cloud, entry)
            if on_image:
                step = planner.transferred(cloud, entry, None, self._computes)
            self._refuse_no_journal()
        if isinstance(step, refusals.Refused):
            raise Error(f'{step.reason}; {step.remedy}')
        for concern in concerns.concerns(entry, {}, self._computes):
            if concern.is_error and not self._ignore_unsupported:
                raise Error(f'{concern.text}; {concern.remedy}')

    def _detached(self) -> dict[str, Entry]:
        """Return the entries of volumes that no server has, by their ids."""
        return {
            entry.server_id: entry
            for entry in self._manifest.latest().entries
            if entry.detached
        }

    def _past(self) -> History:
        return reading.history(self._place, [self._manifest.path])

    def _destination(self) -> Cloud:
        if self._cloud is None:
            self._cloud = self._open_cloud()
        return self._cloud

    def _new_journal(self, cloud: Cloud) -> journal.Journal:
        known = self._manifest.latest()
        header = journal.header(
            HOOK,
            cloud,
            [reading.digest(known.path, known.text)],
            {'ignore_unsupported': self._ignore_unsupported},
            note=self._note,
        )
        return journal.Journal(
            self._place.new(HOOK, header.cloud, self._manifest.path), header
        )

    def _refuse_no_journal(self) -> None:
        """Raise FileError where no journal can be created."""
        new = self._place.new(HOOK, '', self._manifest.path)
        _refuse_closed(os.path.dirname(new) or '.')


def _refuse_source(cloud: Cloud, entry: Entry) -> None:
    """Raise Error where a cloud has what is going to be copied to it.

    That is also the first time that its Cinder is asked anything.
    """
    source = entry.boot_volume.id if entry.boot_volume else entry.server_id
    if cloud.block_storage.volume(source):
        raise Error(
            _(
                'cloud %(cloud)s is the source and not the destination: it '
                'has source volume %(id)s'
            )
            % {'cloud': cloud.name, 'id': printable(source)}
        )


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
