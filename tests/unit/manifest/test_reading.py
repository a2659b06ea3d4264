# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from osc_hwmt.exceptions import ManifestError
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.manifest.resource import SERVER_TYPE
from osc_hwmt.model.evidence import Evidence
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import (
    PC,
    facts,
    manifest_text,
    resource,
    source_volume,
)
from tests.unit.support.reading import KEY, PATH, entry_of


class EntryTest(cases.TestCase):
    def test_the_operators_volume_is_read(self) -> None:
        entry = entry_of(
            migration={
                'boot_volume': {'uuid': 'volume-9'},
                'boot_volume_params': {'name': 'new-name'},
                'boot_disk_copy': True,
            }
        )
        self.assertEqual(
            ('volume-9', 'new-name', True),
            (
                entry.destination_volume_id,
                entry.destination_volume_name,
                entry.copies_image,
            ),
        )

    def test_other_resources_are_counted_and_left_alone(self) -> None:
        network = {'type': 'openstack.network.Network', 'params': {}}
        found = read_manifest(
            manifest_text(network, resource(), network), PATH
        )
        self.assertEqual((1, 2), (len(found.entries), found.other_resources))

    def test_entries_come_with_their_own_nodes(self) -> None:
        text = manifest_text(
            resource('a', 'id-a'), {'type': 'x'}, resource('b', 'id-b')
        )
        pairs = list(read_manifest(text, PATH).resources())
        self.assertEqual(['a', 'b'], [entry.name for entry, _element in pairs])
        lines = text.splitlines()
        for entry, element in pairs:
            line = element.line + element.node.start_mark.line + 1
            self.assertEqual(entry.line, line)
            self.assertTrue(lines[line - 1].startswith('- '), line)

    def test_the_boot_volume_that_export_found_counts(self) -> None:
        entry = entry_of(
            params={
                'volumes': [source_volume('a'), source_volume('b', 'second')]
            },
            info={KEY: facts(boot_volume_id='b')},
        )
        assert entry.boot_volume is not None
        self.assertEqual('second', entry.boot_volume.name)

    def test_a_boot_volume_that_is_not_listed_is_what_export_saw(
        self,
    ) -> None:
        entry = entry_of(
            params={'volumes': []},
            info={
                KEY: facts(
                    boot_volume_id='b',
                    boot_volume_name='disk',
                    boot_volume_size=7,
                )
            },
        )
        assert entry.boot_volume is not None
        self.assertEqual(
            ('b', 'disk', 7),
            (
                entry.boot_volume.id,
                entry.boot_volume.name,
                entry.boot_volume.size,
            ),
        )

    def test_two_bootable_volumes_leave_the_boot_volume_open(self) -> None:
        entry = entry_of(
            params={'volumes': [source_volume('a'), source_volume('b')]}
        )
        self.assertIsNone(entry.boot_volume)

    def test_what_export_could_not_read_is_not_what_is_unset(self) -> None:
        for facts_found, unknown in (
            (facts(None, 'none', unknown='hidden'), 'hidden'),
            (facts(None, 'none'), None),
        ):
            entry = entry_of(info={KEY: facts_found})
            assert entry.recorded is not None
            self.assertEqual(
                (None, unknown),
                (entry.recorded.value, entry.recorded.unknown),
            )

    def test_the_servers_own_project_and_what_export_found_are_read(
        self,
    ) -> None:
        self.assertEqual('p', entry_of(info={'project_id': 'p'}).project_id)
        self.assertIsNone(entry_of().project_id)
        entry = entry_of(
            info={KEY: facts(project_name='erp', project_domain_name='corp')}
        )
        assert entry.recorded is not None
        self.assertEqual(
            ('erp', 'corp', Evidence.VOLUME_IMAGE_METADATA),
            (
                entry.recorded.project_name,
                entry.recorded.project_domain_name,
                entry.recorded.evidence,
            ),
        )


_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(['', PC, 'none', 'x y', SERVER_TYPE]),
)
_KEYS = st.sampled_from(
    [
        *('type', 'params', '_info', KEY, 'name', 'id', 'volumes', 'value'),
        *('hw_disk_bus', 'hw_disk_buss', 'evidence', 'image_id', 'x'),
    ]
)
_DATA = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)
    ),
    max_leaves=12,
)


class AnyTextTest(cases.TestCase):
    @given(st.text(st.characters(codec='utf-8')))
    def test_any_text_is_refused_in_words(self, text: str) -> None:
        # Hypothesis also tries texts that stand in our sources, and an empty
        # manifest is among them.
        assume('resources:' not in text)
        self.assertRaises(ManifestError, read_manifest, text, PATH)

    @given(st.lists(_DATA, max_size=3), _DATA, _DATA)
    def test_any_shape_of_data_is_read_or_refused_in_words(
        self, others: list[Any], params: Any, info: Any
    ) -> None:
        odd = {'type': SERVER_TYPE, 'params': params, '_info': info}
        text = fakes.manifest_text(odd, *others)
        try:
            found = read_manifest(text, PATH)
        except ManifestError as exc:
            self.assertTrue(exc.problems)
            for problem in exc.problems:
                self.assertTrue(str(problem).isprintable())
        else:
            self.assertTrue(all(one.name for one in found.entries))
