# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import configparser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from osc_hwmt.gate.section import NAME, section
from osc_hwmt.manifest import reading
from osc_hwmt.manifest.entry import Entry
from tests.unit.support import cases, fakes
from tests.unit.support.gating import listed


def read_back(text: str) -> tuple[Entry, ...]:
    """Return the entries as paste's configparser hands them to the filter."""
    parser = configparser.ConfigParser()
    parser.read_string(text)
    manifest = parser[f'filter:{NAME}']['manifest_text']
    return reading.read_manifest(manifest, '[filter]').entries


def entries(*resources: dict[str, Any]) -> tuple[Entry, ...]:
    text = fakes.manifest_text(*resources)
    return reading.read_manifest(text, 'a.yml').entries


class SectionTest(cases.TestCase):
    def test_the_filter_reads_what_the_manifest_wants(self) -> None:
        undecided = fakes.facts(
            None, 'none', presumed='i440fx', project_name='erp'
        )
        before = entries(
            listed(),
            listed(
                'crm',
                server_id='source-2',
                params={'hw_machine_type': '', 'hw_disk_bus': 'virtio'},
                migration={'boot_volume': {'uuid': 'v'}},
            ),
            listed(
                'old',
                server_id='source-3',
                params={'hw_machine_type': None},
                info={'hw_machine_type': undecided, 'project_id': 'p'},
            ),
            fakes.resource('bare', 'source-4'),
        )
        after = read_back(section(before))
        for one, other in zip(before, after):
            for name in (
                'name',
                'server_id',
                'project_id',
                'wanted_properties',
                'destination_volume_id',
                'is_undecided',
                'lacks_machine_type',
            ):
                self.assertEqual(getattr(one, name), getattr(other, name))
            if one.recorded and other.recorded:
                self.assertEqual(
                    (one.recorded.project_name, one.recorded.presumed),
                    (other.recorded.project_name, other.recorded.presumed),
                )
        self.assertEqual(4, len(after))

    @given(st.text(st.characters(codec='utf-8', min_codepoint=32), min_size=1))
    def test_every_name_survives(self, name: str) -> None:
        before = fakes.entry(name, recorded=fakes.recorded())
        (after,) = read_back(section([before]))
        self.assertEqual(name, after.name)

    def test_it_is_ascii_whatever_the_names(self) -> None:
        text = section([fakes.entry('erp-\u30b5\U0001f600%(here)s')])
        self.assertTrue(text.isascii())
        self.assertEqual(
            ['erp-\u30b5\U0001f600%(here)s'],
            [one.name for one in read_back(text)],
        )
