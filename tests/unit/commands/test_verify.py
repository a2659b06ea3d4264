# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.commands.verify import VerifyMachineType
from tests.fakes import (
    PC,
    Q35,
    FakeCloud,
    manifest_text,
    resource,
    server,
    volume,
)
from tests.unit.commands import shell

KEY = 'hw_machine_type'


class VerifyTest(shell.CommandTestCase):
    command = VerifyMachineType

    def setUp(self) -> None:
        super().setUp()
        self.path = self.file(manifest_text(resource(params={KEY: PC})))
        self.cloud = FakeCloud(volumes=[volume(image_metadata={KEY: PC})])

    def differ(self) -> None:
        self.cloud.block_storage.set_image_metadata('volume-1', {KEY: Q35})

    def test_all_well_is_exit_code_0(self) -> None:
        self.assertEqual(0, self.run_command(self.path))
        self.assertEqual(['ok'], self.column('Finding'))
        self.assertEqual('1 server: 1 ok\n', self.told)

    def test_a_difference_is_exit_code_3(self) -> None:
        self.differ()
        self.assertEqual(3, self.run_command(self.path))
        self.assertEqual(
            ('volume-differs', PC, Q35),
            (
                self.column('Finding')[0],
                self.column('Wanted')[0],
                self.column('Found')[0],
            ),
        )

    def test_a_volume_that_is_not_there_is_exit_code_3(self) -> None:
        self.cloud.block_storage.held.clear()
        self.assertEqual(3, self.run_command(self.path))
        self.assertEqual(['volume-not-found'], self.column('Finding'))

    def test_nothing_is_written(self) -> None:
        self.differ()
        self.cloud.calls.clear()
        self.run_command(self.path)
        self.assertEqual([], self.cloud.writes)

    def test_the_remedy_is_the_same_line_with_apply(self) -> None:
        self.differ()
        said = self.file('source-1: volume-1\n', 'my map.yml')
        self.run_command(
            self.path, '--volume-map', said, '--destination-cloud', 'dst'
        )
        self.assertIn(
            'openstack migrate machine-type apply --destination-cloud dst '
            f"--volume-map '{said}' {self.path} --server source-1",
            self.column('Remedy')[0],
        )

    def test_a_cloud_that_is_the_source_is_an_error(self) -> None:
        self.cloud.compute.held.append(server(id='source-1'))
        self.assertIn('is the source', self.refused(self.path))

    def test_an_unknown_server_is_an_error(self) -> None:
        self.assertIn('nobody', self.refused(self.path, '--server', 'nobody'))

    def test_a_manifest_is_required(self) -> None:
        self.assertIn('<manifest>', self.misused())
