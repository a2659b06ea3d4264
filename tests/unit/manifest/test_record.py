# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from osc_hwmt.exceptions import ManifestError
from osc_hwmt.manifest.entry import Entry, Intent
from osc_hwmt.manifest.reading import RECORD, read_manifest
from osc_hwmt.manifest.record import written
from tests.unit.support import cases
from tests.unit.support.fakes import (
    PC,
    Q35,
    manifest_text,
    resource,
    source_volume,
)

KEY = 'hw_machine_type'
PATH = 'workloads.yml'


class WrittenTest(cases.TestCase):
    def test_it_follows_the_resources(self) -> None:
        text = manifest_text(resource())
        after = written(text, PATH, ['a', 'b'])
        self.assertEqual(f'{text}{RECORD}:\n- a\n- b\n', after)

    def test_the_same_again_changes_nothing(self) -> None:
        once = written(manifest_text(resource()), PATH, ['a'])
        self.assertIs(once, written(once, PATH, ['a']))

    def test_it_is_replaced_and_nothing_around_it(self) -> None:
        text = manifest_text(resource()) + '# end\nz: 1\n'
        once = written(text, PATH, ['a', 'b'])
        self.assertEqual(
            once.replace('- b\n', '- c\n'), written(once, PATH, ['a', 'c'])
        )

    def test_it_may_stand_before_the_resources(self) -> None:
        text = f'{RECORD}: [a]  # of\n' + manifest_text(resource())
        after = written(text, PATH, ['a', 'b'])
        self.assertEqual(['a', 'b'], yaml.safe_load(after)[RECORD])
        self.assertEqual(1, after.count(RECORD))
        self.assertTrue(after.endswith(manifest_text(resource())))

    def test_nothing_to_tell_is_not_told(self) -> None:
        text = manifest_text(resource())
        self.assertIs(text, written(text, PATH, []))

    @settings(max_examples=40)
    @given(
        st.lists(st.sampled_from(['a', 'b', '7', 'null', 'x y']), unique=True),
        st.fixed_dictionaries(
            {
                'default_flow_style': st.sampled_from([False, None, True]),
                'default_style': st.sampled_from([None, '"']),
                'explicit_start': st.booleans(),
                'explicit_end': st.booleans(),
                'indent': st.sampled_from([2, 4]),
            }
        ),
        st.sampled_from(['\n', '\r\n']),
        st.booleans(),
    )
    def test_whatever_the_style_only_it_is_new(
        self, ids: list[str], style: dict[str, Any], end: str, cropped: bool
    ) -> None:
        text = manifest_text(resource(), resource('b', 'id-b'), **style)
        if cropped and not style['explicit_end']:
            text = text.rstrip('\n')
        text = text.replace('\n', end)
        after = yaml.safe_load(written(text, PATH, ids))
        self.assertEqual(ids, after.pop(RECORD, []))
        self.assertEqual(yaml.safe_load(text), after)


class LostTest(cases.TestCase):
    """os-migrate exported a server again, and our keys are gone."""

    def entry(self, params: dict[str, Any], *had: str) -> Entry:
        text = manifest_text(resource(params=params))
        (entry,) = read_manifest(written(text, PATH, had), PATH).entries
        return entry

    def test_one_that_had_keys_and_has_none_lost_them(self) -> None:
        self.assertTrue(self.entry({}, 'source-1').lost)
        self.assertFalse(self.entry({}, 'source-2').lost)
        self.assertFalse(self.entry({KEY: PC}, 'source-1').lost)

    def test_what_the_volume_says_does_not_hide_that(self) -> None:
        volumes = {'volumes': [source_volume(machine_type=Q35)]}
        self.assertEqual(
            Intent.MISSING, self.entry(volumes, 'source-1').wanted.intent
        )
        self.assertEqual(Q35, self.entry(volumes).wanted.value)

    def test_a_record_is_a_list_of_ids(self) -> None:
        for odd in ('x', '[a, [b]]', '{}'):
            text = manifest_text(resource()) + f'{RECORD}: {odd}\n'
            error = self.assertRaises(ManifestError, read_manifest, text, PATH)
            self.assertIn('expected a list of ids', str(error))
