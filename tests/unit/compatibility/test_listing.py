# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.compatibility.hosts import Host, Machine
from osc_hwmt.compatibility.listing import Choice, listed
from osc_hwmt.compatibility.support import NO_HOSTS, Abilities
from osc_hwmt.exceptions import Error
from osc_hwmt.model.machine_type import Family
from tests.unit.support import cases

OLD = Machine('pc-q35-rhel8.6.0', None, True, 710)
HOSTS = Abilities.of(
    [
        Host(
            name,
            'here',
            {
                'aarch64': {'virt-9.0': Machine('virt-9.0')},
                'x86_64': {
                    one.name: one
                    for one in (
                        Machine('q35', newest),
                        Machine('pc-q35-rhel10.0.0', None, False),
                        Machine(newest, None, False),
                        OLD,
                        Machine('pc-i440fx-2.10'),
                        Machine('pc-i440fx-2.9'),
                    )
                },
            },
        )
        for name, newest in (
            ('one', 'pc-q35-rhel9.4.0'),
            ('two', 'pc-q35-rhel9.6.0'),
        )
    ]
)


class ListedTest(cases.TestCase):
    def names(self, **choice: object) -> list[str]:
        return [
            one.machine_type.name
            for one in listed(HOSTS, Choice(**choice))  # type: ignore[arg-type]
        ]

    def test_all_are_listed_in_order_of_age(self) -> None:
        self.assertEqual(
            [
                'pc-i440fx-2.9',
                'pc-i440fx-2.10',
                'pc-q35-rhel8.6.0',
                'pc-q35-rhel9.4.0',
                'pc-q35-rhel9.6.0',
                'pc-q35-rhel10.0.0',
                'q35',
                'virt-9.0',
            ],
            self.names(),
        )

    def test_a_choice_takes_what_has_all_it_names(self) -> None:
        for choice, names in (
            ({'family': Family.I440FX}, ['pc-i440fx-2.9', 'pc-i440fx-2.10']),
            ({'architecture': 'aarch64'}, ['virt-9.0']),
            (
                {'differing': True},
                ['pc-q35-rhel9.4.0', 'pc-q35-rhel9.6.0', 'q35'],
            ),
        ):
            self.assertEqual(names, self.names(**choice))

    def test_an_architecture_of_no_host_is_an_error(self) -> None:
        error = self.assertRaises(
            Error, listed, HOSTS, Choice(architecture='arm64')
        )
        self.assertIn('the hosts have aarch64, x86_64', str(error))
        self.assertEqual([], listed(NO_HOSTS, Choice(architecture='arm64')))

    def test_machine_types_come_with_what_the_hosts_say(self) -> None:
        found = {one.machine_type.name: one for one in listed(HOSTS, Choice())}
        self.assertEqual(('two',), found['pc-q35-rhel9.4.0'].ability.lacking)
        self.assertEqual(2, len(found['q35'].ability.canonicals))
