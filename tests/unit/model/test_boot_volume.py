# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from osc_hwmt.model.boot_volume import BootVolume, Rule, Unclear, boot_volume
from osc_hwmt.model.inventory import Volume
from tests.unit.support import cases, fakes


def _disk(id: str, device: str | None, *, bootable: bool = True) -> Volume:
    return fakes.volume(
        id, attached_to='server-1', device=device, bootable=bootable
    )


def _decide(
    *disks: Volume, root_device: str | None = None
) -> BootVolume | Unclear:
    server = fakes.server(
        volumes=[disk.id for disk in disks], root_device=root_device
    )
    return boot_volume(server, {disk.id: disk for disk in disks})


class BootVolumeTest(cases.TestCase):
    def assert_boots(
        self, id: str, rule: Rule, found: BootVolume | Unclear
    ) -> None:
        decided = self.expect(BootVolume, found)
        self.assertEqual((id, rule), (decided.volume.id, decided.rule))

    def test_the_volume_on_the_root_device_boots(self) -> None:
        found = _decide(
            _disk('a', '/dev/vda'),
            _disk('b', '/dev/vdb'),
            root_device='/dev/vdb',
        )
        self.assert_boots('b', Rule.ROOT_DEVICE, found)

    def test_the_root_device_needs_no_bootable_flag(self) -> None:
        found = _decide(
            _disk('a', '/dev/vda', bootable=False),
            _disk('b', '/dev/vdb'),
            root_device='/dev/vda',
        )
        self.assert_boots('a', Rule.ROOT_DEVICE, found)

    def test_the_only_volume_boots_wherever_it_is(self) -> None:
        found = _decide(_disk('a', None, bootable=False))
        self.assert_boots('a', Rule.ONLY_VOLUME, found)

    def test_the_only_bootable_volume_boots(self) -> None:
        found = _decide(
            _disk('a', '/dev/vda', bootable=False), _disk('b', '/dev/vdb')
        )
        self.assert_boots('b', Rule.ONLY_BOOTABLE, found)

    def test_the_first_disk_boots_where_several_could(self) -> None:
        for first in ('/dev/vda', '/dev/sda', '/dev/hda', '/dev/xvda'):
            found = _decide(_disk('a', '/dev/vdb'), _disk('b', first))
            self.assert_boots('b', Rule.FIRST_DISK, found)

    def test_a_first_disk_that_can_not_boot_does_not_count(self) -> None:
        found = _decide(
            _disk('a', '/dev/vda', bootable=False),
            _disk('b', '/dev/vdb'),
            _disk('c', '/dev/vdc'),
        )
        self.assertIsInstance(found, Unclear)

    def test_two_disks_that_could_boot_are_unclear(self) -> None:
        found = self.expect(
            Unclear, _decide(_disk('a', '/dev/vdb'), _disk('b', None))
        )
        self.assertEqual(['a', 'b'], [one.id for one in found.candidates])

    def test_a_device_in_another_server_does_not_count(self) -> None:
        elsewhere = fakes.volume(
            'a', attached_to='server-2', device='/dev/vda'
        )
        found = _decide(elsewhere, _disk('b', '/dev/vdb'))
        self.assertIsInstance(found, Unclear)

    def test_a_volume_that_can_not_be_seen_leaves_it_unclear(self) -> None:
        seen = _disk('a', '/dev/vda')
        found = boot_volume(fakes.server(volumes=['a', 'hidden']), {'a': seen})
        self.assertEqual(Unclear((seen,)), found)

    def test_a_server_without_volumes_has_no_candidate(self) -> None:
        self.assertEqual(
            Unclear(()), boot_volume(fakes.server(volumes=()), {})
        )

    @given(
        st.lists(
            st.tuples(
                st.sampled_from([None, '/dev/vda', '/dev/vdb', '/dev/sda']),
                st.booleans(),
            ),
            max_size=4,
        ),
        st.sampled_from([None, '/dev/vda', '/dev/vdb']),
    )
    def test_the_order_of_the_volumes_decides_nothing(
        self, shapes: list[tuple[str | None, bool]], root: str | None
    ) -> None:
        disks = [
            _disk(str(n), device, bootable=bootable)
            for n, (device, bootable) in enumerate(shapes)
        ]
        answers = set()
        for order in itertools.permutations(disks):
            found = _decide(*order, root_device=root)
            answers.add(
                (found.volume.id, found.rule)
                if isinstance(found, BootVolume)
                else None
            )
        self.assertEqual(1, len(answers), answers)
