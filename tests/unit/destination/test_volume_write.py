# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.destination.volume_write import VolumeWrite
from osc_hwmt.exceptions import CloudError
from osc_hwmt.model.changes import Change
from osc_hwmt.model.inventory import MACHINE_TYPE
from tests.unit.support import cases, fakes
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import PC, Q35, volume

NO_ANSWER = CloudError('cut off', transient=True)
REFUSED = CloudError('no', 403)


class VolumeWriteTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.cloud = FakeCloud(volumes=[volume(image_metadata={'a': 'b'})])
        self.storage = self.cloud.block_storage

    def volume_write(self, *changes: Change) -> VolumeWrite:
        return VolumeWrite(self.storage, fakes.write('volume-1', *changes))

    def fails(self, volume_write: VolumeWrite) -> CloudError:
        return self.expect(
            CloudError, self.assertRaises(CloudError, volume_write.make)
        )

    def metadata(self) -> dict[str, str]:
        return dict(self.storage.held['volume-1'].image_metadata or {})

    def test_several_keys_go_in_one_request_and_others_stay(self) -> None:
        self.volume_write(
            Change(MACHINE_TYPE, None, PC), Change('c', None, 'd')
        ).make()
        self.assertEqual(
            [('set', 'volume-1', f'{MACHINE_TYPE}={PC}', 'c=d')],
            self.cloud.calls,
        )
        self.assertEqual(
            {'a': 'b', 'c': 'd', MACHINE_TYPE: PC}, self.metadata()
        )

    def test_what_shall_go_is_removed(self) -> None:
        self.volume_write(Change('a', 'b', None)).make()
        self.assertEqual({}, self.metadata())

    def test_a_refused_write_was_not_done(self) -> None:
        self.storage.failing['volume-1'] = REFUSED
        volume_write = self.volume_write()
        self.assertIs(REFUSED, self.fails(volume_write))
        self.assertFalse(volume_write.maybe_done)

    def test_a_write_without_an_answer_is_maybe_done(self) -> None:
        for code in (None, 408, 500, 502, 503, 504):
            self.storage.failing['volume-1'] = CloudError('no', code)
            volume_write = self.volume_write()
            self.fails(volume_write)
            self.assertTrue(volume_write.maybe_done, code)

    def test_a_doubt_is_not_taken_back_by_a_refusal(self) -> None:
        self.storage.faults['volume-1'] = [NO_ANSWER, REFUSED]
        volume_write = self.volume_write()
        self.fails(volume_write)
        self.fails(volume_write)
        self.assertTrue(volume_write.maybe_done)

    def test_what_was_done_without_a_word_is_not_done_twice(self) -> None:
        self.storage.faults['volume-1'] = [NO_ANSWER]
        self.storage.lost.append(NO_ANSWER)
        volume_write = self.volume_write()
        self.fails(volume_write)
        volume_write.make()
        self.assertEqual(1, len(self.cloud.writes))
        self.assertEqual(PC, self.metadata()[MACHINE_TYPE])

    def test_what_was_not_done_is_done_after_a_look(self) -> None:
        self.storage.faults['volume-1'] = [NO_ANSWER]
        volume_write = self.volume_write()
        self.fails(volume_write)
        volume_write.make()
        self.assertEqual(
            ['set', 'image_metadata', 'set'],
            [call[0] for call in self.cloud.calls],
        )

    def test_a_volume_that_takes_another_value_is_a_failure(self) -> None:
        self.storage.set_image_metadata('volume-1', {MACHINE_TYPE: Q35})
        self.storage.deaf.add('volume-1')
        volume_write = self.volume_write()
        self.assertIn(Q35, str(self.fails(volume_write)))
        self.assertTrue(volume_write.maybe_done)

    def test_a_write_that_was_half_done_is_maybe_done(self) -> None:
        def refuse(*_arguments: object) -> None:
            raise REFUSED

        self.storage.unset_image_metadata = refuse  # type: ignore[method-assign,assignment]
        volume_write = self.volume_write(
            Change('c', None, 'd'), Change('a', 'b', None)
        )
        self.fails(volume_write)
        self.assertTrue(volume_write.maybe_done)
