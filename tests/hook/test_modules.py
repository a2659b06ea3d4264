# SPDX-License-Identifier: Apache-2.0

"""The collection's modules, run by a real Ansible on a real cloud."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.hook.importing import PC, Q35, ImportTest


class ModulesTest(ImportTest):
    """A tenant's evening, written as tasks."""

    def setUp(self) -> None:
        super().setUp()
        self.clouds = str(self.data / 'clouds.yaml')
        self.volume_id = self.destination.seeder.volume(
            self.destination.project_id, 'erp-boot', bootable=True
        )
        self.manifest = self.workloads(self.resource('erp', PC))

    def task(
        self, module: str, *words: str, code: int = 0, **parameters: Any
    ) -> dict[str, Any]:
        """Return what a module returns; Ansible must end with that code."""
        done = self.ansible(
            'ansible',
            'localhost',
            *(
                '-c',
                'local',
                '-e',
                f'ansible_python_interpreter={sys.executable}',
            ),
            *('-m', f'osc_hwmt.machine_type.{module}'),
            *('-a', json.dumps({'clouds_file': self.clouds, **parameters})),
            *words,
        )
        self.assertEqual(code, done.code, done.all)
        shown, _arrow, kept = done.out.partition(' => ')
        return {'shown': shown, **json.loads(kept)}

    def machine_type(self) -> str | None:
        """Return what the volume has now."""
        (volume,) = self.destination.listed('volumev3', 'volumes')
        found: str | None = volume.get('volume_image_metadata', {}).get(
            'hw_machine_type'
        )
        return found

    def test_a_check_of_apply_shows_what_it_would_write(self) -> None:
        planned = self.task(
            'apply', '--check', '--diff', manifests=[str(self.manifest)]
        )
        self.assertTrue(planned['changed'])
        self.assertIn(
            f'+++ after: erp, volume {self.volume_id}', planned['shown']
        )
        self.assertIn(f'+{PC}', planned['shown'])
        self.assertIsNone(self.machine_type())
        self.assertEqual([], list(self.data.glob('*.journal')))

    def test_apply_changes_once_and_rollback_undoes_it(self) -> None:
        manifests = [str(self.manifest)]
        first = self.task('apply', manifests=manifests)
        self.assertTrue(first['changed'])
        (server,) = first['servers']
        self.assertEqual(
            ('erp', self.volume_id, PC, 'set'),
            tuple(
                server[key]
                for key in ('server', 'volume_id', 'wanted', 'result')
            ),
        )
        self.assertEqual(PC, self.machine_type())
        again = self.task('apply', manifests=manifests)
        self.assertFalse(again['changed'])
        self.assertEqual('unchanged', again['servers'][0]['result'])
        verified = self.task('verify', manifests=manifests)
        self.assertFalse(verified['changed'])
        self.assertIn('ok', [one['finding'] for one in verified['findings']])
        (journal,) = self.data.glob('*.journal')
        undone = self.task('rollback', journals=[str(journal)])
        self.assertTrue(undone['changed'])
        self.assertEqual('restored', undone['volumes'][0]['result'])
        self.assertIsNone(self.machine_type())

    def test_verify_fails_where_anything_differs(self) -> None:
        found = self.task('verify', code=2, manifests=[str(self.manifest)])
        self.assertEqual(3, found['rc'])
        self.assertIn(
            'volume-differs', [one['finding'] for one in found['findings']]
        )

    def test_a_refused_server_fails_apply(self) -> None:
        manifest = self.workloads(
            self.resource('erp', Q35 + '.99'), path=self.home / 'm.yml'
        )
        found = self.task(
            'apply',
            code=2,
            manifests=[str(manifest)],
            destination_release='rhoso18',
        )
        self.assertEqual(1, found['rc'])
        self.assertFalse(found['changed'])
        self.assertEqual('refused', found['servers'][0]['result'])

    def test_what_the_command_refuses_is_said_in_its_words(self) -> None:
        missing = str(self.home / 'none.yml')
        found = self.task('apply', code=2, manifests=[missing])
        self.assertIn(missing, found['msg'])
        self.assertEqual(1, found['rc'])

    def test_export_writes_a_manifest_once(self) -> None:
        self.destination.seeder.server(
            self.destination.project_id,
            'erp',
            block_devices=[
                {
                    'boot_index': 0,
                    'destination_type': 'volume',
                    'source_type': 'volume',
                    'uuid': self.volume_id,
                }
            ],
        )
        path = self.home / 'vms.yml'
        parameters: dict[str, Any] = {
            'source_cloud': 'dst',
            'manifests': [str(path)],
        }
        planned = self.task('export', '--check', '--diff', **parameters)
        self.assertTrue(planned['changed'])
        self.assertIn('+    name: erp', planned['shown'])
        self.assertFalse(path.exists())
        first = self.task('export', **parameters)
        self.assertTrue(first['changed'])
        self.assertEqual('added', first['servers'][0]['result'])
        text = Path(path).read_text()
        again = self.task('export', **parameters)
        self.assertFalse(again['changed'])
        self.assertEqual(text, Path(path).read_text())
        self.assertFalse(
            self.task('export', '--check', **parameters)['changed']
        )
