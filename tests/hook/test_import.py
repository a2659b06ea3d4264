# SPDX-License-Identifier: Apache-2.0

"""os-migrate's import, played by a real Ansible, with the hook in it."""

from __future__ import annotations

from tests.functional.destination import MACHINE_TYPE
from tests.hook.importing import PC, Q35, ImportTest


class MachineTypesTest(ImportTest):
    """Which hardware Nova builds the imported servers with."""

    def test_every_server_is_built_with_what_the_manifest_wants(self) -> None:
        placed = self.destination.seeder.volume(
            self.destination.project_id, 'replicated', bootable=True
        )
        image = self.destination.seeder.prefixed('image')
        self.destination.seeder.image(self.destination.project_id, image, {})
        typed = self.destination.seeder.prefixed('typed')
        self.destination.seeder.image(
            self.destination.project_id, typed, {MACHINE_TYPE: Q35}
        )
        self.workloads(
            self.resource('erp', PC, data_disks=1),
            self.resource('web', Q35),
            self.resource('plain', None),
            self.resource('from-image', PC, image=image),
            self.resource('on-image', Q35, image=typed, boot_disk_copy=False),
            self.resource('nbdkit', PC, data_disks=1, nbdkit=True),
            self.resource('replicated', PC, placed=placed),
        )
        played = self.play()
        self.assertEqual(
            {
                'erp': PC,
                'web': Q35,
                'plain': None,
                'from-image': PC,
                'on-image': Q35,
                'nbdkit': PC,
                'replicated': PC,
            },
            self.destination.built_with(),
            played.all,
        )

    def test_without_the_hook_none_is(self) -> None:
        self.workloads(self.resource('erp', PC), self.resource('web', Q35))
        self.play(
            hook=False, playbook='os_migrate.os_migrate.import_workloads'
        )
        self.assertEqual(
            {'erp': None, 'web': None}, self.destination.built_with()
        )

    def test_without_cinder_nothing_is_even_copied(self) -> None:
        self.workloads(self.resource('erp', PC))
        played = self.play(clouds_file=self.without_cinder(), code=2)
        self.assertIn('osc-hwmt: erp: cloud dst: cannot', played.all)
        self.assertIn('workloads.yml: 1 server: 1 refused', played.all)
        self.assertNotIn('[Open its volumes]', played.out)
        self.assertEqual({}, self.destination.built_with())

    def test_or_it_is_built_all_the_same_with_a_warning(self) -> None:
        self.workloads(self.resource('erp', PC))
        played = self.play(
            clouds_file=self.without_cinder(), on_failure='warn'
        )
        self.assertIn('[WARNING]: osc-hwmt: erp: cloud dst', played.all)
        self.assertIn('imported anyway: erp: cloud dst', played.all)
        self.assertEqual({'erp': None}, self.destination.built_with())
