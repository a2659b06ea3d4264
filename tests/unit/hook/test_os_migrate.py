# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import contextlib
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from osc_hwmt.exceptions import Error
from osc_hwmt.hook import os_migrate
from osc_hwmt.hook.os_migrate import Module, Transferred, Workload
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
            '_migration_params': {
                'boot_volume': {'uuid': 'v'},
                'data_copy': False,
            },
        }
        self.assertEqual(
            Workload('s', 'web', copies_data=False, placed='v'),
            os_migrate.workload(resource),
        )

    @settings(max_examples=25)
    @given(ANYTHING)
    def test_anything_else_is_none(self, resource: object) -> None:
        self.assertIsNone(os_migrate.workload(resource))


class TransferredTest(cases.TestCase):
    def test_the_boot_volume_is_what_nova_is_told_to_boot_from(self) -> None:
        made = os_migrate.transferred(RESULT)
        self.assertEqual(Transferred('boot-at-dst', ('data-at-dst',)), made)
        self.assertEqual(('boot-at-dst', 'data-at-dst'), made.ids)

    def test_a_server_with_data_disks_alone_boots_from_an_image(self) -> None:
        result = {'block_device_mapping': RESULT['block_device_mapping'][1:]}
        made = os_migrate.transferred(result)
        self.assertEqual(Transferred(None, ('data-at-dst',)), made)

    def test_a_result_without_disks_as_well(self) -> None:
        result: dict[str, Any] = {'block_device_mapping': [], 'volume_map': {}}
        self.assertEqual(Transferred(None), os_migrate.transferred(result))

    def test_without_mappings_the_first_disk_is_booted(self) -> None:
        made = os_migrate.transferred({'volume_map': RESULT['volume_map']})
        self.assertEqual(Transferred('boot-at-dst', ('data-at-dst',)), made)

    def test_an_index_that_became_a_text_counts(self) -> None:
        mapping = {'boot_index': '0', 'uuid': 'v'}
        result = {'block_device_mapping': [mapping]}
        self.assertEqual(Transferred('v'), os_migrate.transferred(result))

    def test_a_result_of_another_form_is_an_error(self) -> None:
        boots = {'boot_index': 0, 'uuid': 'v'}
        for result in (
            {},
            {'block_device_mapping': [boots, {'boot_index': -1}]},
            {'block_device_mapping': [boots, boots]},
            {'block_device_mapping': [], 'volume_map': RESULT['volume_map']},
            {'volume_map': {'/dev/vda': {'destination': 'v'}}},
        ):
            error = self.assertRaises(Error, os_migrate.transferred, result)
            self.assertIn('cannot interpret', str(error), result)

    def test_a_result_that_no_log_hides_as_well(self) -> None:
        error = self.assertRaises(
            Error, os_migrate.transferred, {'censored': 'hidden'}
        )
        self.assertIn('no_log hides', str(error))

    @settings(max_examples=25)
    @given(
        st.fixed_dictionaries(
            {'block_device_mapping': ANYTHING, 'volume_map': ANYTHING}
        )
    )
    def test_no_result_names_what_is_not_there(
        self, result: dict[str, Any]
    ) -> None:
        with contextlib.suppress(Error):
            self.assertEqual((), os_migrate.transferred(result).ids)


class DetachedTest(cases.TestCase):
    def test_those_that_can_be_booted_from_are_told(self) -> None:
        resources = [
            {'_info': {'id': 'a', 'is_bootable': True}},
            {'_info': {'id': 'b', 'bootable': 'true'}},
            {'_info': {'id': 'c', 'is_bootable': False}},
        ]
        self.assertEqual(
            {'a': True, 'b': True, 'c': False}, os_migrate.detached(resources)
        )

    @settings(max_examples=25)
    @given(ANYTHING.filter(lambda one: one not in ([], {})))
    def test_anything_else_is_an_error(self, resources: object) -> None:
        self.assertRaises(Error, os_migrate.detached, resources)


class VolumesTest(cases.TestCase):
    def test_each_that_was_made_is_paired_with_its_source(self) -> None:
        result = {'volume_map': {'a': {'source_id': 'a', 'dest_id': 'b'}}}
        self.assertEqual({'a': 'b'}, os_migrate.volumes(result))

    def test_none_that_was_not_made_is_passed_over(self) -> None:
        result = {'volume_map': {'a': {'source_id': 'a', 'dest_id': None}}}
        self.assertRaises(Error, os_migrate.volumes, result)

    @settings(max_examples=25)
    @given(st.fixed_dictionaries({'volume_map': ANYTHING}))
    def test_any_other_result_has_none(self, result: dict[str, Any]) -> None:
        with contextlib.suppress(Error):
            self.assertEqual({}, os_migrate.volumes(result))
