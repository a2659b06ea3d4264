# SPDX-License-Identifier: Apache-2.0

"""The export command on a source cloud that a test holds."""

from __future__ import annotations

from osc_hwmt.commands.export import ExportMachineType
from osc_hwmt.model.inventory import Project
from tests.unit.support import fakes, shell
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import PC, server, volume

KEY = 'hw_machine_type'


HR = Project('project-hr', 'hr', 'corp')


class ExportTestCase(shell.CommandTestCase):
    command = ExportMachineType

    def setUp(self) -> None:
        super().setUp()
        self.cloud = FakeCloud(
            servers=[
                server('web', 'source-1'),
                server('db', 'source-2', ['volume-2']),
            ],
            volumes=[
                volume(image_metadata={KEY: PC}),
                volume('volume-2', 'db-boot', {'hw_architecture': 'aarch64'}),
            ],
            projects=[fakes.OWN, HR],
            name='src',
        )
        self.path = self.home / 'new.yml'
