# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import time

from osc_hwmt.compatibility.hosts import Host, Machine, Support
from osc_hwmt.compatibility.support import Abilities
from tests.unit.compatibility.test_hosts import PC, Q35, host
from tests.unit.support import cases

OLD_Q35 = 'pc-q35-rhel9.2.0'


def rhel9(name: str, *versions: str) -> Host:
    """Return a RHEL 9 host, the last version being what q35 stands for."""
    canonical = f'pc-q35-rhel{versions[-1]}'
    return host(
        Machine('pc', PC, True),
        Machine(PC, None, True),
        Machine('q35', canonical, False),
        *(Machine(f'pc-q35-rhel{one}', None, False) for one in versions),
        name=name,
    )


FIRST = rhel9('compute-0', '9.0.0', '9.2.0')
SECOND = rhel9('compute-1', '9.0.0', '9.2.0', '9.4.0')
RHEL10 = host(
    Machine('pc', 'pc-i440fx-rhel10.0.0', True),
    Machine('pc-i440fx-rhel10.0.0', None, True),
    Machine('q35', 'pc-q35-rhel10.0.0', False),
    Machine('pc-q35-rhel10.0.0', None, False),
    name='compute-7',
)
ARM = host(
    Machine('virt', 'virt-rhel9.4.0'),
    Machine('virt-rhel9.4.0'),
    name='arm-0',
    architecture='aarch64',
)


class AbilityTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.abilities = Abilities.of([FIRST, SECOND, ARM])

    def test_what_all_hosts_have_is_supported(self) -> None:
        for machine_type, architecture, support in (
            ('q35', 'x86_64', Support.SUPPORTED),
            ('virt', 'aarch64', Support.SUPPORTED),
            # Other names of architectures, and a 32 bit guest.
            ('q35', 'amd64', Support.SUPPORTED),
            ('virt', 'arm64', Support.SUPPORTED),
            ('q35', 'i686', Support.SUPPORTED),
            # Hosts of another architecture have no say.
            ('pseries', 'ppc64le', Support.UNKNOWN),
            (PC, 'aarch64', Support.UNSUPPORTED),
            # Without an architecture the family tells it.
            (PC, None, Support.DEPRECATED),
            ('virt-rhel9.4.0', None, Support.SUPPORTED),
            ('s390-ccw-virtio', None, Support.UNKNOWN),
        ):
            found = self.abilities.ability(machine_type, architecture)
            self.assertIs(support, found.support, machine_type)

    def test_what_any_host_calls_deprecated_is_deprecated(self) -> None:
        found = self.abilities.ability('pc', 'x86_64')
        self.assertIs(Support.DEPRECATED, found.support)
        self.assertEqual(('compute-0', 'compute-1'), found.deprecated_on)

    def test_what_one_host_lacks_is_unsupported_and_the_host_named(
        self,
    ) -> None:
        found = self.abilities.ability(Q35, 'x86_64')
        self.assertIs(Support.UNSUPPORTED, found.support)
        self.assertEqual(('compute-0',), found.lacking)
        self.assertEqual(('compute-1',), found.present)

    def test_a_name_of_no_known_family_may_be_of_any_architecture(
        self,
    ) -> None:
        abilities = Abilities.of([host(Machine('new')), ARM])
        self.assertEqual(('arm-0',), abilities.ability('new').lacking)

    def test_a_list_without_an_architecture_answers_for_any(self) -> None:
        abilities = Abilities.of([host(Machine('new'), architecture=None)])
        for architecture in (None, 'x86_64', 'aarch64'):
            self.assertIs(
                Support.SUPPORTED,
                abilities.ability('new', architecture).support,
            )

    def test_a_partial_list_does_not_speak_of_what_is_not_on_it(self) -> None:
        abilities = Abilities.of([host(Machine('q35', Q35), partial=True)])
        self.assertIs(Support.UNKNOWN, abilities.ability(PC).support)
        self.assertIs(Support.SUPPORTED, abilities.ability('q35').support)

    def test_no_hosts_say_nothing(self) -> None:
        abilities = Abilities.of([])
        self.assertIs(Support.UNKNOWN, abilities.ability(PC).support)
        self.assertEqual((), abilities.architectures())
        self.assertIsNone(abilities.nearest(PC))


class CanonicalTest(cases.TestCase):
    def test_an_alias_stands_for_what_all_hosts_say(self) -> None:
        abilities = Abilities.of([FIRST, SECOND])
        found = abilities.ability('pc')
        self.assertEqual(PC, found.canonical)
        self.assertEqual(Machine('pc', PC, True), found.machine)
        self.assertEqual(PC, abilities.ability(PC).canonical)

    def test_where_hosts_differ_each_is_named(self) -> None:
        found = Abilities.of([FIRST, SECOND]).ability('q35')
        self.assertIsNone(found.canonical)
        self.assertEqual(Machine('q35', None, False), found.machine)
        self.assertEqual(
            {OLD_Q35: ('compute-0',), Q35: ('compute-1',)}, found.canonicals
        )

    def test_where_a_host_does_not_say_nothing_is_assumed(self) -> None:
        # Nova's list has the alias and not what it stands for.
        silent = host(Machine('q35'), name='compute-2', architecture=None)
        found = Abilities.of([FIRST, silent]).ability('q35')
        self.assertIsNone(found.canonical)
        self.assertEqual({OLD_Q35: ('compute-0',)}, found.canonicals)


