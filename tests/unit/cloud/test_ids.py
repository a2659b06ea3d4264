# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import pathlib
import re
import uuid

import osc_hwmt.cloud
from osc_hwmt.cloud import ids
from osc_hwmt.cloud.transport import RefusedError
from osc_hwmt.exceptions import CloudError
from tests.unit.support import cases, http

ROOM = pathlib.Path(osc_hwmt.cloud.__path__[0])
#: What would be something else in an address.
NO_IDS = (
    '',
    '.',
    '..',
    '../../project/volumes/x',
    'x/../y',
    'x/y',
    'x?all_tenants=1',
    'x#y',
    '%2e%2e',
    'x%2Fy',
    'x\\y',
    'x y',
    'x\n',
    'x;y',
    '\u2024\u2024',
    'x' * 256,
)


class SegmentTest(cases.TestCase):
    def test_ids_of_all_services_pass(self) -> None:
        for one in (str(uuid.uuid4()), uuid.uuid4().hex, 'default', 'm1.tiny'):
            self.assertEqual(one, ids.segment(one))

    def test_what_would_be_another_address_is_refused(self) -> None:
        for one in NO_IDS:
            error = self.assertRaises(RefusedError, ids.segment, one)
            self.assertIn('not an ID: ', str(error))
            self.assertTrue(str(error).isprintable())

    def test_no_address_is_made_from_an_id_in_another_way(self) -> None:
        # A text that is put together and has a path, and what cinderclient
        # makes a path of.
        made = re.compile(
            r"f'(?:\{collection\})?/[^']*?\{(?!segment\(|key\}|query\})[^']*'"
            r'|self\._volumes\.\w+\(\s*(?!segment\()\w'
        )
        for path in ROOM.glob('*.py'):
            found = made.findall(path.read_text(encoding='utf-8'))
            self.assertEqual([], found, path.name)


class RequestsTest(http.CloudTestCase):
    def test_no_request_is_made_about_what_is_no_id(self) -> None:
        cloud = self.connect()
        storage = cloud.block_storage
        before = len(self.wire.request_history)
        for one in NO_IDS:
            for ask in (
                lambda: storage.volume(one),  # noqa: B023
                lambda: storage.image_metadata(one),  # noqa: B023
                lambda: storage.set_image_metadata(one, {'a': 'b'}),  # noqa: B023
                lambda: storage.unset_image_metadata(one, ['a']),  # noqa: B023
                lambda: cloud.images.image(one),  # noqa: B023
                lambda: cloud.inspecting.volume_of(one),  # noqa: B023
                lambda: cloud.probing.build(one),  # noqa: B023
            ):
                error = self.assertRaises(CloudError, ask)
                self.assertIn('cloud dst: cannot ', str(error))
                self.assertIn('not an ID:', str(error))
                self.assertTrue(str(error).isprintable(), str(error))
        self.assertEqual(before, len(self.wire.request_history))
