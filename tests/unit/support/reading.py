# SPDX-License-Identifier: Apache-2.0

"""What tests of reading a manifest have in common."""

from __future__ import annotations

from typing import Any

from osc_hwmt.exceptions import ManifestError, Problem
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.manifest.reading import read_manifest
from tests.unit.support import cases
from tests.unit.support.fakes import manifest_text, resource

PATH = 'workloads.yml'
KEY = 'hw_machine_type'

#: A manifest by hand, for tests that care about lines and columns.
BY_HAND = """\
resources:
- type: openstack.compute.Server
  params:
    name: web
    hw_machine_type: {wanted}
    volumes:
    - params:
        volume_image_metadata:
          hw_machine_type: {on_volume}
      _info: {{id: source-volume-1, size: 10, is_bootable: true}}
  _info:
    id: source-1
    hw_machine_type:
      value: {found}
      evidence: volume-image-metadata
"""


def entry_of(**sections: Any) -> Entry:
    """Return a server as it is read, whose resource has these sections."""
    return read_manifest(manifest_text(resource(**sections)), PATH).entries[0]


def by_hand(wanted: str, on_volume: str, found: str) -> str:
    """Return a manifest whose machine types stand on lines 5, 9 and 14."""
    return BY_HAND.format(wanted=wanted, on_volume=on_volume, found=found)


class ManifestTestCase(cases.TestCase):
    """A test of texts that are no valid manifest."""

    def problems(self, text: str) -> list[Problem]:
        """Return all that is wrong with a text."""
        error = self.assertRaises(ManifestError, read_manifest, text, PATH)
        return list(error.problems)

    def problem(self, text: str) -> Problem:
        """Return the only thing that is wrong with a text."""
        problems = self.problems(text)
        self.assertEqual(1, len(problems), problems)
        return problems[0]
