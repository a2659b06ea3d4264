# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
from typing import Any

from osc_hwmt.exceptions import CloudError, FileError
from osc_hwmt.gate.middleware import Missing
from osc_hwmt.model.inventory import Project
from tests.unit.support import fakes
from tests.unit.support.fakes import OWN, PC, Q35
from tests.unit.support.gating import GateTestCase, listed, ordering

DEVICES = 'block_device_mapping_v2'


class EntryTest(GateTestCase):
    """Which entry an order is for."""

    def test_a_listed_name_in_another_project_is_not_listed(self) -> None:
        self.caller.owner = Project('p', 'another', OWN.domain_name)
        self.assertEqual(202, self.order())
        self.assertEqual(['not listed'], self.words)
        self.assertIsNone(self.machine_type)

    def test_a_project_of_that_name_in_another_domain_is_another(self) -> None:
        self.caller.owner = Project('p', OWN.name, 'another')
        self.order()
        self.assertEqual(['not listed'], self.words)

    def test_a_project_whose_name_export_could_not_read_is_unknown(
        self,
    ) -> None:
        self.manifest(listed(info={'hw_machine_type': fakes.facts()}))
        self.assertIn('export could not read the name', self.refused())
        self.gate(missing=Missing.WARN)
        self.assertEqual(202, self.order())

    def test_the_volume_that_the_manifest_names_counts_whatever_the_name(
        self,
    ) -> None:
        self.manifest(listed(migration={'boot_volume': {'uuid': 'v'}}))
        self.assertEqual(202, self.order(name='renamed'))
        self.assertEqual(PC, self.machine_type)

    def test_another_volume_than_the_manifest_names_is_refused(self) -> None:
        self.manifest(listed(migration={'boot_volume': {'uuid': 'w'}}))
        text = self.refused()
        self.assertIn('it would boot from volume v, but', text)
        self.assertIn('workloads.yml:3 names volume w for it', text)

    def test_two_entries_of_a_name_that_want_the_same_do(self) -> None:
        self.manifest(listed(), listed(server_id='source-2'))
        self.assertEqual(202, self.order())
        self.assertEqual(PC, self.machine_type)

    def test_two_that_want_different_things_are_refused(self) -> None:
        other = listed(server_id='source-2', params={'hw_machine_type': Q35})
        self.manifest(listed(), other)
        self.assertIn(
            '2 entries match and want different things: ', self.refused()
        )

    def test_unless_one_of_them_names_the_volume(self) -> None:
        other = listed(
            server_id='source-2',
            params={'hw_machine_type': Q35},
            migration={'boot_volume': {'uuid': 'v'}},
        )
        self.manifest(listed(), other)
        self.assertEqual(202, self.order())
        self.assertEqual(Q35, self.machine_type)

    def test_an_entry_that_lacks_the_machine_type_is_unknown(self) -> None:
        self.manifest(fakes.resource())
        self.assertIn('run export again', self.refused())
        self.gate(missing=Missing.WARN)
        self.assertEqual(202, self.order())

    def test_one_of_several_servers_ordered_at_once_is_listed(self) -> None:
        self.manifest(listed('web-2'))
        self.cloud.images.held['i'] = fakes.image('i')
        order = {DEVICES: [], 'imageRef': 'i'}
        self.assertIn(
            'hw_machine_type=pc-i440fx-rhel7.6.0 is missing',
            self.refused(max_count=2, **order),
        )
        self.assertEqual(202, self.order(max_count=1, **order))