class NearestTest(cases.TestCase):
    def nearest(self, machine_type: str, *hosts: Host) -> str | None:
        return Abilities.of(hosts).nearest(machine_type)

    def test_the_nearest_is_what_the_familys_alias_stands_for(self) -> None:
        for lost in ('pc-i440fx-rhel7.4.0', 'pc-i440fx-2.11', 'pc-1.0'):
            self.assertEqual(PC, self.nearest(lost, FIRST, SECOND), lost)
        for hosts in ((FIRST,), (FIRST, SECOND)):
            self.assertEqual(
                OLD_Q35,
                self.nearest('pc-q35-rhel7.4.0', *hosts),
                'where the alias differs, the oldest that all have',
            )

    def test_without_an_alias_the_nearest_is_the_vendors_next_version(
        self,
    ) -> None:
        def named(*names: str) -> Host:
            return host(*map(Machine, names), architecture=None)

        for lost, expected in (
            ('pc-q35-rhel9.1.0', OLD_Q35),
            ('pc-q35-rhel9.9.0', 'pc-q35-rhel9.4.0'),
            ('pc-q35-8.0', 'pc-q35-9.0'),
            ('pc-q35-9.9', 'pc-q35-9.0'),
            ('pc-q35-noble', 'pc-q35-rhel9.4.0'),
        ):
            self.assertEqual(
                expected,
                self.nearest(lost, named('q35', OLD_Q35, Q35, 'pc-q35-9.0')),
                lost,
            )

    def test_the_alias_is_better_than_nothing(self) -> None:
        alias = host(Machine('pc'), architecture=None)
        self.assertEqual('pc', self.nearest('pc-i440fx-2.11', alias))

    def test_the_nearest_never_leaves_the_family(self) -> None:
        only_q35 = host(Machine('q35', Q35), Machine(Q35))
        self.assertIsNone(self.nearest('pc-i440fx-2.11', only_q35))
        self.assertIsNone(self.nearest('unheard-of', only_q35))
        # Versions are numbers.
        self.assertEqual(
            'pc-q35-rhel10.0.0', self.nearest('pc-q35-rhel9.9.0', RHEL10)
        )

    def test_the_nearest_is_on_every_host(self) -> None:
        self.assertEqual('pc', self.nearest(PC, FIRST, RHEL10))
        self.assertEqual(PC, self.nearest('pc-i440fx-rhel7.0.0', FIRST, ARM))


class DiffersTest(cases.TestCase):
    def differing(self, *hosts: Host) -> set[str]:
        """Return the names that hosts do not offer alike."""
        abilities = Abilities.of(hosts)
        return {
            name
            for one in hosts
            for architecture, machines in one.machines.items()
            for name in machines
            if abilities.ability(name, architecture).differs
        }

    def test_what_some_lack_or_take_for_another_differs(self) -> None:
        self.assertEqual(
            {'pc-q35-rhel9.4.0', 'q35'}, self.differing(FIRST, SECOND, ARM)
        )
        self.assertLessEqual({PC, 'pc'}, self.differing(FIRST, RHEL10))

    def test_what_only_some_call_deprecated_differs(self) -> None:
        newer = host(Machine(PC, None, False), name='compute-9')
        older = host(Machine(PC, None, True), name='compute-8')
        self.assertEqual({PC}, self.differing(newer, older))
        found = Abilities.of([newer, older]).ability(PC)
        self.assertEqual(('compute-8',), found.deprecated_on)

    def test_hosts_that_are_alike_do_not_differ(self) -> None:
        twins = [rhel9(f'compute-{n}', '9.2.0') for n in range(3)]
        self.assertEqual(set(), self.differing(*twins))


class ArchitecturesTest(cases.TestCase):
    def test_a_32_bit_list_is_not_told_twice(self) -> None:
        both = Host(
            'compute-0',
            'f',
            {'i686': {PC: Machine(PC)}, 'x86_64': {PC: Machine(PC)}},
        )
        self.assertEqual(('x86_64',), Abilities.of([both]).architectures())
        self.assertEqual(
            ('aarch64', 'x86_64'), Abilities.of([ARM, both]).architectures()
        )


class SpeedTest(cases.TestCase):
    def test_500_hosts_are_asked_in_no_time(self) -> None:
        names = [f'pc-q35-rhel9.{n}.0' for n in range(80)]
        hosts = [
            host(*map(Machine, names), name=f'compute-{n}') for n in range(500)
        ]
        begin = time.process_time()
        abilities = Abilities.of(hosts)
        for _turn in range(10_000):
            abilities.ability(PC, 'x86_64')
        for name in names:
            self.assertFalse(abilities.ability(name, 'x86_64').differs)
        self.assertEqual(names[-1], abilities.nearest('pc-q35-rhel9.79.0'))
        self.assertLess(time.process_time() - begin, 5)
