# SPDX-License-Identifier: Apache-2.0

"""export --inspect, where Nova records by itself what it gave a guest."""

from __future__ import annotations

import signal
from xml.etree import ElementTree

import yaml

from tests.boot.base import NAME, BootTest
from tests.functional import moments

PREFIX = 'osc-hwmt-inspect-'
EXPORT = (
    *('migrate', 'machine-type', 'export', '--long', '-f', 'json'),
    *('--source-cloud', 'dst-demo', '--inspect', '--auto-approve'),
)


class InspectTest(BootTest):
    """A server that runs, and whose volume says nothing."""

    def setUp(self) -> None:
        super().setUp()
        image = self.site.image()
        volume = self.site.seeder.volume(
            self.site.project, NAME, image_id=image
        )
        self.server = self.site.build(NAME, volume)
        self.site.greeting(self.server, boots=1)
        self.before = self._everything()
        self.addCleanup(self._nothing_is_left)

    def test_a_member_learns_what_nova_recorded(self) -> None:
        answer = self.openstack(*EXPORT, 'vms.yml', '--hardware')
        row = answer.row(ID=self.server)
        self.assertEqual('q35', row['Machine Type'])
        self.assertEqual('nova-record', row['Evidence'])
        # And that is what it runs.
        domain = ElementTree.fromstring(  # noqa: S314 libvirt's own
            self.site.virsh('dumpxml', self.server)
        )
        self.assertRegex(self.site.machine_type(self.server), '^pc-q35-')
        disk = domain.find('devices/disk/target')
        assert disk is not None
        manifest = yaml.safe_load((self.directory / 'vms.yml').read_text())
        (resource,) = manifest['resources']
        self.assertEqual(disk.get('bus'), resource['params']['hw_disk_bus'])
        # It was not disturbed.
        self.site.greeting(self.server, boots=1)

    def test_the_run_after_a_kill_removes_what_was_left(self) -> None:
        # It may be killed after it has deleted everything.
        for _attempt in range(5):
            moments.interrupted(
                self.configuration,
                self.directory,
                EXPORT,
                self._has_begun,
                signal.SIGKILL,
            )
            if self._has_begun():
                break
        else:
            self.fail('five times there was nothing left')
        answer = self.openstack(*EXPORT)
        self.assertIn('Removed leftovers of earlier runs: ', answer.err)
        self.assertEqual('q35', answer.row(ID=self.server)['Machine Type'])

    def _has_begun(self) -> bool:
        return bool(moments.ours(self.site.seeder, PREFIX))

    def _everything(self) -> object:
        """Return what the cloud has, and the files of its storage."""
        files = sorted(self.site.volume_file('').parent.iterdir())
        return moments.things(self.site.seeder), files

    def _nothing_is_left(self) -> None:
        self.assertEqual(self.before, self._everything())
