# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.collected import load
from osc_hwmt.compatibility.hosts import Support
from osc_hwmt.exceptions import Error
from tests.unit.support import cases
from tests.unit.support.fakes import PC, Q35

HELP = f"""\
Supported machines are:
pc                   RHEL 7.6.0 PC (alias of {PC})
{PC}  RHEL 7.6.0 PC (default) (deprecated)
none                 empty machine
"""


class ComputesTest(cases.TestCase):
    def test_nothing_given_is_nothing_known(self) -> None:
        computes = load.computes(None, ())
        offer = computes.offer(PC, 'x86_64')
        self.assertEqual(
            (Support.UNKNOWN, ''), (offer.support, offer.known_from)
        )

    def test_a_release_tells_its_hosts_default_and_ports(self) -> None:
        computes = load.computes('rhoso18', ())
        self.assertEqual('q35', computes.default('x86_64'))
        offer = computes.offer(PC, 'x86_64')
        self.assertEqual(
            (Support.DEPRECATED, 24, 9),
            (offer.support, offer.pcie_ports, offer.rhel_major),
        )
        gone = computes.offer('pc-i440fx-rhel7.4.0', 'x86_64')
        self.assertEqual(
            (Support.UNSUPPORTED, PC), (gone.support, gone.nearest)
        )

    def test_a_release_of_hosts_has_no_default(self) -> None:
        computes = load.computes('rhel9.4', ())
        self.assertIsNone(computes.default('x86_64'))

    def test_what_was_collected_comes_before_the_release(self) -> None:
        path = self.directory() / 'compute-0.txt'
        path.write_text(HELP)
        computes = load.computes('rhoso18', [str(path)])
        offer = computes.offer(Q35, 'x86_64')
        self.assertEqual(
            (Support.UNSUPPORTED, ('compute-0',), str(path)),
            (offer.support, offer.lacking, offer.known_from),
        )
        self.assertEqual('q35', computes.default('x86_64'))

    def test_an_unknown_release_is_told_with_what_is_known(self) -> None:
        error = self.assertRaises(Error, load.computes, 'rhoso81', ())
        self.assertIn('rhoso18', str(error))
