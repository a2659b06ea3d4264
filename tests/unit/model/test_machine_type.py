# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import itertools

from hypothesis import example, given, settings
from hypothesis import strategies as st

from osc_hwmt.model.machine_type import (
    MEANT_AS_NULL,
    Family,
    MachineType,
    Vendor,
    is_machine_type,
    parse_machine_type,
    same_family,
)
from tests.unit.support import cases
from tests.unit.support.fakes import PC, Q35
from tests.unit.support.machine_names import ALIASES, EVERY, LONE, SHIPPED

#: Real names, and what a slip of the hand makes of them.
_NAMES = st.one_of(
    st.sampled_from(EVERY),
    st.tuples(
        st.sampled_from(EVERY), st.sampled_from(EVERY), st.integers(0, 30)
    ).map(lambda parts: parts[0][: parts[2]] + parts[1][parts[2] :]),
    st.text(),
)


class IsMachineTypeTest(cases.TestCase):
    def test_what_qemu_and_distributors_write_is_one(self) -> None:
        for text in ('pc', 'q35', PC, Q35, 'a' * 255, 'virt-6.2+x_y', '0'):
            self.assertTrue(is_machine_type(text), text)

    def test_other_text_and_no_machine_at_all_is_none(self) -> None:
        for text in (
            *('', 'a' * 256, 'pc\n', '.pc', 'a/b', 'é', 'x86_64=pc'),
            *(*MEANT_AS_NULL, 'None', 'NULL'),
        ):
            self.assertFalse(is_machine_type(text), text)
        self.assertTrue(is_machine_type('none-of-those'))


class ParseTest(cases.TestCase):
    def test_everything_that_was_ever_shipped_is_known(self) -> None:
        for (family, vendor), names in SHIPPED.items():
            for name in names:
                found = parse_machine_type(name)
                self.assertEqual(
                    (family, vendor, False),
                    (found.family, found.vendor, found.is_alias),
                    name,
                )
                self.assertIsNotNone(found.version, name)

    def test_an_alias_has_a_family_and_is_told(self) -> None:
        for name, family in ALIASES.items():
            found = parse_machine_type(name)
            self.assertEqual(
                (family, True), (found.family, found.is_alias), name
            )
        self.assertIsNone(parse_machine_type('q35').version)
        self.assertEqual(Vendor.UNKNOWN, parse_machine_type('pc').vendor)
        self.assertEqual(
            Vendor.UBUNTU, parse_machine_type('ubuntu-q35').vendor
        )

    def test_what_stands_alone_is_a_family_of_its_own(self) -> None:
        for name in LONE:
            self.assertEqual(
                MachineType(name, Family(name), Vendor.QEMU),
                parse_machine_type(name),
            )

    def test_version_and_variant_are_told(self) -> None:
        for name, version, variant in (
            ('pc-i440fx-rhel7.6.0', (7, 6, 0), ''),
            ('pc-q35-rhel10.0.0', (10, 0, 0), ''),
            ('pc-q35-4.0.1', (4, 0, 1), ''),
            ('pc-q35-jammy-hpb-maxcpus', (22, 4), 'hpb-maxcpus'),
            ('pc-i440fx-noble-v2', (24, 4), 'v2'),
            ('pseries-rhel7.6.0-sxxm', (7, 6, 0), 'sxxm'),
            ('powernv9', (9,), ''),
        ):
            found = parse_machine_type(name)
            self.assertEqual(
                (version, variant), (found.version, found.variant), name
            )

    def test_a_name_that_only_begins_like_one_is_not_known(self) -> None:
        for name in (
            '',
            'pc-',
            'pc-q35-',
            'pc-q35-rhel',
            'pc-i440fx-rhel7.6.0x',
            'pc-i440fx-rhel7.6',
            'pc-i440fx-rhel7.6.0-sxxm',
            'pc-i440fx-rhel7.6.0-hpb',
            'pc-i440fx-2.11-v2',
            'pc-2.11',
            'pc-1.4',
            'rhel7.6.0',
            'rhel6.6.0 ',
            ' q35',
            'q35 ',
            'q35\n',
            'Q35',
            'pc-q35-noble-hpb-hpb',
            'pc-q35-09.0',
            'pc-q35-\u0669.\u0660',
            'pc-q35-nobel',
            'virt-noble-hpb',
            f'pc-q35-{"9" * 5000}.0',
            's390-ccw-virtio-',
            'pseries-sxxm',
            'powernv7',
            'mac99',
            'x-remote',
            'sbsa-ref',
        ):
            self.assertEqual(MachineType(name), parse_machine_type(name), name)

    @settings(max_examples=300)
    @given(_NAMES)
    @example('none')
    def test_a_name_comes_back_as_it_was(self, name: str) -> None:
        found = parse_machine_type(name)
        self.assertEqual(name, str(found))
        self.assertEqual(found, parse_machine_type(str(found)))

    @given(
        st.sampled_from(EVERY),
        st.text(' \n\t\0x_²\u0663é', min_size=1, max_size=3),
    )
    def test_no_known_name_takes_text_around_it(
        self, name: str, text: str
    ) -> None:
        for longer in (name + text, text + name):
            self.assertEqual(MachineType(longer), parse_machine_type(longer))


