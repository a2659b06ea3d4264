# SPDX-License-Identifier: Apache-2.0

"""A small cloud in three waves, with a failure of each kind on the way.

``tox -e waves`` migrates 2,000 servers in the same way.
"""

from __future__ import annotations

import sys
import unittest

from tests.functional import fleet
from tests.waves.__main__ import run
from tests.waves.migration import Failure
from tests.waves.site import Size


class WavesTest(unittest.TestCase):
    def test_what_goes_wrong_in_a_wave_is_mended_in_it(self) -> None:
        if not fleet.available():
            self.skipTest('only the test clouds let us insert servers')
        waves = run(
            Size(servers=12, projects=3, waves=3),
            copied=False,
            pause=0.0,
            told=lambda line: print(line, file=sys.stderr),
        )
        self.assertEqual([6, 3, 3], [one.servers for one in waves])
        self.assertEqual(
            set(Failure), {one for wave in waves for one in wave.failures}
        )
