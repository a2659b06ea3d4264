# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.destination import too_late
from osc_hwmt.manifest.entry import Wanted
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC

PRESERVE = (
    'openstack --os-compute-api-version 2.85 server volume update '
    '--preserve-on-termination server-1 volume-1'
)
DELETE = 'openstack server delete --wait server-1'


class RemedyTest(cases.TestCase):
    def remedy(
        self, wanted: str | None = PC, goes: bool = False, **properties: str
    ) -> str:
        every = {'hw_machine_type': wanted, **properties}
        return too_late.remedy(
            fakes.entry(
                wanted_properties={
                    key: Wanted.of(one) for key, one in every.items()
                }
            ),
            fakes.server(deleted_with=('volume-1',) if goes else ()),
            'volume-1',
        )

    def test_a_disk_that_goes_with_the_server_is_kept_first(self) -> None:
        self.assertIn(f'{PRESERVE} && {DELETE}', self.remedy(goes=True))

    def test_a_server_is_created_again_from_the_same_volume(self) -> None:
        self.assertIn(
            ', then create it again with openstack server create --volume '
            'volume-1',
            self.remedy(),
        )

    def test_a_disk_that_stays_anyway_needs_no_command(self) -> None:
        told = self.remedy()
        self.assertIn(DELETE, told)
        self.assertNotIn('preserve', told)

    def test_an_administrator_changes_the_record_of_a_stopped_server(
        self,
    ) -> None:
        told = self.remedy()
        places = [
            told.find(part)
            for part in (
                'openstack server stop server-1',
                'SHUTOFF',
                'oc -n openstack rsh nova-cell0-conductor-0 nova-manage '
                f'libvirt update_machine_type server-1 {PC} --force',
                'openstack server start server-1',
            )
        ]
        self.assertNotIn(-1, places, told)
        self.assertEqual(sorted(places), places)

    def test_other_properties_have_their_own_command(self) -> None:
        told = self.remedy(hw_disk_bus='scsi', os_type='$(reboot)')
        self.assertIn(
            'nova-manage image_property set server-1 '
            "--property hw_disk_bus=scsi --property 'os_type=$(reboot)'",
            told,
        )

    def test_a_record_can_not_be_taken_away(self) -> None:
        self.assertNotIn('nova-manage', self.remedy(''))
