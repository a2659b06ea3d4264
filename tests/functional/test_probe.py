# SPDX-License-Identifier: Apache-2.0

"""list --probe on a real cloud, and what it leaves there: nothing."""

from __future__ import annotations

import os
import signal

from tests.functional import moments
from tests.functional.base import Answer, FunctionalTest, Pair
from tests.functional.with_clouds import TEST_CLOUDS

PREFIX = 'osc-hwmt-probe-'
PROBE = ('migrate', 'machine-type', 'list', '--probe', '-f', 'json')
DESTINATION = ('--destination-cloud', 'dst', '--auto-approve')

pair: Pair


def setUpModule() -> None:
    """Make members of both clouds, once for all tests of this module."""
    global pair
    pair = Pair.with_members()
    FunctionalTest.configuration = pair.configuration


def tearDownModule() -> None:
    """Delete them."""
    pair.remove()


class ProbeTest(FunctionalTest):
    """What the hosts tell, and what is left."""

    def setUp(self) -> None:
        super().setUp()
        self.seeder = pair.seeders[1]
        self.before = moments.things(self.seeder)
        self.addCleanup(self.nothing_is_left)

    def nothing_is_left(self) -> None:
        self.assertEqual(self.before, moments.things(self.seeder))

    def probe_begun(self) -> bool:
        kinds = {kind for kind, *_ in moments.ours(self.seeder, PREFIX)}
        return 'servers' in kinds

    def interrupted(self, *signals: int) -> Answer:
        return moments.interrupted(
            self.configuration,
            self.directory,
            (*PROBE, *DESTINATION),
            self.probe_begun,
            *signals,
        )

    def test_a_driver_that_checks_nothing_is_no_empty_list(self) -> None:
        answer = self.openstack(
            *PROBE, *DESTINATION, '--save', 'types.json', code=1
        )
        self.assertTrue(os.environ.get(TEST_CLOUDS), answer.out)
        self.assertEqual([], answer.rows)
        self.assertIn(
            'its driver (fake) accepted a machine type that no QEMU has',
            answer.err,
        )
        self.assertFalse((self.directory / 'types.json').exists())

    def test_without_a_terminal_and_consent_nothing_is_made(self) -> None:
        answer = self.openstack(*PROBE, '--destination-cloud', 'dst', code=1)
        self.assertIn('nothing was created', answer.err)

    def test_a_member_is_told_that_it_takes_an_administrator(self) -> None:
        answer = self.openstack(
            *PROBE, '--destination-cloud', 'dst-member', code=1
        )
        self.assertIn('--probe requires an administrator', answer.err)
        self.assertIn('HTTP 403', answer.err)

    def test_a_release_before_zed_is_refused(self) -> None:
        answer = self.openstack(
            *PROBE, '--destination-cloud', 'src', '--auto-approve', code=1
        )
        self.assertIn('--probe needs Nova of Zed or later', answer.err)

    def test_a_host_that_does_not_exist_is_refused(self) -> None:
        answer = self.openstack(
            *PROBE, *DESTINATION, '--host', 'compute-none', code=1
        )
        self.assertIn(
            '--host: not a compute host of cloud dst: compute-none', answer.err
        )

    def test_ctrl_c_removes_what_was_made(self) -> None:
        answer = self.interrupted(signal.SIGINT)
        self.assertEqual(130, answer.code, answer)
        self.assertIn('Interrupted: removing', answer.err)
        self.assertEqual('', answer.out)

    def test_a_second_signal_leaves_at_once_and_says_what_stays(self) -> None:
        # Two signals of one kind at once would count as one.
        answer = self.interrupted(signal.SIGINT, signal.SIGTERM)
        self.assertEqual(130, answer.code, answer)
        left = moments.ours(self.seeder, PREFIX)
        self.assertTrue(left, answer)
        for _kind, thing_id, _name in left:
            self.assertIn(thing_id, answer.err)
        self.openstack(*PROBE, *DESTINATION, code=1)

    def test_the_run_after_a_kill_removes_what_was_left(self) -> None:
        answer = self.interrupted(signal.SIGKILL)
        self.assertEqual(-signal.SIGKILL, answer.code)
        left = moments.ours(self.seeder, PREFIX)
        self.assertEqual(
            {'servers', 'images', 'flavors'}, {kind for kind, *_ in left}
        )
        answer = self.openstack(*PROBE, *DESTINATION, code=1)
        self.assertIn('Removed leftovers of earlier runs: 3', answer.err)
