# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.compatibility.hosts import Host, Machine
from osc_hwmt.compatibility.support import Abilities
from osc_hwmt.compatibility.translation import Proposer
from osc_hwmt.manifest.entry import Kind, Proposal
from tests.unit.support import cases
from tests.unit.support.fakes import PC

OLD = 'pc-i440fx-rhel7.4.0'


def _hosts(**canonicals: str) -> Abilities:
    """Return a host with some aliases and what they stand for."""
    machines = {}
    for alias, canonical in canonicals.items():
        machines[alias] = Machine(alias, canonical)
        machines[canonical] = Machine(canonical)
    return Abilities.of([Host('compute-0', 'a test', {'x86_64': machines})])


RHEL_8 = _hosts(pc=PC, q35='pc-q35-rhel8.4.0')
RHEL_9 = _hosts(pc=PC, q35='pc-q35-rhel9.4.0')


class TranslateTest(cases.TestCase):
    def test_what_the_destination_lacks_becomes_the_nearest(self) -> None:
        proposer = Proposer(destination=RHEL_9, translate=True)
        self.assertEqual(
            Proposal(Kind.TRANSLATED, PC), proposer.propose(OLD, 'x86_64')
        )

    def test_it_is_never_done_unasked(self) -> None:
        self.assertIsNone(Proposer(destination=RHEL_9).propose(OLD, 'x86_64'))

    def test_what_it_has_stays(self) -> None:
        proposer = Proposer(destination=RHEL_9, translate=True)
        self.assertIsNone(proposer.propose(PC, 'x86_64'))

    def test_without_anything_of_the_family_it_stays(self) -> None:
        proposer = Proposer(destination=RHEL_9, translate=True)
        self.assertIsNone(proposer.propose('virt-rhel7.6.0', 'x86_64'))

    def test_without_knowledge_it_stays(self) -> None:
        self.assertIsNone(Proposer(translate=True).propose(OLD, None))


class PinTest(cases.TestCase):
    def test_an_alias_becomes_what_the_destination_takes_it_for(self) -> None:
        proposer = Proposer(destination=RHEL_9, pin=True)
        self.assertEqual(
            Proposal(Kind.PINNED, 'pc-q35-rhel9.4.0'),
            proposer.propose('q35', 'x86_64'),
        )

    def test_what_it_was_at_the_source_comes_first(self) -> None:
        both = _hosts(pc=PC, q35='pc-q35-rhel9.4.0', old='pc-q35-rhel8.4.0')
        proposer = Proposer(source=RHEL_8, destination=both, pin=True)
        self.assertEqual(
            Proposal(Kind.PINNED, 'pc-q35-rhel8.4.0'),
            proposer.propose('q35', 'x86_64'),
        )

    def test_unless_the_destination_lacks_that(self) -> None:
        proposer = Proposer(source=RHEL_8, destination=RHEL_9, pin=True)
        self.assertEqual(
            Proposal(Kind.PINNED, 'pc-q35-rhel9.4.0'),
            proposer.propose('q35', 'x86_64'),
        )

    def test_a_versioned_type_is_pinned_already(self) -> None:
        proposer = Proposer(destination=RHEL_9, pin=True)
        self.assertIsNone(proposer.propose(PC, 'x86_64'))

    def test_what_nobody_tells_stays(self) -> None:
        self.assertIsNone(Proposer(pin=True).propose('q35', None))
