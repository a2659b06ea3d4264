# SPDX-License-Identifier: Apache-2.0

"""What an operator chose where nothing was found."""

from __future__ import annotations

import dataclasses

from osc_hwmt.manifest.entry import Entry, Intent
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.source.facts import Fact, ServerFacts


def with_choice(found: ServerFacts, before: Entry | None = None) -> Fact:
    """Return a server's fact, with whether its null was chosen.

    It is chosen with this export, or else was so in the entry of ``before``.
    Where a machine type was found, a null is chosen without a word more.
    """
    fact = found.fact
    if fact.value or fact.unknown or found.origin is None:
        return fact
    if MACHINE_TYPE in found.wanted:
        left = found.wanted[MACHINE_TYPE] is None
    else:
        left = (
            before is not None
            and before.wanted.intent is Intent.LEAVE
            and not before.is_undecided
        )
    return dataclasses.replace(fact, left_to_destination=left)
