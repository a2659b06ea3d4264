# SPDX-License-Identifier: Apache-2.0

"""Manifests that name another project's volumes."""

from __future__ import annotations

from typing import Any

from osc_hwmt.commands.apply import ApplyMachineType
from osc_hwmt.model.inventory import Project
from tests.hostile.attacks import attack
from tests.unit.support import fakes, shell
from tests.unit.support.cloud import FakeCloud

TYPED = {'hw_machine_type': fakes.PC}
OTHER = Project('project-other', 'payroll', 'Default')
THEIRS = '0b7e0000-0000-4000-8000-00000000cafe'


class OthersVolumeTest(shell.CommandTestCase):
    """An administrator applies a manifest of project erp."""

    command = ApplyMachineType

    def setUp(self) -> None:
        super().setUp()
        self.cloud = FakeCloud(
            volumes=[
                fakes.volume(),
                fakes.volume(THEIRS, 'payroll-boot', project_id=OTHER.id),
            ],
            projects=[fakes.OWN, OTHER],
        )

    def manifest(self, **first: Any) -> str:
        """Return a manifest for both projects; the second entry is honest."""
        honest = fakes.resource(
            'payroll',
            'source-2',
            params={**TYPED, 'volumes': [fakes.source_volume('s', 'none')]},
            info=self.of(OTHER),
        )
        attacking = fakes.resource(
            params=TYPED, info=self.of(fakes.OWN), **first
        )
        return str(self.file(fakes.manifest_text(attacking, honest)))

    def of(self, project: Project) -> dict[str, Any]:
        facts = fakes.facts(
            project_name=project.name, project_domain_name=project.domain_name
        )
        return {'hw_machine_type': facts}

    def refused_for(self, by: str, *words: str) -> None:
        self.run_command('--auto-approve', *words)
        self.assertEqual([], self.cloud.writes)
        self.assertIn(
            f'volume {THEIRS} (named by {by}) does not exist in project erp, '
            'or belongs to another project',
            self.column('Detail')[0],
        )

    @attack(
        'an entry of one project names a volume of another, and an '
        'administrator applies it',
        'refused; nothing is written to that volume',
    )
    def test_a_volume_of_another_project(self) -> None:
        path = self.manifest(migration={'boot_volume': {'uuid': THEIRS}})
        self.refused_for('_migration_params.boot_volume.uuid', path)

    @attack(
        'a volume map that points to a volume of another project',
        'refused; nothing is written to that volume',
    )
    def test_a_map_to_a_volume_of_another_project(self) -> None:
        volume_map = self.file(f'web: {THEIRS}\n', 'map.yml')
        path = self.manifest()
        self.refused_for('--volume-map', '--volume-map', str(volume_map), path)

    @attack(
        'a volume ID that would change the address of the request',
        'not found; no request is sent for it',
    )
    def test_an_id_that_is_an_address(self) -> None:
        for id in ('../../project/volumes/x', 'x?y', '%2e%2e'):
            path = self.manifest(migration={'boot_volume': {'uuid': id}})
            self.start_again()
            self.run_command('--auto-approve', path)
            self.assertIn('does not exist', self.column('Detail')[0])
            self.assertFalse(
                any(id in part for call in self.cloud.calls for part in call)
            )
