# SPDX-License-Identifier: Apache-2.0

"""What is left of a workload's volumes when its import fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.hook.importing import PC, ImportTest, Played

#: What of the hook's last lines is to be written into the resource.
_BEGINS, _ENDS = 'and import again:\n', '  To copy them'


class KeptTest(ImportTest):
    """What is left of a workload's volumes when its import fails.

    It fails because the journal's directory goes while data are copied.
    """

    def setUp(self) -> None:
        super().setUp()
        self.journals = self.home / 'journals'
        self.journals.mkdir()

    def imported(self, meanwhile: str = 'rmdir {}', **options: Any) -> Played:
        """Return what a play says in which something happens."""
        meanwhile = meanwhile.format(self.journals)
        wanted = {'meanwhile': meanwhile} if meanwhile else {}
        # What this sets counts more than anything that a play sets.
        path = self.write(
            self.home / 'extra.yml',
            {**wanted, 'os_migrate_workload_cleanup_on_failure': True},
        )
        settings = {'retry_minutes': '0', **options}
        return self.play(
            '-e', f'@{path}', journal_directory=str(self.journals), **settings
        )

    def volumes(self) -> dict[str, str]:
        """Return the ids of the project's volumes by their names."""
        found = self.destination.listed('volumev3', 'volumes')
        return {one['name']: one['id'] for one in found}

    def test_copied_volumes_are_kept_and_the_import_goes_on_from_them(
        self,
    ) -> None:
        path = self.workloads(self.resource('erp', PC, data_disks=2))
        played = self.imported(code=2)
        self.assertEqual({}, self.destination.built_with())
        kept = self.volumes()
        self.assertEqual(
            {'erp-boot', 'erp-data-0', 'erp-data-1'}, set(kept), played.all
        )
        self.assertIn('workloads.yml: 1 server: 1 failed', played.all)
        self.assertIn('the copied volumes of erp are kept', played.all)
        self.assertIn('[Clean up at the source after a failure]', played.out)

        self._write_what_is_said(path, played)
        self.journals.mkdir()
        self.imported('')
        self.assertEqual({'erp': PC}, self.destination.built_with())
        (server,) = self.destination.listed('compute', 'servers')
        attached = server['os-extended-volumes:volumes_attached']
        self.assertEqual(set(kept.values()), {one['id'] for one in attached})

    def test_the_import_goes_on_from_a_copied_image(self) -> None:
        path = self.workloads(self.resource('vm', PC, image='not-there'))
        played = self.imported(code=2)
        self.assertEqual({'os-migrate-vm'}, set(self.volumes()))
        self._write_what_is_said(path, played)
        self.journals.mkdir()
        self.imported('')
        self.assertEqual({'vm': PC}, self.destination.built_with())

    def test_a_setting_lets_os_migrate_delete_them(self) -> None:
        self.workloads(self.resource('erp', PC))
        self.imported(keep_volumes='false', code=2)
        self.assertEqual({}, self.volumes())

    def test_after_a_failure_that_is_not_ours_it_deletes_them(self) -> None:
        resource = self.resource('erp', PC)
        resource['params']['flavor_ref']['name'] = 'not-there'
        self.workloads(resource)
        played = self.imported('', code=2)
        self.assertIn('1 server: 1 set', played.all)
        self.assertEqual({}, self.volumes())

    def test_what_comes_back_in_time_needs_no_second_import(self) -> None:
        self.workloads(self.resource('erp', PC))
        back = '(sleep 25; mkdir {0}) > /dev/null 2>&1 &'
        played = self.imported(f'rmdir {{0}}; {back}', retry_minutes='2')
        self.assertEqual({'erp': PC}, self.destination.built_with())
        self.assertIn('retrying for another 2 min', played.all)

    def _write_what_is_said(self, path: Path, played: Played) -> None:
        """Change the one resource of a file as the hook's last lines say."""
        said = played.err.partition(_BEGINS)[2].partition(_ENDS)[0]
        data = yaml.safe_load(path.read_text())
        (resource,) = data['resources']
        for name, values in yaml.safe_load(said).items():
            resource[name].update(values)
        self.write(path, data)
