# SPDX-License-Identifier: Apache-2.0

"""What Nova and libvirt tell when they are asked by making something."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import yaml

from tests.boot.base import VOLUME, BootTest
from tests.functional import moments


class AskingTest(BootTest):
    """On the destination, whose default is Q35; nothing is left there."""

    def test_a_probe_lists_what_virsh_lists(self) -> None:
        before = moments.things(self.site.seeder)
        answer = self.machine_type(
            'list',
            *('--probe', '--auto-approve', '--destination-cloud', 'dst'),
            *('--save', 'types.json'),
        )
        self.assertEqual(before, moments.things(self.site.seeder))
        saved = json.loads((self.directory / 'types.json').read_text())
        ((host, told),) = saved['hosts'].items()
        capabilities = ElementTree.fromstring(  # noqa: S314 libvirt's own
            self.site.virsh('capabilities')
        )
        offered = {
            machine.text
            for machine in capabilities.iterfind('guest/arch/machine')
        }
        # The machine "none" boots nothing.
        self.assertEqual(offered - {'none'}, set(told['machines']))
        q35 = answer.row(Machine_Type='q35', Architecture='x86_64')
        self.assertEqual([host], q35['Hosts'])

        # The file is what the other commands take.
        read = self.machine_type('list', '--machine-types', 'types.json')
        self.assertEqual(answer.rows, read.rows)

    def test_what_nova_recorded_is_what_its_guest_runs(self) -> None:
        volume = self.site.seeder.volume(
            self.site.project, VOLUME, bootable=True
        )
        server = self.site.build('bare', volume)
        before = moments.things(self.site.seeder)
        row = self.machine_type(
            'export',
            *('--inspect', '--auto-approve', '--hardware'),
            *('--source-cloud', 'dst-demo', '--file', 'vms.yml'),
        ).row(ID=server)
        self.assertEqual(before, moments.things(self.site.seeder))
        self.assertEqual('q35', row['Machine Type'], row)
        self.assertEqual('nova-record', row['Evidence'], row)
        self.assertRegex(self.site.machine_type(server), '^pc-q35-')

        domain = ElementTree.fromstring(  # noqa: S314 libvirt's own
            self.site.virsh('dumpxml', server)
        )
        manifest = yaml.safe_load((self.directory / 'vms.yml').read_text())
        (params,) = (one['params'] for one in manifest['resources'])
        disk = domain.find('devices/disk/target')
        assert disk is not None
        self.assertEqual(disk.get('bus'), params['hw_disk_bus'])
