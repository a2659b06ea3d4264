# SPDX-License-Identifier: Apache-2.0

"""Which release a Nova is of, and what its servers ran without a setting."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from osc_hwmt.compatibility.support import runs_x86
from osc_hwmt.i18n import _
from osc_hwmt.model.machine_type import Family


@dataclasses.dataclass(frozen=True)
class NovaRelease:
    """A release of Nova, with the newest microversion that it offers.

    ``source`` says where that was read. ``records_machine_type`` tells
    whether it keeps each server's machine type.
    """

    name: str
    newest_microversion: tuple[int, int]
    records_machine_type: bool
    source: str


@dataclasses.dataclass(frozen=True)
class LearnedRelease:
    """What the newest microversion of a cloud tells of its Nova.

    ``names`` are the releases that have it, or with ``exact`` False the last
    ones before it. Without names it is older than all that are known.
    """

    names: tuple[str, ...]
    exact: bool
    records_machine_type: bool

    @property
    def title(self) -> str:
        """Return it in words, such as "Nova Ussuri or Victoria"."""
        if not self.names:
            return _('Nova before Queens')
        names = _(' or ').join(self.names)
        return (_('Nova %s') if self.exact else _('at least Nova %s')) % names


def learned(
    releases: Sequence[NovaRelease], newest: tuple[int, int]
) -> LearnedRelease | None:
    """Return the release of a Nova that offers this newest microversion.

    ``releases`` come the oldest first. None where no microversion is
    offered, as by the old endpoint of v2.0, which many releases had.
    """
    if newest < (2, 1):
        return None
    known = [one for one in releases if one.newest_microversion <= newest]
    if not known:
        return LearnedRelease((), False, False)
    last = known[-1]
    return LearnedRelease(
        tuple(
            one.name
            for one in known
            if one.newest_microversion == last.newest_microversion
        ),
        last.newest_microversion == newest,
        last.records_machine_type,
    )


def presumed(
    release: LearnedRelease | None, architecture: str | None
) -> Family | None:
    """Return what servers most likely ran of which nothing is recorded.

    Before Wallaby an x86 server without a setting got ``pc``, and Nova kept
    no record of it (nova 22.0.0, nova/virt/libvirt/utils.py:612-639). From
    Wallaby on Nova recorded what each had. Other architectures have one
    family each, so nothing changes there.
    """
    if release is None or release.records_machine_type:
        return None
    return Family.I440FX if runs_x86(architecture) else None
