# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.exceptions import CloudError
from tests.unit.support import http

IMAGES = f'{http.GLANCE}/v2/images'


class ImagesTest(http.CloudTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.images = self.connect().images

    def test_properties_are_the_texts_of_an_image(self) -> None:
        self.wire.get(
            f'{IMAGES}/image-1',
            json={
                'id': 'image-1',
                'name': None,
                'hw_machine_type': 'pc',
                'min_disk': 0,
                'tags': [],
            },
        )
        image = self.images.image('image-1')
        assert image is not None
        self.assertEqual(('image-1', ''), (image.id, image.name))
        self.assertEqual('pc', image.properties['hw_machine_type'])
        self.assertNotIn('min_disk', image.properties)

    def test_an_image_that_is_gone_or_hidden_is_none(self) -> None:
        for code in (403, 404):
            self.wire.get(f'{IMAGES}/image-1', status_code=code)
            self.assertIsNone(self.images.image('image-1'))

    def test_any_other_failure_is_an_error(self) -> None:
        self.wire.get(f'{IMAGES}/image-1', status_code=500)
        error = self.assertRaises(CloudError, self.images.image, 'image-1')
        self.assertEqual(500, error.code)

    def test_a_name_is_quoted_as_glance_wants_it(self) -> None:
        self.wire.get(IMAGES, json={'images': [{'id': 'a', 'name': 'x'}]})
        found = self.images.named('a,"b" \\ c&d')
        self.assertEqual(['a'], [one.id for one in found])
        (query,) = self.queries('/v2/images')
        self.assertEqual('in:"a,\\"b\\" \\\\ c&d"', query['name'])
