# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from osc_hwmt.hook import os_migrate
from osc_hwmt.hook.os_migrate import Module, Workload
from tests.unit.support import cases

#: A result as os-migrate 1.0.5 documents it, with a data disk beside.
RESULT: dict[str, Any] = {
    'block_device_mapping': [
        {'boot_index': 0, 'device_name': 'vda', 'uuid': 'boot-at-dst'},
        {'boot_index': -1, 'device_name': 'vdb', 'uuid': 'data-at-dst'},
    ],
    'volume_map': {
        '/dev/vda': {'source_id': 'temporary', 'dest_id': 'boot-at-dst'},
        '/dev/vdb': {'source_id': 'data-at-src', 'dest_id': 'data-at-dst'},
    },
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


class ModuleTest(cases.TestCase):
    def test_a_module_is_known_by_its_full_and_its_short_name(self) -> None:
        name = 'import_workload_transfer_volumes'
        for action in (name, f'os_migrate.os_migrate.{name}'):
            self.assertIs(Module.TRANSFER, os_migrate.module_of(action))

    def test_other_modules_are_none_of_ours(self) -> None:
        for action in (
            'ansible.builtin.debug',
            'debug',
            'os_migrate.vmware_migration_kit.import_workload_prelim',
            'os_migrate.os_migrate.import_workload_src_cleanup',
            '',
        ):
            self.assertIsNone(os_migrate.module_of(action), action)


class WorkloadTest(cases.TestCase):
    def test_every_server_of_a_real_file_is_one(self) -> None:
        resources = yaml.safe_load(cases.real_workloads())['resources']
        found = [os_migrate.workload(resource) for resource in resources]
        self.assertEqual(
            [(one['_info']['id'], one['params']['name']) for one in resources],
            [(one.server_id, one.name) for one in found if one],
        )
        self.assertNotEqual([], found)

    def test_what_is_not_said_is_os_migrates_default(self) -> None:
        self.assertEqual(
            Workload(None, 'web', copies_data=True),
            os_migrate.workload({'params': {'name': 'web'}}),
        )

    def test_data_may_be_copied_by_other_means(self) -> None:
        resource = {
            'params': {'name': 'web'},
            '_info': {'id': 's'},
            '_migration_params': {'data_copy': False},
        }
        self.assertEqual(
            Workload('s', 'web', copies_data=False),
            os_migrate.workload(resource),
        )

    @settings(max_examples=25)
    @given(ANYTHING)
    def test_anything_else_is_none(self, resource: object) -> None:
        self.assertIsNone(os_migrate.workload(resource))


class BootVolumeTest(cases.TestCase):
    def test_the_boot_volume_is_what_nova_is_told_to_boot_from(self) -> None:
        self.assertEqual('boot-at-dst', os_migrate.boot_volume_id(RESULT))

    def test_the_temporary_copys_id_leads_nowhere(self) -> None:
        self.assertNotIn(
            os_migrate.boot_volume_id(RESULT), ('temporary', 'data-at-src')
        )

    def test_a_server_with_data_disks_alone_boots_from_an_image(self) -> None:
        result = {
            **RESULT,
            'block_device_mapping': RESULT['block_device_mapping'][1:],
        }
        self.assertIsNone(os_migrate.boot_volume_id(result))

    def test_without_mappings_the_first_disk_is_booted(self) -> None:
        result = {'volume_map': RESULT['volume_map']}
        self.assertEqual('boot-at-dst', os_migrate.boot_volume_id(result))

    def test_an_index_that_became_a_text_counts(self) -> None:
        mapping = {'boot_index': '0', 'uuid': 'v'}
        result = {'block_device_mapping': [mapping]}
        self.assertEqual('v', os_migrate.boot_volume_id(result))

    @settings(max_examples=25)
    @given(
        st.fixed_dictionaries(
            {'block_device_mapping': ANYTHING, 'volume_map': ANYTHING}
        )
    )
    def test_any_other_result_names_none(self, result: dict[str, Any]) -> None:
        self.assertIsNone(os_migrate.boot_volume_id(result))


class VolumesTest(cases.TestCase):
    def test_each_that_was_made_is_paired_with_its_source(self) -> None:
        result = {
            'volume_map': {
                'a': {'source_id': 'a', 'dest_id': 'a-at-dst'},
                'b': {'source_id': 'b', 'dest_id': None},
            }
        }
        self.assertEqual({'a': 'a-at-dst'}, os_migrate.volumes(result))

    @settings(max_examples=25)
    @given(st.fixed_dictionaries({'volume_map': ANYTHING}))
    def test_any_other_result_has_none(self, result: dict[str, Any]) -> None:
        self.assertEqual({}, os_migrate.volumes(result))
