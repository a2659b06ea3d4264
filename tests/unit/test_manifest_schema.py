# SPDX-License-Identifier: Apache-2.0

"""The JSON Schema of the manifest says what the reader takes and refuses.

It can't say what hangs together across places: repeated keys and ids, two
edits that contradict each other, a key that is nearly ours, and what
volume_image_metadata has of a property that is asked for.
"""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from osc_hwmt.exceptions import ManifestError
from osc_hwmt.manifest.entry import Entry
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.manifest.resource import SERVER_TYPE, VOLUME_TYPE, read_resource
from osc_hwmt.manifest.sections import METADATA, PARKED
from osc_hwmt.source.parking import parked
from osc_hwmt.yaml_text import listing
from tests.unit.support import cases, manifest_schema
from tests.unit.support.fakes import (
    PC,
    facts,
    manifest_text,
    resource,
    source_volume,
)

KEY = 'hw_machine_type'
SCHEMA = json.loads(manifest_schema.text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def _is_read(text: str) -> bool:
    try:
        read_manifest(text, 'f')
    except ManifestError:
        return False
    return True


class SchemaTestCase(cases.TestCase):
    def assert_agree(self, text: str, expected: bool | None = None) -> None:
        data = yaml.safe_load(text)
        reasons = [
            f'{one.json_path}: {one.message[:200]}'
            for one in VALIDATOR.iter_errors(data)
        ]
        self.assertEqual(_is_read(text), not reasons, f'{text}\n{reasons}')
        if expected is not None:
            self.assertEqual(expected, not reasons, f'{text}\n{reasons}')


class SchemaTest(SchemaTestCase):
    def test_the_schema_is_one(self) -> None:
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_the_package_has_what_the_code_makes_of_it(self) -> None:
        self.assertEqual(
            manifest_schema.text(),
            manifest_schema.PATH.read_text(encoding='utf-8'),
            'run python -m tests.unit.support.manifest_schema',
        )

    def test_what_os_migrate_wrote_is_valid(self) -> None:
        text = cases.real_workloads()
        self.assert_agree(text, True)
        self.assert_agree(parked(text, 'f').text, True)

    def test_legal_values_are_the_same(self) -> None:
        words: tuple[Any, ...] = (
            *(None, '', 'x', 'none', 'null', 'true', 'Yes', 'F', '1', '64'),
            *('64M', 'uefi', 'UEFI', 'linux', 'Windows', 'virtio', '2.0'),
            *('LSILogic', 'required', PC, 'p c', 'x86_64=pc', 'a\tb', 'pc '),
            *('y' * 255, 'y' * 256, '12345678901', 'usb', 'e1000', 'gop'),
            *(7, -7, 2.5, True, False, [], {}, ['pc'], {'a': 'b'}),
        )
        for key, schema in SCHEMA['$defs']['wanted']['properties'].items():
            if '$ref' in schema:
                schema = SCHEMA['$defs'][schema['$ref'].rpartition('/')[2]]
            validator = jsonschema.Draft202012Validator(schema)
            # JSON is YAML, and soon written.
            text = json.dumps(
                {'list': [resource(params={key: word}) for word in words]}
            )
            for element, word in zip(listing.whole(text, 'f', 'list'), words):
                self.assertEqual(
                    isinstance(read_resource(element), Entry),
                    validator.is_valid(word),
                    f'{key}: {word!r}',
                )

    def test_facts_are_what_export_writes(self) -> None:
        for key in (KEY, 'os_type', 'hw_numa_mem.0'):
            for found, valid in (
                (facts(), True),
                (None, True),
                ({'value': PC}, False),
                ({'value': PC, 'evidence': 'hearsay'}, False),
                (PC, False),
                ([], False),
            ):
                text = manifest_text(resource(info={key: found}))
                self.assert_agree(text, valid)

    def test_what_stands_where_nothing_was_found(self) -> None:
        for key, value, valid in (
            ('presumed', 'i440fx', True),
            ('presumed', 'other', False),
            ('presumed', '', False),
            ('presumed', None, False),
            ('presumed', ['i440fx'], False),
            ('left_to_destination', True, True),
            ('left_to_destination', False, True),
            ('left_to_destination', 'true', False),
            ('left_to_destination', 1, False),
            ('left_to_destination', None, False),
            ('left_to_destination', [], False),
        ):
            found = facts(None, 'none', **{key: value})
            text = manifest_text(resource(info={KEY: found}))
            self.assert_agree(text, valid)
            # Of other hardware nothing is presumed, and it means nothing.
            text = manifest_text(resource(info={'os_type': found}))
            self.assert_agree(text, True)

    def test_only_hardware_that_nova_knows_is_asked_for(self) -> None:
        for key, valid in (
            ('hw_numa_cpus.0', True),
            ('hw_numa_cpus.x', False),
            ('hw_wheels', False),
            ('image_id', False),
            ('signature_verified', False),
            ('cinder_x', False),
            ('description', True),
            ('os_distro', True),
        ):
            text = manifest_text(resource(params={key: '1'}))
            self.assert_agree(text, valid)

    def test_parked_metadata_stands_once(self) -> None:
        for metadata, aside, valid in (
            (None, {KEY: PC}, True),
            ({KEY: PC}, {KEY: PC}, False),
            (None, {KEY: 7.6}, False),
            ({KEY: 'p c'}, None, False),
        ):
            volume = source_volume()
            volume['params'][METADATA] = metadata
            if aside:
                volume['params'][PARKED] = aside
            self.assert_agree(
                manifest_text(resource(params={'volumes': [volume]})), valid
            )
            self.assert_agree(manifest_text(volume), valid)


_VALUES = st.recursive(
    st.sampled_from([None, '', PC, 'x', 'linux', 'true', 7, True, 'a b']),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(st.sampled_from([KEY, 'x', 'id']), inner, max_size=2),
    ),
    max_leaves=4,
)


def _mapping(*keys: str) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.dictionaries(st.sampled_from(keys), _VALUES, max_size=4), _VALUES
    )


_VOLUMES = st.one_of(
    st.lists(
        st.fixed_dictionaries(
            {}, optional={'params': _mapping(METADATA, PARKED, 'name')}
        ),
        max_size=2,
    ),
    _VALUES,
)


@st.composite
def _resources(draw: st.DrawFn) -> Any:
    params = draw(
        _mapping('name', KEY, 'os_type', 'hw_x', 'image_id', METADATA)
    )
    if isinstance(params, dict):
        params['volumes'] = draw(_VOLUMES)
    found = {
        'type': draw(st.sampled_from([SERVER_TYPE, VOLUME_TYPE, 'x', None])),
        'params': params,
        '_info': draw(_mapping('id', KEY, 'os_type')),
    }
    if draw(st.booleans()):
        del found[draw(st.sampled_from(sorted(found)))]
    return found


class AnyDataTest(SchemaTestCase):
    @settings(max_examples=100)
    @given(st.one_of(_resources(), _VALUES))
    def test_both_take_the_same(self, one: Any) -> None:
        # What volumes say of a property that is asked for is not in it.
        params = one.get('params') if isinstance(one, dict) else None
        assume(not (isinstance(params, dict) and params.get('os_type')))
        self.assert_agree(manifest_text(one))
