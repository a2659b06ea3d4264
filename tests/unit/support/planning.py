# SPDX-License-Identifier: Apache-2.0

"""Plans of entries for a destination, and what a step of one is."""

from __future__ import annotations

from collections.abc import Sequence

from osc_hwmt.destination import plan
from osc_hwmt.destination.plan import Set, Step
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.model.changes import Change
from osc_hwmt.model.inventory import Inventory
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import volume


def built(entries: Sequence[Entry], inventory: Inventory) -> tuple[Step, ...]:
    """Return the plan of entries, each matched as the commands do it."""
    matches = plan.match_all(entries, inventory, {})
    return plan.build(entries, inventory, matches)


def step_of(one: Entry, inventory: Inventory) -> Step:
    """Return the only step of a plan of one entry."""
    (step,) = built([one], inventory)
    return step


class PlanTestCase(cases.TestCase):
    def refused(
        self, refusal: Refusal, one: Entry, inventory: Inventory
    ) -> Refused:
        step = self.expect(Refused, step_of(one, inventory))
        self.assertEqual(refusal, step.refusal, step.reason)
        self.assertTrue(step.remedy, 'every refusal has a remedy')
        return step

    def changes(self, one: Entry, **metadata: str) -> tuple[Change, ...]:
        cloud = fakes.holding(volumes=[volume(image_metadata=metadata)])
        return self.expect(Set, step_of(one, cloud)).changes
