# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.compatibility.hosts import Host, Machine
from osc_hwmt.compatibility.support import NO_HOSTS, Abilities
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


class ProposerTest(cases.TestCase):
    def test_translate_takes_the_nearest_that_the_destination_has(
        self,
    ) -> None:
        translated = Proposal(Kind.TRANSLATED, PC)
        for proposer, machine_type, proposal in (
            (Proposer(NO_HOSTS, RHEL_9, translate=True), OLD, translated),
            (Proposer(NO_HOSTS, RHEL_9), OLD, None),
            (Proposer(NO_HOSTS, RHEL_9, translate=True), PC, None),
            (
                Proposer(NO_HOSTS, RHEL_9, translate=True),
                'virt-rhel7.6.0',
                None,
            ),
            (Proposer(translate=True), OLD, None),
        ):
            self.assertEqual(
                proposal, proposer.propose(machine_type, 'x86_64')
            )

    def test_pin_takes_what_the_alias_stood_for(self) -> None:
        both = _hosts(pc=PC, q35='pc-q35-rhel9.4.0', old='pc-q35-rhel8.4.0')
        for source, destination, machine_type, pinned in (
            (NO_HOSTS, RHEL_9, 'q35', 'pc-q35-rhel9.4.0'),
            (RHEL_8, both, 'q35', 'pc-q35-rhel8.4.0'),
            (RHEL_8, RHEL_9, 'q35', 'pc-q35-rhel9.4.0'),
            (NO_HOSTS, RHEL_9, PC, None),
            (NO_HOSTS, NO_HOSTS, 'q35', None),
        ):
            self.assertEqual(
                Proposal(Kind.PINNED, pinned) if pinned else None,
                Proposer(source, destination, pin=True).propose(
                    machine_type, 'x86_64'
                ),
            )