class OrderTest(cases.TestCase):
    def test_the_older_comes_first(self) -> None:
        for (family, vendor), names in SHIPPED.items():
            self.assertEqual(
                names,
                sorted(
                    reversed(names),
                    key=lambda name: parse_machine_type(name).sort_key,
                ),
                f'{family} of {vendor}',
            )

    def test_versions_are_no_text_and_aliases_come_last(self) -> None:
        for older, newer in (
            ('pc-q35-rhel9.8.0', 'pc-q35-rhel10.0.0'),
            ('pc-q35-2.9', 'pc-q35-2.10'),
            ('pc-i440fx-zesty', 'pc-i440fx-artful'),
            ('powernv9', 'powernv10'),
            ('pc-i440fx-resolute', 'ubuntu'),
        ):
            self.assertLess(
                parse_machine_type(older).sort_key,
                parse_machine_type(newer).sort_key,
            )

    @settings(max_examples=200)
    @given(st.lists(_NAMES, min_size=3, max_size=3))
    def test_the_order_is_total(self, names: list[str]) -> None:
        for one, other in itertools.product(
            map(parse_machine_type, names), repeat=2
        ):
            self.assertEqual(one == other, one.sort_key == other.sort_key)
            self.assertNotEqual(
                one.sort_key < other.sort_key, one.sort_key >= other.sort_key
            )
        for permutation in itertools.permutations(
            map(parse_machine_type, names)
        ):
            keys = [one.sort_key for one in permutation]
            if keys[0] <= keys[1] <= keys[2]:
                self.assertLessEqual(keys[0], keys[2])


class SameFamilyTest(cases.TestCase):
    def test_vendors_and_versions_do_not_matter(self) -> None:
        for one, other in (
            ('pc', 'pc-i440fx-rhel7.6.0'),
            ('rhel6.6.0', 'pc-i440fx-noble-v2'),
            ('ubuntu', 'pc-1.3'),
            ('q35', 'pc-q35-rhel9.4.0'),
        ):
            self.assertTrue(same_family(one, other), (one, other))
            self.assertTrue(same_family(other, one), (other, one))

    def test_another_chipset_is_another_family(self) -> None:
        for one, other in (
            ('pc', 'q35'),
            ('pc-i440fx-9.0', 'pc-q35-9.0'),
            ('isapc', 'pc'),
            # What is not known is like itself only.
            ('mac99', 'g3beige'),
            ('pc-q35-', 'q35'),
        ):
            self.assertFalse(same_family(one, other), (one, other))
        self.assertTrue(same_family('mac99', 'mac99'))
