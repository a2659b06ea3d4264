# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.compatibility.computes import NOTHING_KNOWN, Computes
from osc_hwmt.compatibility.rules.definition import Severity
from osc_hwmt.destination import planner, undecided
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import (
    LeftToDestination,
    Set,
    Step,
    Unchanged,
    Undecided,
)
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.model.changes import Change
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import OWN, entry, volume

ONE = fakes.undecided()
HERE = (OWN.name, OWN.domain_name)
BESIDE = Set(
    ONE, Match(volume(), Rule.NAME, None), (Change('os_type', None, 'linux'),)
)


class WhyTest(cases.TestCase):
    def test_what_is_presumed_and_what_will_be_given_is_told(self) -> None:
        unpresumed = fakes.undecided(recorded=fakes.recorded(None, HERE))
        for step, told in (
            (
                Undecided(ONE, default='q35'),
                'it presumably ran on i440fx; the destination will give it '
                'q35',
            ),
            (
                Undecided(unpresumed),
                'no machine type is recorded; what the destination will '
                'give it is unknown without --destination-release',
            ),
            # Its volume may say something.
            (
                BESIDE,
                'it presumably ran on i440fx',
            ),
        ):
            self.assertEqual(told, undecided.why(step))

    def test_the_destinations_default_is_that_of_its_architecture(
        self,
    ) -> None:
        computes = Computes(defaults={'x86_64': 'q35', 'aarch64': 'virt'})
        arm = fakes.undecided(
            recorded=fakes.recorded(None, HERE, architecture='aarch64')
        )
        for one, known, default in (
            (ONE, computes, 'q35'),
            (arm, computes, 'virt'),
            (ONE, NOTHING_KNOWN, None),
        ):
            (step,) = planner.add_concerns([Undecided(one)], known)
            self.assertEqual(default, self.expect(Undecided, step).default)

    def test_a_change_of_chipset_is_judged_by_what_is_presumed(self) -> None:
        computes = Computes(defaults={'x86_64': 'q35'}, known_from='a test')
        (step,) = planner.add_concerns([Undecided(ONE)], computes)
        codes = {concern.rule.code for concern in step.concerns}
        self.assertIn('chipset-change-windows', codes)
        self.assertNotIn(
            'chipset-changes-by-default', codes, 'being undecided says that'
        )


class RemedyTest(cases.TestCase):
    def test_the_remedy_is_a_command_that_finds_the_best_evidence(
        self,
    ) -> None:
        export = 'openstack migrate machine-type export --source-cloud src'
        for one, command in (
            (ONE, f'{export} workloads.yml --source-hosts source'),
            (
                fakes.undecided(
                    path='my wave.yml', recorded=fakes.recorded(None)
                ),
                f"{export} 'my wave.yml' --inspect",
            ),
        ):
            self.assertEqual(command, undecided.remedy(one))


class RefuseTest(cases.TestCase):
    def test_only_what_is_undecided_is_refused(self) -> None:
        concern = fakes.concern('old', Severity.WARNING)
        refused = Refused(ONE, Refusal.VOLUME_NOT_FOUND, 'why', 'do')
        steps: list[Step] = [
            Undecided(ONE, (concern,), 'q35'),
            BESIDE,
            Unchanged(ONE, volume()),
            refused,
            LeftToDestination(entry()),
        ]
        strict = undecided.refuse(steps)
        for step in strict[:3]:
            self.assertIs(
                Refusal.UNDECIDED, self.expect(Refused, step).refusal
            )
        self.assertEqual((concern,), strict[0].concerns)
        self.assertEqual(steps[3:], list(strict[3:]))
