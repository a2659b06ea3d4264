# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from osc_hwmt.cloud.interface import Build, ResourceKind
from osc_hwmt.compatibility.hosts import Host
from osc_hwmt.exceptions import CloudError, Error
from osc_hwmt.probes import probe
from osc_hwmt.probes.cleanup import Run
from osc_hwmt.probes.probe import Answer, NotTold, answer_of
from tests.unit.support import cases
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fake_probes import REFUSED, TYPES, host

GENERIC = Build(
    'ERROR',
    'Exceeded maximum number of retries. Exhausted all hosts available for '
    'retrying build failures for instance 0e1f.',
    'Traceback (most recent call last):\n  MaxRetriesExceeded\n',
)


class ProbeTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.replace('tempfile.tempdir', str(self.directory()))
        self.replace('osc_hwmt.probes.cleanup.PAUSE', 0.0)
        self.replace('osc_hwmt.probes.probe.PAUSE', 0.0)
        self.cloud = FakeCloud()
        self.probing = self.cloud.probing
        self.temporary = self.cloud.temporary

    def reason(self, answer: Answer) -> str:
        return self.expect(NotTold, answer).reason


class ChooseTest(ProbeTestCase):
    def test_all_hosts_are_asked_or_those_that_are_named(self) -> None:
        self.probing.held = [host('a'), host('b')]
        for names, chosen in (((), ['a', 'b']), (['a'], ['a'])):
            hosts, not_told = probe.choose(self.cloud, names)
            self.assertEqual(chosen, [one.name for one in hosts])
            self.assertEqual([], not_told)

    def test_a_host_that_can_not_be_asked_is_told_with_its_reason(
        self,
    ) -> None:
        for odd, reason in (
            (host(up=False), 'is down'),
            (host(enabled=False), 'is disabled'),
            (host(hypervisor='ironic'), 'bare metal'),
            (host('a:b'), 'colon'),
            (host(zone='a:b'), 'colon'),
        ):
            self.probing.held = [odd, host('other')]
            hosts, (not_told,) = probe.choose(self.cloud, ())
            self.assertEqual(['other'], [one.name for one in hosts])
            self.assertIn(reason, not_told.reason)

    def test_a_host_that_does_not_exist_is_refused(self) -> None:
        error = self.assertRaises(
            Error, probe.choose, self.cloud, ['compute-0', 'x\x1b', 'y']
        )
        self.assertIn('x\\x1b, y', str(error))

    def test_a_release_that_does_not_tell_is_refused(self) -> None:
        self.cloud.compute.microversion = (2, 90)
        error = self.assertRaises(Error, probe.choose, self.cloud, ())
        self.assertIn('Zed or later (API 2.93), this one has 2.90', str(error))

    def test_who_is_no_administrator_is_told_so(self) -> None:
        for code, kind, message in (
            (403, Error, 'requires an administrator'),
            (500, CloudError, 'broken'),
        ):
            self.temporary.troubles['list hosts'] = [
                CloudError('broken', code)
            ]
            error = self.assertRaises(kind, probe.choose, self.cloud, ())
            self.assertIn(message, str(error))
            self.assertIs(kind, type(error))

    def test_a_flavor_has_to_exist(self) -> None:
        self.probing.flavors = {'tiny': 'flavor-1'}
        self.assertEqual('flavor-1', probe.flavor_id(self.cloud, 'tiny'))
        error = self.assertRaises(Error, probe.flavor_id, self.cloud, 'big')
        self.assertIn('--flavor: not found on cloud dst: big', str(error))