class VolumeTest(GateTestCase):
    """Orders of which Nova reads the boot volume."""

    def test_a_volume_that_is_right_is_not_written_to(self) -> None:
        self.cloud.block_storage.held['v'] = fakes.volume(
            'v', image_metadata={'hw_machine_type': PC}
        )
        self.assertEqual(202, self.order())
        self.assertEqual([], self.cloud.writes)
        self.assertEqual(['unchanged'], self.words)

    def test_what_is_attached_elsewhere_is_no_server_of_the_manifest(
        self,
    ) -> None:
        # A volume of several attachments; Nova refuses any other.
        self.cloud.block_storage.held['v'] = fakes.volume('v', attached_to='s')
        self.assertEqual(202, self.order())
        self.assertEqual(PC, self.machine_type)
        self.assertEqual([], self.cloud.calls_of('servers'))

    def test_of_a_volume_that_is_not_there_nova_has_the_word(self) -> None:
        del self.cloud.block_storage.held['v']
        self.assertEqual(202, self.order())
        self.assertEqual(['no such volume'], self.words)

    def test_a_volume_of_another_project_is_refused(self) -> None:
        # Only an administrator sees it, and Nova would build from it.
        self.cloud.block_storage.held['v'] = fakes.volume(
            'v', project_id='another'
        )
        self.assertIn('volume v belongs to another project', self.refused())
        self.assertEqual([], self.cloud.writes)

    def test_a_null_passes_without_a_question(self) -> None:
        self.manifest(listed(params={'hw_machine_type': None}))
        self.assertEqual(202, self.order())
        self.assertEqual(['left to the destination'], self.words)
        self.assertEqual([], self.cloud.calls)

    def undecided(self) -> dict[str, Any]:
        facts = fakes.facts(
            None,
            'none',
            presumed='i440fx',
            project_name=OWN.name,
            project_domain_name=OWN.domain_name,
        )
        return listed(
            params={'hw_machine_type': None}, info={'hw_machine_type': facts}
        )

    def test_an_undecided_server_passes_and_is_named(self) -> None:
        self.manifest(self.undecided())
        self.assertEqual(202, self.order())
        ((_name, verdict, _goes_on),) = self.told
        self.assertEqual('undecided', verdict.word.value)
        self.assertIn('it presumably ran on i440fx', verdict.detail)

    def test_a_strict_gate_refuses_it(self) -> None:
        self.manifest(self.undecided())
        self.gate(strict=True)
        for order in (
            {},
            {DEVICES: [], 'imageRef': 'i'},
        ):
            text = self.refused(**order)
            self.assertIn('it presumably ran on i440fx', text)

    def test_a_volume_that_cinder_still_fills_may_be_ready_soon(self) -> None:
        held = self.cloud.block_storage.held
        held['v'] = dataclasses.replace(held['v'], status='downloading')
        self.replace('osc_hwmt.destination.apply.PAUSES', (0.0,))
        self.assertIn('is still in status downloading', self.refused(503))

    def test_a_volume_in_error_is_refused(self) -> None:
        held = self.cloud.block_storage.held
        held['v'] = dataclasses.replace(held['v'], status='error')
        self.assertIn('is in status error', self.refused())

    def test_what_cinder_says_decides_the_code(self) -> None:
        for error, code in (
            (CloudError('policy', 403), 409),
            (CloudError('quota', 413), 409),
            (CloudError('broken', 500, transient=True), 503),
            (CloudError('gone', transient=True), 503),
        ):
            self.caller.trouble = error
            self.refused(code)

    def test_of_a_token_that_is_not_good_nova_has_the_word(self) -> None:
        for code in (401, 404):
            self.caller.trouble = CloudError('who is that', code)
            self.assertEqual(202, self.order())
        self.assertEqual([], self.cloud.writes)

    def test_without_a_journal_nothing_is_written(self) -> None:
        def full(*_any: object) -> None:
            raise FileError('journal: disk is full')

        self.replace('osc_hwmt.journal.file.Journal', full)
        self.assertIn('disk is full', self.refused(503))
        self.assertEqual([], self.cloud.writes)

    def test_one_volume_for_two_servers_is_refused(self) -> None:
        self.manifest(listed(), listed('crm', server_id='source-2'))
        self.assertEqual(202, self.order())
        held = self.cloud.block_storage.held
        held['v'] = dataclasses.replace(held['v'], image_metadata={})
        self.reached.clear()
        self.assertIn(
            'already belongs to server web', self.refused(name='crm')
        )


class OtherSourceTest(GateTestCase):
    """Orders of which Nova reads something else."""

    def setUp(self) -> None:
        super().setUp()
        self.cloud.images.held['i'] = fakes.image('i')
        self.cloud.images.held['pc'] = fakes.image('pc', hw_machine_type=PC)

    def test_an_image_beside_the_boot_volume_is_refused(self) -> None:
        self.assertIn(
            'the request names both image i and boot volume v, so Nova reads '
            f'the image: hw_machine_type={PC} is missing; leave out the image',
            self.refused(imageRef='i'),
        )
        self.assertIsNone(self.machine_type)

    def test_an_image_that_says_the_same_passes(self) -> None:
        for order in (
            {'imageRef': 'pc'},
            {'imageRef': 'pc', DEVICES: []},
            {DEVICES: [self.root('image', 'pc')]},
        ):
            self.assertEqual(202, self.order(**order))
        self.assertEqual(['unchanged'] * 3, self.words)

    def test_a_volume_made_from_an_image_is_refused(self) -> None:
        text = self.refused(**{DEVICES: [self.root('image', 'i')]})
        self.assertIn('Nova reads image i: hw_machine_type', text)
        self.assertIn('create the volume first, and boot from it', text)

    def test_a_blank_volume_is_refused(self) -> None:
        text = self.refused(**{DEVICES: [self.root('blank', None)]})
        self.assertIn('it boots from a blank volume', text)

    def test_a_snapshot_counts_as_its_volume_is_now(self) -> None:
        self.replace(
            'tests.unit.support.fake_probes.FakeInspecting.volume_of',
            lambda _self, snapshot_id: {'s': 'v'}[snapshot_id],
        )
        order = {DEVICES: [self.root('snapshot', 's')]}
        self.assertIn('it boots from snapshot s', self.refused(**order))
        self.cloud.block_storage.held['v'] = fakes.volume(
            'v', image_metadata={'hw_machine_type': PC}
        )
        self.assertEqual(202, self.order(**order))

    def test_of_an_image_that_is_not_there_nova_has_the_word(self) -> None:
        self.assertEqual(202, self.order(imageRef='nowhere'))

    def root(self, kind: str, id: str | None) -> dict[str, Any]:
        (device,) = ordering()[DEVICES]
        return {**device, 'source_type': kind, 'uuid': id}
