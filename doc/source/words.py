# SPDX-License-Identifier: Apache-2.0

"""What the words of the package's enumerations mean, as reStructuredText.

``code_tables`` makes tables of them. A word that the package has and this
module lacks, or the other way round, ends the build.
"""

from __future__ import annotations

import enum
import signal
from collections.abc import Mapping

from osc_hwmt.commands import signals
from osc_hwmt.compatibility.releases import Status
from osc_hwmt.destination.progress import State
from osc_hwmt.model.changes import SENT_RESULTS, WriteResult
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.tables import apply, rollback
from osc_hwmt.tables.summary import ExitCode

EVIDENCE = {
    Evidence.LIBVIRT_DOMAIN: "the server's libvirt domain, collected from "
    'its compute host: what really runs (:doc:`/guides/collect`)',
    Evidence.NOVA_RECORD: 'what Nova recorded at the first boot (Wallaby and '
    'later): collected from its database, read with ``--inspect`` '
    '(:doc:`/guides/probe`), or shown by Nova for a server that boots from '
    'an image (API 2.98, release 2025.1)',
    Evidence.VOLUME_IMAGE_METADATA: 'the image metadata of the boot volume, '
    'for a server that boots from a volume',
    Evidence.IMAGE_PROPERTY: 'the property of the image, for a server that '
    'boots from an image',
    Evidence.OPERATOR_DEFAULT: 'inferred: nothing is recorded, and '
    '``--default-machine-type`` was given',
    Evidence.RELEASE_DEFAULT: 'inferred: nothing is recorded, and '
    '``--source-release`` has a default',
    Evidence.NONE: 'nothing is recorded. Unless you choose, the server is '
    '*undecided* (:doc:`/guides/undecided`)',
}

APPLY = {
    apply.Outcome.SET: "written, and confirmed by Cinder's answer",
    apply.Outcome.TO_SET: 'will be set; in a plan',
    apply.Outcome.REMOVED: 'the property was removed, because the manifest '
    "has ``''``",
    apply.Outcome.TO_REMOVE: 'will be removed; in a plan',
    apply.Outcome.UNCHANGED: 'was already right',
    apply.Outcome.LEFT: "left to the destination's default on purpose",
    apply.Outcome.UNDECIDED: 'no machine type is recorded and nobody chose '
    "one, so the destination's default will apply (:doc:`/guides/undecided`)",
    apply.Outcome.TOO_LATE: 'the volume is right, or is now, but the server '
    'was built before (:doc:`/guides/too-late`)',
    apply.Outcome.REFUSED: 'nothing was written. The detail has the reason '
    'and the remedy, ``verify`` also the code (:doc:`findings`, '
    ':doc:`rules`)',
    apply.Outcome.CHANGED: 'something is no longer as it was approved, so '
    'nothing was written. Run ``apply`` again for a new plan '
    '(:doc:`/guides/plan`)',
    apply.Outcome.FAILED: 'Cinder refused the write; the detail has its '
    'words. Other volumes were still written',
    apply.Outcome.UNKNOWN: 'no answer shows whether it was written. Run '
    '``apply`` again: it looks first',
    apply.Outcome.BUSY: 'Cinder was still at work on the volume when the run '
    'ended, and nothing was written. Run ``apply`` again when the volume is '
    'available',
    apply.Outcome.NOT_BEGUN: 'the run was interrupted, or stopped, before it',
}

ROLLBACK = {
    rollback.Outcome.TO_RESTORE: 'will be restored; in a plan',
    rollback.Outcome.RESTORED: 'has what it had before the journal',
    rollback.Outcome.AS_BEFORE: 'nothing to do: nothing was written to it, or '
    'it was restored already',
    rollback.Outcome.KEPT: 'left alone: another run or tool changed it since, '
    'or it is gone, hidden from you, or of another project than the journal '
    'says. ``--overwrite-changed`` also restores what was changed since',
    rollback.Outcome.CHANGED: 'changed after the plan was approved, so '
    'nothing was written',
    rollback.Outcome.FAILED: 'Cinder refused it; the detail has its words',
    rollback.Outcome.UNKNOWN: 'no answer shows whether it was restored. Run '
    '``rollback`` again: it looks first',
    rollback.Outcome.BUSY: 'Cinder was still at work on the volume. Run '
    '``rollback`` again when the volume is available',
    rollback.Outcome.NOT_BEGUN: 'the run was interrupted, or stopped, before '
    'it',
}

JOURNAL = {
    WriteResult.DONE: "written, and confirmed by Cinder's answer",
    WriteResult.FAILED: 'Cinder refused it: nothing was written',
    WriteResult.UNKNOWN: 'no answer, or one that does not show it: it may '
    'have been written',
}

PROGRESS = {
    State.UNDECIDED: 'have no recorded machine type, and nobody chose one; '
    'built or not',
    State.READY: 'are decided, and not built yet',
    State.RIGHT: 'are built, and nothing was found to differ. What each was '
    'built with may still be ``server-unknown``',
    State.TOO_LATE: 'were built before their volume was right: '
    '``server-differs``',
    State.WRONG: 'have another finding of severity ``error``',
}

STATUS = {
    Status.ATTESTED: "seen in the release's source package or in the output "
    'of a host',
    Status.INTERPOLATED: 'concluded from the releases before and after it',
    Status.UNVERIFIED: 'believed; no source was seen',
}

EXIT_CODES: Mapping[int, str] = {
    ExitCode.WELL: 'all well',
    ExitCode.FAILED: 'an error, or something failed, was refused or came too '
    'late; with ``export``, an entry was not found on the source',
    2: 'wrong usage: options that do not go together, or a value that an '
    'option does not accept',
    ExitCode.DIFFERENT: '``verify`` found differences',
    signals.Interrupted(signal.SIGHUP).exit_code: 'interrupted: the terminal '
    'was closed',
    signals.Interrupted(signal.SIGINT).exit_code: 'interrupted by Ctrl-C',
    signals.Interrupted(signal.SIGTERM).exit_code: 'interrupted by ``kill``',
}

#: By the name of a table: what has all its words, and what they mean.
TABLES: Mapping[str, tuple[frozenset[enum.Enum], Mapping[enum.Enum, str]]] = {
    'evidence': (frozenset(Evidence), EVIDENCE),
    'apply': (frozenset(apply.Outcome), APPLY),
    'rollback': (frozenset(rollback.Outcome), ROLLBACK),
    'journal': (frozenset(SENT_RESULTS), JOURNAL),
    'progress': (frozenset(State), PROGRESS),
    'status': (frozenset(Status), STATUS),
}
