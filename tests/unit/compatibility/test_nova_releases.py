# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from osc_hwmt.compatibility import release_file
from osc_hwmt.compatibility.nova_releases import (
    LearnedRelease,
    learned,
    presumed,
)
from osc_hwmt.model.machine_type import Family
from tests.unit.support import cases

KNOWLEDGE = release_file.load()
NOVA = KNOWLEDGE.nova
NEWEST = NOVA[-1].newest_microversion
#: What any Nova may offer, and what nearly is none.
MICROVERSIONS = st.tuples(st.integers(0, 3), st.integers(0, 130))


def _learned(major: int, minor: int) -> LearnedRelease:
    found = learned(NOVA, (major, minor))
    assert found is not None
    return found


class ShippedTableTest(cases.TestCase):
    def test_releases_ascend(self) -> None:
        offered = [one.newest_microversion for one in NOVA]
        self.assertEqual(sorted(offered), offered)
        recorded = [one.records_machine_type for one in NOVA]
        self.assertEqual(sorted(recorded), recorded, 'no Nova unlearns it')

    def test_queens_is_the_first_and_wallaby_the_first_that_records(
        self,
    ) -> None:
        self.assertEqual('Queens', NOVA[0].name)
        recording = [one.name for one in NOVA if one.records_machine_type]
        self.assertEqual('Wallaby', recording[0])

    def test_each_has_a_name_of_its_own_and_a_source(self) -> None:
        names = [one.name for one in NOVA]
        self.assertEqual(len(set(names)), len(names))
        for one in NOVA:
            self.assertRegex(
                one.source,
                r'^nova \d+\.0\.0, nova/api/openstack/'
                r'api_version_request\.py:\d+$',
            )

    def test_products_say_the_same_of_recording(self) -> None:
        recorded = {one.name: one.records_machine_type for one in NOVA}
        for product in KNOWLEDGE.products.values():
            if product.nova != 'any':
                self.assertEqual(
                    recorded[product.nova],
                    product.records_machine_type,
                    product.name,
                )


class LearnedTest(cases.TestCase):
    def test_a_newest_microversion_tells_the_release(self) -> None:
        for offered, title, records in (
            ((2, 60), 'Nova Queens', False),
            ((2, 79), 'Nova Train', False),
            ((2, 87), 'Nova Ussuri or Victoria', False),
            ((2, 88), 'Nova Wallaby', True),
            ((2, 95), 'Nova 2023.1 or 2023.2', True),
            ((2, 80), 'at least Nova Train', False),
            ((2, 89), 'at least Nova Wallaby', True),
            (
                (NEWEST[0], NEWEST[1] + 1),
                f'at least Nova {NOVA[-1].name}',
                True,
            ),
            ((3, 0), f'at least Nova {NOVA[-1].name}', True),
            ((2, 53), 'Nova before Queens', False),
            ((2, 1), 'Nova before Queens', False),
        ):
            found = _learned(*offered)
            self.assertEqual(
                (title, records), (found.title, found.records_machine_type)
            )

    def test_without_microversions_nothing_is_known(self) -> None:
        for offered in ((0, 0), (2, 0)):
            self.assertIsNone(learned(NOVA, offered))

    @given(MICROVERSIONS, MICROVERSIONS)
    def test_a_newer_microversion_never_means_an_older_release(
        self, one: tuple[int, int], other: tuple[int, int]
    ) -> None:
        names = [release.name for release in NOVA]
        older, newer = (
            found
            for offered in sorted((one, other))
            for found in (learned(NOVA, offered),)
        )
        if older is None or newer is None:
            self.assertIsNone(older, 'only the oldest tell nothing')
            return
        places = [
            names.index(found.names[-1]) if found.names else -1
            for found in (older, newer)
        ]
        self.assertEqual(sorted(places), places)
        self.assertLessEqual(
            older.records_machine_type, newer.records_machine_type
        )


class PresumedTest(cases.TestCase):
    def test_x86_before_wallaby_presumably_ran_i440fx(self) -> None:
        before, after = _learned(2, 87), _learned(2, 88)
        for release, architecture, family in (
            (before, None, Family.I440FX),
            (before, 'x86_64', Family.I440FX),
            (before, 'amd64', Family.I440FX),
            (before, 'i686', Family.I440FX),
            (before, 'i386', Family.I440FX),
            (_learned(2, 1), None, Family.I440FX),
            (before, 'aarch64', None),
            (before, 's390x', None),
            (before, 'ppc64le', None),
            (before, 'strange', None),
            (after, None, None),
            (after, 'x86_64', None),
            (None, 'x86_64', None),
        ):
            self.assertIs(
                family, presumed(release, architecture), architecture
            )

    @given(MICROVERSIONS, st.sampled_from([None, 'x86_64', 'aarch64', 'x']))
    def test_nothing_is_presumed_of_a_nova_that_records(
        self, offered: tuple[int, int], architecture: str | None
    ) -> None:
        release = learned(NOVA, offered)
        if release is None or release.records_machine_type:
            self.assertIsNone(presumed(release, architecture))
