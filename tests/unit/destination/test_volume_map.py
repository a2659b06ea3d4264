# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import json

from osc_hwmt.destination import volume_map
from osc_hwmt.exceptions import ManifestError
from tests.unit.support import cases


class ParseTest(cases.TestCase):
    def problems(self, text: str) -> list[str]:
        error = self.assertRaises(
            ManifestError, volume_map.read_volume_map, text, 'map.yml'
        )
        return [str(problem) for problem in error.problems]

    def test_a_plain_mapping_is_taken_as_it_is(self) -> None:
        self.assertEqual(
            {'source-1': 'volume-1', 'web': 'volume-2'},
            volume_map.read_volume_map(
                'source-1: volume-1\nweb: volume-2\n', 'f'
            ),
        )

    def test_os_migrates_own_structure_is_understood(self) -> None:
        disk = {'source_id': 'a', 'dest_id': 'b', 'name': 'x', 'size': 1}
        for data in ({'volume_map': {'/dev/vda': disk}}, {'/dev/vda': disk}):
            self.assertEqual(
                {'a': 'b'}, volume_map.read_volume_map(json.dumps(data), 'f')
            )

    def test_something_else_than_a_mapping_is_refused(self) -> None:
        for text, found in (('', 'an empty file'), ('- a', 'a list')):
            problem = self.problems(text)[0]
            self.assertTrue(problem.startswith('map.yml:1:1: '))
            self.assertIn(found, problem)

    def test_every_bad_member_is_told_with_its_line(self) -> None:
        problems = self.problems('a: null\nb: ok\nc: [x]\nd: {dest_id: y}\n')
        self.assertEqual(
            ['1', '3', '4'], [one.split(':')[1] for one in problems]
        )

    def test_a_source_stands_once(self) -> None:
        self.assertIn('first used on line 1', self.problems('a: b\na: c\n')[0])
