# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import yaml

from osc_hwmt.hook.going_on import Kept
from osc_hwmt.hook.os_migrate import Transferred
from tests.unit.support import cases


class KeptTest(cases.TestCase):
    def kept(
        self, boot: str | None, *others: str, image_backed: bool = False
    ) -> Kept:
        volumes = Transferred(boot, others)
        return Kept(
            'web', volumes, image_backed, 'data/workloads.yml:12', 'dst'
        )

    def written(self, kept: Kept) -> Any:
        """Return what is to be written into the resource."""
        lines = kept.instructions.splitlines()
        return yaml.safe_load(
            '\n'.join(
                one for one in lines if one.startswith('    ')
            ).partition('    openstack')[0]
        )

    def test_the_server_is_to_be_built_from_all_of_them(self) -> None:
        self.assertEqual(
            {
                '_migration_params': {
                    'additional_volumes': [{'uuid': 'b'}, {'uuid': 'c'}],
                    'boot_volume': {'uuid': 'a'},
                    'data_copy': False,
                }
            },
            self.written(self.kept('a', 'b', 'c')),
        )

    def test_an_image_that_was_copied_is_not_looked_for(self) -> None:
        self.assertEqual(
            {'image_ref': None},
            self.written(self.kept('a', image_backed=True))['params'],
        )

    def test_a_volume_that_the_server_boots_from_is(self) -> None:
        self.assertEqual(
            {
                '_migration_params': {
                    'additional_volumes': [{'uuid': 'b'}],
                    'data_copy': False,
                }
            },
            self.written(self.kept(None, 'b', image_backed=True)),
        )

    def test_where_to_write_it_and_what_to_delete_is_said(self) -> None:
        said = self.kept('a', 'b').instructions
        self.assertIn('data/workloads.yml:12', said)
        self.assertIn('openstack --os-cloud dst volume delete a b', said)

    def test_without_their_ids_the_log_is_named(self) -> None:
        kept = Kept('web', None, False, 'data/workloads.yml:12', 'dst')
        self.assertEqual(kept.sentence, kept.instructions)
        self.assertIn('workload_logs', kept.sentence)