class AskTest(ProbeTestCase):
    def ask(self, flavor: str | None = None) -> list[Answer]:
        """Return the answers, and check that nothing is left."""
        hosts = self.probing.held
        self.probe = Run(self.cloud, probe.mark(hosts, 2), probe.KINDS, 2)
        try:
            with self.probe:
                return probe.ask(self.cloud, self.probe, hosts, flavor, 2)
        finally:
            self.assertEqual({}, self.temporary.held)
            self.assertEqual((), self.probe.left)

    def test_every_host_tells_its_types(self) -> None:
        self.probing.held = [host('a'), host('b', zone='west')]
        answers = [self.expect(Host, one) for one in self.ask()]
        self.assertEqual(['a', 'b'], [one.name for one in answers])
        self.assertEqual(list(TYPES), list(answers[1].machines[None]))
        self.assertRegex(
            answers[0].origin, r'^probe of cloud dst, 20[-0-9]+ [:0-9]+ UTC$'
        )
        self.assertEqual(['nova:a', 'west:b'], sorted(self.probing.forced))

    def test_a_flavor_and_an_image_serve_all_servers(self) -> None:
        self.probing.held = [host(name) for name in 'abcdef']
        self.ask()
        counts = {
            kind: self.temporary.deleted.count(kind) for kind in ResourceKind
        }
        self.assertEqual(
            {
                ResourceKind.SERVER: 6,
                ResourceKind.IMAGE: 1,
                ResourceKind.FLAVOR: 1,
                ResourceKind.SNAPSHOT: 0,
            },
            counts,
        )
        self.assertLessEqual(self.temporary.most[ResourceKind.SERVER], 2)

    def test_a_flavor_that_is_named_is_used_and_kept(self) -> None:
        self.ask('flavor-1')
        self.assertNotIn(ResourceKind.FLAVOR, self.temporary.deleted)

    def test_a_server_may_take_its_time(self) -> None:
        building = Build('BUILD')
        self.probing.builds['compute-0'] = [building, building, REFUSED]
        (answer,) = self.ask()
        self.expect(Host, answer)

    def test_a_server_that_is_never_done_is_given_up(self) -> None:
        self.replace('osc_hwmt.probes.probe.BUILD_LIMIT', 0.0)
        self.probing.builds['compute-0'] = [Build('BUILD')]
        (answer,) = self.ask()
        self.assertIn('still BUILD', self.reason(answer))

    def test_a_host_that_refuses_the_server_stops_no_other(self) -> None:
        self.probing.held = [host('a'), host('b')]
        self.temporary.troubles['create server on a'] = [
            CloudError('Quota exceeded for cores', 403)
        ]
        refused, other = self.ask()
        self.assertIn('Quota exceeded', self.reason(refused))
        self.expect(Host, other)

    def test_a_server_is_deleted_whatever_fails(self) -> None:
        for request in ('read build', 'answer late'):
            self.temporary.deleted.clear()
            self.temporary.troubles[request] = [CloudError('timed out')]
            (answer,) = self.ask()
            self.assertIn('timed out', self.reason(answer))
            self.assertIn(ResourceKind.SERVER, self.temporary.deleted)

    def test_without_an_image_nothing_is_asked(self) -> None:
        for request in ('create flavor', 'create image', 'fill image'):
            self.temporary.troubles[request] = [CloudError('no', 413)]
            self.assertRaises(CloudError, self.ask)
            self.assertEqual([], self.probing.forced, request)

    def test_an_interruption_ends_the_wait_and_asks_no_further(self) -> None:
        self.probing.held = [host(name) for name in 'abcdef']
        self.probing.builds = {name: [Build('BUILD')] for name in 'abcdef'}
        self.probing.on_build = lambda: self.probe.stop.set()
        self.replace('osc_hwmt.probes.probe.PAUSE', 60.0)
        answers = self.ask()
        self.assertLessEqual(len(self.probing.forced), 2)
        self.assertIn('interrupted', self.reason(answers[-1]))

    def test_a_defect_of_ours_leaves_nothing_either(self) -> None:
        def stumble() -> None:
            raise ZeroDivisionError

        self.probing.on_build = stumble
        self.assertRaises(ZeroDivisionError, self.ask)


class AnswerOfTest(ProbeTestCase):
    def test_no_list_is_never_an_empty_list(self) -> None:
        empty = Build('ERROR', 'x', 'Supported machine types are: []')
        cut = "Supported machine types are: ['pc', 'q35', 'pc-q35-"
        for build, expected in (
            (None, 'deleted by someone else'),
            (Build('ACTIVE'), 'accepted a machine type that no QEMU has'),
            (Build('SHUTOFF'), 'still SHUTOFF'),
            (GENERIC, 'Exceeded maximum number of retries'),
            (empty, 'lists no machine types'),
            (Build('ERROR', cut), 'lists no machine types'),
            (Build('ERROR', 'No valid host was found.'), 'No valid host'),
            (Build('ERROR', 'evil\x1b[31m'), 'evil\\x1b[31m'),
        ):
            self.assertIn(expected, self.reason(answer_of(host(), build, 'x')))

    @given(st.text(max_size=60))
    @settings(max_examples=50)
    def test_any_fault_is_a_list_of_names_or_a_reason(self, text: str) -> None:
        details = f'Supported machine types are: [{text}]'
        answer = answer_of(host(), Build('ERROR', text, details), 'x')
        if isinstance(answer, Host):
            self.assertTrue(all(answer.machines[None]))
        else:
            self.assertTrue(answer.reason.isprintable())
